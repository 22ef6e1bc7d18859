"""The decoder model byte by byte, as ISO/IEC 13818-1, 2.4.2.3 tells it: slow, and in whole numbers.

Each byte leaves a buffer 8 / rate after the one before it, or after it came, whichever is later.
Times are in ticks of 27 MHz times SCALE, in which all rates here take whole numbers.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

SCALE = 5
TS_HEADER_BYTES = 4


@dataclass(frozen=True)
class Packet:
    """`header` and `data` bytes behind what is neither; a unit begins in front of both if `due`."""

    time: int
    header: int
    data: int
    due: int | None = None


def leave(arrivals: Sequence[int], rate_bps: int) -> list[int]:
    """When each byte leaves a buffer that gives way at a rate."""
    service, rest = divmod(8 * 27_000_000 * SCALE, rate_bps)
    assert rest == 0
    left: list[int] = []
    for arrival in arrivals:
        left.append(max(arrival, left[-1] if left else arrival) + service)
    return left


def greatest_fill(
    arrivals: Sequence[int], departures: Sequence[int], moments: Sequence[int]
) -> int:
    """Bytes that have come by a moment and not left before it."""
    came, went = sorted(arrivals), sorted(departures)
    return max(
        (bisect.bisect_right(came, t) - bisect.bisect_left(went, t) for t in moments), default=0
    )


class ByteDecoder:
    """All packets at once: greatest fills of TB, of MB or B, and of EB."""

    def __init__(self, packets: Sequence[Packet], rx_bps: int) -> None:
        self.arrivals: list[int] = []
        kinds: list[str] = []
        self.units: list[tuple[int, int]] = []  # due, first byte's place among those that go on
        onward = 0
        for packet in packets:
            if packet.due is not None:
                self.units.append((packet.due * SCALE, onward))
            other = 188 - packet.header - packet.data
            kinds += ["other"] * other + ["header"] * packet.header + ["data"] * packet.data
            self.arrivals += [packet.time * SCALE] * 188
            onward += packet.header + packet.data
        self.left_tb = leave(self.arrivals, rx_bps)
        passed = [(t, kind) for t, kind in zip(self.left_tb, kinds, strict=True) if kind != "other"]
        self.onward = [t for t, _ in passed]
        self.kinds = [kind for _, kind in passed]

    def tb(self) -> int:
        return greatest_fill(self.arrivals, self.left_tb, self.arrivals)

    def decode_times(self) -> list[int]:
        """When each byte's unit is decoded."""
        times: list[int] = []
        ends = [first for _, first in self.units[1:]] + [len(self.onward)]
        for (due, first), end in zip(self.units, ends, strict=True):
            times += [due] * (end - first)
        return times

    def b_of_audio(self) -> int:
        times = self.decode_times()
        assert all(due > came for due, came in zip(times, self.onward, strict=True))
        return greatest_fill(self.onward, times, self.onward)

    def b_of_systems(self, rbx_bps: int) -> int:
        return greatest_fill(self.onward, leave(self.onward, rbx_bps), self.onward)

    def mb_and_eb(self, rbx_bps: int) -> tuple[int, int]:
        """A header goes with the byte behind it; EB has room for all."""
        data = [t for t, kind in zip(self.onward, self.kinds, strict=True) if kind == "data"]
        left_data = leave(data, rbx_bps)
        left: list[int] = []
        place = 0
        for kind in self.kinds:
            left.append(left_data[min(place, len(left_data) - 1)])
            place += kind == "data"
        due = [t for t, kind in zip(self.decode_times(), self.kinds, strict=True) if kind == "data"]
        assert all(due > came for due, came in zip(due, left_data, strict=True))
        return greatest_fill(self.onward, left, self.onward), greatest_fill(
            left_data, due, left_data
        )
