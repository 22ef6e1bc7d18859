"""Video that ffmpeg encodes, and what ffprobe says of it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.builders import PTS_MODULUS

# closed GOPs want scene change detection off.
SC_OFF = ["-sc_threshold", "1000000000"]
ENCODERS = {
    "mpeg1": ["mpeg1video", "-g", "10", "-bf", "2"],
    "mpeg2": ["mpeg2video", "-g", "12", "-bf", "2"],
    "mpeg2-closed": ["mpeg2video", "-g", "8", "-bf", "2", "-flags", "+cgop", *SC_OFF],
    "mpeg2-intra": ["mpeg2video", "-g", "1"],
    "mpeg2-interlaced": ["mpeg2video", "-g", "9", "-flags", "+ilme+ildct"],
    "h264": ["libx264", "-preset", "ultrafast", "-g", "12", "-bf", "2"],
    "h264-slices": ["libx264", "-preset", "ultrafast", "-g", "15", "-x264-params", "slices=4"],
    "h264-open": ["libx264", "-preset", "veryfast", "-x264-params", "keyint=12:open-gop=1"],
    "h264-interlaced": ["libx264", "-preset", "ultrafast", "-g", "10", "-flags", "+ilme+ildct"],
    "h264-no-delimiters": ["libx264", "-preset", "ultrafast", "-g", "10", "-x264-params", "aud=0"],
    "hevc": ["libx265", "-preset", "ultrafast", "-x265-params", "keyint=10:open-gop=0"],
    "hevc-open": ["libx265", "-preset", "ultrafast", "-x265-params", "keyint=10:open-gop=1"],
}


@dataclass(frozen=True, order=True)
class KeyFrame:
    """A video packet that ffprobe marks as key: where it begins, and its PTS."""

    pid: int
    packet_index: int
    pts_90khz: int


def encode_video(ffmpeg: str, name: str, path: Path, seconds: int = 2) -> Path:
    """Some seconds of video with moving parts, and a tone, as a transport stream."""
    made = path / f"{name}.ts"
    command = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x112:rate=25"]
    command += [
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=440",
        "-t",
        str(seconds),
        "-pix_fmt",
        "yuv420p",
    ]
    command += ["-c:v", *ENCODERS[name], "-c:a", "mp2", "-f", "mpegts", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made


def key_frames(ffprobe: str, path: Path) -> list[KeyFrame]:
    """In the stream's order; of streams of 188-byte packets from the file's begin on."""
    entries = "packet=pts,flags,pos,stream_index:stream=index,id"
    command = [ffprobe, "-v", "error", "-select_streams", "v", "-show_entries", entries]
    done = subprocess.run(
        [*command, "-of", "json", str(path)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    pids = {stream["index"]: int(stream["id"], 16) for stream in told["streams"]}
    return sorted(
        KeyFrame(pids[one["stream_index"]], int(one["pos"]) // 188, one["pts"] % PTS_MODULUS)
        for one in told["packets"]
        if "K" in one["flags"]
    )
