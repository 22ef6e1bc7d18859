"""A long stream with room for an EIT, and what was heard of it: no code of tsloom in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.builders import NULL_PACKET, PCR_HZ, PCR_MODULUS, packetize, pat, pmt, sdt

# A packet each 10 ms, every fourth with a PCR, tables now and then, all others null.
PACKETS_PER_SECOND = 100
PACKET_S = 1 / PACKETS_PER_SECOND
PACKET_TICKS = PCR_HZ // PACKETS_PER_SECOND
PERIOD = 48
CHUNK = 1 << 16
VIDEO_PID, PMT_PID, EIT_PID = 0x101, 0x100, 0x12

Packets = npt.NDArray[np.uint8]


def make_packets(first: int, count: int) -> Packets:
    """So many packets from that index on; the clock starts at packet 0, near to its wrap."""
    index = np.arange(first, first + count, dtype=np.int64)
    made = np.empty((count, 188), np.uint8)
    made[:] = np.frombuffer(NULL_PACKET, np.uint8)
    tables = [
        packetize(pat({1: PMT_PID}, transport_stream_id=10), 0)[0],
        packetize(pmt(1, VIDEO_PID, [(0x1B, VIDEO_PID, b"")]), PMT_PID)[0],
        packetize(sdt(100, "One", "Any", transport_stream_id=10), 0x11)[0],
    ]
    for number, table in enumerate(tables):
        where = index % PERIOD == 5 + 8 * number
        made[where] = np.frombuffer(table, np.uint8)
        made[where, 3] |= (index[where] // PERIOD % 16).astype(np.uint8)
    put_pcrs(made, index, index % 4 == 0)
    return made


def put_pcrs(made: Packets, index: npt.NDArray[np.int64], where: npt.NDArray[np.bool_]) -> None:
    pcr = (PCR_MODULUS - 3600 * PCR_HZ + index[where] * PACKET_TICKS) % PCR_MODULUS
    base, extension = pcr // 300, pcr % 300
    packets = np.full((len(pcr), 188), 0xFF, np.uint8)
    packets[:, 0], packets[:, 1], packets[:, 2] = 0x47, VIDEO_PID >> 8, VIDEO_PID & 0xFF
    packets[:, 3], packets[:, 4], packets[:, 5] = 0x20, 183, 0x10
    for byte in range(4):
        packets[:, 6 + byte] = base >> (25 - 8 * byte) & 0xFF
    packets[:, 10] = (base & 1) << 7 | 0x7E | extension >> 8
    packets[:, 11] = extension & 0xFF
    made[where] = packets


def chunks(packets: int) -> Iterator[tuple[int, Packets]]:
    for first in range(0, packets, CHUNK):
        yield first, make_packets(first, min(CHUNK, packets - first))


@dataclass(frozen=True)
class Heard:
    """A section on air: when its first packet came, and its last one, in seconds."""

    begins: float
    ends: float
    data: bytes


class Listener:
    """Puts the sections of the EIT's PID together; each begins in a packet of its own."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._first = 0
        self._waiting = b""
        self._counter: int | None = None

    def listen(self, first: int, packets: Packets) -> None:
        pid = (packets[:, 1].astype(np.int32) & 31) << 8 | packets[:, 2]
        for at in np.flatnonzero(pid == EIT_PID):
            self._take(first + int(at), packets[at].tobytes())

    def _take(self, index: int, packet: bytes) -> None:
        counter = packet[3] & 15
        assert packet[3] & 0xF0 == 0x10
        assert self._counter is None or counter == (self._counter + 1) % 16
        self._counter = counter
        if packet[1] & 0x40:
            assert self._waiting == b""
            assert packet[4] == 0
            self._first, self._waiting = index, packet[5:]
        else:
            self._waiting += packet[4:]
        size = 3 + (self._waiting[1] << 8 & 0xF00 | self._waiting[2])
        if len(self._waiting) >= size:
            assert set(self._waiting[size:]) <= {0xFF}
            data, self._waiting = self._waiting[:size], b""
            self.heard.append(Heard(self._first * PACKET_S, (index + 1) * PACKET_S, data))
