"""utc_splice_time and dates: ANSI/SCTE 35 2023r1, 9.7.2.1."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta

from tsloom.errors import UsageError

EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
# The days before which a leap second was put in, from the epoch on (IERS bulletin C).
_LEAP_DAYS = (
    (1981, 7), (1982, 7), (1983, 7), (1985, 7), (1988, 1), (1990, 1), (1991, 1), (1992, 7),
    (1993, 7), (1994, 7), (1996, 1), (1997, 7), (1999, 1), (2006, 1), (2009, 1), (2012, 7),
    (2015, 7), (2017, 1),
)  # fmt: skip
_SECONDS = [
    int((datetime(year, month, 1, tzinfo=UTC) - EPOCH).total_seconds())
    for year, month in _LEAP_DAYS
]
# The count of seconds, leap seconds included, with which each leap second begins.
_COUNTS = [seconds + before for before, seconds in enumerate(_SECONDS)]


def datetime_of(utc_splice_time: int) -> datetime:
    """The moment in UTC. A leap second, which a datetime cannot say, is the second after it."""
    leaps = bisect_right(_COUNTS, utc_splice_time - 1)
    return EPOCH + timedelta(seconds=utc_splice_time - leaps)


def utc_splice_time_of(moment: datetime) -> int:
    """Seconds since 1980-01-06 00:00:00 UTC, leap seconds included, fractions cut off."""
    if moment.tzinfo is None:
        raise UsageError("a time without a zone", field="utc_splice_time", value=moment)
    seconds = int((moment - EPOCH) / timedelta(seconds=1))
    count = seconds + bisect_right(_SECONDS, seconds)
    if not 0 <= count <= 0xFFFFFFFF:
        raise UsageError("does not fit its field", field="utc_splice_time", value=moment)
    return count
