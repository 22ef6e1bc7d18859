"""Time offset table (EN 300 468, 5.2.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from tsloom._native import psi
from tsloom.dvb.sections import encode_loop_length, encode_short_header, get_short_section
from tsloom.dvb.time import UTC_TIME_SIZE, encode_utc_time, parse_utc_time
from tsloom.errors import SectionLengthError
from tsloom.psi.descriptors import Descriptor, encode_descriptors, parse_descriptors
from tsloom.psi.sections import CRC_SIZE, HEADER_SIZE, Section
from tsloom.psi.values import SILENT, Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x14
TABLE_ID = 0x73
TIME_END = HEADER_SIZE + UTC_TIME_SIZE
LOOP_START = TIME_END + 2


@dataclass(frozen=True, slots=True)
class TimeOffsetTable(Value):
    """The TOT: `utc_time` is None where its bits are all 1; its descriptors say local offsets.

    `stated_loop_length` is what descriptors_loop_length says where it is wrong, else None, and
    `undecoded` what stands behind the loop then.
    """

    utc_time: datetime | None = None
    descriptors: tuple[Descriptor, ...] = ()
    stated_loop_length: int | None = field(default=None, kw_only=True)
    undecoded: bytes = field(default=b"", kw_only=True, metadata=SILENT)
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)
    reserved_loop_bits: int = field(default=0b1111, repr=False, kw_only=True)


def parse_tot(section: Section | ReadableBuffer, reference: date | None = None) -> TimeOffsetTable:
    """The section as a value; `reference` is the date that it is read near to, see dvb.time.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one. A descriptor that
    runs over its loop is a BrokenDescriptor.
    """
    content = get_short_section(section, TABLE_ID)
    if len(content) < LOOP_START + CRC_SIZE:
        raise SectionLengthError("a TOT has at least 14 bytes", size_bytes=len(content))
    psi.check_crc(content)
    length = int.from_bytes(content[TIME_END:LOOP_START], "big")
    stated = length & 0xFFF
    end = len(content) - CRC_SIZE
    loop_end = min(LOOP_START + stated, end)
    return TimeOffsetTable(
        parse_utc_time(content[HEADER_SIZE:TIME_END], reference),
        parse_descriptors(content[LOOP_START:loop_end]),
        stated_loop_length=None if LOOP_START + stated == end else stated,
        undecoded=content[loop_end:end],
        reserved_bits=content[1] >> 4 & 7,
        reserved_loop_bits=length >> 12,
    )


def encode_tot(table: TimeOffsetTable) -> bytes:
    """The section. SectionLengthError if it is too long, UsageError for a time that the field
    cannot say."""
    loop = encode_descriptors(table.descriptors)
    stated = len(loop) if table.stated_loop_length is None else table.stated_loop_length
    body = b"".join(
        (
            encode_utc_time(table.utc_time),
            encode_loop_length("descriptors_loop_length", table.reserved_loop_bits, stated),
            loop,
            table.undecoded,
            bytes(CRC_SIZE),
        )
    )
    return psi.seal(encode_short_header(TABLE_ID, table.reserved_bits, len(body)) + body)
