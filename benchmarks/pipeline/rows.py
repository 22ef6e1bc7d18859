"""File to report, file through filters to nothing, file through a splice inserter to nothing, and
cues out of a stream in RAM."""

from __future__ import annotations

from functools import cache

import numpy as np

import tsloom
from benchmarks.limits import FILE, RAM
from benchmarks.measure import Row, Run, timed
from benchmarks.pipeline.overhead import BATCH_PACKETS, MemorySource
from benchmarks.streams import NULL_PID, Bytes, Facts, Stream
from tsloom import scte35

CUE_PID = 500
# One packet in so many is a cue.
CUE_EVERY = 50_000
# 4 GB a second, where every byte is summed at 131 M packets a second.
CUES_AIM = 0.16


def analyze(stream: Stream) -> Run:
    """The whole report of the file."""
    report, seconds = timed(lambda: tsloom.analyze(stream.path))
    counts = {
        "pcrs": sum(pid.pcr_count for pid in report.pids.values()),
        "continuity_errors": report.continuity_errors,
        "null_packets": report.null_packets,
    }
    assert counts["null_packets"] == stream.facts.pids.get(NULL_PID, 0)
    assert {pid: row.packets for pid, row in report.pids.items()} == stream.facts.pids
    return Run(report.packets, seconds, counts)


def kept_pids(facts: Facts) -> list[int]:
    """Every second PID from the busiest on, but no null packets: some two thirds of the packets."""
    ranked = sorted(
        (pid for pid in facts.pids if pid != NULL_PID), key=lambda pid: -facts.pids[pid]
    )
    return [0, *(pid for pid in ranked[::2] if pid != 0)]


def filter_pids(stream: Stream) -> Run:
    """Keeps PIDs, renumbers the busiest of them, writes counters that leave no error."""
    kept = kept_pids(stream.facts)
    busiest = max(kept, key=stream.facts.pids.__getitem__)
    free = next(pid for pid in range(0x1F00, NULL_PID) if pid not in stream.facts.pids)
    pipeline = tsloom.Pipeline(
        tsloom.KeepPids(kept), tsloom.RemapPids({busiest: free}), tsloom.FixContinuity()
    )
    result, seconds = timed(lambda: pipeline.run(stream.path))
    assert result.packets_out == sum(stream.facts.pids.get(pid, 0) for pid in kept)
    return Run(result.packets_in, seconds, {"packets_out": result.packets_out})


def insert_splices(stream: Stream) -> Run:
    """Announces a cue PID in the PMT of a service and sends a break's cues."""
    splices = tsloom.SpliceInserter(pid=CUE_PID)
    splices.schedule(tsloom.Break(start="+0.5s", duration="1s", preroll="0.4s"))
    pipeline = tsloom.Pipeline(splices)
    result, seconds = timed(lambda: pipeline.run(stream.path))
    counts = {"cues": len(splices.cues), "added": result.packets_out - result.packets_in}
    assert 0 <= counts["added"] < result.packets_in // 100
    assert counts["cues"] == 2, (splices.cues, splices.cue_failures)
    return Run(result.packets_in, seconds, counts)


@cache
def _with_cues(stream: Stream) -> Bytes:
    """A copy of the stream in RAM with a splice_null() at every so many packets."""
    data = stream.data.reshape(-1, 188).copy()
    section = scte35.SpliceInfoSection(scte35.SpliceNull()).encode()
    packet = bytes((0x47, 0x40 | CUE_PID >> 8, CUE_PID & 0xFF, 0x10, 0)) + section
    places = data[::CUE_EVERY]
    places[:] = np.frombuffer(packet.ljust(188, b"\xff"), np.uint8)
    places[:, 3] |= np.arange(len(places), dtype=np.uint8) % 16
    return data.reshape(-1)


def look_for_cues(stream: Stream) -> Run:
    """Every cue of a stream in RAM as a typed value."""
    data = _with_cues(stream)
    source = MemorySource(data, BATCH_PACKETS // 2)
    cues, seconds = timed(lambda: list(tsloom.cues(source, pids=(CUE_PID,))))
    packets = data.size // 188
    found = [cue for cue in cues if cue.pid == CUE_PID]
    assert len(found) == -(-packets // CUE_EVERY)
    return Run(packets, seconds, {"cues": len(found)})


ROWS = [
    Row("analyze", "file to report: tsloom.analyze", analyze, FILE, 0.7),
    Row(
        "filter",
        "keep PIDs, remap one with its PMT, repair continuity, file to nothing",
        filter_pids,
        FILE,
        0.5,
    ),
    Row(
        "splice",
        "cue PID in the PMT, a break's cues in place of null packets, file to nothing",
        insert_splices,
        FILE,
        0.375,
    ),
    Row("cues", "every cue of a stream in RAM, to typed values", look_for_cues, RAM, CUES_AIM),
]
