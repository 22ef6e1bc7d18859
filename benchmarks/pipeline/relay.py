"""A whole relay from a file to nothing: filter, remap, splice and EIT, and what the EIT costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import tsloom
from benchmarks.limits import FILE
from benchmarks.measure import Row, Run, timed
from benchmarks.streams import NULL_PID, Stream
from tsloom import dvb

CUE_PID = 500
UTC_START = datetime(2026, 5, 1, 11, 59, 55, tzinfo=UTC)
SERVICES = 3
DAYS = 8
MINUTES = 30
TEXT = "What happens in it, at some length, as guides have it. " * 4
# 20 M packets a second where a file is read at 55 M.
AIM = 0.36


def make_guide() -> dvb.EventDatabase:
    """Half-hours with texts for the services of one transport stream."""
    guide = dvb.EventDatabase()
    midnight = UTC_START.replace(hour=0, minute=0, second=0)
    for service_id in range(1, SERVICES + 1):
        for number in range(DAYS * 24 * 60 // MINUTES):
            start = midnight + number * timedelta(minutes=MINUTES)
            short = dvb.ShortEventDescriptor("eng", f"Event {number}", TEXT)
            event = dvb.Event(number + 1, start, timedelta(minutes=MINUTES), descriptors=(short,))
            guide.add((1, 1, service_id), event)
    return guide


GUIDE = make_guide()


def make_pipeline(stream: Stream, *more: tsloom.EitInserter) -> tsloom.Pipeline:
    """Drops a PID, renumbers the busiest, announces a cue PID and sends a break."""
    pids = sorted(
        (pid for pid in stream.facts.pids if pid != NULL_PID), key=stream.facts.pids.__getitem__
    )
    splices = tsloom.SpliceInserter(pid=CUE_PID)
    splices.schedule(tsloom.Break(start="+0.5s", duration="1s", preroll="0.4s"))
    return tsloom.Pipeline(
        tsloom.DropPids(0x12), tsloom.RemapPids({pids[-1]: 0x1F00}), splices, *more
    )


def relay_without_eit(stream: Stream) -> Run:
    """The same without a guide."""
    pipeline = make_pipeline(stream)
    result, seconds = timed(lambda: pipeline.run(stream.path))
    return Run(result.packets_in, seconds, {"packets_out": result.packets_out})


def relay_with_eit(stream: Stream) -> Run:
    """With present/following and eight days of schedule, at the cycles of terrestrial networks."""
    eit = tsloom.EitInserter(GUIDE, profile="terrestrial", utc_start=UTC_START, actual=(1, 1))
    pipeline = make_pipeline(stream, eit)
    result, seconds = timed(lambda: pipeline.run(stream.path))
    assert eit.insertion_count > 0
    return Run(result.packets_in, seconds, {"eit_sections": eit.insertion_count})


ROWS = [
    Row("relay", "drop, remap, a break, an EIT of 3 services, file to nothing", relay_with_eit,
        FILE, AIM),
    Row("relay-no-eit", "the same without the EIT", relay_without_eit, FILE, None),
]  # fmt: skip
