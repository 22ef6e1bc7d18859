"""What the tests over real sockets share."""

from __future__ import annotations

import socket

from tsloom.io import open_sink, open_source
from tsloom.io.udp import UdpSink, UdpSource

ROOM = 400_000
NULL_PACKET = bytes((0x47, 0x1F, 0xFF, 0x10)) + bytes(184)


def packets(count: int, pid: int = 0x100) -> bytes:
    """Packets without PCR, told apart by a number in their payload."""
    return b"".join(
        bytes((0x47, pid >> 8, pid & 255, 0x10 | (n & 15))) + n.to_bytes(4, "big") + bytes(180)
        for n in range(count)
    )


def open_udp_source(url: str, timeout: float = 0.5) -> UdpSource:
    source = open_source(url, timeout=timeout)
    assert isinstance(source, UdpSource)
    return source


def open_udp_sink(url: str) -> UdpSink:
    sink = open_sink(url, source_is_live=True)
    assert isinstance(sink, UdpSink)
    return sink


def open_fec_sockets() -> list[socket.socket]:
    """Three sockets two ports apart, as the FEC of SMPTE ST 2022-1 has them."""
    while True:
        sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            first = sockets[0].getsockname()[1]
            for n in (1, 2):
                sockets[n].bind(("127.0.0.1", first + 2 * n))
            return sockets
        except (OSError, OverflowError):
            for each in sockets:
                each.close()


def receive(source: UdpSource, wanted: int) -> bytes:
    """At least so many bytes, or what came until the source's timeout."""
    buffer = bytearray(ROOM)
    received = bytearray()
    while len(received) < wanted:
        size = source.readinto(buffer)
        if not size:
            break
        received += buffer[:size]
    return bytes(received)


def pcr_packet(pid: int, pcr_27mhz: int) -> bytes:
    """A packet that is all adaptation field, with this PCR (ISO/IEC 13818-1, 2.4.3.5)."""
    base, extension = divmod(pcr_27mhz % (300 << 33), 300)
    field = (base << 15 | 0x3F << 9 | extension).to_bytes(6, "big")
    return bytes((0x47, pid >> 8, pid & 255, 0x20, 183, 0x10)) + field + b"\xff" * 176


def constant_bitrate_stream(
    bitrate_bps: int, seconds: float, *, first_pcr: int = 0, pid: int = 0x100
) -> bytes:
    """Numbered packets with a true PCR about every 20 ms."""
    count = round(bitrate_bps * seconds / 1504)
    every = max(1, round(bitrate_bps * 0.02 / 1504))
    numbered = packets(count, pid=0x1F0)
    parts = []
    for n in range(0, count, every):
        pcr = first_pcr + n * 1504 * 27_000_000 // bitrate_bps
        parts += [pcr_packet(pid, pcr), numbered[n * 188 + 188 : (n + every) * 188]]
    return b"".join(parts)
