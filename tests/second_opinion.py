"""A second reading of transport streams, slow and obvious: it judges what tsloom reads and writes.

None of tsloom's code is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bitstring import Bits

from tests.builders import NULL_PID, PCR_MODULUS, crc_32, split


@dataclass(frozen=True)
class Header:
    """A packet's fields (ISO/IEC 13818-1, 2.4.3.2 to 2.4.3.5)."""

    transport_error_indicator: bool
    payload_unit_start_indicator: bool
    transport_priority: bool
    pid: int
    scrambling_control: int
    adaptation_field_control: int
    continuity_counter: int
    discontinuity_indicator: bool = False
    pcr: int | None = None
    opcr: int | None = None
    adaptation_overruns: bool = False

    @property
    def has_payload(self) -> bool:
        return bool(self.adaptation_field_control & 1)


def read_header(packet: bytes) -> Header:
    """By bitstring, field by field."""
    bits = Bits(packet)
    sync, error, start, priority, pid, scrambling, control, counter = bits.unpack(
        "hex:8, bool, bool, bool, uint:13, uint:2, uint:2, uint:4"
    )
    assert sync == "47"
    fields = (error, start, priority, pid, scrambling, control, counter)
    length = packet[4] if control & 2 else 0
    if length == 0:
        return Header(*fields)
    if length > 183:
        return Header(*fields, adaptation_overruns=True)
    flags = bits[40:48]
    pcr = opcr = None
    at = 48
    if flags[3] and length >= 7:
        pcr = _read_clock(bits[at : at + 48])
        at += 48
    if flags[4] and at // 8 + 6 <= 5 + length:
        opcr = _read_clock(bits[at : at + 48])
    return Header(
        *fields,
        discontinuity_indicator=flags[0],
        pcr=pcr,
        opcr=opcr,
        adaptation_overruns=control == 3 and length > 182,
    )


def _read_clock(bits: Bits) -> int:
    base, _, extension = bits.unpack("uint:33, uint:6, uint:9")
    return int(base * 300 + extension)


def read_header_quickly(packet: bytes) -> Header:
    """The same by shifts, for whole streams; a test holds both against each other."""
    word = int.from_bytes(packet[:4], "big")
    fields = (
        bool(word >> 23 & 1),
        bool(word >> 22 & 1),
        bool(word >> 21 & 1),
        word >> 8 & 8191,
        word >> 6 & 3,
        word >> 4 & 3,
        word & 15,
    )
    length = packet[4] if word >> 5 & 1 else 0
    if length == 0:
        return Header(*fields)
    if length > 183:
        return Header(*fields, adaptation_overruns=True)
    flags = packet[5]
    pcr = opcr = None
    at = 6
    if flags & 16 and length >= 7:
        pcr = _clock_of(packet[at : at + 6])
        at += 6
    if flags & 8 and at + 6 <= 5 + length:
        opcr = _clock_of(packet[at : at + 6])
    overruns = bool(word >> 4 & 1) and length > 182
    return Header(*fields, bool(flags & 128), pcr, opcr, overruns)


def _clock_of(data: bytes) -> int:
    value = int.from_bytes(data, "big")
    return (value >> 15) * 300 + (value & 511)


# -- continuity (2.4.3.3)


@dataclass
class _Last:
    packet: bytes
    header: Header
    occurrences: int = 1


@dataclass
class Continuity:
    """Judges packet after packet: "", "error" or "duplicate"."""

    last: dict[int, _Last] = field(default_factory=dict)

    def judge(self, packet: bytes, header: Header) -> str:
        if header.transport_error_indicator or header.pid == NULL_PID:
            return ""  # no field of the one is to be trusted; the other's counter is undefined
        if header.adaptation_field_control == 0:
            return ""  # reserved: decoders discard such packets
        before = self.last.get(header.pid)
        verdict, occurrences = "", 1
        if before is not None and not header.discontinuity_indicator:
            verdict, occurrences = self._compare(before, packet, header)
        self.last[header.pid] = _Last(packet, header, occurrences)
        return verdict

    @staticmethod
    def _compare(before: _Last, packet: bytes, header: Header) -> tuple[str, int]:
        step = (header.continuity_counter - before.header.continuity_counter) % 16
        if not header.has_payload:
            return ("" if step == 0 else "error"), 1
        if step == 1:
            return "", 1
        if step == 0 and before.header.has_payload and _repeats(before, packet, header):
            occurrences = before.occurrences + 1
            return ("duplicate" if occurrences == 2 else "error"), occurrences
        return "error", 1


def _repeats(before: _Last, packet: bytes, header: Header) -> bool:
    """Each byte is the same, but for the PCR's where both have one."""
    if header.pcr is not None and before.header.pcr is not None:
        return packet[:6] + packet[12:] == before.packet[:6] + before.packet[12:]
    return packet == before.packet


@dataclass
class PidFacts:
    packets: int = 0
    continuity_errors: int = 0
    duplicates: int = 0
    scrambled_packets: int = 0
    transport_errors: int = 0
    discontinuities: int = 0
    pcr_count: int = 0


@dataclass
class Facts:
    """Counts of a stream of whole packets."""

    packets: int = 0
    pids: dict[int, PidFacts] = field(default_factory=dict)
    # Packet index and verdict of each packet that is not in order.
    verdicts: list[tuple[int, str]] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(int(getattr(facts, name)) for facts in self.pids.values())


def count_packets(packets: Iterable[bytes]) -> Facts:
    """Of a packet with transport_error_indicator only its PID is counted, and that it came."""
    facts, continuity = Facts(), Continuity()
    for index, packet in enumerate(packets):
        header = read_header_quickly(packet)
        facts.packets += 1
        row = facts.pids.setdefault(header.pid, PidFacts())
        row.packets += 1
        if header.transport_error_indicator:
            row.transport_errors += 1
            continue
        verdict = continuity.judge(packet, header)
        if verdict:
            facts.verdicts.append((index, verdict))
        row.continuity_errors += verdict == "error"
        row.duplicates += verdict == "duplicate"
        row.scrambled_packets += header.scrambling_control != 0
        row.discontinuities += header.discontinuity_indicator
        row.pcr_count += header.pcr is not None and header.pid != NULL_PID
    return facts


def continuity_errors(stream: bytes) -> int:
    return count_packets(split(stream)).total("continuity_errors")


# -- packets out of bytes


def unwrap(data: bytes, unit: int) -> list[bytes]:
    """Packets of an undamaged stream of 188, 192 or 204 byte units."""
    place = 4 if unit == 192 else 0
    return [data[at + place : at + place + 188] for at in range(0, len(data), unit)]


# -- clocks (2.4.2.2)


def read_pcrs(packets: Iterable[bytes]) -> dict[int, list[tuple[int, int, bool]]]:
    """For each PID: packet index, PCR, discontinuity_indicator."""
    found: dict[int, list[tuple[int, int, bool]]] = {}
    for index, packet in enumerate(packets):
        header = read_header_quickly(packet)
        if header.pcr is not None and not header.transport_error_indicator:
            found.setdefault(header.pid, []).append(
                (index, header.pcr, header.discontinuity_indicator)
            )
    return found


def pcr_difference(later: int, earlier: int) -> int:
    return (later - earlier) % PCR_MODULUS


# -- sections (2.4.4)


@dataclass(frozen=True)
class FoundSection:
    first_packet: int
    last_packet: int
    data: bytes

    @property
    def crc_ok(self) -> bool:
        return crc_32(self.data) == 0


def find_sections(packets: Iterable[bytes], pid: int) -> list[FoundSection]:
    """Whole sections of a PID of a stream without packet loss."""
    return _follow_sections(packets, pid)[0]


def find_torn_sections(packets: Iterable[bytes], pid: int) -> list[int]:
    """Packets in which a section begins before the one under way has ended."""
    return _follow_sections(packets, pid)[1]


def _follow_sections(packets: Iterable[bytes], pid: int) -> tuple[list[FoundSection], list[int]]:
    found: list[FoundSection] = []
    torn: list[int] = []
    waiting, first, started = b"", 0, False
    for index, packet in enumerate(packets):
        header = read_header_quickly(packet)
        if header.pid != pid or not header.has_payload:
            continue
        payload = packet[5 + packet[4] if header.adaptation_field_control & 2 else 4 :]
        if not header.payload_unit_start_indicator:
            waiting = take_sections(found, waiting + payload, first, index) if waiting else b""
            continue
        pointer, payload = payload[0], payload[1:]
        if started and take_sections(found, waiting + payload[:pointer], first, index):
            torn.append(index)
        waiting = take_sections(found, payload[pointer:], index, index)
        first, started = index, True
    return found, torn


def take_sections(found: list[FoundSection], data: bytes, first: int, last: int) -> bytes:
    """Takes the whole sections at the front. What is left of one that goes on; none if stuffing."""
    while len(data) >= 3 and data[0] != 0xFF:
        size = 3 + (data[1] << 8 & 0xF00 | data[2])
        if len(data) < size:
            break
        found.append(FoundSection(first, last, data[:size]))
        first, data = last, data[size:]
    return b"" if data[:1] == b"\xff" else data


def read_pat(data: bytes) -> dict[int, int]:
    """PMT PIDs by program_number."""
    body = Bits(data[8:-4])
    return {
        row.unpack("uint:16, pad:3, uint:13")[0]: row.unpack("uint:16, pad:3, uint:13")[1]
        for row in body.cut(32)
    }


@dataclass(frozen=True)
class Pmt:
    program_number: int
    version_number: int
    pcr_pid: int
    program_info: bytes
    streams: tuple[tuple[int, int, bytes], ...]


def read_pmt(data: bytes) -> Pmt:
    """A PMT section by bitstring."""
    bits = Bits(data)
    number, version = bits.unpack("pad:24, uint:16, pad:2, uint:5")
    pcr_pid, length = bits[64:].unpack("pad:3, uint:13, pad:4, uint:12")
    info, loop = data[12 : 12 + length], data[12 + length : -4]
    return Pmt(number, version, pcr_pid, info, tuple(_read_streams(loop)))


def _read_streams(loop: bytes) -> Iterator[tuple[int, int, bytes]]:
    while loop:
        stream_type, pid, length = Bits(loop).unpack("uint:8, pad:3, uint:13, pad:4, uint:12")
        yield stream_type, pid, loop[5 : 5 + length]
        loop = loop[5 + length :]


@dataclass(frozen=True)
class SpliceInsert:
    """splice_insert() for a whole program with a splice time (SCTE 35, 9.6.1 and 9.7.3)."""

    pts_adjustment: int
    splice_event_id: int
    out_of_network_indicator: bool
    pts_time: int
    auto_return: bool | None
    duration: int | None
    unique_program_id: int
    avail_num: int
    avails_expected: int


def read_splice_insert(data: bytes) -> SpliceInsert:
    """By bitstring; everything but the fields above is asserted to be what it has to be."""
    bits = Bits(data)
    table_id, length, protocol, encrypted, adjustment = bits.unpack(
        "uint:8, pad:4, uint:12, uint:8, bool, pad:6, uint:33"
    )
    assert (table_id, length) == (0xFC, len(data) - 3)
    command_length, command, event_id, cancel = bits[92:].unpack("uint:12, uint:8, uint:32, bool")
    assert (protocol, encrypted, command, cancel) == (0, False, 5, False)
    out, program, has_duration, immediate, has_time, pts = bits[152:].unpack(
        "bool, bool, bool, bool, pad:4, bool, pad:6, uint:33"
    )
    assert (program, immediate, has_time) == (True, False, True)
    auto_return, duration, at = None, None, 200
    if has_duration:
        auto_return, duration = bits[at:].unpack("bool, pad:6, uint:33")
        at += 40
    program_id, avail, avails, descriptors = bits[at:].unpack("uint:16, uint:8, uint:8, uint:16")
    assert command_length in (0xFFF, (at + 32 - 112) // 8)
    assert descriptors == 0
    assert crc_32(data) == 0
    return SpliceInsert(
        adjustment, event_id, out, pts, auto_return, duration, program_id, avail, avails
    )
