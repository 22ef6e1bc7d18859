"""File at a constant bitrate, with nulls dropped and added and PCRs restamped, to nothing."""

from __future__ import annotations

import tsloom
from benchmarks.limits import FILE
from benchmarks.measure import Row, Run, timed
from benchmarks.streams import NULL_PID, Stream

# 8 M packets a second where a file is read at 55 M.
AIM = 0.145


def remultiplex(stream: Stream) -> Run:
    """At the input's own bitrate: as many packets out as in."""
    remux = tsloom.Remux("input", overflow="delay", pcr_interval=None)
    result, seconds = timed(lambda: tsloom.Pipeline(remux).run(stream.path))
    counters = remux.counters
    assert counters.unplaced == counters.dropped == 0
    assert counters.nulls_dropped == stream.facts.pids.get(NULL_PID, 0)
    assert counters.packets_out == (
        result.packets_in - counters.nulls_dropped + counters.nulls_added
    )
    return Run(result.packets_in, seconds, {"pcrs_restamped": counters.pcrs_restamped})


ROWS = [Row("remux", "constant bitrate, PCRs restamped, file to nothing", remultiplex, FILE, AIM)]
