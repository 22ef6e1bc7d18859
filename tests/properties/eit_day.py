"""A long stream with room for an EIT, and what was heard of it: no code of tsloom in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tests.builders import NULL_PACKET, PCR_HZ, PCR_MODULUS, packetize, pat, pmt, sdt

# A packet each 20 ms, every fourth with a PCR, tables now and then, all others null.
PACKETS_PER_SECOND = 50
PACKET_S = 1 / PACKETS_PER_SECOND
PACKET_TICKS = PCR_HZ // PACKETS_PER_SECOND
PERIOD = 48
CHUNK = 1 << 16
VIDEO_PID, PMT_PID, EIT_PID = 0x101, 0x100, 0x12

Packets = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


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
        # Packets of a section that has not ended, and where they stood.
        self._packets = np.empty((0, 188), np.uint8)
        self._places = np.empty(0, np.int64)
        self._counter: int | None = None

    def listen(self, first: int, packets: Packets) -> None:
        at = np.flatnonzero((packets[:, 1] & 31 == EIT_PID >> 8) & (packets[:, 2] == EIT_PID & 255))
        self._check_counters(packets[at])
        found = np.concatenate((self._packets, packets[at]))
        places = np.concatenate((self._places, first + at))
        starts = [*np.flatnonzero(found[:, 1] & 0x40), len(found)]
        assert starts[0] == 0
        assert not found[starts[:-1], 4].any()
        for begin, end in pairwise(starts):
            self._take(found[begin:end], places[begin:end], is_last=end == len(found))

    def _check_counters(self, packets: Packets) -> None:
        """Each packet has payload alone, and counts on."""
        assert (packets[:, 3] & 0xF0 == 0x10).all()
        counters = packets[:, 3].astype(np.int64) & 15
        assert (np.diff(counters) % 16 == 1).all()
        assert self._counter is None or counters[0] == (self._counter + 1) % 16
        self._counter = int(counters[-1])

    def _take(self, packets: Packets, places: Places, *, is_last: bool) -> None:
        data = packets[:, 4:].tobytes()[1:]
        size = 3 + (data[1] << 8 & 0xF00 | data[2])
        if len(data) < size:
            assert is_last
            self._packets, self._places = packets, places
            return
        assert len(data) - size < 184
        assert data.count(0xFF, size) == len(data) - size
        self._packets, self._places = packets[:0], places[:0]
        begins, ends = int(places[0]) * PACKET_S, (int(places[-1]) + 1) * PACKET_S
        self.heard.append(Heard(begins, ends, data[:size]))
