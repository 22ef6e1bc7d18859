"""Dates, times and durations: EN 300 468, annex C.

A date is the low 16 bits of its Modified Julian Day. They began anew after 2038-04-22, so a field
alone says a date only up to multiples of 65,536 days (179 years). The standard's rule, which holds
where no reference is given: a field with its first bit set is what it says, from 1948-08-05 to
2038-04-22; any other one is 65,536 more, from 2038-04-23 to 2128-01-09. Streams that carry other
dates, down to 1900-03-01, are read with a `reference`: of all dates that the field could say, the
one nearest to it. Encoding is the same for all: the low 16 bits.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tsloom.dvb.bcd import encode_bcd, parse_bcd
from tsloom.errors import SectionSyntaxError, UsageError

UTC_TIME_SIZE = 5
DURATION_SIZE = 3
UNDEFINED_UTC_TIME = b"\xff" * UTC_TIME_SIZE
UNDEFINED_DURATION = b"\xff" * DURATION_SIZE

MJD_MODULUS = 1 << 16
# The date of MJD 0, 1858-11-17, as Python counts days.
MJD_ORIGIN = 678_576
# What annex C's formulas are good for begins here.
FIRST_DATE = date(1900, 3, 1)
HOURS_MAX = 99

# By byte: the number that its two digits spell, -1 where one is above 9.
_NUMBERS = tuple(
    10 * (byte >> 4) + (byte & 15) if byte >> 4 <= 9 and byte & 15 <= 9 else -1
    for byte in range(256)
)
_DIGITS = bytes(number // 10 << 4 | number % 10 for number in range(100))


def parse_mjd(field: int, reference: date | None = None) -> date:
    """The date that 16 bits say: by the standard's rule, or the one nearest to the reference."""
    if reference is None:
        mjd = field if field >> 15 else field + MJD_MODULUS
    else:
        middle = reference.toordinal() - MJD_ORIGIN
        mjd = middle + (field - middle + MJD_MODULUS // 2) % MJD_MODULUS - MJD_MODULUS // 2
    return date.fromordinal(mjd + MJD_ORIGIN)


def encode_mjd(day: date) -> int:
    """The low 16 bits of the date's Modified Julian Day. UsageError before 1900-03-01."""
    if day.toordinal() < FIRST_DATE.toordinal():
        raise UsageError("a date before those that annex C covers", date=str(day))
    return (day.toordinal() - MJD_ORIGIN) % MJD_MODULUS


def parse_utc_time(field: bytes, reference: date | None = None) -> datetime | None:
    """The time that 40 bits say, in UTC: 16 of MJD, 24 of digits. None if they are all ones.

    SectionSyntaxError if the digits are no time of day.
    """
    if field == UNDEFINED_UTC_TIME:
        return None
    if len(field) != UTC_TIME_SIZE:
        raise SectionSyntaxError("not 40 bits", size_bytes=len(field))
    hour, minute, second = _NUMBERS[field[2]], _NUMBERS[field[3]], _NUMBERS[field[4]]
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
        raise SectionSyntaxError("no time of day", digits=field[2:].hex())
    day = parse_mjd(field[0] << 8 | field[1], reference)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)


def encode_utc_time(time: datetime | None) -> bytes:
    """The 40 bits of a time, fractions of its second dropped; all ones for None.

    UsageError if it has no zone or is before 1900-03-01.
    """
    if time is None:
        return UNDEFINED_UTC_TIME
    if time.tzinfo is not UTC:
        if time.utcoffset() is None:
            raise UsageError("a time without a zone", time=time.isoformat())
        time = time.astimezone(UTC)
    mjd = encode_mjd(time)
    return bytes(
        (mjd >> 8, mjd & 255, _DIGITS[time.hour], _DIGITS[time.minute], _DIGITS[time.second])
    )


def parse_duration(field: bytes) -> timedelta | None:
    """The duration that 24 bits of digits say, up to 99:59:59. None if they are all ones.

    SectionSyntaxError if the digits are no hours, minutes and seconds.
    """
    if field == UNDEFINED_DURATION:
        return None
    if len(field) != DURATION_SIZE:
        raise SectionSyntaxError("not 24 bits", size_bytes=len(field))
    hours, minutes, seconds = _NUMBERS[field[0]], _NUMBERS[field[1]], _NUMBERS[field[2]]
    if not (hours >= 0 and 0 <= minutes <= 59 and 0 <= seconds <= 59):
        raise SectionSyntaxError("no duration", digits=field.hex())
    return timedelta(0, 3600 * hours + 60 * minutes + seconds)


def encode_duration(duration: timedelta | None) -> bytes:
    """The 24 bits of a duration, fractions of a second dropped; all ones for None.

    UsageError if it is negative or above 99:59:59.
    """
    if duration is None:
        return UNDEFINED_DURATION
    minutes, seconds = divmod(duration.days * 86_400 + duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if not 0 <= hours <= HOURS_MAX:
        raise UsageError("a duration has two digits of hours", duration=str(duration))
    return bytes((_DIGITS[hours], _DIGITS[minutes], _DIGITS[seconds]))


def parse_offset(field: int) -> timedelta:
    """The time that 16 bits of digits say: hours and minutes. SectionSyntaxError if they do not."""
    hours, minutes = divmod(parse_bcd(field, 4), 100)
    if hours > 23 or minutes > 59:
        raise SectionSyntaxError("no hours and minutes", digits=f"{field:04x}")
    return timedelta(hours=hours, minutes=minutes)


def encode_offset(name: str, offset: timedelta) -> int:
    """The 16 bits of an offset of whole minutes below a day. UsageError if it is none."""
    minutes, rest = divmod(offset, timedelta(minutes=1))
    if rest or not 0 <= minutes < 24 * 60:
        raise UsageError("hours and minutes are wanted", field=name, offset=str(offset))
    return encode_bcd(name, minutes // 60 * 100 + minutes % 60, 4)
