"""What the tests over real sockets share."""

from __future__ import annotations

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
