"""Peak memory of a process, for an input and for one four times as long.

Run as a program it does one kind of work on one file and prints its peak resident size in KiB.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import tsloom
from benchmarks.data import PACKET_SIZE, ROOT, make_start_of
from benchmarks.streams import Stream

# The allocator's own play between two runs of the same process.
TOLERANCE_KIB = 2048
WORK = ("analyze", "filter", "splice")


@dataclass(frozen=True)
class Memory:
    """Peak resident sizes in KiB."""

    work: str
    short_bytes: int
    long_bytes: int
    short_kib: int
    long_kib: int

    @property
    def flat(self) -> bool:
        """Four times the input takes no more memory."""
        return self.long_kib <= self.short_kib + TOLERANCE_KIB


def work_on(work: str, path: Path) -> int:
    """Does the work; the number of packets."""
    if work == "analyze":
        return tsloom.analyze(path).packets
    if work == "filter":
        stages = [tsloom.DropNulls(), tsloom.RemapPids({0x100: 0x1F00}), tsloom.FixContinuity()]
        return tsloom.Pipeline(*stages).run(path).packets_in
    splices = tsloom.SpliceInserter(pid=500)
    splices.schedule(tsloom.Break(start="+0.5s", duration="1s", preroll="0.4s"))
    return tsloom.Pipeline(splices).run(path).packets_in


def peak_kib(work: str, path: Path) -> int:
    """Peak resident size of a process that does the work on the file."""
    command = [sys.executable, "-m", "benchmarks.pipeline.memory", work, str(path)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    assert answer["packets"] == path.stat().st_size // PACKET_SIZE
    return int(answer["peak_kib"])


def own_peak_kib() -> int:
    """Peak resident size of this process: since its exec, unlike what getrusage says."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0])


def measure_memory(stream: Stream) -> list[Memory]:
    """Each kind of work on the first quarter of the stream and on all of it."""
    quarter = stream.facts.packets // 4 * PACKET_SIZE
    short = make_start_of(stream.path, quarter)
    return [
        Memory(work, quarter, stream.size_bytes, peak_kib(work, short), peak_kib(work, stream.path))
        for work in WORK
    ]


if __name__ == "__main__":
    packets = work_on(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps({"packets": packets, "peak_kib": own_peak_kib()}))
