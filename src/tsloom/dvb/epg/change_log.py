"""Which parts of a service's schedule changed, in bounded memory."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import NamedTuple

# Older changes become one range. Whoever asks about them is told of more than changed, never less.
KEPT_CHANGES = 256


class ChangedRange(NamedTuple):
    """From `start` up to, not including, `end`; an event without a length makes an empty one."""

    start: datetime
    end: datetime


class ChangeCount:
    """How often anything has changed, of all services together."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0


class ChangeLog:
    """Counts the changes of one service's schedule, and those of all in `total`."""

    __slots__ = ("_changes", "revision", "total")

    def __init__(self, total: ChangeCount) -> None:
        self.revision = 0
        self.total = total
        self._changes: deque[tuple[int, ChangedRange]] = deque()

    def note(self, *ranges: ChangedRange) -> None:
        """One change of these ranges."""
        self.revision += 1
        self.total.value += 1
        for changed in ranges:
            self._changes.append((self.revision, changed))
        if len(self._changes) > KEPT_CHANGES:
            self._join_older()

    def _join_older(self) -> None:
        """Half of the changes become one: to join the oldest two each time would cost more than
        most changes do."""
        changes = self._changes
        joined = [changes.popleft() for _ in range(len(changes) // 2)]
        start = min([changed.start for _, changed in joined])
        end = max([changed.end for _, changed in joined])
        changes.appendleft((joined[-1][0], ChangedRange(start, end)))

    def since(self, revision: int) -> list[ChangedRange]:
        """What changed after a revision: ranges in order, none of which touch."""
        found = sorted(changed for number, changed in self._changes if number > revision)
        joined: list[ChangedRange] = []
        for changed in found:
            if joined and changed.start <= joined[-1].end:
                end = max(joined[-1].end, changed.end)
                joined[-1] = ChangedRange(joined[-1].start, end)
            else:
                joined.append(changed)
        return joined
