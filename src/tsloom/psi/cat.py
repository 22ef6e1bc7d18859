"""Conditional access table (ISO/IEC 13818-1, 2.4.4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from tsloom._native import psi
from tsloom.psi.descriptors import (
    Descriptor,
    encode_descriptors,
    parse_descriptors,
    remap_ca_pids,
)
from tsloom.psi.sections import Section, get_section_bytes
from tsloom.psi.tables import PsiSection, encode_table, get_body, parse_header

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TABLE_ID = 0x01


@dataclass(frozen=True, slots=True)
class ConditionalAccessTable(PsiSection):
    """One section of the CAT. Where a PAT has its transport_stream_id, this has 18 reserved bits:
    `reserved_extension` are the first 16."""

    descriptors: tuple[Descriptor, ...] = ()
    reserved_extension: int = field(default=0xFFFF, repr=False, kw_only=True)

    def remap_pids(self, new_pids: Mapping[int, int]) -> Self:
        """With the CA_PIDs of CA_descriptors replaced by what they lead to; others stay."""
        return replace(self, descriptors=remap_ca_pids(self.descriptors, new_pids))


def parse_cat(section: Section | ReadableBuffer) -> ConditionalAccessTable:
    """The CAT section as a value.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one.
    """
    content = get_section_bytes(section)
    psi.check_cat(content)
    return ConditionalAccessTable(
        descriptors=parse_descriptors(get_body(content)),
        reserved_extension=int.from_bytes(content[3:5], "big"),
        **parse_header(content),
    )


def encode_cat(table: ConditionalAccessTable) -> bytes:
    """The section. SectionLengthError if it is too long, UsageError if a number is out of range."""
    return encode_table(
        TABLE_ID, table.reserved_extension, table, encode_descriptors(table.descriptors)
    )
