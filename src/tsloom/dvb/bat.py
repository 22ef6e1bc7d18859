"""Bouquet association table (EN 300 468, 5.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom.dvb.descriptors import BouquetNameDescriptor
from tsloom.dvb.sections import encode_sections, get_checked_bytes, get_fixed_body
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

PID = 0x11
TABLE_ID = 0x4A


@dataclass(frozen=True, slots=True)
class BouquetAssociationTable(TransportStreamList):
    """The BAT of a bouquet, or one section of it."""

    bouquet_id: int

    @property
    def bouquet_name(self) -> str | None:
        """That of the bouquet_name_descriptor; None without one."""
        found = first_of_type(self.descriptors, BouquetNameDescriptor)
        return None if found is None else found.bouquet_name


def parse_bat(section: Section | ReadableBuffer) -> BouquetAssociationTable:
    """The section as a value.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one. Entries in front of
    one whose length is wrong are kept, see `undecoded`.
    """
    content = get_checked_bytes(section, (TABLE_ID,))
    body = get_fixed_body(content, 2 * LENGTH_SIZE)
    return BouquetAssociationTable(
        bouquet_id=content[3] << 8 | content[4],
        **parse_loops(body, TABLE_ID),
        **parse_header(content),
    )


def encode_bat(table: BouquetAssociationTable) -> tuple[bytes, ...]:
    """The sections: one where it fits and the table says its number, else as many as it takes.

    SectionLengthError if an entry is larger than a section, or a numbered section too large;
    UsageError if a number is out of range.
    """
    return encode_sections(TABLE_ID, table.bouquet_id, table, encode_bodies(table, TABLE_ID))
