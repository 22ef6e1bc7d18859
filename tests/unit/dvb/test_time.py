"""Annex C: dates, times and durations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.si_reference import mjd_of, write_duration, write_time
from tests.properties.si_strategies import durations, times
from tsloom.dvb import (
    encode_duration,
    encode_mjd,
    encode_utc_time,
    parse_duration,
    parse_mjd,
    parse_utc_time,
)
from tsloom.errors import InputError, UsageError

# All that annex C's formulas are good for.
dates = st.dates(date(1900, 3, 1), date(2100, 2, 28))


@given(dates)
def test_a_date_is_coded_by_the_formula_of_annex_c(day: date) -> None:
    assert encode_mjd(day) == mjd_of(day.year, day.month, day.day) % 65536


@given(dates, st.integers(-30_000, 30_000))
def test_a_date_comes_back_with_a_reference_within_89_years(day: date, distance: int) -> None:
    reference = date.fromordinal(max(1, day.toordinal() + distance))
    assert parse_mjd(encode_mjd(day), reference) == day


@given(st.dates(date(1948, 8, 5), date(2128, 1, 9)))
def test_a_date_from_1948_on_comes_back_without_a_reference(day: date) -> None:
    assert parse_mjd(encode_mjd(day)) == day


@pytest.mark.parametrize(
    ("field", "day"),
    [
        (0xC079, date(1993, 10, 13)),  # the example of annex C
        (45218, date(1982, 9, 6)),  # the same
        (0xFFFF, date(2038, 4, 22)),
        (0x0000, date(2038, 4, 23)),
        (0x8000, date(1948, 8, 5)),
        (0x7FFF, date(2128, 1, 9)),
    ],
)
def test_a_field_says_the_date(field: int, day: date) -> None:
    assert parse_mjd(field) == day


def test_a_reference_says_which_of_the_dates_it_is() -> None:
    assert parse_mjd(15079, date(1910, 1, 1)) == date(1900, 3, 1)
    assert parse_mjd(0xFFFF, date(2050, 1, 1)) == date(2038, 4, 22)
    assert parse_utc_time(b"\x3a\xe7\x12\x34\x56", date(1900, 1, 1)) == datetime(
        1900, 3, 1, 12, 34, 56, tzinfo=UTC
    )


@given(times | st.none())
def test_a_time_is_written_and_read(time: datetime | None) -> None:
    field = encode_utc_time(time)
    assert field == write_time(time)
    assert parse_utc_time(field) == time


@given(durations | st.none())
def test_a_duration_is_written_and_read(duration: timedelta | None) -> None:
    field = encode_duration(duration)
    assert field == write_duration(duration)
    assert parse_duration(field) == duration


@given(st.binary(min_size=5, max_size=5))
def test_a_time_field_is_refused_or_comes_back_as_it_was(field: bytes) -> None:
    try:
        time = parse_utc_time(field)
    except InputError:
        digits = field[2:].hex()
        hours, minutes, seconds = (digits[at : at + 2] for at in (0, 2, 4))
        assert not digits.isdecimal() or hours > "23" or minutes > "59" or seconds > "59"
    else:
        assert encode_utc_time(time) == field


@given(st.binary(min_size=3, max_size=3))
def test_a_duration_field_is_refused_or_comes_back_as_it_was(field: bytes) -> None:
    try:
        duration = parse_duration(field)
    except InputError:
        digits = field.hex()
        assert not digits.isdecimal() or digits[2:4] > "59" or digits[4:] > "59"
    else:
        assert encode_duration(duration) == field


def test_times_of_other_zones_are_written_in_utc() -> None:
    paris = timezone(timedelta(hours=2))
    here = datetime(2024, 7, 1, 1, 30, tzinfo=paris)
    assert parse_utc_time(encode_utc_time(here)) == datetime(2024, 6, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "time", [datetime(2024, 1, 1), datetime(1900, 2, 28, tzinfo=UTC)], ids=("no zone", "too early")
)
def test_a_time_that_cannot_be_written_is_refused(time: datetime) -> None:
    with pytest.raises(UsageError):
        encode_utc_time(time)


@pytest.mark.parametrize("duration", [timedelta(hours=100), timedelta(seconds=-1)])
def test_a_duration_that_cannot_be_written_is_refused(duration: timedelta) -> None:
    with pytest.raises(UsageError):
        encode_duration(duration)
