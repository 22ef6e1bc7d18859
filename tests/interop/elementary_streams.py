"""Elementary streams of many kinds that ffmpeg encodes, and what ffprobe says of them."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FAST = ["-preset", "ultrafast"]
X264 = ["libx264", "-preset", "veryfast", "-g", "12", "-sc_threshold", "0"]
VIDEO = {
    "mpeg1": ["mpeg1video", "-g", "10", "-bf", "2"],
    "mpeg2-main": ["mpeg2video", "-g", "12", "-bf", "2"],
    "mpeg2-intra": ["mpeg2video", "-g", "1"],
    "mpeg2-422": ["mpeg2video", "-pix_fmt", "yuv422p", "-g", "6"],
    "mpeg2-interlaced": ["mpeg2video", "-g", "9", "-flags", "+ilme+ildct", "-vf", "fps=30000/1001"],
    "h264-baseline": [*X264, "-profile:v", "baseline"],
    "h264-main": [*X264, "-profile:v", "main", "-bf", "2", "-vf", "fps=50"],
    "h264-high": [*X264, "-profile:v", "high", "-bf", "3"],
    "h264-level-5.1": [*X264, "-level", "5.1", "-vf", "fps=24000/1001"],
    "h264-high10": [*X264, "-pix_fmt", "yuv420p10le"],
    "h264-high422": [*X264, "-pix_fmt", "yuv422p"],
    "h264-high444": [*X264, "-pix_fmt", "yuv444p"],
    "h264-open": [*X264, "-bf", "2", "-x264-params", "open-gop=1"],
    "h264-interlaced": [*X264, "-flags", "+ilme+ildct", "-bf", "2"],
    "h264-no-delimiters": [*X264, "-x264-params", "aud=0"],
    "h264-slices": [*X264, "-x264-params", "slices=4"],
    "h264-hrd": [*X264, "-x264-params", "nal-hrd=vbr:vbv-maxrate=800:vbv-bufsize=800"],
    "h264-cropped": [*X264, "-s", "200x110"],
    "hevc-main": ["libx265", *FAST, "-x265-params", "keyint=10:open-gop=0:scenecut=0"],
    "hevc-open": ["libx265", *FAST, "-x265-params", "keyint=10:open-gop=1:scenecut=0"],
    "hevc-main10": ["libx265", *FAST, "-pix_fmt", "yuv420p10le", "-x265-params", "keyint=8"],
    "hevc-cropped": [
        "libx265",
        *FAST,
        "-x265-params",
        "keyint=9",
        "-s",
        "202x110",
        "-vf",
        "fps=30000/1001",
    ],
}
AUDIO = {
    "mp2": ["mp2", "-b:a", "192k", "-ar", "48000", "-ac", "2"],
    "mp2-mono": ["mp2", "-b:a", "64k", "-ar", "32000", "-ac", "1"],
    "mp2-half-rate": ["mp2", "-b:a", "80k", "-ar", "22050", "-ac", "2"],
    "mp3": ["libmp3lame", "-b:a", "128k", "-ar", "44100", "-ac", "2"],
    "aac": ["aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"],
    "aac-mono": ["aac", "-b:a", "48k", "-ar", "22050", "-ac", "1"],
    "aac-5.1": ["aac", "-b:a", "256k", "-ar", "44100", "-ac", "6"],
    "aac-latm": ["aac", "-b:a", "128k", "-ar", "48000", "-ac", "2", "-mpegts_flags", "latm"],
    "ac3": ["ac3", "-b:a", "192k", "-ar", "48000", "-ac", "2"],
    "ac3-5.1": ["ac3", "-b:a", "448k", "-ar", "44100", "-ac", "6"],
    "ac3-mono": ["ac3", "-b:a", "96k", "-ar", "32000", "-ac", "1"],
    "eac3": ["eac3", "-b:a", "128k", "-ar", "48000", "-ac", "2"],
    "eac3-5.1": ["eac3", "-b:a", "384k", "-ar", "48000", "-ac", "6"],
}

# cc_data_pkts (ANSI/CTA-708-E, 4.4): a pair of CEA-608 and the begin of a packet of CEA-708.
CAPTIONS = bytes.fromhex("fc942c ff0322")
NULL_PAIRS = bytes.fromhex("fc8080 f90000")


@dataclass(frozen=True)
class Frame:
    """A picture as ffprobe decoded it, in the order of coding."""

    pict_type: str
    is_key: bool


def encode(ffmpeg: str, options: list[str], path: Path) -> Path:
    """Two seconds of a picture that moves, or of a tone, as a transport stream."""
    is_audio = options in AUDIO.values()
    source = "sine=frequency=440" if is_audio else "testsrc2=size=192x112:rate=25"
    codec = "-c:a" if is_audio else "-c:v"
    pixels = [] if is_audio or "-pix_fmt" in options else ["-pix_fmt", "yuv420p"]
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", source, "-t", "2", *pixels]
    command += [codec, *options, "-f", "mpegts", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def add_captions(ffmpeg: str, kind: str, folder: Path, packets: bytes) -> Path:
    """Two seconds of video with cc_data in front of, or behind, each picture's header."""
    raw = folder / "video.es"
    codec = (
        ["libx264", *FAST, "-bf", "0", "-x264-params", "aud=1"]
        if kind == "h264"
        else [kind, "-bf", "0"]
    )
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x112:rate=25"]
    command += ["-t", "2", "-pix_fmt", "yuv420p", "-c:v", *codec, "-f", kind, str(raw)]
    subprocess.run(command, check=True, capture_output=True)
    cc_data = b"GA94\x03" + bytes((0x40 | len(packets) // 3, 0xFF)) + packets + b"\xff"
    if kind == "h264":
        message = b"\xb5\x00\x31" + cc_data
        sei = b"\x00\x00\x01\x06\x04" + bytes((len(message),)) + message + b"\x80"
        captioned = re.sub(rb"\x00\x00\x00\x01\x09.", lambda one: one[0] + sei, raw.read_bytes())
    else:
        # Behind picture_coding_extension, which is nine bytes with its start code.
        user_data = b"\x00\x00\x01\xb2" + cc_data
        captioned = re.sub(
            rb"\x00\x00\x01\xb5[\x80-\x8f].{4}",
            lambda one: one[0] + user_data,
            raw.read_bytes(),
            flags=re.DOTALL,
        )
    raw.write_bytes(captioned)
    path = folder / "captioned.ts"
    demuxer = "h264" if kind == "h264" else "mpegvideo"
    # A raw stream has no timestamps: 25 frames a second, in the order of coding.
    copy = [
        "-f",
        demuxer,
        "-i",
        str(raw),
        "-c",
        "copy",
        "-bsf:v",
        "setts=ts=N*3600:time_base=1/90000",
    ]
    copy += ["-f", "mpegts", str(path)]
    subprocess.run([ffmpeg, "-v", "error", *copy], check=True, capture_output=True)
    return path


def probe(ffprobe: str, *arguments: str) -> Any:
    """What ffprobe prints as JSON; {} of what it refuses."""
    command = [ffprobe, "-v", "error", *arguments, "-of", "json"]
    return json.loads(subprocess.run(command, capture_output=True).stdout)


def probe_streams(ffprobe: str, path: Path) -> dict[int, dict[str, Any]]:
    """What ffprobe says of the streams, by PID."""
    told = probe(ffprobe, "-show_streams", str(path))
    return {int(stream["id"], 16): stream for stream in told.get("streams", ())}


def probe_frames(ffprobe: str, path: Path, pid: int) -> list[Frame]:
    """All pictures that ffprobe decodes of a PID; the file's order is that of coding."""
    entries = "frame=pict_type,key_frame,pkt_pos"
    told = probe(ffprobe, "-select_streams", f"i:{pid}", "-show_entries", entries, str(path))
    frames = sorted(told["frames"], key=lambda frame: int(frame["pkt_pos"]))
    return [Frame(frame["pict_type"], frame["key_frame"] == 1) for frame in frames]


def groups_of(frames: list[Frame]) -> list[str]:
    """The groups of pictures that are whole: from one key frame to the next."""
    keys = [index for index, frame in enumerate(frames) if frame.is_key]
    return [
        "".join(frame.pict_type for frame in frames[begin:end])
        for begin, end in itertools.pairwise(keys)
    ]


def count_captioned_frames(ffprobe: str, path: Path) -> int:
    """Pictures that ffprobe finds cc_data with."""
    told = probe(ffprobe, "-select_streams", "v", "-show_frames", str(path))
    captions = "ATSC A53 Part 4 Closed Captions"
    return sum(
        any(side["side_data_type"] == captions for side in frame.get("side_data_list", ()))
        for frame in told["frames"]
    )
