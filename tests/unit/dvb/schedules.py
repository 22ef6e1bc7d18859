"""Events for the tests of programme guides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tsloom import dvb

KEY = dvb.ServiceKey(1, 1101, 28106)
OTHER = dvb.ServiceKey(1, 1101, 28107)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def make_event(event_id: int, start_min: int, minutes: int, name: str = "News") -> dvb.Event:
    """An event so many minutes after noon."""
    return dvb.Event(
        event_id,
        NOON + start_min * MINUTE,
        minutes * MINUTE,
        descriptors=(dvb.ShortEventDescriptor("eng", name),),
    )
