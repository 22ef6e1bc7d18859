"""LookAhead: the same packets later, by the stream's own clock, within a bound."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import SERVICE_1, SERVICE_2, Multiplex, packet
from tests.external_data import stream_params, stream_path
from tests.properties.strategies import BRIEF
from tests.second_opinion import find_sections
from tsloom import Break, LookAhead, PacketBatch, Pipeline, RandomAccessMonitor, SpliceInserter
from tsloom.errors import NotATransportStreamError, UsageError
from tsloom.pipeline import Stage

MS = 27_000
PACKETS = 3000
# One packet a millisecond.
MUX = Multiplex(services=(SERVICE_1, SERVICE_2), pcr_first=2**33 * 300 - 27_000_000)
STREAM = MUX.stream(PACKETS)


def feed(stream: bytes, edges: list[int], *stages: Stage) -> list[PacketBatch]:
    """What comes out for each piece between two edges, and at the end."""
    pipeline = Pipeline(*stages)
    out = [
        pipeline.process(PacketBatch(stream[begin * 188 : end * 188], first_index=begin))
        for begin, end in itertools.pairwise(edges)
    ]
    return [*out, pipeline.finish()]


@given(
    delay_ms=st.integers(0, 4000),
    places=st.lists(st.integers(1, PACKETS - 1), unique=True, max_size=8),
    max_packets=st.sampled_from([1, 100, 10_000]),
)
@BRIEF
def test_packets_and_indices_are_the_same_for_any_delay_and_cut(
    delay_ms: int, places: list[int], max_packets: int
) -> None:
    stage = LookAhead(delay_ms / 1000, max_bytes=max_packets * 188)
    out = feed(STREAM, [0, *sorted(places), PACKETS], stage)
    assert b"".join(bytes(batch) for batch in out) == STREAM
    indices = np.concatenate([batch.packet_index for batch in out])
    assert indices.tolist() == list(range(PACKETS))


@pytest.mark.parametrize("batch_packets", [1, 50])
@pytest.mark.parametrize("service_id", [None, 1, 2])
def test_the_delay_is_what_was_asked_for(batch_packets: int, service_id: int | None) -> None:
    stage = LookAhead("500ms", service_id=service_id)
    pipeline = Pipeline(stage)
    left = 0
    for begin in range(0, PACKETS, batch_packets):
        end = begin + batch_packets
        batch = PacketBatch(STREAM[begin * 188 : end * 188], first_index=begin)
        left += len(pipeline.process(batch))
        if end >= 700:
            # A packet of 1504 bits a millisecond: half a second is 500 packets.
            assert abs(end - left - 500) <= 1
            assert stage.held_packets == end - left
            assert stage.held_27mhz == pytest.approx(500 * MS, abs=2 * MS)
    assert stage.early_packets == 0


def test_the_bound_holds_and_tells_what_it_cost() -> None:
    stage = LookAhead(2, max_bytes=300 * 188)
    out = feed(STREAM, list(range(0, PACKETS + 1, 100)), stage)
    assert sum(len(batch) for batch in out[:-1]) == PACKETS - 300
    assert len(out[-1]) == 300
    assert stage.early_packets == PACKETS - 300


def test_without_a_clock_all_comes_at_the_end_or_by_the_bound() -> None:
    silent = b"".join(packet(0x100, number % 16, b"x") for number in range(900))
    out = feed(silent, [0, 500, 900], LookAhead(0.01))
    assert [len(batch) for batch in out] == [0, 0, 900]
    out = feed(silent, [0, 500, 900], LookAhead(0.01, max_bytes=600 * 188))
    assert [len(batch) for batch in out] == [0, 300, 600]
    assert b"".join(bytes(batch) for batch in out) == silent


def test_a_jump_of_the_pcr_neither_stops_nor_empties_it() -> None:
    later = Multiplex(services=MUX.services, pcr_first=123 * 27_000_000).stream(PACKETS)
    stage = LookAhead(0.5, service_id=1)
    out = feed(STREAM + later, list(range(0, 2 * PACKETS + 1, 50)), stage)
    assert {len(batch) for batch in out[20:-1]} <= {49, 50, 51}
    assert b"".join(bytes(batch) for batch in out) == STREAM + later


def test_a_delay_may_change_while_the_stream_runs() -> None:
    stage = LookAhead(1, service_id=1)
    pipeline = Pipeline(stage)
    pipeline.process(PacketBatch(STREAM[: 1500 * 188]))
    assert stage.held_packets == pytest.approx(1000, abs=2)
    stage.set_delay(timedelta(milliseconds=200))
    pipeline.process(PacketBatch(STREAM[1500 * 188 : 1600 * 188], first_index=1500))
    assert stage.held_packets == pytest.approx(200, abs=2)


def test_an_inserter_behind_it_works_as_without_it() -> None:
    """Clocks go by packet index, and that stays."""

    def run(*stages: Stage) -> list[bytes]:
        inserter = SpliceInserter(service_id=1)
        inserter.schedule(Break(start="+1s", duration="700ms", preroll="600ms"))
        out = feed(STREAM, list(range(0, PACKETS + 1, 100)), *stages, inserter)
        whole = b"".join(bytes(batch) for batch in out)
        return [whole[at : at + 188] for at in range(0, len(whole), 188)]

    delayed = run(LookAhead(0.4, service_id=1))
    assert delayed == run()
    assert len(find_sections(delayed, 500)) > 1


def test_what_stands_in_front_knows_what_is_about_to_leave(sample: Path) -> None:
    monitor = RandomAccessMonitor(1)
    stage = LookAhead(2.5, service_id=1)
    pipeline = Pipeline(monitor, stage)
    data = sample.read_bytes()
    known: list[int] = []
    for begin in range(0, len(data) // 188, 50):
        piece = data[begin * 188 : (begin + 50) * 188]
        out = pipeline.process(PacketBatch(piece, first_index=begin))
        known += [point.packet_index for point in monitor.take_points()]
        if len(out) and begin > 1500:
            leaving = int(out.packet_index[-1])
            # A point a second: two or three are known that have not left.
            assert 2 <= sum(index > leaving for index in known) <= 3


@pytest.mark.parametrize("entry", stream_params("all"))
def test_streams_by_others_pass_whole(entry: dict[str, Any], tmp_path: Path) -> None:
    plain, delayed = tmp_path / "plain.ts", tmp_path / "delayed.ts"
    try:
        Pipeline().run(stream_path(entry), plain)
    except NotATransportStreamError:
        pytest.skip("no transport stream")
    stage = LookAhead(0.7, max_bytes=2000 * 188)
    Pipeline(stage).run(stream_path(entry), delayed, batch_packets=512)
    assert delayed.read_bytes() == plain.read_bytes()
    assert stage.held_packets == 0


@pytest.mark.parametrize(
    "wrong",
    [{"seconds": -1}, {"seconds": "soon"}, {"max_bytes": 100}, {"service_id": 0}],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        LookAhead(**{"seconds": 1} | wrong)
