"""The database against a list that is looked through from end to end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.dvb.schedules import KEY, MINUTE, NOON, OTHER, make_event
from tsloom import dvb
from tsloom.errors import UsageError

events = st.builds(
    make_event,
    st.integers(0, 6),
    st.integers(-20, 20),
    st.integers(0, 15),
    st.sampled_from(("News", "Film", "Sport")),
)
steps = st.lists(
    st.tuples(st.sampled_from(("add", "add_new", "replace", "remove")), events), max_size=25
)
minutes = st.integers(-25, 40)


def order(event: dvb.Event) -> tuple[object, int]:
    return event.start_time, event.event_id


def apply(database: dvb.EventDatabase, step: str, event: dvb.Event) -> dvb.Event | None:
    """The step on the database; None if it was refused."""
    try:
        if step == "remove":
            return database.remove(KEY, event.event_id)
        return getattr(database, step)(KEY, event)  # type: ignore[no-any-return]
    except UsageError:
        return None


def follow(model: list[dvb.Event], step: str, event: dvb.Event) -> bool:
    """The same on the list; whether it can be done."""
    known = [one for one in model if one.event_id == event.event_id]
    if step == "add":
        if not known:
            model.append(event)
        return not known
    if known and step != "add_new":
        model.remove(known[0])
        if step == "replace":
            model.append(event)
    return bool(known)


def build(drawn: list[tuple[str, dvb.Event]]) -> tuple[dvb.EventDatabase, list[dvb.Event]]:
    database, model = dvb.EventDatabase(), []
    for step, event in drawn:
        done = apply(database, step, event)
        if step == "add_new":
            assert done is not None
            assert done.event_id not in {one.event_id for one in model}
            model.append(done)
        else:
            assert (done is not None) == follow(model, step, event)
    return database, sorted(model, key=order)


@given(steps)
def test_the_database_holds_what_a_list_does(drawn: list[tuple[str, dvb.Event]]) -> None:
    database, model = build(drawn)
    assert list(database.events(KEY)) == model
    assert len(database) == len(model)
    assert [database.get(KEY, event.event_id) for event in model] == model
    assert list(database.events(OTHER)) == []


@given(steps, minutes, minutes)
def test_events_of_a_window_are_those_that_begin_in_it(
    drawn: list[tuple[str, dvb.Event]], first: int, last: int
) -> None:
    database, model = build(drawn)
    start, end = NOON + first * MINUTE, NOON + last * MINUTE
    wanted = [one for one in model if one.start_time and start <= one.start_time < end]
    assert list(database.events(KEY, start, end)) == wanted
    from_start = [one for one in model if one.start_time and start <= one.start_time]
    assert list(database.events(KEY, start)) == from_start


def minutes_of(event: dvb.Event) -> set[int]:
    """The minutes, from noon on, that an event runs in."""
    assert event.start_time is not None
    assert event.duration is not None
    first = (event.start_time - NOON) // MINUTE
    return set(range(first, first + event.duration // MINUTE))


@given(steps)
def test_overlaps_are_the_minutes_with_two_events(drawn: list[tuple[str, dvb.Event]]) -> None:
    database, model = build(drawn)
    seconds = [overlap.second for overlap in database.overlaps(KEY)]
    wanted = [
        event
        for index, event in enumerate(model)
        if any(minutes_of(event) & minutes_of(before) for before in model[:index])
    ]
    assert seconds == wanted
    for overlap in database.overlaps(KEY):
        assert minutes_of(overlap.first) & minutes_of(overlap.second)


@given(steps)
def test_shortened_events_do_not_overlap(drawn: list[tuple[str, dvb.Event]]) -> None:
    database, model = build(drawn)
    shortened = database.shorten_overlaps(KEY)
    assert database.overlaps(KEY) == []
    assert [one.start_time for one in database.events(KEY)] == [one.start_time for one in model]
    assert len(shortened) == sum(
        old != new for old, new in zip(model, database.events(KEY), strict=True)
    )


@given(steps, minutes, st.integers(0, 60))
def test_gaps_are_the_minutes_without_an_event(
    drawn: list[tuple[str, dvb.Event]], first: int, length: int
) -> None:
    database, model = build(drawn)
    found = database.gaps(KEY, NOON + first * MINUTE, NOON + (first + length) * MINUTE)
    in_gaps = {
        minute
        for gap in found
        for minute in range((gap.start - NOON) // MINUTE, (gap.end - NOON) // MINUTE)
    }
    busy = set().union(*(minutes_of(event) for event in model))
    assert in_gaps == set(range(first, first + length)) - busy


@given(steps, steps)
def test_what_changed_is_among_what_the_log_tells(
    before: list[tuple[str, dvb.Event]], after: list[tuple[str, dvb.Event]]
) -> None:
    database, _ = build(before)
    revision = database.revision(KEY)
    old = set(database.events(KEY))
    for step, event in after:
        apply(database, step, event)
    changed = database.changed_since(KEY, revision)
    for event in old ^ set(database.events(KEY)):
        assert event.start_time is not None
        assert event.end_time is not None
        assert any(start <= event.start_time and event.end_time <= end for start, end in changed)
    assert all(one.end < two.start for one, two in pairwise(changed))
    assert (database.revision(KEY) == revision) <= (changed == [])


@given(steps, steps)
def test_an_update_makes_the_covered_time_as_the_newer_guide_has_it(
    drawn: list[tuple[str, dvb.Event]], newer_steps: list[tuple[str, dvb.Event]]
) -> None:
    database, model = build(drawn)
    newer, wanted = build(newer_steps)
    database.update_from(newer)
    if not wanted:
        assert list(database.events(KEY)) == model
        return
    start = wanted[0].start_time
    assert start is not None
    end = max(one.end_time for one in wanted if one.end_time) + timedelta(seconds=1)
    # The second more takes in a last event without a length, and any that begins there.
    end -= timedelta(seconds=bool(wanted[-1].duration))

    def content(one: dvb.Event) -> tuple[object, ...]:
        return one.start_time, one.duration, one.event_name

    inside = sorted(map(content, database.events(KEY, start, end)), key=repr)
    assert inside == sorted(map(content, newer.events(KEY, start, end)), key=repr)
    # Once more changes nothing.
    if len({one.start_time for one in wanted}) == len(wanted):
        revision = database.revision(KEY)
        assert database.update_from(newer) == 0
        assert database.revision(KEY) == revision
