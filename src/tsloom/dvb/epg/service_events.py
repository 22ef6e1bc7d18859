"""The events of one service, in the order of their start."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tsloom.dvb.eit import Event
from tsloom.dvb.epg.change_log import ChangeCount, ChangedRange, ChangeLog
from tsloom.dvb.epg.checks import get_times
from tsloom.dvb.time import encode_duration, encode_utc_time
from tsloom.errors import UsageError
from tsloom.psi.descriptors import Descriptor
from tsloom.psi.fields import check_range

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EVENT_IDS = 0x1_0000
MINUTE = timedelta(minutes=1)


class ServiceKey(NamedTuple):
    """What tells a service from all others (EN 300 468, 5.2.4)."""

    original_network_id: int
    transport_stream_id: int
    service_id: int


def make_key(key: tuple[int, int, int]) -> ServiceKey:
    """The key of three numbers. UsageError if they are not three of 16 bits."""
    try:
        made = ServiceKey(*key)
        for name, number in zip(ServiceKey._fields, made, strict=True):
            check_range(name, number, 16)
    except TypeError as error:
        raise UsageError(
            "(original_network_id, transport_stream_id, service_id) is wanted", key=key
        ) from error
    return made


def check_event(event: Event) -> Event:
    """The event, its start_time in UTC. UsageError if it could not be in a schedule."""
    check_range("event_id", event.event_id, 16)
    if event.start_time is None or event.duration is None:
        raise UsageError(
            "an event of a schedule has a start_time and a duration", event_id=event.event_id
        )
    encode_utc_time(event.start_time)
    encode_duration(event.duration)
    if event.start_time.tzinfo is UTC:
        return event
    return replace(event, start_time=event.start_time.astimezone(UTC))


def check_moment(moment: datetime | None) -> None:
    if moment is not None and moment.utcoffset() is None:
        raise UsageError("a time without a zone", time=moment.isoformat())


def start_of(event: Event) -> datetime:
    """The start of an event that has one, as those of a database do."""
    start: datetime = event.start_time  # type: ignore[assignment]  # only events with one are taken in
    return start


def place_of(event: Event) -> tuple[datetime, int]:
    """What events are ordered by."""
    return start_of(event), event.event_id


def range_of(event: Event) -> ChangedRange:
    return ChangedRange(*get_times(event))


class ServiceEvents:
    """Sorted by start_time, found by event_id; the events are checked ones."""

    __slots__ = ("_by_id", "_events", "log")

    def __init__(self, total: ChangeCount) -> None:
        self._events: list[Event] = []
        self._by_id: dict[int, Event] = {}
        self.log = ChangeLog(total)

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def get(self, event_id: int) -> Event | None:
        return self._by_id.get(event_id)

    def add(self, event: Event) -> None:
        """UsageError if its event_id is taken."""
        if event.event_id in self._by_id:
            raise UsageError("the service has this event_id already", event_id=event.event_id)
        self._insert(event)
        self.log.note(range_of(event))

    def put_free(
        self, start: datetime, duration: timedelta, descriptors: tuple[Descriptor, ...]
    ) -> list[Event] | None:
        """Puts in an event with a free event_id: it, and the ones next to it that it overlaps.

        None if one begins at that time already. UsageError if there is no event_id.
        """
        before, after = self.around(start)
        if before is not None and before.start_time == start:
            return None
        end = start + duration
        event = Event(self.free_id(start), start, duration, descriptors=descriptors)
        if after is None:
            self._events.append(event)
            self._by_id[event.event_id] = event
        else:
            self._insert(event)
        self.log.note(ChangedRange(start, end))
        beside = [event]
        if before is not None and get_times(before)[1] > start:
            beside.append(before)
        if after is not None and start_of(after) < end:
            beside.append(after)
        return beside

    def replace(self, event: Event) -> Event:
        """The event that had this event_id before; nothing changes where it is the same."""
        before = self._take(event.event_id)
        self._insert(event)
        if before != event:
            self.log.note(range_of(before), range_of(event))
        return before

    def remove(self, event_id: int) -> Event:
        """The event that was there. UsageError if there was none."""
        event = self._take(event_id)
        self.log.note(range_of(event))
        return event

    def remove_before(self, end: datetime) -> int:
        """Drops the events that ended by then; how many they were."""
        gone = [event for event in self.between(None, end) if get_times(event)[1] <= end]
        if gone:
            ids = {event.event_id for event in gone}
            self._events = [event for event in self._events if event.event_id not in ids]
            for event_id in ids:
                del self._by_id[event_id]
            ends = [get_times(event)[1] for event in gone]
            self.log.note(ChangedRange(start_of(gone[0]), max(ends)))
        return len(gone)

    def between(self, start: datetime | None, end: datetime | None) -> tuple[Event, ...]:
        """Those that begin from start on and before end."""
        first = 0 if start is None else bisect_left(self._events, start, key=start_of)
        last = None if end is None else bisect_left(self._events, end, key=start_of)
        return tuple(self._events[first:last])

    def around(self, moment: datetime) -> tuple[Event | None, Event | None]:
        """The last that begins at the moment or before, and the first that begins after."""
        if not self._events:
            return None, None
        last = self._events[-1]
        if start_of(last) <= moment:
            return last, None
        place = bisect_right(self._events, moment, key=start_of)
        before = self._events[place - 1] if place else None
        after = self._events[place] if place < len(self._events) else None
        return before, after

    def free_id(self, start: datetime) -> int:
        """An event_id that is free: the one that every guide with an event at this time gives to
        it, or the next one. Never 0. UsageError if all are taken."""
        if len(self._by_id) >= EVENT_IDS - 1:
            raise UsageError("the service has no event_id left", events=len(self._by_id))
        minutes, rest = divmod(start - EPOCH, MINUTE)
        event_id = minutes % (EVENT_IDS - 1) + 1
        if event_id not in self._by_id:
            return event_id
        # A generator of full period: it comes by every number, and crowded minutes part soon.
        increment = 2 * (minutes + rest.seconds) + 1
        while event_id == 0 or event_id in self._by_id:
            event_id = (5 * event_id + increment) % EVENT_IDS
        return event_id

    def _insert(self, event: Event) -> None:
        # Guides mostly come in order.
        if not self._events or start_of(self._events[-1]) < start_of(event):
            self._events.append(event)
        else:
            place = bisect_left(self._events, place_of(event), key=place_of)
            self._events.insert(place, event)
        self._by_id[event.event_id] = event

    def _take(self, event_id: int) -> Event:
        event = self._by_id.pop(event_id, None)
        if event is None:
            raise UsageError("the service has no such event_id", event_id=event_id)
        del self._events[bisect_left(self._events, place_of(event), key=place_of)]
        return event
