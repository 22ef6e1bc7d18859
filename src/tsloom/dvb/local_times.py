"""What a TOT says of a zone: its offset now, the next one, and when that comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tsloom.dvb.descriptors import LocalTimeOffset
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from datetime import tzinfo

# So far the next change is looked for, in steps of a day.
REACH_DAYS = 400
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NO_OFFSET = timedelta(0)


def make_local_time_offset(
    country_code: str, zone: tzinfo, now: datetime, country_region_id: int = 0
) -> LocalTimeOffset:
    """The entry of a local_time_offset_descriptor (EN 300 468, 6.2.20) as of now.

    Without a change within 400 days next_time_offset is the same as the offset, and time_of_change
    a day that lies behind that. `UsageError` for a zone whose offsets have both signs.
    """
    offset = offset_of(zone, now)
    change = find_change(zone, now)
    following = offset if change is None else offset_of(zone, change)
    if min(offset, following) < NO_OFFSET < max(offset, following):
        raise UsageError("offsets of both signs", zone=str(zone), offset=offset, next=following)
    return LocalTimeOffset(
        country_code,
        abs(offset),
        abs(following),
        (now + REACH_DAYS * DAY).replace(microsecond=0) if change is None else change,
        country_region_id,
        int(min(offset, following) < NO_OFFSET),
    )


def offset_of(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or NO_OFFSET


def find_change(zone: tzinfo, now: datetime) -> datetime | None:
    """The first second, in UTC, at which the offset is another than now."""
    before = now.astimezone(UTC).replace(microsecond=0)
    offset = offset_of(zone, before)
    for _ in range(REACH_DAYS):
        after = before + DAY
        if offset_of(zone, after) != offset:
            break
        before = after
    else:
        return None
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle == before:
            break
        if offset_of(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after
