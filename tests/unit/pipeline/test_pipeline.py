"""The Pipeline: what it takes, what a run tells, how it ends."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import tsloom
from tests.builders import Multiplex, section, split
from tests.properties.pieces import PieceSource
from tests.properties.strategies import chunks
from tsloom import DropNulls, KeepPids, PacketBatch, Pipeline, SectionInserter
from tsloom.errors import NotATransportStreamError, OpenError, UsageError
from tsloom.pipeline import Progress, RunResult, ScheduledSection

MUX = Multiplex()
STREAM = MUX.stream(3000)


def test_a_pipeline_without_stages_passes_all() -> None:
    pipeline = Pipeline()
    assert bytes(pipeline.process(PacketBatch(STREAM))) == STREAM
    assert len(pipeline.finish()) == 0


def test_an_empty_batch_passes_every_stage() -> None:
    stages = [KeepPids(1), DropNulls(), SectionInserter(), tsloom.Analyzer(), tsloom.CueMonitor()]
    pipeline = Pipeline(*stages, lambda batch: batch)
    assert len(pipeline.process(PacketBatch())) == 0
    assert len(pipeline.finish()) == 0


def test_batches_keep_the_index_of_their_packets() -> None:
    out = Pipeline(DropNulls()).process(PacketBatch(STREAM, first_index=10_000))
    nulls = [index for index, made in enumerate(split(STREAM)) if made[1:3] == b"\x1f\xff"]
    assert out.packet_index.tolist() == [10_000 + i for i in range(3000) if i not in set(nulls)]


def test_a_stage_stands_in_one_place() -> None:
    stage = DropNulls()
    with pytest.raises(UsageError, match="once"):
        Pipeline(stage, stage)


@pytest.mark.parametrize("wrong", [5, "drop", None, DropNulls])
def test_what_is_no_stage_is_refused(wrong: Any) -> None:
    if wrong is DropNulls:
        with pytest.raises(TypeError):
            Pipeline(wrong).process(PacketBatch(STREAM))
        return
    with pytest.raises(UsageError, match="a stage is"):
        Pipeline(wrong)


def test_a_run_tells_what_went_through(tmp_path: Path) -> None:
    junk = b"\x00" * 100
    bad = bytearray(STREAM)
    bad[188 * 500] = 0
    source, sink = tmp_path / "in.ts", tmp_path / "out.ts"
    source.write_bytes(junk + bad)
    nulls = sum(made[1:3] == b"\x1f\xff" for made in split(STREAM))
    result = Pipeline(DropNulls()).run(source, sink)
    lost_null = STREAM[188 * 500 + 1 : 188 * 500 + 3] == b"\x1f\xff"
    assert result == RunResult(
        packets_in=2999,
        packets_out=2999 - nulls + lost_null,
        bytes_read=100 + len(STREAM),
        packet_size=188,
        sync_losses=0,
        skipped_bytes=100 + 188,
        bad_sync_bytes=1,
        stopped=False,
        sync_events=result.sync_events,
    )
    kinds = [(event.kind, event.packet_index) for event in result.sync_events]
    assert kinds == [("skipped", 0), ("acquired", 0), ("bad_sync_byte", 500)]
    assert sink.stat().st_size == 188 * result.packets_out


def test_what_the_stages_held_to_the_end_is_written_and_counted(tmp_path: Path) -> None:
    """A section of 23 packets that is due just before the stream ends."""
    inserter = SectionInserter(room="add")
    data = section(0x80, 1, bytes(4084))
    due = (MUX.pcr_at(2995) - MUX.pcr_at(21)) - 1
    inserter.insert(ScheduledSection(0x1F0, data, due, due))
    out = tmp_path / "out.ts"
    (tmp_path / "in.ts").write_bytes(STREAM)
    result = Pipeline(inserter).run(tmp_path / "in.ts", out)
    assert out.stat().st_size == 188 * result.packets_out


def test_each_run_counts_from_its_own_start() -> None:
    pipeline = Pipeline(DropNulls())
    first = pipeline.run(PieceSource([STREAM]))
    assert pipeline.run(PieceSource([STREAM])) == first


def test_without_a_sink_the_packets_are_thrown_away() -> None:
    assert Pipeline().run(PieceSource([STREAM])).packets_out == 3000


def test_should_stop_ends_a_run_between_batches() -> None:
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    result = Pipeline().run(PieceSource(chunks(STREAM, 188 * 100)), should_stop=stop)
    assert result.stopped
    assert 200 <= result.packets_in <= 300


def test_a_duration_of_nothing_ends_after_one_batch() -> None:
    result = Pipeline().run(PieceSource(chunks(STREAM, 188 * 100)), duration=0)
    assert result.stopped
    assert result.packets_in < 200


def test_progress_tells_where_a_long_run_is() -> None:
    """Pieces come slowly enough that it is asked for."""
    told: list[Progress] = []

    class Slow(PieceSource):
        size_bytes = len(STREAM)

        def readinto(self, buffer: memoryview) -> int | None:
            time.sleep(0.03)
            return super().readinto(buffer)

    Pipeline().run(Slow(chunks(STREAM, 188 * 150)), progress=told.append)
    assert told
    assert all(state.size_bytes == len(STREAM) for state in told)
    assert [state.bytes_read for state in told] == sorted(state.bytes_read for state in told)
    assert all(state.packets <= 3000 and state.elapsed_s > 0 for state in told)


@pytest.mark.parametrize("data", [b"", b"G", b"\x00" * 5000, b"no stream at all" * 100])
def test_an_input_without_packets_is_an_error_with_the_facts(data: bytes) -> None:
    with pytest.raises(NotATransportStreamError) as caught:
        Pipeline().run(PieceSource([data]))
    assert caught.value.facts == {"input": str(PieceSource.url), "bytes_read": len(data)}


@pytest.mark.parametrize("batch_packets", [0, 511, -1, (1 << 20) + 1])
def test_a_batch_size_out_of_range_is_refused(batch_packets: int) -> None:
    with pytest.raises((UsageError, OverflowError)):
        Pipeline().run(PieceSource([STREAM]), batch_packets=batch_packets)


def test_a_source_that_cannot_be_opened_leaves_the_sink_alone(tmp_path: Path) -> None:
    sink = tmp_path / "out.ts"
    sink.write_bytes(b"precious")
    with pytest.raises(OpenError):
        Pipeline().run(tmp_path / "missing.ts", sink)
    assert sink.read_bytes() == b"precious"


def test_a_sink_that_fails_ends_the_run_with_its_error() -> None:
    class Full:
        url = None

        def write(self, packets: memoryview) -> None:
            raise OSError(28, "full")

        def flush(self) -> None: ...

        def close(self) -> None: ...

    with pytest.raises(OSError, match="full"):
        Pipeline().run(PieceSource([STREAM]), Full())  # type: ignore[arg-type]


def test_names_in_the_public_api_are_there() -> None:
    for name in tsloom.__all__:
        assert getattr(tsloom, name) is not None
