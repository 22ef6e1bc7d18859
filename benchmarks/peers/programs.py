"""Programs, timed from start to end."""

from __future__ import annotations

import re

from benchmarks.peers.peer import Peer
from benchmarks.pipeline.rows import kept_pids
from benchmarks.streams import Stream

FFMPEG = ["ffmpeg", "-nostdin", "-v", "error"]


def _no_count(output: str) -> None:
    """The program does not tell how many packets it saw."""


def _tsreport_count(output: str) -> int | None:
    found = re.search(r"[Rr]ead (\d+) TS packet", output)
    return int(found.group(1)) if found else None


def _ffmpeg_null(stream: Stream) -> list[str]:
    # In the real multiplex one video stream never tells its size, which the output refuses.
    every_stream = ["-map", "0"] if stream.name == "cbr" else []
    return [*FFMPEG, "-i", str(stream.path), *every_stream, "-c", "copy", "-f", "null", "-"]


def _gst_tsparse(stream: Stream) -> list[str]:
    source = ["filesrc", f"location={stream.path}", "blocksize=1048576"]
    return ["gst-launch-1.0", "-q", *source, "!", "tsparse", "!", "fakesink", "sync=false"]


def _tsp(stream: Stream, *plugins: str) -> list[str]:
    return ["tsp", "-I", "file", str(stream.path), *plugins, "-O", "drop"]


def _tsp_filter(stream: Stream) -> list[str]:
    kept = kept_pids(stream.facts)
    busiest = max(kept, key=stream.facts.pids.__getitem__)
    pids = [word for pid in kept for word in ("--pid", str(pid))]
    remap = ["-P", "remap", f"{busiest}=0x1F00"]
    return _tsp(stream, "-P", "filter", *pids, *remap, "-P", "continuity", "--fix")


PROGRAMS = [
    Peer(
        "tstools tsreport",
        "counts packets",
        "tsreport",
        "apt: tstools",
        lambda stream: ["tsreport", str(stream.path)],
        _tsreport_count,
    ),
    Peer(
        "tstools tsreport -timing",
        "lists PCR intervals",
        "tsreport",
        "apt: tstools",
        lambda stream: ["tsreport", "-timing", str(stream.path)],
        _tsreport_count,
    ),
    Peer(
        "ffmpeg -c copy -f null",
        "assembles access units (of the real stream one video and one audio): more work",
        "ffmpeg",
        "apt: ffmpeg",
        _ffmpeg_null,
        _no_count,
    ),
    Peer(
        "gst tsparse",
        "parses packets and PSI",
        "gst-launch-1.0",
        "apt: gstreamer1.0-tools gstreamer1.0-plugins-bad",
        _gst_tsparse,
        _no_count,
    ),
    Peer("TSDuck tsp", "file to nothing", "tsp", "tsduck.io", _tsp, _no_count),
    Peer(
        "TSDuck tsp filter",
        "the filter row's work: PIDs, remap, continuity",
        "tsp",
        "tsduck.io",
        _tsp_filter,
        _no_count,
    ),
    Peer(
        "TSDuck tsp analyze",
        "the analyze row's work, and more",
        "tsp",
        "tsduck.io",
        lambda stream: _tsp(stream, "-P", "analyze", "-o", "/dev/null"),
        _no_count,
    ),
]
