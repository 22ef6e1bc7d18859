"""Breaks that snap take the PTS of key frames that ffprobe finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tsloom
from tests.interop.video_streams import encode_video, key_frames
from tests.properties.pieces import PieceSource
from tsloom.errors import UsageError
from tsloom.pipeline import CueInsertion
from tsloom.scte35.breaks import CueKind

pytestmark = pytest.mark.peer

WANTED = {"h264": 3.1, "hevc": 2.9, "mpeg2": 3.27}


def snap(stream: bytes, piece: int, start: float) -> tuple[bytes, list[CueInsertion]]:
    points = tsloom.SnapPoints("2s")
    cues = tsloom.SpliceInserter(snap_points=points)
    cues.schedule(
        tsloom.Break(
            start=f"stream:{start}s", duration="2s", preroll="1s", auto_return=False, snap=True
        )
    )
    source = PieceSource([stream[at : at + piece] for at in range(0, len(stream), piece)])
    out = bytearray()
    tsloom.Pipeline(*points.stages, cues).run(source, source.sink(out))
    assert not cues.cue_failures
    assert [status.reason for status in cues.breaks] == [None]
    return bytes(out), list(cues.cues)


@pytest.mark.parametrize("name", WANTED)
def test_out_and_in_name_the_first_key_frames_at_or_after_their_times(
    name: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = encode_video(program("ffmpeg"), name, tmp_path, 8)
    keys = sorted(frame.pts_90khz for frame in key_frames(program("ffprobe"), path))
    stream = path.read_bytes()
    out, (leave, back) = snap(stream, 1 << 20, WANTED[name])
    with tsloom.open(path) as opened:
        first = next(int(pcr) for batch in opened.batches() for pcr in batch.pcr_27mhz) // 300
    wanted = first + round(WANTED[name] * 90_000)
    assert leave.splice_pts_90khz == min(pts for pts in keys if pts >= wanted)
    end = leave.splice_pts_90khz + 180_000
    assert back.kind is CueKind.IN
    assert back.splice_pts_90khz == min(pts for pts in keys if pts >= end)
    for cue in (leave, back):
        assert cue.lead_time_s is not None
        assert cue.lead_time_s >= 0.9
    again, cues = snap(stream, 1316, WANTED[name])
    assert (again, cues) == (out, [leave, back])


def test_a_break_that_snaps_wants_a_look_ahead_beyond_its_preroll() -> None:
    wanted = tsloom.Break(start="+9s", preroll="4s", snap=True)
    with pytest.raises(UsageError, match="snap_points"):
        tsloom.SpliceInserter().schedule(wanted)
    with pytest.raises(UsageError, match="pre-roll"):
        tsloom.SpliceInserter(snap_points=tsloom.SnapPoints("4s")).schedule(wanted)


def test_without_video_the_break_takes_place_at_its_time() -> None:
    from tests.builders import Multiplex

    points = tsloom.SnapPoints("2s")
    cues = tsloom.SpliceInserter(snap_points=points)
    cues.schedule(tsloom.Break(start="+3s", duration="1s", preroll="1s", snap=True))
    tsloom.Pipeline(*points.stages, cues).process(tsloom.PacketBatch(Multiplex().stream(8000)))
    (status,) = cues.breaks
    assert status.out_time_s == 3.0
    assert status.reason == "no random access point was seen in time"
    assert cues.cues[0].lead_time_s == pytest.approx(0.5, abs=0.15)
