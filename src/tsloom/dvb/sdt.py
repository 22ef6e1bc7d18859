"""Service description table (EN 300 468, 5.2.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom.dvb.descriptors import ServiceDescriptor
from tsloom.dvb.sections import (
    RUNNING_STATUS_NAMES,
    SECTION_SIZE_MAX,
    SiSection,
    check_table_id,
    encode_sections,
    get_checked_bytes,
    get_fixed_body,
    group_entries,
)
from tsloom.psi.descriptors import (
    Descriptor,
    encode_descriptors,
    first_of_type,
    parse_descriptors,
)
from tsloom.psi.fields import check_range, join_fields
from tsloom.psi.sections import CRC_SIZE, LONG_HEADER_SIZE, Section
from tsloom.psi.tables import parse_header
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x11
TABLE_ID_ACTUAL = 0x42
TABLE_ID_OTHER = 0x46
TABLE_IDS = (TABLE_ID_ACTUAL, TABLE_ID_OTHER)
FIXED_SIZE = 3
ENTRY_SIZE = 5
ROOM = SECTION_SIZE_MAX - LONG_HEADER_SIZE - CRC_SIZE - FIXED_SIZE


@dataclass(frozen=True, slots=True)
class Service(Value):
    """One entry: what its service_descriptor says is None without one."""

    service_id: int
    eit_schedule_flag: bool = False
    eit_present_following_flag: bool = False
    running_status: int = 0
    free_ca_mode: bool = False
    descriptors: tuple[Descriptor, ...] = ()
    reserved_bits: int = field(default=0b111111, repr=False, kw_only=True)

    @property
    def running_status_name(self) -> str:
        """What table 6 calls the running_status."""
        return RUNNING_STATUS_NAMES[self.running_status]

    @property
    def service_descriptor(self) -> ServiceDescriptor | None:
        return first_of_type(self.descriptors, ServiceDescriptor)

    @property
    def service_type(self) -> int | None:
        found = self.service_descriptor
        return None if found is None else found.service_type

    @property
    def service_provider_name(self) -> str | None:
        found = self.service_descriptor
        return None if found is None else found.service_provider_name

    @property
    def service_name(self) -> str | None:
        found = self.service_descriptor
        return None if found is None else found.service_name


@dataclass(frozen=True, slots=True)
class ServiceDescriptionTable(SiSection):
    """The SDT of a transport stream, or one section of it: `table_id` is 0x42 for the stream that
    carries it, 0x46 for others."""

    transport_stream_id: int
    original_network_id: int
    services: tuple[Service, ...] = ()
    table_id: int = TABLE_ID_ACTUAL
    reserved_byte: int = field(default=0xFF, repr=False, kw_only=True)

    def get_service(self, service_id: int) -> Service | None:
        for service in self.services:
            if service.service_id == service_id:
                return service
        return None


def parse_sdt(section: Section | ReadableBuffer) -> ServiceDescriptionTable:
    """The section as a value.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one. Entries in front of
    one whose length is wrong are kept, see `undecoded`.
    """
    content = get_checked_bytes(section, TABLE_IDS)
    body = get_fixed_body(content, FIXED_SIZE)
    services, end = parse_services(body)
    return ServiceDescriptionTable(
        transport_stream_id=content[3] << 8 | content[4],
        original_network_id=body[0] << 8 | body[1],
        services=services,
        table_id=content[0],
        undecoded=body[end:],
        reserved_byte=body[2],
        **parse_header(content),
    )


def parse_services(body: bytes) -> tuple[tuple[Service, ...], int]:
    """The entries, and where the last whole one ends."""
    found: list[Service] = []
    start = FIXED_SIZE
    while start + ENTRY_SIZE <= len(body):
        fixed = int.from_bytes(body[start : start + ENTRY_SIZE], "big")
        loop_start = start + ENTRY_SIZE
        loop_end = loop_start + (fixed & 0xFFF)
        if loop_end > len(body):
            break
        found.append(
            Service(
                fixed >> 24,
                bool(fixed >> 17 & 1),
                bool(fixed >> 16 & 1),
                fixed >> 13 & 7,
                bool(fixed >> 12 & 1),
                parse_descriptors(body[loop_start:loop_end]),
                reserved_bits=fixed >> 18 & 0x3F,
            )
        )
        start = loop_end
    return tuple(found), start


def encode_service(service: Service) -> bytes:
    loop = encode_descriptors(service.descriptors)
    fixed = join_fields(
        ("service_id", service.service_id, 16),
        ("reserved_bits", service.reserved_bits, 6),
        ("eit_schedule_flag", service.eit_schedule_flag, 1),
        ("eit_present_following_flag", service.eit_present_following_flag, 1),
        ("running_status", service.running_status, 3),
        ("free_ca_mode", service.free_ca_mode, 1),
        ("descriptors_loop_length", len(loop), 12),
    )
    return fixed + loop


def encode_sdt(table: ServiceDescriptionTable) -> tuple[bytes, ...]:
    """The sections: one where it fits and the table says its number, else as many as it takes.

    SectionLengthError if an entry is larger than a section, or a numbered section too large;
    UsageError if a number is out of range.
    """
    check_table_id(table.table_id, TABLE_IDS)
    check_range("original_network_id", table.original_network_id, 16)
    check_range("reserved_byte", table.reserved_byte, 8)
    fixed = table.original_network_id.to_bytes(2, "big") + bytes((table.reserved_byte,))
    entries = [encode_service(service) for service in table.services]
    if table.undecoded:
        entries.append(table.undecoded)
    bodies = [fixed + b"".join(group) for group in group_entries(entries, ROOM, table.table_id)]
    return encode_sections(table.table_id, table.transport_stream_id, table, bodies)
