"""Packets, sections and streams for tests, by bitstring and crcmod, without any code of tsloom."""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import crcmod
from bitstring import pack

PACKET_SIZE = 188
NULL_PID = 0x1FFF
PCR_HZ = 27_000_000
PCR_MODULUS = 300 << 33
PTS_MODULUS = 1 << 33

crc_32 = crcmod.mkCrcFun(0x104C11DB7, initCrc=0xFFFFFFFF, rev=False, xorOut=0)


# -- packets (ISO/IEC 13818-1, 2.4.3.2 and 2.4.3.4)


def clock_reference(value: int) -> bytes:
    """The six bytes of a PCR or an OPCR."""
    return pack("uint:33, uint:6, uint:9", value // 300 % (1 << 33), 63, value % 300).bytes


@functools.lru_cache(maxsize=100_000)
def adaptation_field(
    *,
    pcr: int | None = None,
    opcr: int | None = None,
    discontinuity: bool = False,
    random_access: bool = False,
    size: int = 0,
) -> bytes:
    """An adaptation field with its length byte, stuffed to `size` bytes in all."""
    flags = pack(
        "uint:1, uint:1, uint:1, uint:1, uint:1, uint:3",
        *(discontinuity, random_access, 0, pcr is not None, opcr is not None, 0),
    ).bytes
    body = flags + b"".join(clock_reference(value) for value in (pcr, opcr) if value is not None)
    body = body.ljust(size - 1, b"\xff")
    return bytes((len(body),)) + body


def packet(
    pid: int,
    continuity_counter: int = 0,
    payload: bytes | None = b"",
    *,
    payload_unit_start: bool = False,
    transport_error: bool = False,
    scrambling: int = 0,
    adaptation: bytes | None = None,
) -> bytes:
    """A packet. A payload that is too short is stuffed behind; None leaves it out."""
    header = _header(
        transport_error,
        payload_unit_start,
        pid,
        scrambling,
        (2 if adaptation is not None else 0) + (1 if payload is not None else 0),
        continuity_counter % 16,
    )
    front = header + (adaptation or b"")
    if payload is None and adaptation is not None and adaptation[0] == len(adaptation) - 1:
        front = header + bytes((PACKET_SIZE - 5,)) + adaptation[1:]
    whole = front + (payload or b"")
    assert len(whole) <= PACKET_SIZE, "more bytes than a packet holds"
    return whole.ljust(PACKET_SIZE, b"\xff")


@functools.lru_cache(maxsize=100_000)
def _header(
    error: bool, start: bool, pid: int, scrambling: int, control: int, counter: int
) -> bytes:
    return pack(
        "hex:8, uint:1, uint:1, uint:1, uint:13, uint:2, uint:2, uint:4",
        *("47", error, start, 0, pid, scrambling, control, counter),
    ).bytes


NULL_PACKET = packet(NULL_PID, 0, bytes(184))


def split(stream: bytes) -> list[bytes]:
    """The packets of a stream of 188-byte packets."""
    assert len(stream) % PACKET_SIZE == 0
    return [stream[at : at + PACKET_SIZE] for at in range(0, len(stream), PACKET_SIZE)]


# -- sections (2.4.4)


def section(
    table_id: int,
    table_id_extension: int,
    body: bytes,
    *,
    version: int = 0,
    current: bool = True,
    number: int = 0,
    last: int = 0,
) -> bytes:
    """A section in the long syntax with its CRC_32."""
    front = pack(
        "uint:8, bits:4, uint:12, uint:16, bits:2, uint:5, uint:1, uint:8, uint:8",
        *(table_id, "0xb", len(body) + 9, table_id_extension, "0b11", version, current),
        *(number, last),
    ).bytes
    return front + body + crc_32(front + body).to_bytes(4, "big")


def pat(programs: Mapping[int, int], *, transport_stream_id: int = 1, version: int = 0) -> bytes:
    """A PAT of one section: PMT PIDs by program_number."""
    body = b"".join(
        pack("uint:16, bits:3, uint:13", number, "0b111", pid).bytes
        for number, pid in programs.items()
    )
    return section(0, transport_stream_id, body, version=version)


def pmt(
    program_number: int,
    pcr_pid: int,
    streams: Sequence[tuple[int, int, bytes]],
    *,
    program_info: bytes = b"",
    version: int = 0,
) -> bytes:
    """A PMT; streams are (stream_type, elementary_PID, descriptors)."""
    loop = ("bits:3, uint:13, bits:4, uint:12", "0b111", pcr_pid, "0xf")
    body = pack(*loop, len(program_info)).bytes + program_info
    for stream_type, pid, info in streams:
        entry = ("uint:8, bits:3, uint:13, bits:4, uint:12", stream_type, "0b111", pid, "0xf")
        body += pack(*entry, len(info)).bytes + info
    return section(2, program_number, body, version=version)


def sdt(service_id: int, name: str, provider: str, *, transport_stream_id: int = 1) -> bytes:
    """An SDT of one service (EN 300 468, 5.2.3 and 6.2.33)."""
    names = bytes((1, len(provider))) + provider.encode() + bytes((len(name),)) + name.encode()
    descriptor = bytes((0x48, len(names))) + names
    body = pack(
        "uint:16, uint:8, uint:16, bits:6, uint:1, uint:1, uint:3, uint:1, uint:12",
        *(1, 255, service_id, "0b111111", 0, 0, 4, 0, len(descriptor)),
    ).bytes
    return section(0x42, transport_stream_id, body + descriptor)


def splice_null() -> bytes:
    """The smallest splice_info_section (SCTE 35, 9.7.1)."""
    front = pack(
        "uint:8, bits:4, uint:12, uint:8, uint:1, uint:6, uint:33, uint:8, uint:12, uint:12",
        *(0xFC, "0x3", 17, 0, 0, 0, 0, 0, 0xFFF, 0),
    ).bytes
    body = front + bytes((0,)) + bytes(2)
    return body + crc_32(body).to_bytes(4, "big")


def packetize(data: bytes, pid: int, continuity_counter: int = 0) -> list[bytes]:
    """The packets of one section, stuffed behind its end."""
    payload = b"\x00" + data
    pieces = [payload[at : at + 184] for at in range(0, len(payload), 184)]
    return [
        packet(pid, continuity_counter + number, piece, payload_unit_start=number == 0)
        for number, piece in enumerate(pieces)
    ]


# -- PES packets (2.4.3.6)


def pes_header(stream_id: int, pts: int) -> bytes:
    """A PES header with a PTS and PES_packet_length 0."""
    return pack(
        "hex:24, uint:8, uint:16, hex:16, uint:8, bits:4, uint:3, uint:1, uint:15, uint:1, uint:15,"
        " uint:1",
        *("000001", stream_id, 0, "8080", 5, "0x2", pts >> 30, 1, pts >> 15 & 32767, 1),
        *(pts & 32767, 1),
    ).bytes


# -- whole streams


@dataclass(frozen=True)
class Service:
    """A program with video that carries the PCR, and audio."""

    service_id: int
    pmt_pid: int
    video_pid: int
    audio_pid: int
    program_info: bytes = b""
    more_streams: tuple[tuple[int, int, bytes], ...] = ()
    version: int = 0

    def pmt(self) -> bytes:
        streams = [(0x1B, self.video_pid, b""), (0x0F, self.audio_pid, b""), *self.more_streams]
        return pmt(
            self.service_id,
            self.video_pid,
            streams,
            program_info=self.program_info,
            version=self.version,
        )


SERVICE_1 = Service(1, 0x1000, 0x100, 0x101)
SERVICE_2 = Service(2, 0x1010, 0x110, 0x111)


@dataclass(frozen=True)
class Multiplex:
    """What a constant-bitrate stream is made of. The n-th packet stands at n * 188 * 8 / bitrate.

    null_every: every n-th free packet is a null packet; 0 for none. pcr_first: the PCR at packet 0.
    tables: PID and bytes of sections that go out with the PSI.
    """

    services: tuple[Service, ...] = (SERVICE_1,)
    bitrate_bps: int = 1_504_000
    null_every: int = 5
    pcr_every: int = 20
    psi_every: int = 100
    pcr_first: int = 10 * PCR_HZ
    seed: int = 1
    tables: tuple[tuple[int, bytes], ...] = ()

    def pcr_at(self, index: int) -> int:
        """27 MHz ticks from the first packet's place on, not wrapped."""
        return self.pcr_first + index * PACKET_SIZE * 8 * PCR_HZ // self.bitrate_bps

    def packets(self, count: int) -> list[bytes]:
        return list(_Maker(self).packets(count))

    def endless(self) -> Iterator[bytes]:
        """Its packets, one after the other."""
        return _Maker(self).packets(sys.maxsize)

    def stream(self, count: int) -> bytes:
        return b"".join(self.packets(count))


class _Maker:
    """Makes a multiplex packet by packet; counts continuity on each PID."""

    def __init__(self, mux: Multiplex) -> None:
        self.mux = mux
        self.chance = random.Random(mux.seed)
        self.counters: dict[int, int] = {}

    def count(self, made: bytes) -> bytes:
        pid = (made[1] & 31) << 8 | made[2]
        self.counters[pid] = (self.counters.get(pid, -1) + 1) % 16
        return made[:3] + bytes((made[3] & 0xF0 | self.counters[pid],)) + made[4:]

    def packets(self, count: int) -> Iterator[bytes]:
        psi: list[bytes] = []
        free = 0
        for index in range(count):
            if index % self.mux.psi_every == 0:
                psi = list(_psi_packets(self.mux))
            if psi:
                yield self.count(psi.pop(0))
            else:
                free += 1
                yield self.fill(index, free)

    def fill(self, index: int, free: int) -> bytes:
        """What the free-th packet without PSI is: PCR, null packet or payload."""
        mux = self.mux
        service = mux.services[free % len(mux.services)]
        if free % mux.pcr_every < len(mux.services):
            field = adaptation_field(pcr=mux.pcr_at(index) % PCR_MODULUS)
            payload = self.chance.randbytes(176)
            return self.count(packet(service.video_pid, 0, payload, adaptation=field))
        if mux.null_every and free % mux.null_every == 0:
            return NULL_PACKET
        pid = service.audio_pid if free % 7 == 3 else service.video_pid
        payload = self.chance.randbytes(184)
        starts = free % 11 == 3
        if starts:
            pts = mux.pcr_at(index) // 300 % PTS_MODULUS
            payload = pes_header(0xC0 if pid == service.audio_pid else 0xE0, pts) + payload[14:]
        return self.count(packet(pid, 0, payload, payload_unit_start=starts))


def _psi_packets(mux: Multiplex) -> Iterator[bytes]:
    programs = {service.service_id: service.pmt_pid for service in mux.services}
    tables = [(0, pat(programs)), *((service.pmt_pid, service.pmt()) for service in mux.services)]
    for pid, data in [*tables, *mux.tables]:
        yield from packetize(data, pid)
