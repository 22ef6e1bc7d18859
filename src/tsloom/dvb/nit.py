"""Network information table (EN 300 468, 5.2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom.dvb.descriptors import NetworkNameDescriptor
from tsloom.dvb.sections import (
    check_table_id,
    encode_sections,
    get_checked_bytes,
    get_fixed_body,
)
from tsloom.dvb.transport_streams import (
    LENGTH_SIZE,
    TransportStreamList,
    encode_bodies,
    parse_loops,
)
from tsloom.psi.descriptors import first_of_type
from tsloom.psi.sections import Section
from tsloom.psi.tables import parse_header

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x10
TABLE_ID_ACTUAL = 0x40
TABLE_ID_OTHER = 0x41
TABLE_IDS = (TABLE_ID_ACTUAL, TABLE_ID_OTHER)


@dataclass(frozen=True, slots=True)
class NetworkInformationTable(TransportStreamList):
    """The NIT, or one section of it: `table_id` is 0x40 for the actual network, 0x41 for others."""

    network_id: int
    table_id: int = TABLE_ID_ACTUAL

    @property
    def network_name(self) -> str | None:
        """That of the network_name_descriptor; None without one."""
        found = first_of_type(self.descriptors, NetworkNameDescriptor)
        return None if found is None else found.network_name


def parse_nit(section: Section | ReadableBuffer) -> NetworkInformationTable:
    """The section as a value.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one. Entries in front of
    one whose length is wrong are kept, see `undecoded`.
    """
    content = get_checked_bytes(section, TABLE_IDS)
    body = get_fixed_body(content, 2 * LENGTH_SIZE)
    return NetworkInformationTable(
        network_id=content[3] << 8 | content[4],
        table_id=content[0],
        **parse_loops(body, content[0]),
        **parse_header(content),
    )


def encode_nit(table: NetworkInformationTable) -> tuple[bytes, ...]:
    """The sections: one where it fits and the table says its number, else as many as it takes.

    SectionLengthError if an entry is larger than a section, or a numbered section too large;
    UsageError if a number is out of range.
    """
    check_table_id(table.table_id, TABLE_IDS)
    bodies = encode_bodies(table, table.table_id)
    return encode_sections(table.table_id, table.network_id, table, bodies)
