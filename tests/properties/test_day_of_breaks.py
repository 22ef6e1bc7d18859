"""A day of breaks on a clock that wraps, jumps and crosses a change of the clocks: to the tick."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.builders import PCR_HZ, PTS_MODULUS
from tests.properties.long_stream import PACKET_TICKS, Jump, LongStream
from tests.second_opinion import read_splice_insert
from tsloom import Break, PacketBatch, Pipeline, SpliceInserter
from tsloom.recurrence import Recurrence

CUE_PID = 500
BERLIN = ZoneInfo("Europe/Berlin")
# Clocks go forward thirteen hours later, at 01:00 UTC.
START = datetime(2026, 3, 28, 12, 0, 0, tzinfo=UTC)
HOUR = 3600 * 40  # packets
PTS_HOUR = 3600 * PCR_HZ
WRAP = PTS_MODULUS * 300
DURATION_S, PREROLL_S = 120, 6

STREAM = LongStream(
    24 * HOUR,
    [
        Jump(0, WRAP - 5 * PTS_HOUR, flagged=False),
        # In the pre-roll of the break at 20:50 UTC: its OUT has left, its splice point is ahead.
        Jump(8 * HOUR + 50 * 60 * 40 - 3 * 40, WRAP - PTS_HOUR, flagged=True),
        Jump(15 * HOUR + 7, 12345 * PCR_HZ, flagged=False),
        # Between an OUT's splice point and its IN.
        Jump(18 * HOUR + 51 * 60 * 40, WRAP - PTS_HOUR // 2, flagged=True),
    ],
)


@dataclass(frozen=True)
class OnAir:
    """A cue that left, in ticks from the first packet."""

    tick: int
    event_id: int
    leaves: bool
    pts: int
    duration: int | None


def planned_starts() -> list[datetime]:
    """Each hour at 50 past, the evening's and the one that the change of the clocks moves."""
    hourly = [START + timedelta(hours=hour, minutes=50) for hour in range(24)]
    return sorted([*hourly, datetime(2026, 3, 28, 19, 15, tzinfo=UTC)])


def play() -> tuple[list[OnAir], SpliceInserter]:
    inserter = SpliceInserter(
        service_id=1, pid=CUE_PID, utc_start=START, first_event_id=100023, room="nulls"
    )
    hourly = Recurrence(datetime(2026, 3, 1, 0, 50, tzinfo=BERLIN), "FREQ=HOURLY")
    evening = Recurrence(datetime(2026, 3, 1, 20, 15, tzinfo=BERLIN), "FREQ=DAILY")
    for rule in (hourly, evening):
        inserter.schedule(Break(start=rule, duration=DURATION_S, preroll=PREROLL_S, repeats=2))
    pipeline, found, out_index = Pipeline(inserter), [], 0
    for first, packets in STREAM.chunks():
        out = np.asarray(pipeline.process(PacketBatch(packets, first_index=first)).data)
        pid = (out[:, 1].astype(int) & 31) << 8 | out[:, 2]
        for at in np.flatnonzero(pid == CUE_PID):
            found.append(read_cue(out_index + int(at), bytes(out[at])))
        out_index += len(out)
    return found, inserter


def read_cue(index: int, packet: bytes) -> OnAir:
    cue = read_splice_insert(packet[5 : 8 + (packet[6] & 15) * 256 + packet[7]])
    return OnAir(
        index * PACKET_TICKS,
        cue.splice_event_id,
        cue.out_of_network_indicator,
        cue.pts_time,
        cue.duration,
    )


@pytest.fixture(scope="module")
def day() -> tuple[list[OnAir], SpliceInserter]:
    return play()


def test_every_break_leaves_and_returns_as_planned(day: tuple[list[OnAir], SpliceInserter]) -> None:
    found, inserter = day
    starts = planned_starts()
    assert not inserter.cue_failures
    ids = sorted({cue.event_id for cue in found})
    assert len(ids) == len(starts) == 25
    for start in starts:
        splice = round((start - START).total_seconds()) * PCR_HZ
        check(found, splice, leaves=True)
        check(found, splice + DURATION_S * PCR_HZ, leaves=False)


def check(found: list[OnAir], splice: int, *, leaves: bool) -> None:
    """Three messages, the first six seconds ahead, the last of them with the splice point's PTS on
    the clock that is in force by then; more only where the clock jumped in between."""
    begins = splice - PREROLL_S * PCR_HZ
    sent = [
        cue
        for cue in found
        if cue.leaves == leaves and begins - PCR_HZ < cue.tick < splice + PCR_HZ
    ]
    jumps = [jump for jump in STREAM.jumps if begins < jump.packet_index * PACKET_TICKS < splice]
    assert len(sent) == 3 + len(jumps)
    assert len({cue.event_id for cue in sent}) == 1
    assert 0 <= sent[0].tick - begins <= PACKET_TICKS
    assert sent[-1].tick < splice
    pts = STREAM.pcr_at(splice) // 300 % PTS_MODULUS
    assert sent[-1].pts == pts
    for cue in sent:
        if not any(cue.tick < jump.packet_index * PACKET_TICKS for jump in jumps):
            assert cue.pts == pts
        assert cue.duration == (DURATION_S * 90_000 if leaves else None)


def test_every_break_is_over_in_the_end(day: tuple[list[OnAir], SpliceInserter]) -> None:
    _, inserter = day
    assert {status.state.value for status in inserter.breaks} == {"returned"}


def test_the_clock_wraps_twice_and_jumps_three_times() -> None:
    pcrs = [STREAM.pcr_at(hour * PTS_HOUR) % WRAP for hour in range(25)]
    falls = [hour for hour, (one, later) in enumerate(itertools.pairwise(pcrs)) if later < one]
    assert len(falls) >= 3
    assert sum(jump.flagged for jump in STREAM.jumps) == 2
