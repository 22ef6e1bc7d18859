"""How well a paced sink keeps time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom._native.datagram_sender import _PaceCounters


@dataclass(frozen=True, slots=True)
class PaceStats:
    """What became of the times at which datagrams should have left.

    pcr_pid: whose PCRs tell the time; None until there is one, and at a constant rate.
    timed_datagrams had a time, untimed_datagrams went at once because the rate was not known.
    late_anchors: sending fell more than a second behind and the time was anchored anew, nothing
    being made up; leaps: the stream's time leapt ahead by more than a second, likewise.
    error_histogram counts the timed datagrams by how far from its time each left: entry 0 below
    1 us, entry n from 2^(n-1) to below 2^n us.
    """

    pcr_pid: int | None
    timed_datagrams: int
    untimed_datagrams: int
    late_anchors: int
    leaps: int
    discontinuities: int
    pid_changes: int
    late_max_us: float
    early_max_us: float
    error_histogram: tuple[int, ...]

    def error_us(self, share: float) -> int:
        """A bound in microseconds that the errors of this share (0.99: p99) of the timed
        datagrams stay below; 0 where none was timed."""
        wanted = share * self.timed_datagrams
        seen = 0
        for bucket, count in enumerate(self.error_histogram):
            seen += count
            if count and seen >= wanted:
                return 1 << bucket
        return 0


def read_pace(counters: _PaceCounters) -> PaceStats:
    return PaceStats(
        pcr_pid=counters["pcr_pid"],
        timed_datagrams=counters["timed"],
        untimed_datagrams=counters["untimed"],
        late_anchors=counters["late_anchors"],
        leaps=counters["leaps"],
        discontinuities=counters["discontinuities"],
        pid_changes=counters["pid_changes"],
        late_max_us=counters["late_max_ns"] / 1000,
        early_max_us=counters["early_max_ns"] / 1000,
        error_histogram=tuple(counters["error_us"]),
    )
