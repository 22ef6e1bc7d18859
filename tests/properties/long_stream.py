"""A day of a transport stream, made by the array: one packet each 25 ms, and a clock that jumps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.builders import NULL_PACKET, PCR_HZ, PCR_MODULUS, packetize, pat, pmt

PACKET_TICKS = PCR_HZ // 40
PMT_PID, VIDEO_PID = 0x100, 0x101
# Every second packet is a PCR, the others are null but for a PAT and a PMT in so many.
PERIOD = 40
CHUNK = 1 << 15

Packets = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Jump:
    """From this packet on the PCR runs from another value; flagged by discontinuity_indicator."""

    packet_index: int
    pcr: int
    flagged: bool


@dataclass(frozen=True)
class LongStream:
    """packets: how many. jumps: in order, the first at packet 0."""

    packets: int
    jumps: Sequence[Jump]

    def pcr_at(self, tick: int) -> int:
        """The clock so many ticks of 27 MHz after the first packet, not wrapped."""
        index = tick // PACKET_TICKS
        jump = [one for one in self.jumps if one.packet_index <= index][-1]
        return jump.pcr + tick - jump.packet_index * PACKET_TICKS

    def chunks(self) -> Iterator[tuple[int, Packets]]:
        """First packet index and packets of each part."""
        for first in range(0, self.packets, CHUNK):
            yield first, self._make(first, min(CHUNK, self.packets - first))

    def _make(self, first: int, count: int) -> Packets:
        index = np.arange(first, first + count, dtype=np.int64)
        made = np.empty((count, 188), np.uint8)
        made[:] = np.frombuffer(NULL_PACKET, np.uint8)
        tables = [packetize(pat({1: PMT_PID}), 0)[0]]
        tables.append(packetize(pmt(1, VIDEO_PID, [(0x1B, VIDEO_PID, b"")]), PMT_PID)[0])
        for number, table in enumerate(tables):
            where = index % PERIOD == 11 + number * PERIOD // 2
            made[where] = np.frombuffer(table, np.uint8)
            made[where, 3] |= (index[where] // PERIOD % 16).astype(np.uint8)
        self._put_pcrs(made, index, index % 2 == 0)
        return made

    def _put_pcrs(self, made: Packets, index: npt.NDArray[np.int64], where: object) -> None:
        at = index[where]  # type: ignore[index]
        starts = np.array([jump.packet_index for jump in self.jumps])
        which = np.searchsorted(starts, at, side="right") - 1
        pcrs = np.array([jump.pcr for jump in self.jumps])[which]
        pcr = (pcrs + (at - starts[which]) * PACKET_TICKS) % PCR_MODULUS
        base, extension = pcr // 300, pcr % 300
        packets = np.full((len(at), 188), 0xFF, np.uint8)
        flagged = np.array([jump.flagged for jump in self.jumps])[which] & (at == starts[which])
        packets[:, 0], packets[:, 1], packets[:, 2] = 0x47, VIDEO_PID >> 8, VIDEO_PID & 0xFF
        # Adaptation field alone: the counter stays.
        packets[:, 3], packets[:, 4] = 0x20, 183
        packets[:, 5] = 0x10 | flagged * 0x80
        for byte in range(4):
            packets[:, 6 + byte] = base >> (25 - 8 * byte) & 0xFF
        packets[:, 10] = (base & 1) << 7 | 0x7E | extension >> 8
        packets[:, 11] = extension & 0xFF
        made[where] = packets  # type: ignore[index]
