"""Other programs read the cues that passed the CueRewriter."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.external_data import load_manifest, stream_params, stream_path
from tests.interop.scte35_stream import stream_of
from tests.interop.test_scte35_tshark import read_with_tshark
from tsloom import CueMonitor, CueRewriter, PacketBatch, Pipeline, scte35
from tsloom.analysis import Cue
from tsloom.scte35 import SpliceInfoSection, SpliceInsert, SpliceTime, TimeSignal

pytestmark = pytest.mark.peer
PTS_MODULUS = 1 << 33
OFFSET = PTS_MODULUS - 90_000
CUE_STREAMS = ("scte35_insert_a.ts", "scte35_insert_avail.ts", "scte35_timesignal.ts")


def cues() -> list[SpliceInfoSection]:
    times = [(number, SpliceTime(number << 24)) for number in range(1, 9)]
    inserts = [
        SpliceInfoSection(
            SpliceInsert(number, out_of_network_indicator=True, splice_time=time),
            pts_adjustment=number * 40_000,
        )
        for number, time in times
    ]
    return [*inserts, SpliceInfoSection(TimeSignal(SpliceTime(12345)))]


def test_tshark_reads_what_was_restamped_and_rewritten(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    def rewrite(cue: SpliceInfoSection) -> SpliceInfoSection | None:
        return cue.replace(tier=7) if cue.pts_adjustment else cue

    stage = CueRewriter(
        rewrite=rewrite,
        pts_offset_90khz=OFFSET,
        remove=lambda cue: getattr(cue.splice_command, "splice_event_id", None) == 4,
    )
    before = stream_of(cue.encode() for cue in cues())
    path = tmp_path / "out.ts"
    path.write_bytes(bytes(Pipeline(stage).process(PacketBatch(before))))
    names = ["scte35.pts_adjustment", "scte35.tier", "scte35.crc"]
    read = read_with_tshark(program("tshark"), path, names)
    kept = [cue for cue in cues() if getattr(cue.splice_command, "splice_event_id", None) != 4]
    assert [one[names[0]] for one in read] == [
        [(cue.pts_adjustment + OFFSET) % PTS_MODULUS] for cue in kept
    ]
    assert [one[names[1]] for one in read] == [[7 if cue.pts_adjustment else 0xFFF] for cue in kept]


@functools.cache
def cues_of(path: Path, offset: int) -> list[Cue]:
    monitor = CueMonitor()
    Pipeline(CueRewriter(pts_offset_90khz=offset), monitor).run(path)
    return monitor.take_cues()


@pytest.mark.parametrize(
    "entry",
    [
        one
        for one in stream_params("all")
        if one.values[0] is None or one.values[0]["name"] in CUE_STREAMS
    ],
)
def test_threefive_reads_streams_by_others_that_were_restamped(entry: dict[str, Any]) -> None:
    threefive: Any = pytest.importorskip("threefive", reason="threefive is not installed")
    path = stream_path(entry)
    before, after = cues_of(path, 0), cues_of(path, OFFSET)
    assert len(before) == len(after) > 0
    for old, new in zip(before, after, strict=True):
        assert new.packet_index == old.packet_index
        theirs = threefive.Cue(base64.b64encode(new.data).decode())
        theirs.decode()
        ticks = round(theirs.info_section.pts_adjustment * 90_000)
        assert ticks == (old.section.pts_adjustment + OFFSET) % PTS_MODULUS
        assert int(theirs.info_section.crc, 16) == scte35.parse(new.data).crc_32
        assert new.section.crc_ok
        assert new.data[13:-4] == old.data[13:-4]


def test_streams_with_cues_are_there_if_the_data_is() -> None:
    manifest = load_manifest()
    assert not manifest or set(CUE_STREAMS) <= set(manifest)
