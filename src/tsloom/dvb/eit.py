"""Event information table (EN 300 468, 5.2.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tsloom._native import psi
from tsloom.dvb.descriptors import ExtendedEventDescriptor, ShortEventDescriptor
from tsloom.dvb.sections import (
    EIT_SECTION_SIZE_MAX,
    RUNNING_STATUS_NAMES,
    Numbering,
    SiSection,
    check_table_id,
    encode_header,
    get_checked_bytes,
    get_fixed_body,
    group_entries,
)
from tsloom.dvb.text import join_texts
from tsloom.dvb.time import (
    encode_duration,
    encode_utc_time,
    parse_duration,
    parse_utc_time,
)
from tsloom.errors import SectionLengthError, SectionSyntaxError, UsageError
from tsloom.psi.descriptors import (
    Descriptor,
    encode_descriptors,
    first_of_type,
    parse_descriptors,
)
from tsloom.psi.fields import check_range
from tsloom.psi.sections import CRC_SIZE, LONG_HEADER_SIZE, Section
from tsloom.psi.tables import parse_header
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x12
TABLE_ID_PRESENT_FOLLOWING_ACTUAL = 0x4E
TABLE_ID_PRESENT_FOLLOWING_OTHER = 0x4F
TABLE_IDS_SCHEDULE_ACTUAL = range(0x50, 0x60)
TABLE_IDS_SCHEDULE_OTHER = range(0x60, 0x70)
TABLE_IDS = range(0x4E, 0x70)
SECTIONS_PER_SEGMENT = 8
ENTRY_SIZE = 12
TIMES_START = 2
TIME_END = 7
TIMES_END = 10
FIXED = struct.Struct(">HHBB")
ROOM = EIT_SECTION_SIZE_MAX - LONG_HEADER_SIZE - CRC_SIZE - FIXED.size


@dataclass(frozen=True, slots=True)
class Event(Value):
    """One entry. `start_time` is in UTC; it and `duration` are None where they are undefined, all
    their bits 1, as in an NVOD reference event. Where the field's digits are no time it is None
    too, and `malformed_start_time` or `malformed_duration` are its bytes."""

    event_id: int
    start_time: datetime | None = None
    duration: timedelta | None = None
    running_status: int = 0
    free_ca_mode: bool = False
    descriptors: tuple[Descriptor, ...] = ()
    malformed_start_time: bytes | None = field(default=None, repr=False, kw_only=True)
    malformed_duration: bytes | None = field(default=None, repr=False, kw_only=True)

    @property
    def running_status_name(self) -> str:
        """What table 6 calls the running_status."""
        return RUNNING_STATUS_NAMES[self.running_status]

    @property
    def end_time(self) -> datetime | None:
        """None where start_time or duration is."""
        if self.start_time is None or self.duration is None:
            return None
        return self.start_time + self.duration

    @property
    def short_event_descriptor(self) -> ShortEventDescriptor | None:
        """The first; events may have one in each language."""
        return first_of_type(self.descriptors, ShortEventDescriptor)

    @property
    def event_name(self) -> str | None:
        """That of the first short_event_descriptor; None without one."""
        found = self.short_event_descriptor
        return None if found is None else found.event_name

    @property
    def extended_text(self) -> str | None:
        """The text that its extended_event_descriptors have together, in the language of the first;
        None without one."""
        found = [one for one in self.descriptors if isinstance(one, ExtendedEventDescriptor)]
        if not found:
            return None
        language = found[0].iso_639_language_code
        return join_texts(one.text for one in found if one.iso_639_language_code == language)


@dataclass(frozen=True, slots=True)
class EventInformationTable(SiSection):
    """The EIT of a service, or one section of it. `table_id`: 0x4E and 0x4F present/following of
    the actual and of other transport streams, 0x50 to 0x5F and 0x60 to 0x6F schedules."""

    service_id: int
    transport_stream_id: int
    original_network_id: int
    events: tuple[Event, ...] = ()
    table_id: int = TABLE_ID_PRESENT_FOLLOWING_ACTUAL
    segment_last_section_number: int = 0
    last_table_id: int = TABLE_ID_PRESENT_FOLLOWING_ACTUAL

    @property
    def is_schedule(self) -> bool:
        return self.table_id >= TABLE_IDS_SCHEDULE_ACTUAL.start

    def get_event(self, event_id: int) -> Event | None:
        for event in self.events:
            if event.event_id == event_id:
                return event
        return None


def parse_eit(
    section: Section | ReadableBuffer, reference: date | None = None
) -> EventInformationTable:
    """The section as a value; `reference` is the date that times are read near to, see dvb.time.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one. Events in front of
    one whose length is wrong are kept, see `undecoded`.
    """
    content = get_checked_bytes(section, TABLE_IDS)
    body = get_fixed_body(content, FIXED.size)
    transport_stream_id, original_network_id, segment_last, last_table_id = FIXED.unpack_from(body)
    events, end = parse_events(body, reference)
    return EventInformationTable(
        service_id=content[3] << 8 | content[4],
        transport_stream_id=transport_stream_id,
        original_network_id=original_network_id,
        events=events,
        table_id=content[0],
        segment_last_section_number=segment_last,
        last_table_id=last_table_id,
        undecoded=body[end:],
        **parse_header(content),
    )


def parse_events(body: bytes, reference: date | None) -> tuple[tuple[Event, ...], int]:
    """The entries, and where the last whole one ends."""
    found: list[Event] = []
    start = FIXED.size
    while start + ENTRY_SIZE <= len(body):
        fixed = body[start : start + ENTRY_SIZE]
        flags = fixed[10]
        loop_start = start + ENTRY_SIZE
        loop_end = loop_start + ((flags & 0xF) << 8 | fixed[11])
        if loop_end > len(body):
            break
        found.append(
            Event(
                event_id=fixed[0] << 8 | fixed[1],
                running_status=flags >> 5,
                free_ca_mode=bool(flags >> 4 & 1),
                descriptors=parse_descriptors(body[loop_start:loop_end]),
                **parse_times(fixed, reference),
            )
        )
        start = loop_end
    return tuple(found), start


def parse_times(fixed: bytes, reference: date | None) -> dict[str, Any]:
    """Start and duration of an entry, as arguments of Event."""
    start, duration = fixed[TIMES_START:TIME_END], fixed[TIME_END:TIMES_END]
    times: dict[str, Any] = {}
    try:
        times["start_time"] = parse_utc_time(start, reference)
    except SectionSyntaxError:
        times["malformed_start_time"] = start
    try:
        times["duration"] = parse_duration(duration)
    except SectionSyntaxError:
        times["malformed_duration"] = duration
    return times


def encode_event(event: Event) -> bytes:
    """The entry. UsageError if a number is out of range."""
    loop = encode_descriptors(event.descriptors)
    check_range("event_id", event.event_id, 16)
    check_range("running_status", event.running_status, 3)
    check_range("descriptors_loop_length", len(loop), 12)
    flags = event.running_status << 5 | bool(event.free_ca_mode) << 4 | len(loop) >> 8
    return b"".join(
        (
            event.event_id.to_bytes(2, "big"),
            encode_times(event),
            bytes((flags, len(loop) & 255)),
            loop,
        )
    )


def encode_times(event: Event) -> bytes:
    start, duration = event.malformed_start_time, event.malformed_duration
    if start is None:
        start = encode_utc_time(event.start_time)
    if duration is None:
        duration = encode_duration(event.duration)
    if len(start + duration) != TIMES_END - TIMES_START:
        raise UsageError("a malformed time of another size", start=start, duration=duration)
    return start + duration


def encode_eit(table: EventInformationTable) -> tuple[bytes, ...]:
    """The sections: one where it fits; of a schedule as many as it takes, up to the 8 of a segment.

    They follow the table's section_number, which begins the segment, and end it: the last section's
    number becomes segment_last_section_number, and last_section_number where that was smaller.
    SectionLengthError if they are too many, an event is larger than a section, or a section of
    present/following too large; UsageError if a number is out of range.
    """
    check_table_id(table.table_id, TABLE_IDS)
    entries = [encode_event(event) for event in table.events]
    if table.undecoded:
        entries.append(table.undecoded)
    groups = group_entries(entries, ROOM, table.table_id)
    if len(groups) == 1:
        last = Numbering(table.section_number, table.last_section_number)
        return (encode_section(table, last, table.segment_last_section_number, groups[0]),)
    first = table.section_number
    segment_last = first + len(groups) - 1
    if (
        not table.is_schedule
        or table.segment_last_section_number not in (0, first)
        or segment_last // SECTIONS_PER_SEGMENT != first // SECTIONS_PER_SEGMENT
    ):
        raise SectionLengthError(
            "too much for the section, and no others of its segment to take it",
            table_id=table.table_id,
            section_number=first,
            wanted_sections=len(groups),
        )
    last_number = max(table.last_section_number, segment_last)
    return tuple(
        encode_section(table, Numbering(first + index, last_number), segment_last, group)
        for index, group in enumerate(groups)
    )


def encode_section(
    table: EventInformationTable, place: Numbering, segment_last: int, entries: Any
) -> bytes:
    check_range("transport_stream_id", table.transport_stream_id, 16)
    check_range("original_network_id", table.original_network_id, 16)
    check_range("segment_last_section_number", segment_last, 8)
    check_range("last_table_id", table.last_table_id, 8)
    header = encode_header(table.table_id, table.service_id, table, place)
    fixed = FIXED.pack(
        table.transport_stream_id, table.original_network_id, segment_last, table.last_table_id
    )
    return psi.seal(b"".join((header, fixed, *entries, bytes(CRC_SIZE))))
