"""The demonstration's guide: a few hours of events around now, and whether a receiver read them."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tsloom.dvb.eit import PID, TABLE_ID_PRESENT_FOLLOWING_ACTUAL, TABLE_IDS_SCHEDULE_ACTUAL
from tsloom.dvb.epg import EventDatabase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tsloom.dvb.eit import Event

# What the sample's SDT says: original_network_id, transport_stream_id, service_id.
SERVICE = (0xFF01, 1, 1)
MINUTES = 30
# The present event began so long ago: it goes on for long enough.
BEGAN_AGO = timedelta(minutes=10)
TITLES = ("The test pattern", "The tones", "A clock that runs", "Black and silence", "Good night")


def make_guide(now: datetime) -> EventDatabase:
    """Events of half an hour, the first of them on the air, read from XMLTV."""
    start = (now - BEGAN_AGO).replace(second=0, microsecond=0)
    programmes = []
    for number, title in enumerate(TITLES):
        begins = start + number * timedelta(minutes=MINUTES)
        ends = begins + timedelta(minutes=MINUTES)
        programmes.append(
            f'<programme start="{begins:%Y%m%d%H%M%S} +0000" stop="{ends:%Y%m%d%H%M%S} +0000" '
            f'channel="sample"><title lang="en">{title}</title></programme>'
        )
    text = f"<tv>{''.join(programmes)}</tv>"
    return EventDatabase.from_xmltv(io.BytesIO(text.encode()), {"sample": SERVICE})


def describe_event(event: Event) -> tuple[str, str]:
    """Name and start, as a report has them."""
    start = "" if event.start_time is None else write_start(event.start_time)
    return event.event_name or "", start


def write_start(start: datetime) -> str:
    return start.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_present_following(tables: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Name and start of the present and the following event of the sample's service, as the last
    EIT present/following actual on PID 0x12 says."""
    found: list[tuple[str, str]] = []
    for table in tables:
        if is_of_service(table) and table["table_id"] == TABLE_ID_PRESENT_FOLLOWING_ACTUAL:
            found = [read_event(event) for event in table["content"]["events"]]
    return found


def read_schedule(tables: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    """Names and starts of all events that an EIT schedule actual on PID 0x12 had."""
    return {
        read_event(event)
        for table in tables
        if is_of_service(table) and table["table_id"] in TABLE_IDS_SCHEDULE_ACTUAL
        for event in table["content"]["events"]
    }


def is_of_service(table: dict[str, Any]) -> bool:
    content = table.get("content", {})
    names = ("original_network_id", "transport_stream_id", "service_id")
    return table["pid"] == PID and tuple(content.get(name) for name in names) == SERVICE


def read_event(event: dict[str, Any]) -> tuple[str, str]:
    names = [one["event_name"] for one in event["descriptors"] if "event_name" in one]
    return "".join(names[:1]), event.get("start_time", "")


def list_scheduled(guide: EventDatabase, day: datetime) -> set[tuple[str, str]]:
    """What the schedule of that day has: all that does not begin the day before."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return {describe_event(event) for event in guide.events(SERVICE, midnight)}


def list_present_following(guide: EventDatabase) -> Sequence[tuple[str, str]]:
    return [describe_event(event) for event in guide.events(SERVICE)[:2]]
