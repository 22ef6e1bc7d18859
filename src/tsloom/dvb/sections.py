"""What SI sections share: their header, loops of entries, and tables too large for one section
(EN 300 468, 5.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom._native import psi
from tsloom.errors import SectionLengthError, SectionSyntaxError, UsageError
from tsloom.psi.fields import check_range
from tsloom.psi.sections import CRC_SIZE, HEADER_SIZE, LONG_HEADER_SIZE, Section, get_section_bytes
from tsloom.psi.tables import PsiSection
from tsloom.psi.values import SILENT

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Bytes of a section, header and CRC_32 included (5.1.1).
SECTION_SIZE_MAX = 1024
EIT_SECTION_SIZE_MAX = 4096
SECTION_NUMBER_MAX = 255
LOOP_LENGTH_MAX = 0xFFF

RUNNING_STATUS_NAMES = (
    "undefined",
    "not running",
    "starts in a few seconds",
    "pausing",
    "running",
    "service off-air",
    "reserved",
    "reserved",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiSection(PsiSection):
    """Fields of the long header, and what could not be read.

    `undecoded` are the bytes from the first entry on whose length runs over the section, or that
    stand behind the loop's end. It is empty in a good section, and written again as it was.
    """

    reserved_bits: int = field(default=0b1_11_11, repr=False)
    undecoded: bytes = field(default=b"", metadata=SILENT)


def check_table_id(table_id: int, table_ids: Container[int]) -> None:
    if table_id not in table_ids:
        raise UsageError("the table does not have this table_id", table_id=table_id)


def get_checked_bytes(section: Section | ReadableBuffer, table_ids: Container[int]) -> bytes:
    """The bytes of a good section of the long syntax that is one of these tables.

    SectionLengthError, SectionSyntaxError or CrcError if it is not.
    """
    content = get_section_bytes(section)
    if content and content[0] not in table_ids:
        raise SectionSyntaxError("not a section of this table", table_id=content[0])
    psi.check_section(content)
    return content


def get_fixed_body(content: bytes, fixed_size: int) -> bytes:
    """What is between header and CRC_32. SectionLengthError if it is not even the fixed fields."""
    body = content[LONG_HEADER_SIZE:-CRC_SIZE]
    if len(body) < fixed_size:
        raise SectionLengthError(
            "the section ends within its fixed fields",
            table_id=content[0],
            size_bytes=len(content),
        )
    return body


def get_short_section(section: Section | ReadableBuffer, table_id: int) -> bytes:
    """The bytes of a section of the short syntax, its CRC_32 not looked at.

    SectionLengthError or SectionSyntaxError if it is none of this table.
    """
    content = get_section_bytes(section)
    size = HEADER_SIZE + (int.from_bytes(content[1:3], "big") & 0xFFF)
    if len(content) < HEADER_SIZE or len(content) != size:
        raise SectionLengthError("not a whole section", size_bytes=len(content))
    if content[0] != table_id or content[1] & 0x80:
        raise SectionSyntaxError("not a section of this table", table_id=content[0])
    return content


def encode_short_header(table_id: int, reserved_bits: int, body_size: int) -> bytes:
    """table_id, the three bits behind section_syntax_indicator 0, and section_length."""
    if HEADER_SIZE + body_size > SECTION_SIZE_MAX:
        raise SectionLengthError(
            "the section is longer than its table allows",
            table_id=table_id,
            size_bytes=HEADER_SIZE + body_size,
        )
    check_range("reserved_bits", reserved_bits, 3)
    return bytes((table_id, reserved_bits << 4 | body_size >> 8, body_size & 255))


def encode_loop_length(name: str, reserved_bits: int, length: int) -> bytes:
    """4 bits and a length of 12, as in front of every loop."""
    check_range("reserved_bits", reserved_bits, 4)
    check_range(name, length, 12)
    return bytes((reserved_bits << 4 | length >> 8, length & 255))


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where a section stands among those of its table."""

    section_number: int
    last_section_number: int


def encode_header(
    table_id: int, table_id_extension: int, table: PsiSection, place: Numbering
) -> bytes:
    """The long header, its section_length still 0."""
    check_range("reserved_bits", table.reserved_bits, 5)
    check_range("version_number", table.version_number, 5)
    check_range("table_id_extension", table_id_extension, 16)
    check_range("section_number", place.section_number, 8)
    check_range("last_section_number", place.last_section_number, 8)
    return bytes(
        (
            table_id,
            0x80 | table.reserved_bits >> 2 << 4,
            0,
            table_id_extension >> 8,
            table_id_extension & 255,
            (table.reserved_bits & 3) << 6
            | table.version_number << 1
            | bool(table.current_next_indicator),
            place.section_number,
            place.last_section_number,
        )
    )


def encode_sections(
    table_id: int,
    table_id_extension: int,
    table: PsiSection,
    bodies: list[bytes],
) -> tuple[bytes, ...]:
    """The sections of these bodies. One takes the numbers that the table has; several are numbered
    from 0 on, which the table's own numbers must leave open."""
    numbers = [Numbering(table.section_number, table.last_section_number)]
    if len(bodies) > 1:
        check_splittable(table_id, table, len(bodies))
        numbers = [Numbering(number, len(bodies) - 1) for number in range(len(bodies))]
    return tuple(
        psi.seal(encode_header(table_id, table_id_extension, table, place) + body + bytes(CRC_SIZE))
        for place, body in zip(numbers, bodies, strict=True)
    )


def check_splittable(table_id: int, table: PsiSection, count: int) -> None:
    if table.last_section_number or table.section_number or count > SECTION_NUMBER_MAX + 1:
        raise SectionLengthError(
            "too much for the section",
            table_id=table_id,
            section_number=table.section_number,
            last_section_number=table.last_section_number,
            wanted_sections=count,
        )


def count_fitting(pieces: Sequence[bytes], room: int) -> int:
    """How many of the pieces, from the first on, fit in."""
    for count, piece in enumerate(pieces):
        room -= len(piece)
        if room < 0:
            return count
    return len(pieces)


def group_entries(entries: Sequence[bytes], room: int, table_id: int) -> list[Sequence[bytes]]:
    """Entries in their order, in as few groups as hold them; one group if there are none.

    SectionLengthError for an entry that is larger than a section.
    """
    groups: list[Sequence[bytes]] = []
    while entries:
        count = count_fitting(entries, room)
        if count == 0:
            raise SectionLengthError(
                "an entry is larger than a section",
                table_id=table_id,
                size_bytes=len(entries[0]),
            )
        groups.append(entries[:count])
        entries = entries[count:]
    return groups or [()]
