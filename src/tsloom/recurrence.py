"""Times that recur, of breaks and of events: the rules of RFC 5545, in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tsloom.errors import MissingLibraryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dateutil.rrule import rrule, rruleset

_START_LINE = re.compile(r"DTSTART(?:;TZID=([^:;]+))?:(\d{8}T\d{6})(Z?)", re.IGNORECASE)
_STAMP = "%Y%m%dT%H%M%S"


def aware(moment: datetime) -> datetime:
    """The moment, if it names its zone; else `UsageError`."""
    if moment.tzinfo is None:
        raise UsageError("a wall-clock start wants its time zone", start=moment.isoformat())
    return moment


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Times that recur: from dtstart on, by an RRULE of RFC 5545, clause 3.3.10.

    rule is text such as "FREQ=DAILY;BYHOUR=20;BYMINUTE=15", or several lines of RRULE, RDATE and
    EXDATE. Rules run on the wall clock of dtstart's zone: 20:15 stays 20:15 when clocks change. A
    time that a change leaves out is taken by the offset before it; of one that comes twice the
    first is taken (clause 3.3.5). `UsageError` if the rule cannot be read.
    """

    dtstart: datetime
    rule: str

    def __post_init__(self) -> None:
        aware(self.dtstart)
        self._read()

    @classmethod
    def parse(cls, text: str) -> Recurrence:
        """From lines as iCalendar writes them: "DTSTART;TZID=Europe/Berlin:20261123T201500" and an
        RRULE; where a line has to do, a space or a semicolon before "RRULE:" parts them."""
        match = _START_LINE.match(text.strip())
        if match is None:
            raise UsageError("DTSTART;TZID=Area/City:YYYYMMDDTHHMMSS is wanted", start=text)
        zone, stamp, utc = match.groups()
        if bool(zone) == bool(utc):
            raise UsageError("a DTSTART is in a zone (TZID=) or in UTC (Z)", start=text)
        rest = text.strip()[match.end() :].lstrip("; \r\n")
        return cls(_read_stamp(stamp, zone), rest)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Its times from moment on, in order, as aware datetimes of dtstart's zone."""
        zone = self.dtstart.tzinfo
        # Around a change of the clocks the wall's order is not time's: begin an hour or so early.
        wall = moment.astimezone(zone).replace(tzinfo=None)
        last = None
        for found in self._read().xafter(wall.replace(hour=0, minute=0, second=0), inc=True):
            time = found.replace(tzinfo=zone, fold=0)
            as_utc = time.astimezone(UTC)
            if as_utc >= moment and (last is None or as_utc > last):
                last = as_utc
                yield as_utc.astimezone(zone)

    def _read(self) -> rrule | rruleset:
        try:
            from dateutil.rrule import rrulestr
        except ImportError as error:
            raise MissingLibraryError(
                "recurring times want python-dateutil: install tsloom[runner]"
            ) from error
        wall = self.dtstart.replace(tzinfo=None)
        if not self.rule.strip() or "DTSTART" in self.rule.upper():
            raise UsageError("an RRULE without DTSTART is wanted", rule=self.rule)
        try:
            return rrulestr(self._on_the_wall(), dtstart=wall)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError("not a rule of RFC 5545", rule=self.rule) from error

    def _on_the_wall(self) -> str:
        """The rule with UNTIL and other times in UTC as dtstart's zone reads them."""
        zone = self.dtstart.tzinfo

        def localize(match: re.Match[str]) -> str:
            moment = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            return moment.astimezone(zone).strftime(_STAMP)

        return re.sub(r"\b(\d{8}T\d{6})Z", localize, self.rule)


def _read_stamp(stamp: str, zone: str | None) -> datetime:
    try:
        tzinfo = UTC if zone is None else ZoneInfo(zone)
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=tzinfo)
    except (ValueError, KeyError, OSError) as error:
        raise UsageError("no such time or zone", dtstart=stamp, zone=zone) from error
