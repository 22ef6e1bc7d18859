"""The random access points that tsloom finds are the key frames of ffprobe, packet by packet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.external_data import stream_params, stream_path
from tests.interop.video_streams import ENCODERS, KeyFrame, encode_video, key_frames
from tsloom import Pipeline, RandomAccessMonitor, RandomAccessPoint
from tsloom.pipeline import RandomAccessKind

pytestmark = pytest.mark.peer

KINDS = {
    "mpeg": {RandomAccessKind.I_PICTURE},
    "h264": {RandomAccessKind.IDR, RandomAccessKind.RECOVERY_POINT},
    "hevc": {RandomAccessKind.IDR_N_LP, RandomAccessKind.IDR_W_RADL, RandomAccessKind.CRA},
}
VIDEO_STREAMS = (
    "codec_h264.ts",
    "codec_h264_dts_audio.ts",
    "codec_h265.ts",
    "dvbt2_de_626mhz.ts",
    "m2ts_188_sibling.ts",
    "mpeg2_full_analysis.ts",
    "mpts2_multi_pcr.ts",
    "mux_avsync.ts",
    "pat_change_pcr_jump.ts",
    "pcr_gap.ts",
    "pcr_verify.ts",
    "rollover.ts",
    "scrambled_clear.ts",
    "scte35_insert_a.ts",
    "scte35_insert_avail.ts",
    "scte35_timesignal.ts",
)


def scan(path: Path) -> list[RandomAccessPoint]:
    monitor = RandomAccessMonitor()
    Pipeline(monitor).run(path)
    return monitor.take_points()


def as_key_frames(points: list[RandomAccessPoint]) -> list[KeyFrame]:
    return sorted(
        KeyFrame(point.pid, point.packet_index, point.pts_90khz)
        for point in points
        if point.pts_90khz is not None
    )


def test_the_sample_has_the_key_frames_of_ffprobe(
    sample: Path, program: Callable[[str], str]
) -> None:
    expected = key_frames(program("ffprobe"), sample)
    assert len(expected) > 5
    assert as_key_frames(scan(sample)) == expected


@pytest.mark.parametrize("name", ENCODERS)
def test_what_ffmpeg_encodes_has_the_key_frames_of_ffprobe(
    name: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = encode_video(program("ffmpeg"), name, tmp_path)
    points = scan(path)
    assert len(points) > 2
    assert as_key_frames(points) == key_frames(program("ffprobe"), path)
    assert {point.kind for point in points} <= KINDS[name[:4]]
    assert {point.has_sequence_header for point in points} == {True}
    assert {point.random_access_indicator for point in points} == {True}


@pytest.mark.parametrize(
    "entry",
    [
        one
        for one in stream_params("all")
        if one.values[0] is None or one.values[0]["name"] in VIDEO_STREAMS
    ],
)
def test_streams_by_others_have_the_key_frames_of_ffprobe(
    entry: dict[str, object], program: Callable[[str], str]
) -> None:
    path = stream_path(entry)
    points = scan(path)
    readable = [p for p in points if p.kind is not RandomAccessKind.RANDOM_ACCESS_INDICATOR]
    assert as_key_frames(readable) == key_frames(program("ffprobe"), path)
    assert all(point.pts_90khz is not None for point in readable)
