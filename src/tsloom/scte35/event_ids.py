"""Where the event ids of breaks come from."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from tsloom.errors import UsageError

EVENT_ID_MODULUS = 1 << 32


class EventIdPolicy(StrEnum):
    PER_BREAK = "per_break"
    """OUT and IN of a break have one id, as the standard wants (2023r1, 9.7.3.1)."""
    PER_MESSAGE = "per_message"
    """The IN has an id of its own, as some distributors want."""


class EventIds(Protocol):
    """A supply of ids; none is given twice."""

    def take(self) -> int:
        """The next one."""

    def claim(self, event_id: int) -> None:
        """Takes this one, and goes on behind it; `UsageError` if it was given before."""


class EventIdSequence:
    """Rising ids, kept in memory: a new process starts again at first."""

    def __init__(self, first: int = 1) -> None:
        self._next = check_event_id(first)
        self._given: set[int] = set()

    def take(self) -> int:
        while self._next in self._given:
            self._next = (self._next + 1) % EVENT_ID_MODULUS
        self.claim(self._next)
        return (self._next - 1) % EVENT_ID_MODULUS

    def claim(self, event_id: int) -> None:
        if event_id in self._given:
            raise UsageError("the splice_event_id is taken", splice_event_id=event_id)
        self._given.add(event_id)
        if not is_behind(event_id, self._next):
            self._next = (event_id + 1) % EVENT_ID_MODULUS


def check_event_id(event_id: int) -> int:
    if not 0 <= event_id < EVENT_ID_MODULUS:
        raise UsageError("an event id has 32 bits", splice_event_id=event_id)
    return event_id


def is_behind(event_id: int, other: int) -> bool:
    """Does it come before the other one, on the circle of 32 bits?"""
    return (event_id - other) % EVENT_ID_MODULUS >= EVENT_ID_MODULUS // 2
