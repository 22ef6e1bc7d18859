"""EIT present/following of one service: which two events they are, and when that changes
(EN 300 468, 5.2.4; TS 101 211, 4.1.4)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from tsloom.dvb.eit_entries import (
    EXTENDED_DESCRIPTORS_MAX,
    LOOP_SIZE_MAX,
    EventEntry,
    shorten_entry,
)
from tsloom.dvb.eit_schedule import Loss, LossKind, Overflow, make_entries
from tsloom.dvb.eit_sub_table import EitUpdate, ServiceIds, SubTable, Versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.dvb.eit import Event

NOT_RUNNING, STARTS_SOON, RUNNING = 1, 2, 4


class PresentFollowing(NamedTuple):
    """The two events; `changes_at` (seconds since 1970) is when they, or their running_status, are
    no longer so, None if that never comes."""

    present: Event | None
    following: Event | None
    following_running_status: int
    changes_at: float | None


def find_present_following(
    starts: Sequence[float], events: Sequence[Event], now: float, soon_s: float
) -> PresentFollowing:
    """Of events in the order of their `starts` (seconds since 1970).

    Of events that overlap the one that began last is present. One without a duration lasts until
    the next. The following event starts in a few seconds from soon_s before it on.
    """
    after = bisect_right(starts, now)
    present, ends_at = None, None
    if after > 0:
        duration = events[after - 1].duration
        ends_at = None if duration is None else starts[after - 1] + duration.total_seconds()
        if ends_at is None or ends_at > now:
            present = events[after - 1]
    times = [] if present is None or ends_at is None else [ends_at]
    if after == len(events):
        return PresentFollowing(present, None, 0, min(times, default=None))
    starts_at = starts[after]
    is_soon = starts_at - soon_s <= now
    times.append(starts_at if is_soon else starts_at - soon_s)
    status = STARTS_SOON if is_soon else NOT_RUNNING
    return PresentFollowing(present, events[after], status, min(times))


class PresentFollowingTable:
    """The two sections: 0 the present event, 1 the following one, empty where there is none."""

    def __init__(
        self,
        table_id: int,
        ids: ServiceIds,
        versions: Versions,
        first_version: int,
        overflow: Overflow,
    ) -> None:
        self._table = SubTable(table_id, ids, versions, first_version)
        self._overflow = overflow
        self.losses: tuple[Loss, ...] = ()

    @property
    def table_id(self) -> int:
        return self._table.table_id

    @property
    def sections(self) -> tuple[bytes, ...]:
        return tuple(self._table.sections)

    def write(self, found: PresentFollowing) -> EitUpdate:
        """What is different now."""
        losses: list[Loss] = []
        present = self._encode(found.present, RUNNING, losses)
        following = self._encode(found.following, found.following_running_status, losses)
        self.losses = tuple(losses)
        parts = ((0, 1, present), (1, 1, following))
        return self._table.write((1, self._table.table_id), parts)

    def _encode(self, event: Event | None, running_status: int, losses: list[Loss]) -> bytes:
        """The entry, its running_status as given unless the event has one of its own."""
        if event is None:
            return b""
        entries, _, unwritten = make_entries([event])
        losses += unwritten
        if not entries:
            return b""
        entry = entries[0]
        if event.running_status == 0:
            entry = entry.with_running_status(running_status)
        if len(entry.loop) > LOOP_SIZE_MAX:
            return self._fit(entry, event, losses)
        return entry.encode()

    def _fit(self, entry: EventEntry, event: Event, losses: list[Loss]) -> bytes:
        reason = "the event is larger than a section"
        if self._overflow is Overflow.SHORTEN:
            for most in range(EXTENDED_DESCRIPTORS_MAX - 1, -1, -1):
                short = shorten_entry(entry, most)
                if len(short.loop) <= LOOP_SIZE_MAX:
                    losses.append(
                        Loss(event.event_id, event.start_time, LossKind.SHORTENED, reason)
                    )
                    return short.encode()
        losses.append(Loss(event.event_id, event.start_time, LossKind.LEFT_OUT, reason))
        return b""
