"""What PAT, CAT and PMT sections share (ISO/IEC 13818-1, 2.4.4)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from tsloom._native import psi
from tsloom.errors import SectionLengthError
from tsloom.psi.fields import join_fields
from tsloom.psi.sections import CRC_SIZE, LONG_HEADER_SIZE
from tsloom.psi.values import Value

SECTION_SIZE_MAX = 1024
VERSION_COUNT = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PsiSection(Value):
    """Fields of the long header that a table's section can choose.

    `reserved_bits` are the '0' and the reserved bits of the header in their order, so that a
    section is written as it was read.
    """

    version_number: int = 0
    current_next_indicator: bool = True
    section_number: int = 0
    last_section_number: int = 0
    reserved_bits: int = field(default=0b0_11_11, repr=False)

    def with_next_version(self) -> Self:
        """The same with version_number raised by 1, modulo 32, as any change asks for."""
        return replace(self, version_number=(self.version_number + 1) % VERSION_COUNT)


def parse_header(section: bytes) -> dict[str, Any]:
    """Arguments of PsiSection from a section that has been checked."""
    return {
        "version_number": section[5] >> 1 & 0x1F,
        "current_next_indicator": bool(section[5] & 1),
        "section_number": section[6],
        "last_section_number": section[7],
        "reserved_bits": (section[1] >> 4 & 7) << 2 | section[5] >> 6,
    }


def get_body(section: bytes) -> bytes:
    return section[LONG_HEADER_SIZE:-CRC_SIZE]


def encode_table(table_id: int, table_id_extension: int, table: PsiSection, body: bytes) -> bytes:
    """The section, sealed. SectionLengthError above 1024 bytes (2.4.4.5, 2.4.4.7, 2.4.4.9)."""
    size = LONG_HEADER_SIZE + len(body) + CRC_SIZE
    if size > SECTION_SIZE_MAX:
        raise SectionLengthError(
            "the section is longer than its table allows", table_id=table_id, size_bytes=size
        )
    header = join_fields(
        ("table_id", table_id, 8),
        ("section_syntax_indicator", 1, 1),
        ("reserved_bits", table.reserved_bits >> 2, 3),
        ("section_length", 0, 12),
        ("table_id_extension", table_id_extension, 16),
        ("reserved_bits", table.reserved_bits & 3, 2),
        ("version_number", table.version_number, 5),
        ("current_next_indicator", table.current_next_indicator, 1),
        ("section_number", table.section_number, 8),
        ("last_section_number", table.last_section_number, 8),
    )
    return psi.seal(header + body + bytes(CRC_SIZE))
