"""The EIT generator: what is in which table, versions, midnight, running_status, overflow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.guide import Guide, Key, make_event, make_events
from tests.properties.eit_reading import ReadEit, read_eit
from tsloom import dvb
from tsloom.errors import UsageError

MIDNIGHT = datetime(2026, 5, 1, tzinfo=UTC)
NOON = MIDNIGHT + timedelta(hours=12)
HERE, THERE = Key(1, 10, 100), Key(1, 11, 200)
ACTUAL = (1, 10)
SECOND = timedelta(seconds=1)


def half_hours(days: int = 8) -> Guide:
    return Guide({key: make_events(MIDNIGHT, days * 48) for key in (HERE, THERE)})


def read(sections: object) -> list[ReadEit]:
    return [read_eit(section) for section in sections]  # type: ignore[attr-defined]


def present_following(generator: dvb.EitGenerator, key: Key) -> tuple[ReadEit, ReadEit]:
    present, following = (
        one for one in read(generator.sections) if one.service == key and not one.is_schedule
    )
    return present, following


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (["pf_actual"], {0x4E}),
        (["pf_other", "schedule_actual"], {0x4F, 0x50, 0x51}),
        (["schedule_other"], {0x60, 0x61}),
        (list(dvb.EitTables), {0x4E, 0x4F, 0x50, 0x51, 0x60, 0x61}),
        ([], set()),
    ],
)
def test_any_mix_of_tables_is_made(tables: list[str], expected: set[int]) -> None:
    generator = dvb.EitGenerator(half_hours(), NOON, actual=ACTUAL, tables=tables)
    assert {section[0] for section in generator.sections} == expected


def test_a_schedule_without_events_is_one_empty_section() -> None:
    generator = dvb.EitGenerator(Guide({HERE: []}), NOON, actual=ACTUAL)
    assert [(one.table_id, one.section_number, one.events) for one in read(generator.sections)] == [
        (0x4E, 0, ()),
        (0x4E, 1, ()),
        (0x50, 0, ()),
    ]


def test_64_days_take_16_tables() -> None:
    guide = Guide({HERE: make_events(MIDNIGHT, 64 * 8, 180)})
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL, schedule_days=64)
    found = [one for one in read(generator.sections) if one.is_schedule]
    assert {one.table_id for one in found} == set(range(0x50, 0x60))
    assert {one.last_table_id for one in found} == {0x5F}
    assert sum(len(one.events) for one in found) == 64 * 8


def test_running_status_goes_from_not_running_over_soon_to_running() -> None:
    generator = dvb.EitGenerator(half_hours(), NOON, actual=ACTUAL)
    statuses = []
    for now in (NOON, NOON + timedelta(minutes=30) - 5 * SECOND, NOON + timedelta(minutes=30)):
        generator.update(now)
        present, following = present_following(generator, HERE)
        statuses.append(
            [(one.events[0].event_id, one.events[0].running_status) for one in (present, following)]
        )
    assert statuses == [[(25, 4), (26, 1)], [(25, 4), (26, 2)], [(26, 4), (27, 1)]]


def test_an_event_over_midnight_stays_present() -> None:
    late = make_event(1, MIDNIGHT + timedelta(hours=23), 120)
    generator = dvb.EitGenerator(Guide({HERE: [late]}), NOON, actual=ACTUAL)
    generator.update(MIDNIGHT + timedelta(days=1, minutes=30))
    present, following = present_following(generator, HERE)
    assert [event.event_id for event in present.events] == [1]
    assert following.events == ()
    generator.update(MIDNIGHT + timedelta(days=1, hours=1))
    assert present_following(generator, HERE)[0].events == ()


def test_the_status_that_an_event_has_of_its_own_stays() -> None:
    paused = dvb.Event(1, NOON - SECOND, timedelta(hours=1), running_status=3)
    generator = dvb.EitGenerator(Guide({HERE: [paused]}), NOON, actual=ACTUAL)
    assert present_following(generator, HERE)[0].events[0].running_status == 3


def test_midnight_moves_each_segment_by_a_day_in_place() -> None:
    guide = half_hours()
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL)
    before = {
        (one.service, one.segment): one for one in read(generator.sections) if one.is_schedule
    }
    update = generator.update(MIDNIGHT + timedelta(days=1))
    after = {(one.service, one.segment): one for one in read(generator.sections) if one.is_schedule}
    assert len(after) == len(before) - 16
    for (service, segment), one in after.items():
        assert one.events == before[service, segment + 8].events
        assert one.version_number != before[service, segment].version_number
    assert {section[0] for section in update.removed} == {0x51, 0x61}


def test_a_changed_event_touches_its_section_only() -> None:
    guide = half_hours()
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL, versions="section")
    guide.put(HERE, make_event(100, MIDNIGHT + timedelta(minutes=30 * 99), name="Another"))
    update = generator.update(NOON + SECOND)
    (found,) = read(update.changed)
    assert (found.service, found.table_id, found.segment) == (HERE, 0x50, 16)
    assert update.removed == ()


def test_a_changed_event_touches_its_sub_table_where_that_has_the_version() -> None:
    guide = half_hours()
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL, versions="table", first_version=31)
    guide.put(HERE, make_event(100, MIDNIGHT + timedelta(minutes=30 * 99), name="Another"))
    found = read(generator.update(NOON + SECOND).changed)
    assert {one.sub_table for one in found} == {(0x50, 100, 10, 1)}
    assert len(found) == 32
    assert {one.version_number for one in found} == {0}


def test_services_come_and_go_with_the_guide() -> None:
    guide = half_hours()
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL)
    new = Key(1, 10, 300)
    guide.add_service(new, make_events(MIDNIGHT, 48))
    guide.remove_service(THERE)
    update = generator.update(NOON + SECOND)
    assert {one.service for one in read(update.changed)} == {new}
    assert {one.service for one in read(update.removed)} == {THERE}
    assert {one.service for one in read(generator.sections)} == {HERE, new}


def test_the_actual_stream_may_become_known_later() -> None:
    guide = half_hours()
    generator = dvb.EitGenerator(guide, NOON, actual=None, first_version=0)
    assert list(generator.sections) == []
    update = generator.set_actual(ACTUAL, NOON)
    known = dvb.EitGenerator(guide, NOON, actual=ACTUAL, first_version=0)
    assert sorted(update.changed) == sorted(known.sections) == sorted(generator.sections)


LONG = "A long text about nothing much. " * 110


def crowded() -> Guide:
    """One segment with 15 events of 3.5 kB and more: the 8 sections take 8 of them."""
    return Guide({HERE: [make_event(n, NOON + n * 600 * SECOND, 10, text=LONG) for n in range(15)]})


def test_extended_texts_are_cut_before_an_event_is_left_out() -> None:
    generator = dvb.EitGenerator(crowded(), NOON, actual=ACTUAL)
    events = [event for one in read(generator.sections) if one.is_schedule for event in one.events]
    assert [event.event_id for event in events] == list(range(15))
    parsed = [
        dvb.parse_eit(section)
        for section in generator.sections
        if section[0] == 0x50 and len(section) > 18
    ]
    texts = [event.extended_text or "" for one in parsed for event in one.events]
    assert all(LONG.startswith(text) and len(text) > 1000 for text in texts)
    for one in parsed:
        for event in one.events:
            numbers = [
                (part.descriptor_number, part.last_descriptor_number)
                for part in event.descriptors
                if isinstance(part, dvb.ExtendedEventDescriptor)
            ]
            assert numbers == [(number, len(numbers) - 1) for number in range(len(numbers))]
    losses = generator.losses
    assert [(loss.event_id, loss.kind.value) for loss in losses] == [
        (number, "shortened") for number in range(15)
    ]


def test_events_that_are_left_out_are_told_of() -> None:
    generator = dvb.EitGenerator(crowded(), NOON, actual=ACTUAL, overflow="drop")
    events = [event for one in read(generator.sections) if one.is_schedule for event in one.events]
    kept = [event.event_id for event in events]
    left_out = [loss.event_id for loss in generator.losses if loss.kind.value == "left_out"]
    assert kept == list(range(8))
    assert sorted(left_out) == list(range(8, 15))
    assert {loss.reason for loss in generator.losses} == {"the segment is full"}


def test_an_event_that_cannot_be_written_does_not_stop_the_others() -> None:
    wrong = dvb.Event(2, NOON, timedelta(hours=100))
    guide = Guide({HERE: [make_event(1, NOON - SECOND), wrong]})
    generator = dvb.EitGenerator(guide, NOON, actual=ACTUAL)
    events = [event for one in read(generator.sections) if one.is_schedule for event in one.events]
    assert [event.event_id for event in events] == [1]
    (loss,) = generator.losses
    assert loss.event_id == 2
    assert "hours" in loss.reason


@pytest.mark.parametrize(
    "wrong", [{"schedule_days": 0}, {"versions": "none"}, {"overflow": ""}, {"tables": ["pf"]}]
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        dvb.EitGenerator(half_hours(), NOON, actual=ACTUAL, **wrong)  # type: ignore[arg-type]
