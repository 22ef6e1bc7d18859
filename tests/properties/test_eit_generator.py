"""Any events become sections that another reader finds the same events in, whatever happens to the
guide and to the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guide import Guide, Key, make_event, start_of
from tests.properties.eit_reading import ReadEit, ReadEvent, check_numbers, read_eit
from tests.properties.si_reference import write_duration
from tsloom import dvb
from tsloom.psi import encode_descriptors

MIDNIGHT = datetime(2026, 5, 1, tzinfo=UTC)
ACTUAL = (1, 10)
KEYS = [Key(1, 10, 100), Key(1, 10, 101), Key(1, 11, 100), Key(2, 10, 7)]
# An event fits into its segment whatever else is there, unless a test wants it otherwise.
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60)
instants = st.integers(-86400, 9 * 86400).map(lambda second: MIDNIGHT + timedelta(seconds=second))


@st.composite
def schedules(draw: st.DrawFn, most: int = 40) -> list[dvb.Event]:
    """Events at different times, of any length; some overlap, some leave gaps."""
    starts = draw(st.lists(instants, unique=True, max_size=most))
    return [
        make_event(number, start, draw(st.integers(1, 99 * 60)), name=draw(texts), text=draw(texts))
        for number, start in enumerate(sorted(starts))
    ]


guides = st.fixed_dictionaries({key: schedules() for key in KEYS}).map(Guide)
nows = st.integers(0, 86399).map(lambda second: MIDNIGHT + timedelta(seconds=second))


def as_read(event: dvb.Event, running_status: int = 0) -> ReadEvent:
    return ReadEvent(
        event.event_id,
        start_of(event),
        event.duration,
        running_status,
        event.free_ca_mode,
        encode_descriptors(event.descriptors),
    )


def read_all(sections: Iterable[bytes]) -> list[ReadEit]:
    return [read_eit(section) for section in sections]


def expected_present(events: Iterable[dvb.Event], now: datetime) -> list[ReadEvent]:
    begun = [event for event in events if start_of(event) <= now]
    last = begun[-1] if begun else None
    running = last is not None and last.end_time is not None and last.end_time > now
    return [as_read(last, 4)] if running and last is not None else []


def expected_following(events: Iterable[dvb.Event], now: datetime) -> list[ReadEvent]:
    horizon = MIDNIGHT + timedelta(days=8)
    for event in events:
        if now < start_of(event) < horizon:
            soon = start_of(event) - timedelta(seconds=5) <= now
            return [as_read(event, 2 if soon else 1)]
    return []


def check_eit(sections: Iterable[bytes], guide: Guide, now: datetime, days: int = 8) -> None:
    """All sections of a generator against the guide."""
    read = read_all(sections)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    assert {one.service for one in read} == set(guide.services)
    for key in guide.services:
        own = [one for one in read if one.service == key]
        actual = key[:2] == ACTUAL
        events = guide.events(key)
        present, following = sorted(
            (one for one in own if not one.is_schedule), key=lambda one: one.section_number
        )
        assert present.table_id == following.table_id == (0x4E if actual else 0x4F)
        assert list(present.events) == expected_present(events, now)
        if midnight == MIDNIGHT:
            assert list(following.events) == expected_following(events, now)
        schedule = [one for one in own if one.is_schedule]
        check_numbers(schedule)
        assert min(one.table_id for one in schedule) == (0x50 if actual else 0x60)
        ordered = sorted(schedule, key=lambda one: (one.table_id, one.section_number))
        end = midnight + timedelta(days=days)
        inside = [event for event in events if midnight <= start_of(event) < end]
        assert [event for one in ordered for event in one.events] == [as_read(e) for e in inside]
        for one in ordered:
            begin = midnight + timedelta(hours=3 * one.segment)
            for event in one.events:
                assert begin <= event.start_time < begin + timedelta(hours=3)


@given(guide=guides, now=nows)
def test_sections_hold_the_events_of_the_guide(guide: Guide, now: datetime) -> None:
    generator = dvb.EitGenerator(guide, now, actual=ACTUAL)
    check_eit(generator.sections, guide, now)
    assert generator.losses == []


edits = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KEYS), st.integers(0, 50), instants, texts),
        st.tuples(st.just("remove"), st.sampled_from(KEYS), st.integers(0, 50)),
        st.tuples(st.just("wait"), st.integers(1, 3 * 86400)),
        st.tuples(st.just("swap"), st.sampled_from(KEYS)),
    ),
    max_size=8,
)


def edit(guide: Guide, wanted: tuple[object, ...], now: datetime) -> datetime:
    """One edit, or time that goes by; gives the time behind it."""
    match wanted:
        case ("put", Key() as key, int(number), datetime() as start, str(name)):
            taken = {start_of(event) for event in guide.events(key)}
            if key in guide.services and start not in taken:
                guide.put(key, make_event(number, start, 20, name=name))
        case ("remove", Key() as key, int(number)):
            guide.remove(key, number)
        case ("wait", int(seconds)):
            return now + timedelta(seconds=seconds)
    return now


@settings(max_examples=60)
@given(guide=guides, now=nows, wanted=edits, versions=st.sampled_from(dvb.Versions))
def test_updates_come_to_what_a_generator_from_scratch_makes(
    guide: Guide, now: datetime, wanted: list[tuple[object, ...]], versions: dvb.Versions
) -> None:
    generator = dvb.EitGenerator(guide, now, actual=ACTUAL, versions=versions)
    on_air = {place(section): section for section in generator.sections}
    for one in wanted:
        now = edit(guide, one, now)
        update = generator.update(now)
        for section in update.removed:
            assert on_air.pop(place(section)) == section
        for section in update.changed:
            assert section != on_air.get(place(section))
            on_air[place(section)] = section
        assert on_air == {place(section): section for section in generator.sections}
        fresh = dvb.EitGenerator(guide, now, actual=ACTUAL)
        assert contents(on_air.values()) == contents(fresh.sections)
        check_versions(on_air.values(), versions)


def place(section: bytes) -> bytes:
    return section[:1] + section[3:5] + section[6:7] + section[8:12]


def contents(sections: Iterable[bytes]) -> dict[bytes, bytes]:
    """By place, without version and CRC_32."""
    return {place(section): section[:5] + section[6:-4] for section in sections}


def check_versions(sections: Iterable[bytes], versions: dvb.Versions) -> None:
    if versions is dvb.Versions.TABLE:
        read = read_all(sections)
        of_table = {(one.sub_table, one.version_number) for one in read}
        assert len(of_table) == len({one.sub_table for one in read})


@given(guide=guides, now=nows, later=st.integers(1, 10 * 86400))
def test_an_update_says_nothing_that_is_not_new(guide: Guide, now: datetime, later: int) -> None:
    generator = dvb.EitGenerator(guide, now, actual=ACTUAL)
    assert not generator.update(now)
    now += timedelta(seconds=later)
    generator.update(now)
    assert not generator.update(now)


@given(guide=guides, now=nows)
def test_nothing_changes_before_the_generator_says(guide: Guide, now: datetime) -> None:
    generator = dvb.EitGenerator(guide, now, actual=ACTUAL)
    change = generator.next_change
    assert change > now
    assert not generator.update(max(now, change - timedelta(seconds=1)))


def test_durations_of_the_reader_are_those_of_the_standard() -> None:
    assert write_duration(timedelta(hours=1, minutes=45, seconds=30)) == b"\x01\x45\x30"
