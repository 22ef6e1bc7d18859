"""The two streams that are measured: made once, kept outside git.

`cbr`: 3 programs of H.264 and AAC at a constant 40 Mb/s with null packets, made with ffmpeg.
`real`: mpts2_multi_pcr.ts of the external test data (17 PIDs, two services) laid end to end; where
two copies meet, counters and PCRs jump, and the expected counts say so.
They lie in TSLOOM_BENCH_DIR, or in build/bench.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKET_SIZE = 188
FULL_BYTES = 500_000_000 // PACKET_SIZE * PACKET_SIZE
SMOKE_BYTES = 20_000_000 // PACKET_SIZE * PACKET_SIZE
MUX_RATE_BPS = 40_000_000
PIECE_S = 10
PROGRAMS = 3
VIDEO_BITRATE_BPS = 11_500_000
REAL_STREAM = "mpts2_multi_pcr.ts"


def bench_dir() -> Path:
    """Where data, compiled limits and results lie; made if it is not there."""
    folder = Path(os.environ.get("TSLOOM_BENCH_DIR") or ROOT / "build" / "bench")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def external_stream() -> Path | None:
    """The real stream, where the external test data is."""
    data = os.environ.get("TSLOOM_TEST_DATA")
    folder = Path(data) if data else ROOT.parent / "shared" / "data"
    path = folder / "streams" / "streams" / REAL_STREAM
    return path if path.is_file() else None


def make_cbr(size_bytes: int) -> Path:
    """The constant-bitrate multiplex, cut to that size."""
    path = bench_dir() / f"cbr-{size_bytes}.ts"
    if path.is_file() and path.stat().st_size == size_bytes:
        return path
    piece = bench_dir() / "piece.nut"
    _encode_piece(piece)
    loops = size_bytes * 8 // (MUX_RATE_BPS * PIECE_S) + 1
    partial = path.with_suffix(".partial")
    _multiplex(piece, loops, partial)
    os.truncate(partial, size_bytes)
    piece.unlink()
    return partial.replace(path)


def _encode_piece(piece: Path) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    sizes = ("720x576", "704x576", "640x576")
    for size in sizes:
        command += ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25"]
    for index in range(PROGRAMS):
        command += ["-f", "lavfi", "-i", f"sine=frequency={440 + 110 * index}:sample_rate=48000"]
    for index in range(2 * PROGRAMS):
        command += ["-map", str(index)]
    rate = str(VIDEO_BITRATE_BPS)
    command += ["-t", str(PIECE_S), "-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
    # Filler data holds the video at its rate, whatever the pattern needs.
    command += ["-x264-params", "nal-hrd=cbr:force-cfr=1", "-b:v", rate, "-minrate", rate]
    command += ["-maxrate", rate, "-bufsize", str(VIDEO_BITRATE_BPS // 2)]
    command += ["-c:a", "aac", "-b:a", "192k", "-f", "nut", str(piece)]
    subprocess.run(command, check=True)


def _multiplex(piece: Path, loops: int, path: Path) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", str(loops)]
    command += ["-i", str(piece), "-map", "0", "-c", "copy"]
    for index in range(PROGRAMS):
        streams = f"st={index}:st={index + PROGRAMS}"
        command += ["-program", f"title=bench {index + 1}:program_num={index + 1}:{streams}"]
    command += ["-f", "mpegts", "-muxrate", str(MUX_RATE_BPS), "-pcr_period", "20"]
    command += ["-pat_period", "0.09", "-mpegts_pmt_start_pid", "4096", str(path)]
    subprocess.run(command, check=True)


def make_real(size_bytes: int) -> Path | None:
    """The real multiplex laid end to end up to that size; None without the external test data."""
    stream = external_stream()
    if stream is None:
        return None
    path = bench_dir() / f"real-{size_bytes}.ts"
    if not path.is_file() or path.stat().st_size != size_bytes:
        data = stream.read_bytes()
        with path.open("wb") as file:
            for _ in range(size_bytes // len(data) + 1):
                file.write(data)
            file.truncate(size_bytes)
    return path


def make_start_of(path: Path, size_bytes: int) -> Path:
    """The first bytes of a file as a file of its own, for comparing sizes."""
    part = path.with_name(f"{path.stem}-first-{size_bytes}.ts")
    if not part.is_file() or part.stat().st_size != size_bytes:
        with path.open("rb") as source, part.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.truncate(size_bytes)
    return part
