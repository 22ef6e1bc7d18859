"""What time it is at a time of the stream, and what becomes of a TDT that says another."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ
from tsloom.dvb.time import parse_utc_time
from tsloom.errors import SectionSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

KEPT_STEPS = 1000
# TDT and TOT say whole seconds, and come when there is room.
TOLERANCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class TimeStep:
    """A TDT or TOT said another time than the stream's clock made of those before it.

    A TDT has no CRC_32, so one alone is not believed: is_taken is true for the second one in a row
    that says the same, from which on the time is what they say.
    """

    packet_index: int
    expected: datetime
    said: datetime
    is_taken: bool


class StreamUtc:
    """The UTC of a stream time: as given, by a clock that is read, or by TDT and TOT."""

    def __init__(self, utc_start: datetime | None) -> None:
        self.read_utc: Callable[[], datetime] | None = None
        self.steps: deque[TimeStep] = deque(maxlen=KEPT_STEPS)
        self._start = utc_start
        # The UTC of stream time 0 as TDT and TOT say it; and as the last one of them said it, which
        # was not believed.
        self._from_stream: datetime | None = None
        self._doubted: datetime | None = None

    def get(self, now: int) -> datetime | None:
        if self._start is not None:
            return self._start + timedelta(seconds=now / PCR_HZ)
        if self.read_utc is not None:
            return self.read_utc()
        if self._from_stream is not None:
            return self._from_stream + timedelta(seconds=now / PCR_HZ)
        return None

    @property
    def _is_followed(self) -> bool:
        return self._start is None and self.read_utc is None

    @property
    def may_drift(self) -> bool:
        """Whether it is another clock's than the stream's."""
        return self._start is None and self.read_utc is not None

    def take_field(self, field: bytes, now: int, packet_index: int) -> bool:
        """What a TDT or TOT says. Whether that moves the time."""
        try:
            said = parse_utc_time(field)
            start = None if said is None else said - timedelta(seconds=now / PCR_HZ)
        except (SectionSyntaxError, OverflowError):
            return False
        if said is None or start is None:
            return False
        before, doubted, self._doubted = self._from_stream, self._doubted, None
        if before is not None and abs(start - before) <= TOLERANCE:
            return False
        if before is None:
            self._from_stream = start
        elif not self._is_followed:
            return False
        else:
            is_taken = doubted is not None and abs(start - doubted) <= TOLERANCE
            self._note(TimeStep(packet_index, said + (before - start), said, is_taken))
            if not is_taken:
                self._doubted = start
                return False
            self._from_stream = start
        return self._is_followed

    def _note(self, step: TimeStep) -> None:
        self.steps.append(step)
        _log.warning(
            "packet %d: TDT or TOT says %s where %s was expected: %s",
            step.packet_index,
            step.said.isoformat(timespec="seconds"),
            step.expected.isoformat(timespec="seconds"),
            "it is followed" if step.is_taken else "not followed unless the next one agrees",
        )
