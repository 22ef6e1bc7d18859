"""Stuffing table (EN 300 468, 5.2.8): what is left of a section that was taken out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom.dvb.sections import EIT_SECTION_SIZE_MAX
from tsloom.errors import SectionLengthError, SectionSyntaxError
from tsloom.psi.fields import check_range
from tsloom.psi.sections import HEADER_SIZE, Section, parse_section
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TABLE_ID = 0x72


@dataclass(frozen=True, slots=True)
class StuffingTable(Value):
    """The ST: bytes without a meaning, and a section_syntax_indicator that means nothing either."""

    data: bytes = b""
    section_syntax_indicator: bool = False
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)


def parse_st(section: Section | ReadableBuffer) -> StuffingTable:
    """The section as a value. SectionLengthError or SectionSyntaxError if it is not a good one."""
    whole = section if isinstance(section, Section) else parse_section(section)
    content = parse_section(whole.bytes).bytes
    if content[0] != TABLE_ID:
        raise SectionSyntaxError("not a section of this table", table_id=content[0])
    return StuffingTable(
        content[HEADER_SIZE:], whole.section_syntax_indicator, reserved_bits=content[1] >> 4 & 7
    )


def encode_st(table: StuffingTable) -> bytes:
    """The section. SectionLengthError above 4096 bytes."""
    size = HEADER_SIZE + len(table.data)
    if size > EIT_SECTION_SIZE_MAX:
        raise SectionLengthError("a section is not so long", table_id=TABLE_ID, size_bytes=size)
    check_range("reserved_bits", table.reserved_bits, 3)
    flags = bool(table.section_syntax_indicator) << 7 | table.reserved_bits << 4
    length = len(table.data)
    return bytes((TABLE_ID, flags | length >> 8, length & 255)) + table.data
