"""Sections, their way out of packets and into them (ISO/IEC 13818-1, 2.4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom._native import crc32, psi, section
from tsloom._native.batch import PacketBatch
from tsloom.errors import SectionLengthError
from tsloom.psi.fields import check_range, join_fields
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

HEADER_SIZE = 3
LONG_HEADER_SIZE = 8
CRC_SIZE = 4
# Tables of the short syntax that end in CRC_32 all the same: TOT (EN 300 468, 5.2.6) and
# splice_info_section (SCTE 35).
SHORT_TABLES_WITH_CRC = frozenset((0x73, 0xFC))

Bytes = bytes


def crc_32(data: ReadableBuffer) -> int:
    """CRC_32 of the bytes (annex A); 0 over a good section with its CRC_32."""
    return crc32.crc_32(data)


@dataclass(frozen=True, slots=True)
class Section(Value):
    """One section, whole, as it stood in the stream.

    `first_packet` and `last_packet` are the indices of the packets with its first and last byte,
    and None if it comes from elsewhere. Fields that a section of its syntax does not have are None.
    """

    bytes: Bytes
    first_packet: int | None = None
    last_packet: int | None = None

    @property
    def table_id(self) -> int:
        return self.bytes[0]

    @property
    def section_syntax_indicator(self) -> bool:
        return bool(self.bytes[1] & 0x80)

    @property
    def private_indicator(self) -> bool:
        return bool(self.bytes[1] & 0x40)

    @property
    def has_long_header(self) -> bool:
        """section_syntax_indicator is 1, and the section long enough for what that promises."""
        return self.section_syntax_indicator and len(self.bytes) >= LONG_HEADER_SIZE + CRC_SIZE

    @property
    def table_id_extension(self) -> int | None:
        return int.from_bytes(self.bytes[3:5], "big") if self.has_long_header else None

    @property
    def version_number(self) -> int | None:
        return self.bytes[5] >> 1 & 0x1F if self.has_long_header else None

    @property
    def current_next_indicator(self) -> bool | None:
        return bool(self.bytes[5] & 1) if self.has_long_header else None

    @property
    def section_number(self) -> int | None:
        return self.bytes[6] if self.has_long_header else None

    @property
    def last_section_number(self) -> int | None:
        return self.bytes[7] if self.has_long_header else None

    @property
    def has_crc(self) -> bool:
        return self.has_long_header or self.table_id in SHORT_TABLES_WITH_CRC

    @property
    def crc_ok(self) -> bool | None:
        """Whether CRC_32 matches; None of a section that has none."""
        return crc_32(self.bytes) == 0 if self.has_crc else None

    @property
    def payload(self) -> Bytes:
        """What stands between the header and CRC_32, or the section's end where it has none."""
        start = LONG_HEADER_SIZE if self.has_long_header else HEADER_SIZE
        return self.bytes[start : len(self.bytes) - (CRC_SIZE if self.has_crc else 0)]


def parse_section(data: ReadableBuffer) -> Section:
    """The section that the bytes are. SectionLengthError if section_length says otherwise."""
    content = bytes(data)
    if len(content) < HEADER_SIZE:
        raise SectionLengthError("no section is so short", size_bytes=len(content))
    section_length = int.from_bytes(content[1:3], "big") & 0xFFF
    if len(content) != HEADER_SIZE + section_length:
        raise SectionLengthError(
            table_id=content[0], section_length=section_length, size_bytes=len(content)
        )
    return Section(content)


def get_section_bytes(data: Section | ReadableBuffer) -> Bytes:
    return data.bytes if isinstance(data, Section) else bytes(data)


def encode_section(
    table_id: int,
    table_id_extension: int,
    payload: ReadableBuffer,
    *,
    version_number: int = 0,
    current_next_indicator: bool = True,
    section_number: int = 0,
    last_section_number: int = 0,
    private_indicator: bool = False,
) -> Bytes:
    """A section of the long syntax around the payload, with section_length and CRC_32."""
    header = join_fields(
        ("table_id", table_id, 8),
        ("section_syntax_indicator", 1, 1),
        ("private_indicator", private_indicator, 1),
        ("reserved", 0b11, 2),
        ("section_length", 0, 12),
        ("table_id_extension", table_id_extension, 16),
        ("reserved", 0b11, 2),
        ("version_number", version_number, 5),
        ("current_next_indicator", current_next_indicator, 1),
        ("section_number", section_number, 8),
        ("last_section_number", last_section_number, 8),
    )
    return psi.seal(header + bytes(payload) + bytes(CRC_SIZE))


def packetize(data: Section | ReadableBuffer, pid: int, continuity_counter: int = 0) -> Bytes:
    """Whole packets that carry the section: pointer_field 0, stuffing behind the last byte.

    `continuity_counter` is that of the first packet. UsageError if a number is out of range.
    """
    check_range("pid", pid, 13)
    check_range("continuity_counter", continuity_counter, 4)
    return section.packetize(get_section_bytes(data), pid, continuity_counter)


class SectionDropReason(StrEnum):
    """Why a section was given up."""

    CONTINUITY = "continuity"
    EARLY_START = "early_start"
    TRANSPORT_ERROR = "transport_error"
    ADAPTATION_FIELD = "adaptation_field"
    POINTER_FIELD = "pointer_field"
    SECTION_LENGTH = "section_length"
    SCRAMBLED = "scrambled"
    ENDED = "ended"


# In the order of ts_section_drop, which begins with "none".
DROP_REASONS = tuple(SectionDropReason)


@dataclass(frozen=True, slots=True)
class SectionDropped(Value):
    """A section that could not be finished, noticed at `packet_index`.

    `bytes` is what there was, beginning in packet `first_packet`; it is empty where the defect
    found no section in progress.
    """

    reason: SectionDropReason
    packet_index: int
    bytes: Bytes = b""
    first_packet: int | None = None


class SectionAssembler:
    """A machine: packets in; sections out, and what became of the others, in the stream's order.

    With `pid` it takes that PID's packets and passes over all others; without, all packets are
    taken, and should be of one PID.
    """

    __slots__ = ("_native",)

    def __init__(self, pid: int | None = None) -> None:
        self._native = section.Assembler(pid)

    def feed(
        self, packets: PacketBatch | ReadableBuffer, first_index: int | None = None
    ) -> list[Section | SectionDropped]:
        """Events of the packets: a batch, or N * 188 bytes.

        A batch brings its packet indices. Those of bytes count from `first_index`, or go on from
        what was fed last. UsageError if the bytes are no whole number of packets.
        """
        if isinstance(packets, PacketBatch):
            reports = self._native.feed_batch(packets)
        else:
            reports = self._native.feed_bytes(packets, first_index)
        return [make_event(report) for report in reports]

    def flush(self) -> list[Section | SectionDropped]:
        """The stream has ended: drops a section in progress; then the machine is as new."""
        return [make_event(report) for report in self._native.flush()]


def make_event(report: tuple[int, Bytes, int, int]) -> Section | SectionDropped:
    reason, content, first_packet, last_packet = report
    if reason == 0:
        return Section(content, first_packet, last_packet)
    return SectionDropped(DROP_REASONS[reason - 1], last_packet, content, first_packet)
