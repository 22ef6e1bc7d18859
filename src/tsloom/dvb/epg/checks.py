"""What is wrong between the events of a service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tsloom.dvb.eit import Event
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class EventOverlap(Value):
    """An event that begins before an earlier one ends; `first` is of these the one that ends
    last."""

    first: Event
    second: Event


@dataclass(frozen=True, slots=True)
class EventGap(Value):
    """A time without an event."""

    start: datetime
    end: datetime


def find_overlaps(events: Iterable[Event]) -> list[EventOverlap]:
    """Each event, of some ordered by start_time, that begins while another runs.

    An event without a length overlaps none.
    """
    found = []
    longest: Event | None = None
    reached: datetime | None = None
    for event in events:
        start, end = get_times(event)
        if end == start:
            continue
        if longest is None or reached is None or start >= reached:
            longest, reached = event, end
            continue
        found.append(EventOverlap(longest, event))
        if end > reached:
            longest, reached = event, end
    return found


def find_gaps(
    events: Iterable[Event], start: datetime | None, end: datetime | None
) -> list[EventGap]:
    """The times between events ordered by start_time; with start and end also those before the
    first and behind the last."""
    found = []
    reached = start
    for event in events:
        event_start, event_end = get_times(event)
        if end is not None and event_start >= end:
            break
        if reached is not None and event_start > reached:
            found.append(EventGap(reached, event_start))
        reached = event_end if reached is None else max(reached, event_end)
    if end is not None and reached is not None and reached < end:
        found.append(EventGap(reached, end))
    return found


def get_times(event: Event) -> tuple[datetime, datetime]:
    """Start and end of an event that has both, as those of a database do."""
    assert event.start_time is not None
    assert event.duration is not None
    return event.start_time, event.start_time + event.duration


def runs_from(event: Event, moment: datetime) -> bool:
    start, end = get_times(event)
    return start >= moment or end > moment
