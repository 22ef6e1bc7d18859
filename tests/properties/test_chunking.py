"""The same input in whatever pieces gives the same output bytes, confirmations and reports."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

import tsloom
from tests.builders import SERVICE_1, SERVICE_2, Multiplex, splice_null
from tests.properties.pieces import PieceSource
from tests.properties.strategies import BRIEF, chunks, cut, cuts_of
from tsloom import Break, PacketBatch, Pipeline
from tsloom.pipeline import ScheduledSection, Stage
from tsloom.sample import sample_path

MS = 27_000
PACKETS = 2400
MULTIPLEX = Multiplex(services=(SERVICE_1, SERVICE_2), null_every=6)


@functools.cache
def stream() -> bytes:
    return MULTIPLEX.stream(PACKETS)


def insert_sections() -> tsloom.SectionInserter:
    inserter = tsloom.SectionInserter(service_id=1, room="nulls_then_add")
    for number in range(20):
        due = number * 90 * MS
        inserter.insert(
            ScheduledSection(500 + number % 3, splice_null() * 20, due, due + number * MS)
        )
    inserter.space(500, "250ms")
    return inserter


def insert_break() -> tsloom.SpliceInserter:
    inserter = tsloom.SpliceInserter(service_id=1)
    inserter.schedule(Break(start="+1s", duration="700ms", preroll="600ms", repeats=2))
    return inserter


def drop_each_fifth() -> tsloom.Callback:
    return tsloom.Callback(lambda batch: batch[batch.packet_index % 5 != 2])


STAGES: dict[str, Callable[[], list[Stage]]] = {
    "none": list,
    "keep-services": lambda: [tsloom.KeepServices(2)],
    "remap": lambda: [tsloom.RemapPids({0x100: 0x200, 0x1000: 0x300})],
    "fix-continuity": lambda: [tsloom.DropPids(0x101), tsloom.FixContinuity()],
    "callback": lambda: [drop_each_fifth()],
    "sections": lambda: [insert_sections()],
    "break": lambda: [insert_break()],
    "all": lambda: [
        tsloom.KeepServices(1),
        tsloom.RemapPids({0x101: 0x201}),
        drop_each_fifth(),
        insert_sections(),
        insert_break(),
        tsloom.FixContinuity(),
    ],
}


def results_of(stages: list[Stage], out: bytes) -> dict[str, Any]:
    """All that can be seen of a run."""
    seen: dict[str, Any] = {"out": out}
    for number, stage in enumerate(stages):
        if isinstance(stage, tsloom.SectionInserter):
            seen[f"insertions {number}"] = list(stage.insertions)
            seen[f"failures {number}"] = list(stage.failures)
        if isinstance(stage, tsloom.SpliceInserter):
            seen[f"cues {number}"] = [*stage.cues, *stage.cue_failures]
        if isinstance(stage, tsloom.Analyzer):
            seen[f"report {number}"] = stage.report()
        if isinstance(stage, tsloom.CueMonitor):
            seen[f"monitor {number}"] = [cue.to_dict() for cue in stage.take_cues()]
    return seen


def process(name: str, pieces: list[bytes]) -> dict[str, Any]:
    stages = [tsloom.Analyzer(), *STAGES[name](), tsloom.Analyzer(), tsloom.CueMonitor(500)]
    pipeline, out, at = Pipeline(*stages), [], 0
    for piece in pieces:
        out.append(bytes(pipeline.process(PacketBatch(piece, first_index=at))))
        at += len(piece) // 188
    out.append(bytes(pipeline.finish()))
    return results_of(stages, b"".join(out))


@functools.cache
def whole(name: str) -> dict[str, Any]:
    return process(name, [stream()])


@pytest.mark.parametrize("name", STAGES)
@given(places=cuts_of(PACKETS))
@BRIEF
def test_batches_of_any_cut_give_the_same(name: str, places: list[int]) -> None:
    pieces = cut(stream(), [place * 188 for place in places])
    assert process(name, pieces) == whole(name)


@pytest.mark.parametrize("name", STAGES)
def test_batches_of_one_packet_give_the_same(name: str) -> None:
    assert process(name, chunks(stream(), 188)) == whole(name)


def run(name: str, pieces: list[bytes], batch_packets: int = 2048) -> dict[str, Any]:
    """By `Pipeline.run`, which reads a source and synchronises by itself."""
    stages = [tsloom.Analyzer(), *STAGES[name](), tsloom.Analyzer(), tsloom.CueMonitor(500)]
    source, sink = PieceSource(pieces), bytearray()
    result = Pipeline(*stages).run(source, source.sink(sink), batch_packets=batch_packets)
    return results_of(stages, bytes(sink)) | {"result": result}


@pytest.mark.parametrize("batch_packets", [512, 777, 4096])
@pytest.mark.parametrize("name", STAGES)
def test_batch_size_does_not_matter(name: str, batch_packets: int) -> None:
    """The sample, over several batches of each size, with the sync byte of one packet broken."""
    data = bytearray(sample_path().read_bytes())
    data[188 * 1000] = 0
    pieces = chunks(bytes(data), 1 << 20)
    assert run(name, pieces, batch_packets) == run(name, pieces)


@pytest.mark.parametrize("size", [1, 1316, 1 << 20])
def test_reads_of_any_size_give_the_same(size: int) -> None:
    """With junk before, in and behind the stream."""
    small = Multiplex().stream(300)
    data = b"\x01" * 99 + small[: 188 * 100] + b"\x02" * 77 + small[188 * 100 :] + b"\x47\x03"
    assert run("all", chunks(data, size)) == run("all", [data])


@given(places=cuts_of(188 * 300))
@BRIEF
def test_reads_of_any_cut_give_the_same(places: list[int]) -> None:
    data = stream()[: 188 * 300]
    assert run("all", cut(data, places)) == run("all", [data])


@pytest.mark.parametrize("name", STAGES)
def test_run_and_process_agree(name: str) -> None:
    seen = run(name, [stream()])
    del seen["result"]
    assert seen == whole(name)


def test_a_file_a_pipe_and_batches_give_the_same_report(tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(stream())
    by_file = tsloom.analyze(path)
    assert by_file == tsloom.analyze(PieceSource(chunks(stream(), 4099)))
    analyzer = tsloom.Analyzer()
    with tsloom.open(path) as opened:
        pipeline = Pipeline(analyzer)
        for batch in opened.batches():
            pipeline.process(batch)
        pipeline.finish()
    assert analyzer.report().pids == by_file.pids
    assert json.loads(by_file.to_json())["packets"] == PACKETS


@functools.cache
def stream_with_cues() -> bytes:
    out: bytes = whole("break")["out"]
    return out[: 188 * 600]


@functools.cache
def cues_at_once() -> list[dict[str, Any]]:
    return list_cues([stream_with_cues()])


def list_cues(pieces: list[bytes]) -> list[dict[str, Any]]:
    return [cue.to_dict() for cue in tsloom.cues(PieceSource(pieces))]


@pytest.mark.parametrize("size", [1, 1316])
def test_cues_do_not_depend_on_the_size_of_reads(size: int) -> None:
    assert list_cues(chunks(stream_with_cues(), size)) == cues_at_once()
    assert len(cues_at_once()) == 1


@given(places=cuts_of(188 * 600))
@BRIEF
def test_cues_do_not_depend_on_the_cut(places: list[int]) -> None:
    assert list_cues(cut(stream_with_cues(), places)) == cues_at_once()
