"""Makes sample.ts, the stream that comes with the package: run `python make_sample.py` with ffmpeg.

A test pattern with a running clock and two tones, H.264 High and AAC-LC, at constant 700 kb/s with
null packets to spare, an IDR access unit each second. Every option that lets ffmpeg choose by
machine, version string or number of threads is pinned, so the same ffmpeg gives the same bytes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DURATION_S = 16
FRAME_RATE = 25
MUX_RATE_BPS = 700_000
VIDEO_BITRATE_BPS = 340_000
VIDEO_BUFFER_BITS = 80_000
AUDIO_BITRATE_BPS = 96_000

SOURCES = [
    *("-f", "lavfi", "-i", f"testsrc2=size=640x360:rate={FRAME_RATE}"),
    *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
    *("-f", "lavfi", "-i", "sine=frequency=660:sample_rate=48000"),
    *("-filter_complex", "[1:a][2:a]join=inputs=2:channel_layout=stereo,volume=-12dB[tones]"),
    *("-map", "0:v", "-map", "[tones]", "-t", str(DURATION_S)),
]
VIDEO = [
    *("-c:v", "libx264", "-profile:v", "high", "-level", "3.0", "-pix_fmt", "yuv420p"),
    *("-preset", "slow", "-threads", "1", "-g", str(FRAME_RATE), "-bf", "2"),
    *("-b:v", str(VIDEO_BITRATE_BPS), "-maxrate", str(VIDEO_BITRATE_BPS)),
    *("-bufsize", str(VIDEO_BUFFER_BITS)),
    *("-x264-params", f"keyint={FRAME_RATE}:min-keyint={FRAME_RATE}:scenecut=0:open-gop=0"),
]
AUDIO = ["-c:a", "aac", "-profile:a", "aac_low", "-b:a", str(AUDIO_BITRATE_BPS), "-ac", "2"]
MULTIPLEX = [
    *("-f", "mpegts", "-muxrate", str(MUX_RATE_BPS), "-pcr_period", "20"),
    *("-pat_period", "0.09", "-pes_payload_size", "500"),
    *("-sdt_period", "1", "-mpegts_transport_stream_id", "1", "-mpegts_service_id", "1"),
    *("-mpegts_pmt_start_pid", "4096", "-mpegts_start_pid", "256"),
    *("-metadata", "service_name=tsloom sample", "-metadata", "service_provider=tsloom"),
    *("-metadata:s:a:0", "language=eng"),
]
BIT_EXACT = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]


def make_sample(path: Path) -> None:
    """Writes the stream to `path`; raises CalledProcessError where ffmpeg fails."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *SOURCES]
    subprocess.run([*command, *VIDEO, *AUDIO, *BIT_EXACT, *MULTIPLEX, str(path)], check=True)


if __name__ == "__main__":
    make_sample(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sample.ts"))
