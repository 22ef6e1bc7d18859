"""Time and date table (EN 300 468, 5.2.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from tsloom.dvb.sections import encode_short_header, get_short_section
from tsloom.dvb.time import UTC_TIME_SIZE, encode_utc_time, parse_utc_time
from tsloom.errors import SectionLengthError
from tsloom.psi.sections import HEADER_SIZE, Section
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PID = 0x14
TABLE_ID = 0x70


@dataclass(frozen=True, slots=True)
class TimeAndDateTable(Value):
    """The TDT: `utc_time` is None where its bits are all 1. It has no CRC_32."""

    utc_time: datetime | None = None
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)


def parse_tdt(section: Section | ReadableBuffer, reference: date | None = None) -> TimeAndDateTable:
    """The section as a value; `reference` is the date that it is read near to, see dvb.time.

    SectionLengthError or SectionSyntaxError if it is not a good one.
    """
    content = get_short_section(section, TABLE_ID)
    if len(content) != HEADER_SIZE + UTC_TIME_SIZE:
        raise SectionLengthError("a TDT has 8 bytes", size_bytes=len(content))
    time = parse_utc_time(content[HEADER_SIZE:], reference)
    return TimeAndDateTable(time, reserved_bits=content[1] >> 4 & 7)


def encode_tdt(table: TimeAndDateTable) -> bytes:
    """The section. UsageError for a time that the field cannot say."""
    header = encode_short_header(TABLE_ID, table.reserved_bits, UTC_TIME_SIZE)
    return header + encode_utc_time(table.utc_time)
