"""Running status table (EN 300 468, 5.2.7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom.dvb.sections import RUNNING_STATUS_NAMES, encode_short_header, get_short_section
from tsloom.psi.fields import join_fields
from tsloom.psi.sections import HEADER_SIZE, Section
from tsloom.psi.values import SILENT, Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x13
TABLE_ID = 0x71
ENTRY_SIZE = 9


@dataclass(frozen=True, slots=True)
class EventStatus(Value):
    """One entry: an event and its running_status now."""

    transport_stream_id: int
    original_network_id: int
    service_id: int
    event_id: int
    running_status: int
    reserved_bits: int = field(default=0b11111, repr=False, kw_only=True)

    @property
    def running_status_name(self) -> str:
        """What table 6 calls the running_status."""
        return RUNNING_STATUS_NAMES[self.running_status]


@dataclass(frozen=True, slots=True)
class RunningStatusTable(Value):
    """The RST. `undecoded` are bytes behind the last whole entry. It has no CRC_32."""

    events: tuple[EventStatus, ...] = ()
    undecoded: bytes = field(default=b"", kw_only=True, metadata=SILENT)
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)


def parse_rst(section: Section | ReadableBuffer) -> RunningStatusTable:
    """The section as a value. SectionLengthError or SectionSyntaxError if it is not a good one."""
    content = get_short_section(section, TABLE_ID)
    body = content[HEADER_SIZE:]
    end = len(body) // ENTRY_SIZE * ENTRY_SIZE
    return RunningStatusTable(
        tuple(parse_entry(body[start : start + ENTRY_SIZE]) for start in range(0, end, ENTRY_SIZE)),
        undecoded=body[end:],
        reserved_bits=content[1] >> 4 & 7,
    )


def parse_entry(entry: bytes) -> EventStatus:
    fixed = int.from_bytes(entry, "big")
    return EventStatus(
        fixed >> 56,
        fixed >> 40 & 0xFFFF,
        fixed >> 24 & 0xFFFF,
        fixed >> 8 & 0xFFFF,
        fixed & 7,
        reserved_bits=fixed >> 3 & 0x1F,
    )


def encode_entry(entry: EventStatus) -> bytes:
    return join_fields(
        ("transport_stream_id", entry.transport_stream_id, 16),
        ("original_network_id", entry.original_network_id, 16),
        ("service_id", entry.service_id, 16),
        ("event_id", entry.event_id, 16),
        ("reserved_bits", entry.reserved_bits, 5),
        ("running_status", entry.running_status, 3),
    )


def encode_rst(table: RunningStatusTable) -> bytes:
    """The section. SectionLengthError above 113 events, UsageError if a number is out of range."""
    body = b"".join(encode_entry(entry) for entry in table.events) + table.undecoded
    return encode_short_header(TABLE_ID, table.reserved_bits, len(body)) + body
