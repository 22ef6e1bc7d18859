"""What Python costs in a pipeline of five stages, at 4096 packets a batch.

A step of the run loop is Python, then native code for all packets of the batch. The same loop with
the same five stages is timed with one packet a batch: that is the whole cost of a step, calls of
the source included, with next to no native work in it, so it bounds the cost of Python from above.
Its part of the time of a full batch is the overhead. Both run on packets in RAM.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Self

import numpy as np

import tsloom
from benchmarks.data import PACKET_SIZE
from benchmarks.measure import timed
from benchmarks.streams import NULL_PID, Stream
from tsloom.pipeline import RunResult

BATCH_PACKETS = 4096
FULL_BATCHES = 400
SMALL_BATCHES = 20_000
AIM = 0.02


class MemorySource:
    """A source that hands out the packets of an array, so many a read."""

    is_live = False
    url = "memory"

    def __init__(self, data: np.ndarray, packets_a_read: int) -> None:
        self._view = memoryview(data)
        self._step = packets_a_read * PACKET_SIZE
        self._at = 0
        self.size_bytes = len(self._view)

    def readinto(self, buffer: memoryview) -> int:
        """As many bytes as a read gives; 0 at the end."""
        part = self._view[self._at : self._at + min(self._step, len(buffer))]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


@dataclass(frozen=True)
class Overhead:
    """Seconds of a step with one packet and of a step with a full batch."""

    small_step_s: float
    full_step_s: float

    @property
    def ratio(self) -> float:
        """The part of a full step that is not work on packets, at the most."""
        return self.small_step_s / self.full_step_s


def five_stages(stream: Stream) -> tsloom.Pipeline:
    """Five native stages: nothing of the user's own in Python."""
    busiest = max(
        (pid for pid in stream.facts.pids if pid != NULL_PID), key=stream.facts.pids.__getitem__
    )
    return tsloom.Pipeline(
        tsloom.DropPids(0x1F00),
        tsloom.RemapPids({busiest: 0x1F01}),
        tsloom.FixContinuity(),
        tsloom.DropNulls(),
        tsloom.Analyzer(),
    )


def _step_seconds(stream: Stream, packets_a_read: int, batches: int) -> float:
    data = stream.data[: packets_a_read * batches * PACKET_SIZE]
    steps = -(-data.size // (packets_a_read * PACKET_SIZE))
    pipeline, source = five_stages(stream), MemorySource(data, packets_a_read)

    def run() -> RunResult:
        return pipeline.run(source, batch_packets=max(BATCH_PACKETS, packets_a_read) + 8)

    result, seconds = timed(run)
    assert result.packets_in == data.size // PACKET_SIZE
    return seconds / steps


def measure_overhead(stream: Stream, repetitions: int) -> Overhead:
    """Medians over the repetitions, small and full steps in turn."""
    small, full = [], []
    for _ in range(repetitions + 1):
        small.append(_step_seconds(stream, 1, SMALL_BATCHES))
        full.append(_step_seconds(stream, BATCH_PACKETS, FULL_BATCHES))
    return Overhead(statistics.median(small[1:]), statistics.median(full[1:]))
