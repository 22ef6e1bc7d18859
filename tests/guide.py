"""A guide in memory for tests, as the EIT generator reads one: the plainest that can be edited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tsloom import dvb

FAR_AWAY = timedelta(days=3650)


class Key(NamedTuple):
    original_network_id: int
    transport_stream_id: int
    service_id: int


class Guide:
    """Events by service; each edit is remembered as the times that it touched."""

    def __init__(self, events: dict[Key, Iterable[dvb.Event]]) -> None:
        self._events = {key: sort(found) for key, found in events.items()}
        self._edits: dict[Key, list[tuple[datetime, datetime]]] = {key: [] for key in events}
        self.change_count = 0

    @property
    def services(self) -> Sequence[Key]:
        return list(self._events)

    def events(
        self, key: Key, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[dvb.Event]:
        return [
            event
            for event in self._events[key]
            if (start is None or start_of(event) >= start)
            and (end is None or start_of(event) < end)
        ]

    def revision(self, key: Key) -> int:
        return len(self._edits[key])

    def changed_since(self, key: Key, revision: int) -> list[tuple[datetime, datetime]]:
        return self._edits[key][revision:]

    def put(self, key: Key, *events: dvb.Event) -> None:
        """Adds events, or replaces those of the same event_id."""
        self.change_count += 1
        ids = {event.event_id for event in events}
        self.remove(key, *ids)
        self._events[key] = sort([*self._events[key], *events])
        self._edits[key] += [(start_of(event), start_of(event)) for event in events]

    def remove(self, key: Key, *event_ids: int) -> None:
        self.change_count += 1
        gone = [event for event in self._events[key] if event.event_id in event_ids]
        self._events[key] = [event for event in self._events[key] if event not in gone]
        self._edits[key] += [(start_of(event), start_of(event)) for event in gone]

    def add_service(self, key: Key, events: Iterable[dvb.Event]) -> None:
        self.change_count += 1
        self._events[key] = sort(events)
        self._edits[key] = []

    def remove_service(self, key: Key) -> None:
        self.change_count += 1
        del self._events[key], self._edits[key]


def sort(events: Iterable[dvb.Event]) -> list[dvb.Event]:
    return sorted(events, key=start_of)


def start_of(event: dvb.Event) -> datetime:
    assert event.start_time is not None
    return event.start_time


def make_event(
    event_id: int, start: datetime, minutes: float = 30, *, name: str = "", text: str = ""
) -> dvb.Event:
    """An event with a name, and with a longer text if that is given."""
    extended = [text[at : at + 240] for at in range(0, len(text), 240)]
    return dvb.Event(
        event_id,
        start,
        timedelta(minutes=minutes),
        descriptors=(
            dvb.ShortEventDescriptor("eng", name or f"Event {event_id}"),
            *(
                dvb.ExtendedEventDescriptor("eng", part, (), number, len(extended) - 1)
                for number, part in enumerate(extended)
            ),
        ),
    )


def make_events(
    first: datetime, count: int, minutes: float = 30, text: str = ""
) -> list[dvb.Event]:
    """One after the other, their ids from 1 on."""
    return [
        make_event(number + 1, first + number * timedelta(minutes=minutes), minutes, text=text)
        for number in range(count)
    ]
