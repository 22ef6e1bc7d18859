"""Python libraries, each in a process of its own; their imports are outside the timed part."""

from __future__ import annotations

import json
import sys
from functools import partial

from benchmarks.peers.peer import Peer
from benchmarks.streams import Stream


def _command(name: str, stream: Stream) -> list[str]:
    return [sys.executable, "-m", "benchmarks.peers.library_work", name, str(stream.path)]


def _last_line(output: str) -> dict[str, float | None]:
    lines = [line for line in output.splitlines() if line.startswith("{")]
    document: dict[str, float | None] = json.loads(lines[-1])
    return document


def _seconds(output: str) -> float:
    return float(_last_line(output)["seconds"] or 0)


def _packets(output: str) -> int | None:
    packets = _last_line(output)["packets"]
    return None if packets is None else int(packets)


def _library(name: str, work: str, module: str, package: str, function: str) -> Peer:
    command = partial(_command, function)
    return Peer(name, work, f"python:{module}", package, command, _packets, _seconds)


LIBRARIES = [
    _library(
        "numpy, headers", "header fields, bincount of PIDs", "numpy", "numpy", "numpy_headers"
    ),
    _library(
        "numpy, columns",
        "header fields, bincount, continuity by sorting (no duplicates), PCRs",
        "numpy",
        "numpy",
        "numpy_columns",
    ),
    _library("plain Python", "a loop that counts PIDs", "json", "python3", "plain_python"),
    _library("PyAV demux", "assembles PES packets: more work", "av", "pip: av", "pyav_demux"),
    _library(
        "tstrans", "assembles PES packets: more work", "tstrans", "pip: tstrans", "tstrans_demux"
    ),
    _library(
        "threefive",
        "looks for splice information",
        "threefive",
        "pip: threefive",
        "threefive_decode",
    ),
]
