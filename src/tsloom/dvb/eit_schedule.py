"""The EIT schedule of one service: segments of three hours, their sections, numbers and versions
(EN 300 468, 5.2.4; TS 101 211, 4.1.4).

Segments are counted from 1970-01-01T00:00Z in three hours each; those of a schedule from midnight
of the current day on, 32 to a table, 8 section_numbers each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tsloom.dvb.eit import ROOM, SECTIONS_PER_SEGMENT
from tsloom.dvb.eit_entries import (
    EXTENDED_DESCRIPTORS_MAX,
    LOOP_SIZE_MAX,
    EventEntry,
    make_entry,
    shorten_entry,
)
from tsloom.dvb.eit_sub_table import EitUpdate, ServiceIds, SubTable, Versions
from tsloom.errors import TsloomError
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tsloom.dvb.eit import Event

SEGMENT_S = 3 * 3600
SEGMENTS_PER_DAY = 8
SEGMENTS_PER_TABLE = 32
SCHEDULE_DAYS_MAX = 64


class Overflow(StrEnum):
    """What happens to events that are more than the 8 sections of a segment take."""

    SHORTEN = "shorten"
    """Extended texts are cut, of all events of the segment alike; then events are left out."""
    DROP = "drop"
    """The last events of the segment are left out."""


class LossKind(StrEnum):
    SHORTENED = "shortened"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class EventLoss(Value):
    """An event that the EIT has not, or not whole, and why."""

    original_network_id: int
    transport_stream_id: int
    service_id: int
    event_id: int
    start_time: datetime | None
    kind: LossKind
    reason: str


class Loss(NamedTuple):
    """An EventLoss before it is known of which service."""

    event_id: int
    start_time: datetime | None
    kind: LossKind
    reason: str


class Segment(NamedTuple):
    """Three hours: the entries of each of its sections, joined."""

    bodies: tuple[bytes, ...]
    losses: tuple[Loss, ...] = ()


EMPTY = Segment((b"",))


def segment_of(time: datetime) -> int:
    """The segment that a time is in."""
    return int(time.timestamp() // SEGMENT_S)


def midnight_segment(now: datetime) -> int:
    """The segment that begins at midnight UTC."""
    return segment_of(now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0))


def make_entries(events: Iterable[Event]) -> tuple[list[EventEntry], list[Event], list[Loss]]:
    """Entries and their events; those that cannot be written are losses."""
    entries, kept, losses = [], [], []
    for event in events:
        try:
            entries.append(make_entry(event))
            kept.append(event)
        except TsloomError as error:
            losses.append(Loss(event.event_id, event.start_time, LossKind.LEFT_OUT, str(error)))
    return entries, kept, losses


def build_segment(events: Sequence[Event], overflow: Overflow = Overflow.SHORTEN) -> Segment:
    """The sections of a segment out of the events that begin in it, in the order of their start."""
    entries, kept, losses = make_entries(events)
    bodies = pack_entries(entries)
    if bodies is None:
        if overflow is Overflow.SHORTEN:
            entries = _shorten(entries, kept, losses)
        bodies = _leave_out(entries, kept, losses)
    return Segment(tuple(bodies), tuple(losses)) if entries or losses else EMPTY


def pack_entries(entries: Sequence[EventEntry]) -> list[bytes] | None:
    """The entries in their order, in as few sections as hold them; None if 8 do not."""
    bodies: list[bytes] = []
    group: list[bytes] = []
    room = ROOM
    for entry in entries:
        size = entry.size
        if size > ROOM:
            return None
        if size > room:
            bodies.append(b"".join(group))
            group, room = [], ROOM
        group.append(entry.encode())
        room -= size
    bodies.append(b"".join(group))
    return bodies if len(bodies) <= SECTIONS_PER_SEGMENT else None


def _shorten(
    entries: list[EventEntry], events: Sequence[Event], losses: list[Loss]
) -> list[EventEntry]:
    """As many extended descriptors for each event as all fit with; what was cut is a loss."""
    for most in range(EXTENDED_DESCRIPTORS_MAX - 1, -1, -1):
        shortened = [shorten_entry(entry, most) for entry in entries]
        if pack_entries(shortened) is not None:
            break
    losses += [
        Loss(event.event_id, event.start_time, LossKind.SHORTENED, "the segment is full")
        for entry, short, event in zip(entries, shortened, events, strict=True)
        if short.loop != entry.loop
    ]
    return shortened


def _leave_out(
    entries: list[EventEntry], events: Sequence[Event], losses: list[Loss]
) -> list[bytes]:
    """Without those larger than a section, and then without the last, until the rest fits."""
    kept = []
    for entry, event in zip(entries, events, strict=True):
        if len(entry.loop) > LOOP_SIZE_MAX:
            reason = "the event is larger than a section"
            losses.append(Loss(event.event_id, event.start_time, LossKind.LEFT_OUT, reason))
        else:
            kept.append((entry, event))
    while (bodies := pack_entries([entry for entry, _ in kept])) is None:
        event = kept.pop()[1]
        losses.append(
            Loss(event.event_id, event.start_time, LossKind.LEFT_OUT, "the segment is full")
        )
    return bodies


class ServiceSchedule:
    """The sections of one service's schedule. `first_table_id`: 0x50 or 0x60."""

    def __init__(
        self, first_table_id: int, ids: ServiceIds, versions: Versions, first_version: int
    ) -> None:
        self._tables = [
            SubTable(first_table_id + number, ids, versions, first_version)
            for number in range(SCHEDULE_DAYS_MAX * SEGMENTS_PER_DAY // SEGMENTS_PER_TABLE)
        ]
        self.segments: dict[int, Segment] = {}
        self._changed: set[int] = set()
        self._first = 0

    @property
    def sections(self) -> Iterator[bytes]:
        """All of them, by table_id and section_number."""
        for table in self._tables:
            yield from table.sections

    @property
    def losses(self) -> Iterator[Loss]:
        """What was lost, by time."""
        for _, segment in sorted(self.segments.items()):
            yield from segment.losses

    def set_segment(self, number: int, segment: Segment) -> None:
        """Puts a segment in the place of what was there; `write` makes its sections."""
        if segment is EMPTY:
            if self.segments.pop(number, None) is None:
                return
        else:
            self.segments[number] = segment
        self._changed.add(number)

    def write(self, first: int) -> EitUpdate:
        """Sections that have changed or have gone, the day beginning with segment `first`.

        Where the day is another one each section moves to its new place as it is; segments of the
        days before are forgotten.
        """
        moved = first != self._first
        if moved:
            self._first = first
            self.segments = {at: one for at, one in self.segments.items() if at >= first}
        update = EitUpdate()
        used = [number for number, one in self.segments.items() if one.bodies != EMPTY.bodies]
        last = max(used, default=first) - first
        last_table = last // SEGMENTS_PER_TABLE
        changed: list[list[int]] = [[] for _ in self._tables]
        for number in self._changed:
            if number >= first:
                changed[(number - first) // SEGMENTS_PER_TABLE].append(number - first)
        self._changed.clear()
        for index, table in enumerate(self._tables):
            if index > last_table:
                update += table.clear()
                continue
            end = min(last - index * SEGMENTS_PER_TABLE, SEGMENTS_PER_TABLE - 1)
            frame = self._number_of_last(index, end), self._tables[last_table].table_id
            places: Sequence[int]
            if moved or frame != table.frame:
                places = range(end + 1)
            elif changed[index]:
                places = [at % SEGMENTS_PER_TABLE for at in changed[index]]
            else:
                continue
            update += self._write_table(index, frame, places)
        return update

    def _get(self, index: int, place: int) -> Segment:
        return self.segments.get(self._first + index * SEGMENTS_PER_TABLE + place, EMPTY)

    def _number_of_last(self, index: int, place: int) -> int:
        return place * SECTIONS_PER_SEGMENT + len(self._get(index, place).bodies) - 1

    def _write_table(self, index: int, frame: tuple[int, int], places: Iterable[int]) -> EitUpdate:
        table = self._tables[index]
        parts: list[tuple[int, int, bytes]] = []
        gone: list[int] = [number for number in table.numbers if number > frame[0]]
        for place in places:
            bodies = self._get(index, place).bodies
            start = place * SECTIONS_PER_SEGMENT
            segment_last = start + len(bodies) - 1
            parts += [(start + at, segment_last, body) for at, body in enumerate(bodies)]
            gone += range(segment_last + 1, min(start + SECTIONS_PER_SEGMENT, frame[0] + 1))
        return table.write(frame, parts, gone)
