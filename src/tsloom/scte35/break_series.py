"""A break that recurs: one occurrence after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import Break, parse_start

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class BreakSeries:
    """The occurrences of one recurring break, from some moment on."""

    series_id: int
    wanted: Break
    _moments: Iterator[datetime] | None = None
    next_start: datetime | None = None

    def begin(self, utc_now: datetime | None) -> datetime | None:
        """The first start from utc_now on; None if there is none any more."""
        recurrence = parse_start(self.wanted.start)
        if not isinstance(recurrence, Recurrence):
            raise UsageError("the start does not recur", start=self.wanted.start)
        if utc_now is None:
            raise UsageError(
                "a recurring start wants to know the stream's UTC: give utc_start",
                start=recurrence.rule,
            )
        self._moments = recurrence.after(utc_now)
        return self._advance()

    def take(self) -> Break:
        """The occurrence whose time has come; the one behind it is next."""
        if self.next_start is None:
            raise RuntimeError("the series has ended")
        occurrence = replace(self.wanted, start=self.next_start, splice_event_id=None)
        self._advance()
        return occurrence

    def _advance(self) -> datetime | None:
        self.next_start = None if self._moments is None else next(self._moments, None)
        return self.next_start
