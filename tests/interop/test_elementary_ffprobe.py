"""What tsloom reads out of elementary streams' headers is what ffprobe says of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.external_data import stream_params, stream_path
from tests.interop.elementary_streams import (
    AUDIO,
    CAPTIONS,
    NULL_PAIRS,
    VIDEO,
    add_captions,
    count_captioned_frames,
    encode,
    groups_of,
    probe_frames,
    probe_streams,
)
from tsloom import Pipeline
from tsloom.analysis.elementary import AudioFormat, ElementaryMonitor, VideoFormat

pytestmark = pytest.mark.peer

CODECS = {
    "mpeg1video": "MPEG-1 video",
    "mpeg2video": "MPEG-2 video",
    "h264": "H.264",
    "hevc": "HEVC",
    "mp2": "MPEG-1 audio layer II",
    "mp3": "MPEG-1 audio layer III",
    "aac": "AAC",
    "aac_latm": "AAC",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
}
# ffprobe names these otherwise than annex A of the standard does.
PROFILES = {"Rext": "Format Range Extensions"}
MPEG2_LEVELS = {4: "High", 6: "High 1440", 8: "Main", 10: "Low"}
# Of 8:2:2 (4:2:2 at main level) ffprobe gives the escaped indication's low bits.
MPEG2_422_LEVELS = {5: "Main", 2: "High"}


def read(path: Path) -> dict[int, VideoFormat | AudioFormat]:
    monitor = ElementaryMonitor()
    Pipeline(monitor).run(path)
    return monitor.formats


def level_of(stream: dict[str, Any]) -> str | None:
    """The level by its name, out of ffprobe's number."""
    codec, level = stream["codec_name"], stream["level"]
    if codec == "mpeg2video":
        levels = MPEG2_422_LEVELS if stream["profile"] == "4:2:2" else MPEG2_LEVELS
        return levels[level]
    if codec == "mpeg1video":
        return None
    unit, tenth = (30, 3) if codec == "hevc" else (10, 1)
    whole, rest = divmod(level, unit)
    return f"{whole}.{rest // tenth}" if rest else str(whole)


def expect_video(found: VideoFormat, told: dict[str, Any]) -> None:
    assert found.codec == CODECS[told["codec_name"]]
    if told["codec_name"] != "mpeg1video":
        assert found.profile == PROFILES.get(told["profile"], told["profile"])
    assert found.level == level_of(told)
    assert (found.width, found.height) == (told["width"], told["height"])
    assert found.frame_rate_source in ("header", "timestamps")
    if found.frame_rate_source == "header":
        assert found.frame_rate == Fraction(told["r_frame_rate"])
    assert found.chroma_format is not None
    pixels = "yuv" + found.chroma_format.replace(":", "") + "p"
    assert told["pix_fmt"].startswith(pixels)


def expect_audio(found: AudioFormat, told: dict[str, Any]) -> None:
    if not found.codec.startswith("MPEG-2"):
        assert found.codec == CODECS[told["codec_name"]]
    if told.get("profile") in ("HE-AAC", "HE-AACv2") and found.profile == "LC":
        # Implicit SBR: only the coded frames tell, and the header tells the core's rate.
        assert found.sample_rate_hz == int(told["sample_rate"]) / 2
        return
    assert found.sample_rate_hz == int(told["sample_rate"])
    if found.profile == "HE-AAC" and found.channels == 1:
        # Parametric stereo may be implicit too (ISO/IEC 14496-3, 1.6.6.1): decoders give two.
        assert told["channels"] in (1, 2)
    else:
        assert found.channels == told["channels"]
    if found.codec == "AAC":
        assert found.profile == told["profile"]
    elif "bit_rate" in told:
        assert found.bitrate_bps == int(told["bit_rate"])


@pytest.mark.parametrize("name", VIDEO)
def test_video_by_ffmpeg_is_what_ffprobe_says(
    name: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = encode(program("ffmpeg"), VIDEO[name], tmp_path / "video.ts")
    ((pid, told),) = probe_streams(program("ffprobe"), path).items()
    found = read(path)[pid]
    assert isinstance(found, VideoFormat)
    expect_video(found, told)
    assert found.interlaced == name.endswith("interlaced")
    assert found.captions == ()


@pytest.mark.parametrize("name", VIDEO)
def test_groups_of_pictures_are_those_of_ffprobe(
    name: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = encode(program("ffmpeg"), VIDEO[name], tmp_path / "video.ts")
    (found,) = read(path).values()
    assert isinstance(found, VideoFormat)
    frames = probe_frames(program("ffprobe"), path, 0x100)
    groups = groups_of(frames)
    types = [frame.pict_type for frame in frames]
    counts = (found.i_pictures, found.p_pictures, found.b_pictures)
    assert counts == (types.count("I"), types.count("P"), types.count("B"))
    assert found.gop is not None
    assert found.gop.count == len(groups)
    assert found.gop.structure == groups[-1]
    lengths = [len(group) for group in groups]
    assert (found.gop.shortest, found.gop.longest) == (min(lengths), max(lengths))
    assert found.gop.mean == sum(lengths) / len(lengths)


@pytest.mark.parametrize("name", AUDIO)
def test_audio_by_ffmpeg_is_what_ffprobe_says(
    name: str, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = encode(program("ffmpeg"), AUDIO[name], tmp_path / "audio.ts")
    ((pid, told),) = probe_streams(program("ffprobe"), path).items()
    found = read(path)[pid]
    assert isinstance(found, AudioFormat)
    expect_audio(found, told)


@pytest.mark.parametrize("entry", stream_params("all"))
def test_streams_by_others_are_what_ffprobe_says(
    entry: dict[str, object], program: Callable[[str], str]
) -> None:
    path = stream_path(entry)
    told = probe_streams(program("ffprobe"), path)
    for pid, found in read(path).items():
        stream = told.get(pid, {})
        if isinstance(found, VideoFormat) and found.width is not None and stream.get("width"):
            expect_video(found, stream)
        elif isinstance(found, AudioFormat) and found.channels and stream.get("channels"):
            expect_audio(found, stream)
        assert found.to_dict()["codec"]


def test_every_stream_that_ffprobe_can_read_is_read(
    program: Callable[[str], str], sample: Path
) -> None:
    told = probe_streams(program("ffprobe"), sample)
    found = read(sample)
    assert {pid for pid, one in told.items() if one["codec_type"] in ("video", "audio")} == set(
        found
    )
    for pid, one in found.items():
        if isinstance(one, VideoFormat):
            expect_video(one, told[pid])
        else:
            expect_audio(one, told[pid])


@pytest.mark.parametrize("kind", ["h264", "mpeg2video"])
@pytest.mark.parametrize("has_captions", [False, True])
def test_captions_are_found_where_ffprobe_finds_them(
    kind: str, has_captions: bool, program: Callable[[str], str], tmp_path: Path
) -> None:
    path = add_captions(program("ffmpeg"), kind, tmp_path, CAPTIONS if has_captions else NULL_PAIRS)
    (found,) = read(path).values()
    assert isinstance(found, VideoFormat)
    assert found.captions == (("CEA-608", "CEA-708") if has_captions else ())
    # ffprobe tells of cc_data, even if all of it is padding.
    assert found.frames == count_captioned_frames(program("ffprobe"), path) == 50


# Of these ffprobe decodes every picture: nothing is missing, and nothing stands before the PMT.
WHOLE_STREAMS = (
    *("broken_pes.ts", "codec_h264.ts", "codec_h264_dts_audio.ts", "codec_h265.ts"),
    *("dvbsub_188.ts", "m2ts_188_sibling.ts", "m2ts_192.ts", "mux_avsync.ts", "pcr_verify.ts"),
    *("rollover.ts", "rs204.ts", "scte35_insert_a.ts", "scte35_insert_avail.ts"),
    "scte35_timesignal.ts",
)


@pytest.mark.parametrize(
    "entry",
    [
        one
        for one in stream_params("all")
        if one.values[0] is None or one.values[0]["name"] in WHOLE_STREAMS
    ],
)
def test_groups_of_streams_by_others_are_those_of_ffprobe(
    entry: dict[str, object], program: Callable[[str], str]
) -> None:
    path = stream_path(entry)
    ((pid, found),) = [
        (pid, one) for pid, one in read(path).items() if isinstance(one, VideoFormat)
    ]
    frames = probe_frames(program("ffprobe"), path, pid)
    groups = groups_of(frames)
    types = [frame.pict_type for frame in frames]
    counts = (found.i_pictures, found.p_pictures, found.b_pictures)
    assert counts == (types.count("I"), types.count("P"), types.count("B"))
    lengths = sorted(len(group) for group in groups)
    told = (found.gop.count, found.gop.shortest, found.gop.longest) if found.gop else None
    assert told == ((len(groups), lengths[0], lengths[-1]) if groups else None)
    assert found.gop is None or found.gop.structure == groups[-1][:127]
