"""Recurring starts: RFC 5545 rules on the wall clock of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import Break, parse_start

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def first(rule: Recurrence, after: datetime, count: int) -> list[str]:
    return [moment.isoformat() for moment in islice(rule.after(after), count)]


def test_a_daily_break_keeps_its_wall_clock_time_when_clocks_change() -> None:
    rule = Recurrence(datetime(2026, 3, 27, 20, 15, tzinfo=BERLIN), "FREQ=DAILY")
    assert first(rule, datetime(2026, 3, 28, tzinfo=BERLIN), 3) == [
        "2026-03-28T20:15:00+01:00",
        "2026-03-29T20:15:00+02:00",
        "2026-03-30T20:15:00+02:00",
    ]


def test_a_time_that_the_change_leaves_out_is_taken_by_the_offset_before() -> None:
    rule = Recurrence(datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN), "FREQ=DAILY")
    assert first(rule, datetime(2026, 3, 28, tzinfo=BERLIN), 3) == [
        "2026-03-28T02:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_of_a_time_that_comes_twice_the_first_is_taken() -> None:
    rule = Recurrence(datetime(2026, 10, 24, 2, 30, tzinfo=BERLIN), "FREQ=DAILY")
    assert first(rule, datetime(2026, 10, 25, tzinfo=BERLIN), 2) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]
    after_it = datetime(2026, 10, 25, 2, 40, tzinfo=BERLIN)
    assert first(rule, after_it, 1) == ["2026-10-26T02:30:00+01:00"]


def test_the_31st_comes_only_in_months_that_have_one() -> None:
    rule = Recurrence(datetime(2026, 1, 31, 12, tzinfo=UTC), "FREQ=MONTHLY;BYMONTHDAY=31")
    assert [one[:10] for one in first(rule, datetime(2026, 1, 1, tzinfo=UTC), 4)] == [
        "2026-01-31",
        "2026-03-31",
        "2026-05-31",
        "2026-07-31",
    ]


def test_a_rule_ends_with_its_count_or_until() -> None:
    start = datetime(2026, 1, 1, 20, tzinfo=NEW_YORK)
    counted = Recurrence(start, "FREQ=WEEKLY;COUNT=2")
    assert len(list(counted.after(start))) == 2
    # UNTIL is in UTC: 01:00 there is 20:00 the day before in New York.
    until = Recurrence(start, "FREQ=DAILY;UNTIL=20260103T010000Z")
    assert [one[:10] for one in first(until, start, 9)] == ["2026-01-01", "2026-01-02"]


def test_icalendar_text_is_read() -> None:
    text = "DTSTART;TZID=Europe/Berlin:20261123T201500\nRRULE:FREQ=WEEKLY;BYDAY=MO,TH"
    rule = parse_start(text)
    assert rule == Recurrence(
        datetime(2026, 11, 23, 20, 15, tzinfo=BERLIN), "RRULE:FREQ=WEEKLY;BYDAY=MO,TH"
    )
    assert isinstance(rule, Recurrence)
    assert first(rule, datetime(2026, 11, 23, 20, 15, tzinfo=BERLIN), 2) == [
        "2026-11-23T20:15:00+01:00",
        "2026-11-26T20:15:00+01:00",
    ]
    in_utc = Recurrence.parse("DTSTART:20261123T201500Z RRULE:FREQ=DAILY;COUNT=1")
    assert in_utc.dtstart == datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
    excluded = Recurrence.parse(
        "DTSTART:20261123T201500Z\nRRULE:FREQ=DAILY\nEXDATE:20261124T201500Z"
    )
    assert [one[:10] for one in first(excluded, in_utc.dtstart, 2)] == ["2026-11-23", "2026-11-25"]


@pytest.mark.parametrize(
    "text",
    [
        "DTSTART:20261123T201500 RRULE:FREQ=DAILY",
        "DTSTART;TZID=Nowhere/Land:20261123T201500 RRULE:FREQ=DAILY",
        "DTSTART;TZID=../../etc/passwd:20261123T201500 RRULE:FREQ=DAILY",
        "DTSTART:20261323T201500Z RRULE:FREQ=DAILY",
        "DTSTART:20261123T201500Z RRULE:FREQ=SOMETIMES",
        "DTSTART:20261123T201500Z RRULE:FREQ=DAILY;BYDAY=XX",
        "DTSTART:20261123T201500Z RRULE:FREQ=DAILY;COUNT=x",
        "DTSTART:20261123T201500Z",
        "DTSTART",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Break(start=text)


def test_a_rule_wants_a_zone() -> None:
    with pytest.raises(UsageError, match="zone"):
        Recurrence(datetime(2026, 1, 1), "FREQ=DAILY")


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
    start=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    ahead=st.timedeltas(timedelta(0), timedelta(days=400)),
    hours=st.integers(1, 30),
)
def test_times_rise_and_none_is_before_what_was_asked_for(
    zone: str, start: datetime, ahead: timedelta, hours: int
) -> None:
    begin = start.replace(tzinfo=ZoneInfo(zone))
    rule = Recurrence(begin, f"FREQ=HOURLY;INTERVAL={hours}")
    after = begin + ahead
    found = list(islice(rule.after(after), 20))
    assert all(later.astimezone(UTC) > one.astimezone(UTC) for one, later in pairwise(found))
    assert all(one >= after for one in found)
    assert all(one.tzinfo == begin.tzinfo for one in found)
