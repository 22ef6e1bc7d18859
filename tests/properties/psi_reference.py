"""PSI written a second time, plainly: with bitstring from the standard's syntax, CRC_32 by crcmod.

Nothing here uses tsloom. Reserved bits are arguments, since real streams do not all set them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import crcmod  # type: ignore[import-untyped]
from bitstring import pack

PACKET_SIZE = 188
crc_32_mpeg = crcmod.mkCrcFun(0x104C11DB7, initCrc=0xFFFFFFFF, rev=False, xorOut=0)


@dataclass(frozen=True)
class Header:
    """The fields of a long section header that every table lets its sender choose."""

    version_number: int = 0
    current_next_indicator: int = 1
    section_number: int = 0
    last_section_number: int = 0
    reserved_1: int = 0b011
    reserved_2: int = 0b11


def write_section(table_id: int, extension: int, header: Header, body: bytes) -> bytes:
    """ISO/IEC 13818-1, 2.4.4.11 with section_syntax_indicator 1."""
    written: bytes = pack(
        "u8, 0b1, u3, u12, u16, u2, u5, u1, u8, u8, bytes",
        table_id,
        header.reserved_1,
        5 + len(body) + 4,
        extension,
        header.reserved_2,
        header.version_number,
        header.current_next_indicator,
        header.section_number,
        header.last_section_number,
        body,
    ).tobytes()
    crc: int = crc_32_mpeg(written)
    return written + crc.to_bytes(4, "big")


def write_pat(
    transport_stream_id: int, header: Header, programs: Iterable[tuple[int, int, int]]
) -> bytes:
    """2.4.4.3; programs are (program_number, reserved, PID)."""
    body = b"".join(pack("u16, u3, u13", *program).tobytes() for program in programs)
    return write_section(0, transport_stream_id, header, body)


def write_descriptor(tag: int, data: bytes) -> bytes:
    return pack("u8, u8, bytes", tag, len(data), data).tobytes()


def write_ca_descriptor(system_id: int, reserved: int, pid: int, private: bytes) -> bytes:
    """2.6.16."""
    return write_descriptor(
        9, pack("u16, u3, u13, bytes", system_id, reserved, pid, private).tobytes()
    )


@dataclass(frozen=True)
class Stream:
    """One entry of a PMT's second loop."""

    stream_type: int
    elementary_pid: int
    descriptors: bytes = b""
    reserved_1: int = 0b111
    reserved_2: int = 0b1111


@dataclass(frozen=True)
class Program:
    """A PMT."""

    program_number: int
    header: Header = Header()
    pcr_pid: int = 0x1FFF
    descriptors: bytes = b""
    streams: tuple[Stream, ...] = ()
    reserved_1: int = 0b111
    reserved_2: int = 0b1111


def write_stream(stream: Stream) -> bytes:
    return pack(
        "u8, u3, u13, u4, u12, bytes",
        stream.stream_type,
        stream.reserved_1,
        stream.elementary_pid,
        stream.reserved_2,
        len(stream.descriptors),
        stream.descriptors,
    ).tobytes()


def write_pmt(program: Program) -> bytes:
    """2.4.4.8."""
    body = pack(
        "u3, u13, u4, u12, bytes",
        program.reserved_1,
        program.pcr_pid,
        program.reserved_2,
        len(program.descriptors),
        program.descriptors,
    ).tobytes()
    body += b"".join(write_stream(stream) for stream in program.streams)
    return write_section(2, program.program_number, program.header, body)


def write_packet(pid: int, start: bool, counter: int, payload: bytes) -> bytes:
    """2.4.3.2, with an adaptation field of stuffing where the payload is short."""
    stuffing = PACKET_SIZE - 4 - len(payload)
    field = b""
    if stuffing:
        field = bytes((stuffing - 1,)) + (b"\0" + b"\xff" * (stuffing - 2) if stuffing > 1 else b"")
    control = 0b11 if stuffing else 0b01
    header = 0x47 << 24 | start << 22 | pid << 8 | control << 4 | counter % 16
    return header.to_bytes(4, "big") + field + payload


@dataclass(frozen=True)
class Placed:
    """Where a section went: the packets with its first and its last byte."""

    section: bytes
    first_packet: int
    last_packet: int


def write_packets(
    pid: int, sections: list[bytes], payload_sizes: list[int]
) -> tuple[list[bytes], list[Placed]]:
    """Sections end to end through packets whose payloads take these sizes in turn.

    Stuffing fills the last packet. A section that would start with a payload's last byte, where
    there is no room for pointer_field any more, is put into the next packet.
    """
    joined = b"".join(sections)
    starts = [sum(map(len, sections[:index])) for index in range(len(sections))]
    packets: list[bytes] = []
    holders: list[list[int]] = [[] for _ in sections]
    at = 0
    while at < len(joined):
        size = payload_sizes[len(packets) % len(payload_sizes)]
        # A packet in which a section starts gives one byte to pointer_field.
        first_start = next((start for start in starts if at <= start < at + size - 1), None)
        room = size if first_start is None and at + size - 1 not in starts else size - 1
        piece = joined[at : at + room]
        pointer = b"" if first_start is None else bytes((first_start - at,))
        padding = b"\xff" * (room - len(piece)) if at + room > len(joined) else b""
        for held, start, section in zip(holders, starts, sections, strict=True):
            if at < start + len(section) and start < at + len(piece):
                held.append(len(packets))
        packets.append(
            write_packet(pid, first_start is not None, len(packets), pointer + piece + padding)
        )
        at += len(piece)
    placed = [
        Placed(section, held[0], held[-1]) for section, held in zip(sections, holders, strict=True)
    ]
    return packets, placed
