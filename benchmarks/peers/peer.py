"""One peer: its command, the work in words, and how to tell that it did it."""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.data import ROOT
from benchmarks.streams import Stream

TIMEOUT_S = 900


@dataclass(frozen=True)
class Peer:
    """`command` gives the argument list for a stream. `needs` is a program or, with a leading
    "python:", a module. `count_packets` reads the output: None where the peer tells no count.

    A Python peer prints its own seconds, without the interpreter's start; a program is timed whole.
    """

    name: str
    work: str
    needs: str
    package: str
    command: Callable[[Stream], list[str]]
    count_packets: Callable[[str], int | None]
    own_seconds: Callable[[str], float] | None = None

    @property
    def skipped(self) -> str | None:
        """Why it cannot run here; None if it can."""
        module = self.needs.removeprefix("python:")
        if module != self.needs:
            found = importlib.util.find_spec(module) is not None
        else:
            found = shutil.which(self.needs) is not None
        return None if found else f"{self.needs} is not installed ({self.package})"


@dataclass(frozen=True)
class Measured:
    """A peer's speed in packets a second, or why there is none."""

    name: str
    work: str
    stream: str
    best: float | None = None
    median: float | None = None
    skipped: str | None = None
    count_checked: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _run_once(peer: Peer, stream: Stream) -> tuple[float, int | None]:
    started = time.perf_counter()
    done = subprocess.run(
        peer.command(stream),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=TIMEOUT_S,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"{peer.name} ended with {done.returncode}: {done.stdout[-300:]}")
    if peer.own_seconds is not None:
        seconds = peer.own_seconds(done.stdout)
    return seconds, peer.count_packets(done.stdout)


def measure_peer(peer: Peer, stream: Stream, repetitions: int) -> Measured:
    """Runs a peer so often; the packets it counted have to be the stream's."""
    row = Measured(peer.name, peer.work, stream.name)
    if peer.skipped:
        return Measured(row.name, row.work, row.stream, skipped=peer.skipped)
    speeds: list[float] = []
    counted: int | None = None
    for _ in range(repetitions):
        try:
            seconds, counted = _run_once(peer, stream)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return Measured(row.name, row.work, row.stream, skipped=f"failed: {error}")
        if counted is not None and counted != stream.facts.packets:
            reason = f"counted {counted} of {stream.facts.packets} packets"
            return Measured(row.name, row.work, row.stream, skipped=f"failed: {reason}")
        speeds.append(stream.facts.packets / seconds)
    return Measured(
        row.name,
        row.work,
        row.stream,
        best=max(speeds),
        median=statistics.median(speeds),
        count_checked=counted is not None,
    )
