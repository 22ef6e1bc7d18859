"""The far end of a relay, as a process of its own: says what arrived.

`python -m tsloom.runner.receiver URL` prints `{"ready": URL}` once the socket is open and, when the
input falls silent, one JSON document of what it saw.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from tsloom.analysis import Analyzer, CueMonitor
from tsloom.analysis.section_log import SectionLog
from tsloom.clock import PCR_HZ, PCR_MODULUS
from tsloom.dvb.eit import PID as EIT_PID
from tsloom.errors import UsageError
from tsloom.io import open_source
from tsloom.io.udp import UdpSource
from tsloom.pipeline import Callback, Pipeline

if TYPE_CHECKING:
    from tsloom.io import Source
    from tsloom.packets import PacketBatch


class Arrivals:
    """PCR intervals by PID, and how fast packets arrived."""

    def __init__(self) -> None:
        self.pcrs: dict[int, list[int]] = {}
        self._first: float | None = None
        self._last = 0.0
        self._packets = 0
        self.packets_per_second = 0.0

    def look(self, batch: PacketBatch) -> PacketBatch:
        # Up to the arrival before: the last packet may have waited for the stream's end.
        if self._first is not None and self._last > self._first:
            self.packets_per_second = self._packets / (self._last - self._first)
        now = time.monotonic()
        self._first = now if self._first is None else self._first
        self._last = now
        self._packets += len(batch)
        for pid, pcr in zip(batch.pid[batch.pcr_index], batch.pcr_27mhz, strict=True):
            self.pcrs.setdefault(int(pid), []).append(int(pcr))
        return batch

    def intervals_ms(self, pid: int) -> tuple[float, float]:
        """Median and longest interval between two PCRs of the PID."""
        values = self.pcrs.get(pid, [])
        gaps = [
            (after - before) % PCR_MODULUS * 1000 / PCR_HZ for before, after in pairwise(values)
        ]
        return (float(np.median(gaps)), max(gaps)) if gaps else (float("nan"), float("inf"))


def receive(source: Source) -> dict[str, Any]:
    """Reads to the end and describes what came."""
    arrivals, analyzer, monitor, log = Arrivals(), Analyzer(), CueMonitor(), SectionLog()
    run = Pipeline(Callback(arrivals.look), analyzer, monitor, log).run(source)
    report = analyzer.report(run)
    median, longest = arrivals.intervals_ms(report.reference_pid or 0)
    return {
        "report": report.to_dict(),
        "eit": [table.to_dict() for table in log.tables if table.pid == EIT_PID],
        "cues": [cue.to_dict() for cue in monitor.take_cues()],
        "pcr_interval_median_ms": median,
        "pcr_interval_max_ms": longest,
        "packets_per_second": arrivals.packets_per_second,
        "kernel_drops": getattr(source.stats, "kernel_drops", None),
    }


def get_address(source: Source) -> str:
    """The URL to send to: the port that the system chose, where it was asked to."""
    if not isinstance(source, UdpSource):
        raise UsageError("the receiver wants a udp:// URL", url=str(source.url))
    host, port = source.local_address
    return f"udp://{host}:{port}"


def main(url: str) -> int:
    with open_source(url) as source:
        print(json.dumps({"ready": get_address(source)}), flush=True)
        print(json.dumps(receive(source)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
