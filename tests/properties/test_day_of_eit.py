"""26 hours of EIT over midnight UTC: each section at its cycle, each change in time."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from tests.guide import Guide, Key, make_event, start_of
from tests.properties.eit_day import PACKETS_PER_SECOND, Heard, Listener, chunks
from tests.properties.eit_reading import ReadEit, check_numbers, read_eit
from tsloom import EitInserter, PacketBatch, Pipeline, dvb

START = datetime(2026, 5, 1, 11, 17, 3, tzinfo=UTC)
NOON = START.replace(hour=0, minute=0, second=0)
HOURS = 26
SECONDS = HOURS * 3600
# Of the schedule: its first is repeated faster.
DAYS = 5
HERE, THERE = Key(1, 10, 100), Key(1, 11, 200)
# So old what is on air may be: sections are on their way, and wait for each other.
LATENCY_S = 0.7
EDIT_AT = 5 * 3600 + 100
# TS 101 211, 4.4, terrestrial: p/f actual and other; schedule of the first day, and later.
CYCLES = {
    (0x4E, True): 2.0,
    (0x4F, True): 20.0,
    (0x50, True): 10.0,
    (0x60, True): 60.0,
    (0x50, False): 30.0,
    (0x60, False): 300.0,
}
MINUTES = (20, 45, 7, 61, 30, 12, 90, 28)


def make_guide() -> Guide:
    """Ten days of events of many lengths, now and then with a gap, one of them over midnight."""
    return Guide({key: list(make_day_after_day(key.service_id)) for key in (HERE, THERE)})


def make_day_after_day(seed: int) -> list[dvb.Event]:
    events = []
    at = NOON - timedelta(hours=3, minutes=seed % 17)
    while at < NOON + timedelta(days=10):
        number = len(events) + 1
        minutes = MINUTES[(number * 5 + seed) % len(MINUTES)]
        name = f"Number {number} of {seed}, " + "and so on, " * (number % 4)
        events.append(make_event(number, at, minutes, name=name))
        gap = 6 if number % 7 == 0 else 0
        at += timedelta(minutes=minutes + gap)
    return events


class Day:
    """The run, and what was on air in it."""

    def __init__(self) -> None:
        guide = make_guide()
        self.before = {key: list(guide.events(key)) for key in guide.services}
        self.inserter = EitInserter(
            guide,
            profile="terrestrial",
            utc_start=START,
            room="nulls",
            versions="section",
            schedule_days=DAYS,
        )
        pipeline, listener = Pipeline(self.inserter), Listener()
        for first, packets in chunks(SECONDS * PACKETS_PER_SECOND):
            if first // PACKETS_PER_SECOND >= EDIT_AT and not guide.revision(HERE):
                self.edited_at = first / PACKETS_PER_SECOND
                guide.put(HERE, make_event(150, start_of(guide.events(HERE)[149]), name="Edited"))
            out = np.asarray(pipeline.process(PacketBatch(packets, first_index=first)).data)
            listener.listen(first, out)
        self.after = {key: list(guide.events(key)) for key in guide.services}
        self.heard = listener.heard
        self.by_place: dict[tuple[int, ...], list[Heard]] = defaultdict(list)
        for one in self.heard:
            eit = read(one.data)
            self.by_place[(*eit.sub_table, eit.section_number)].append(one)

    def events_at(self, key: Key, time: float) -> list[dvb.Event]:
        return (self.before if time < self.edited_at else self.after)[key]


@cache
def read(data: bytes) -> ReadEit:
    return read_eit(data)


@pytest.fixture(scope="module")
def day() -> Day:
    return Day()


def utc(time: float) -> datetime:
    return START + timedelta(seconds=time)


def cycle_of(eit: ReadEit) -> float:
    if not eit.is_schedule:
        return CYCLES[eit.table_id, True]
    return CYCLES[eit.table_id & 0xF0, eit.segment < 8]


def test_no_section_failed(day: Day) -> None:
    assert not day.inserter.failures
    assert day.inserter.losses == []
    assert day.inserter.actual == (1, 10)


def test_every_section_comes_in_time_and_at_the_cycle_of_the_plan(day: Day) -> None:
    for heard in day.by_place.values():
        cycle = cycle_of(read(heard[0].data))
        gaps = [later.begins - one.begins for one, later in pairwise(heard)]
        if not gaps:
            continue
        assert max(gaps) <= cycle
        # Planned is 5 % less than may be.
        assert 0.95 * 0.95 * cycle <= float(np.mean(gaps)) <= 0.95 * 1.05 * cycle
        assert min(gaps) >= 0.9 * 0.95 * cycle


def test_sections_that_stay_are_heard_from_the_first_cycle_to_the_last(day: Day) -> None:
    for heard in day.by_place.values():
        cycle = cycle_of(read(heard[0].data))
        assert heard[0].begins <= cycle + 1 or heard[0].begins >= 12 * 3600
        assert heard[-1].begins >= SECONDS - cycle - 1 or read(heard[0].data).segment >= 8 * (
            DAYS - 1
        )


def test_sections_of_a_sub_table_are_25_ms_apart(day: Day) -> None:
    last: dict[tuple[int, ...], float] = {}
    for one in day.heard:
        table = read(one.data).sub_table
        if table in last:
            assert one.begins - last[table] >= 0.025 - 1e-9
        last[table] = one.ends


def test_present_following_is_what_runs(day: Day) -> None:
    changes = 0
    for key, table_id in ((HERE, 0x4E), (THERE, 0x4F)):
        starts = [start_of(event) for event in day.before[key]]
        for number in (0, 1):
            heard = day.by_place[table_id, key.service_id, key[1], key[0], number]
            for one in heard:
                shown = read(one.data).events
                times = (one.begins, one.begins - LATENCY_S)
                wanted = [expected(day, key, starts, number, time) for time in times]
                assert [(event.event_id, event.running_status) for event in shown] in wanted
            contents = [one.data[14:-4] for one in heard]
            changes += sum(one != later for one, later in pairwise(contents))
    assert changes > 4 * HOURS


def expected(
    day: Day, key: Key, starts: list[datetime], number: int, time: float
) -> list[tuple[int, int]]:
    events, now = day.events_at(key, time), utc(time)
    after = bisect_right(starts, now)
    if number == 0:
        present = events[after - 1]
        assert present.end_time is not None
        return [(present.event_id, 4)] if present.end_time > now else []
    soon = events[after]
    return [(soon.event_id, 2 if start_of(soon) - now <= timedelta(seconds=5) else 1)]


def test_each_change_of_the_present_event_is_seen_within_a_cycle(day: Day) -> None:
    heard = day.by_place[0x4E, HERE.service_id, HERE[1], HERE[0], 0]
    times = [one.begins for one in heard]
    seen = 0
    for event in day.before[HERE]:
        begins = (start_of(event) - START).total_seconds()
        if 0 < begins < SECONDS - 3:
            first = heard[bisect_right(times, begins + LATENCY_S)]
            assert first.begins <= begins + 2 + LATENCY_S
            early = heard[bisect_right(times, begins)]
            both = [read(one.data).events[0].event_id for one in (early, first)]
            assert both[1] == event.event_id
            seen += both[0] == event.event_id or early.begins - begins <= LATENCY_S
    assert seen > 30


def test_the_schedule_is_that_of_the_day_and_of_the_guide(day: Day) -> None:
    for one in day.heard:
        eit = read(one.data)
        if eit.is_schedule:
            key = Key(*eit.service)
            found = tuple(event.event_id for event in eit.events)
            times = (one.begins, one.begins - LATENCY_S)
            assert any(found == segment_of(day, key, time, eit) for time in times)


def segment_of(day: Day, key: Key, time: float, eit: ReadEit) -> tuple[int, ...]:
    midnight = utc(time).replace(hour=0, minute=0, second=0, microsecond=0)
    edited = time >= day.edited_at
    return segment_ids(day, key, edited, midnight, eit.segment)


_CACHE: dict[tuple[Key, bool, datetime, int], tuple[int, ...]] = {}


def segment_ids(
    day: Day, key: Key, edited: bool, midnight: datetime, segment: int
) -> tuple[int, ...]:
    place = key, edited, midnight, segment
    if place not in _CACHE:
        events = (day.after if edited else day.before)[key]
        first = midnight + timedelta(hours=3 * segment)
        end = first + timedelta(hours=3)
        _CACHE[place] = tuple(event.event_id for event in events if first <= start_of(event) < end)
    return _CACHE[place]


def test_what_is_on_air_in_the_end_is_whole(day: Day) -> None:
    for key in (HERE, THERE):
        last = [
            read(heard[-1].data)
            for place, heard in day.by_place.items()
            if place[1] == key.service_id and place[0] >= 0x50
        ]
        check_numbers(
            [one for one in last if one.last_table_id == max(o.last_table_id for o in last)]
        )


def test_an_edit_is_on_air_within_a_cycle(day: Day) -> None:
    edited = [one for one in day.heard if b"Edited" in one.data]
    assert read(edited[0].data).is_schedule
    assert 0 < edited[0].begins - day.edited_at <= cycle_of(read(edited[0].data)) + LATENCY_S


def test_a_section_that_changes_gets_the_next_version(day: Day) -> None:
    for heard in day.by_place.values():
        for one, later in pairwise(heard):
            step = (read(later.data).version_number - read(one.data).version_number) % 32
            same = one.data[:5] + one.data[6:-4] == later.data[:5] + later.data[6:-4]
            assert step == (0 if same else 1) or (not same and step <= 2)
