"""What the database refuses, finds and remembers."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.unit.dvb.schedules import KEY, MINUTE, NOON, OTHER, make_event
from tsloom import dvb
from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    "event",
    [
        dvb.Event(1),
        dvb.Event(1, NOON),
        dvb.Event(0x10000, NOON, MINUTE),
        dvb.Event(1, NOON.replace(tzinfo=None), MINUTE),
        dvb.Event(1, datetime(1900, 1, 1, tzinfo=UTC), MINUTE),
        dvb.Event(1, NOON, -MINUTE),
        dvb.Event(1, NOON, timedelta(hours=100)),
    ],
    ids=["no start", "no duration", "event_id", "no zone", "1900", "negative", "100 hours"],
)
def test_an_event_that_no_schedule_can_have_is_refused(event: dvb.Event) -> None:
    database = dvb.EventDatabase()
    with pytest.raises(UsageError):
        database.add(KEY, event)
    assert database.services == ()


@pytest.mark.parametrize("key", [(1, 2), (1, 2, 0x10000), (1, 2, -1), (1, 2, "3")])
def test_a_key_is_three_numbers_of_16_bits(key: tuple[int, int, int]) -> None:
    with pytest.raises(UsageError):
        dvb.EventDatabase().add(key, make_event(1, 0, 1))


def test_times_are_kept_in_utc() -> None:
    database = dvb.EventDatabase()
    database.add(KEY, dvb.Event(1, datetime(2026, 7, 1, 20, tzinfo=BERLIN), MINUTE))
    (event,) = database.events(KEY)
    assert event.start_time == datetime(2026, 7, 1, 18, tzinfo=UTC)
    assert event.start_time.tzinfo is UTC


def test_a_window_without_a_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="zone"):
        dvb.EventDatabase().events(KEY, datetime(2026, 1, 1))


def test_event_ids_come_from_the_start_and_not_from_the_order() -> None:
    guide = [make_event(0, start, 30) for start in range(0, 3000, 30)]
    ids = []
    for order in (guide, guide[::-1]):
        database = dvb.EventDatabase()
        for event in order:
            database.add_new(KEY, event)
        ids.append({event.start_time: event.event_id for event in database.events(KEY)})
    assert ids[0] == ids[1]
    assert len(set(ids[0].values())) == len(guide)


def test_a_service_has_65535_new_events_and_then_no_event_id() -> None:
    database = dvb.EventDatabase()
    second = timedelta(seconds=1)
    for index in range(0xFFFF):
        database.add_new(KEY, dvb.Event(0, NOON + index * second, second))
    ids = {event.event_id for event in database.events(KEY)}
    assert ids == set(range(1, 0x10000))
    with pytest.raises(UsageError, match="event_id"):
        database.add_new(KEY, dvb.Event(0, NOON - second, second))


def test_search_looks_into_names_texts_and_items_of_what_runs_then() -> None:
    database = dvb.EventDatabase()
    film = replace(
        make_event(1, 0, 90, "Film"),
        descriptors=(
            dvb.ShortEventDescriptor("deu", "Film", "Aus der STRAẞE"),
            dvb.ExtendedEventDescriptor(
                "deu", "Ein Drama", (dvb.ExtendedEventItem("Regie", "Lang"),)
            ),
        ),
    )
    database.add(KEY, film)
    database.add(OTHER, make_event(1, 60, 30, "Lang und breit"))
    assert database.search("strasse") == [(KEY, film)]
    assert [found.service for found in database.search("lang")] == [KEY, OTHER]
    assert database.search("lang", services=[OTHER], start=NOON + 89 * MINUTE)
    assert database.search("lang", start=NOON + 90 * MINUTE) == []
    assert database.search(start=NOON - MINUTE, end=NOON) == []
    assert database.search(end=NOON + MINUTE) == [(KEY, film)]


def test_a_recurring_event_stays_at_its_wall_clock_time_and_goes_on() -> None:
    database = dvb.EventDatabase()
    rule = Recurrence(datetime(2026, 3, 28, 20, tzinfo=BERLIN), "FREQ=DAILY")
    event = dvb.Event(0, duration=15 * MINUTE)
    first = database.add_recurring(KEY, event, rule, until=datetime(2026, 3, 30, tzinfo=BERLIN))
    assert [one.start_time.hour for one in first if one.start_time] == [19, 18]
    again = database.extend_recurring(datetime(2026, 3, 31, tzinfo=BERLIN))
    assert [found.event.start_time for found in again] == [datetime(2026, 3, 30, 18, tzinfo=UTC)]
    assert database.extend_recurring(datetime(2026, 3, 31, tzinfo=BERLIN)) == []
    assert len(database) == 3


def test_an_occurrence_that_was_removed_stays_away() -> None:
    database = dvb.EventDatabase()
    rule = Recurrence(NOON, "FREQ=DAILY;COUNT=3")
    first = database.add_recurring(
        KEY, dvb.Event(0, duration=MINUTE), rule, until=NOON + timedelta(days=1, hours=1)
    )
    database.remove(KEY, first[0].event_id)
    database.extend_recurring(NOON + timedelta(days=9))
    assert [one.start_time for one in database.events(KEY)] == [
        NOON + timedelta(days=1),
        NOON + timedelta(days=2),
    ]


def test_the_log_is_bounded_and_never_tells_too_little() -> None:
    database = dvb.EventDatabase()
    for index in range(2000):
        database.add(KEY, make_event(index, 2 * index, 1))
    assert database.revision(KEY) == 2000
    assert database.changed_since(KEY, 2000) == []
    assert database.changed_since(KEY, 1999) == [(NOON + 3998 * MINUTE, NOON + 3999 * MINUTE)]
    everything = database.changed_since(KEY, 0)
    assert len(everything) <= 256
    assert (everything[0].start, everything[-1].end) == (NOON, NOON + 3999 * MINUTE)


def test_an_event_that_stays_the_same_is_no_change() -> None:
    database = dvb.EventDatabase()
    database.add(KEY, make_event(1, 0, 30))
    database.replace(KEY, make_event(1, 0, 30))
    assert database.revision(KEY) == 1


def test_a_move_touches_the_old_time_and_the_new() -> None:
    database = dvb.EventDatabase()
    database.add(KEY, make_event(1, 0, 30))
    database.replace(KEY, make_event(1, 600, 30))
    assert database.changed_since(KEY, 1) == [
        (NOON, NOON + 30 * MINUTE),
        (NOON + 600 * MINUTE, NOON + 630 * MINUTE),
    ]


def test_the_past_goes_and_what_runs_stays() -> None:
    database = dvb.EventDatabase()
    for event in (make_event(1, 0, 30), make_event(2, 30, 30), make_event(3, 10, 90)):
        database.add(KEY, event)
    assert database.remove_before(NOON + 45 * MINUTE) == 1
    assert [event.event_id for event in database.events(KEY)] == [3, 2]
    assert database.changed_since(KEY, 3) == [(NOON, NOON + 30 * MINUTE)]


def test_services_without_events_are_known_when_they_were_added() -> None:
    database = dvb.EventDatabase()
    database.add_service(OTHER)
    database.add(KEY, make_event(1, 0, 1))
    database.remove(KEY, 1)
    assert database.services == (KEY, OTHER)
    database.remove_service(OTHER)
    assert database.services == (KEY,)
    with pytest.raises(UsageError, match="without events"):
        database.remove(OTHER, 1)


def test_threads_do_not_lose_each_others_events() -> None:
    database = dvb.EventDatabase()

    def fill(first: int) -> None:
        for index in range(first, first + 500):
            database.add(KEY, make_event(index, index, 1))
            database.events(KEY)

    threads = [threading.Thread(target=fill, args=(first,)) for first in (0, 500, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.event_id for event in database.events(KEY)] == list(range(1500))
    assert database.revision(KEY) == 1500
