"""`python -m benchmarks.live.own_relay FROM TO WORK`: tsloom between two ports, as measured."""

from __future__ import annotations

import signal
import sys
import threading

import tsloom
from tsloom.pipeline import Stage

RECEIVE_BUFFER = "64M"


def make_stages(work: str) -> list[Stage]:
    """plain: none; full: every measurement of the analyser, a filter, and cues every second."""
    if work == "plain":
        return []
    cues = tsloom.SpliceInserter(pid=500, service_id=1, room="nulls", heartbeat="1s")
    return [tsloom.Analyzer(), tsloom.DropPids(0x1FF0), cues]


def main() -> int:
    source, target, work = sys.argv[1:]
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    tsloom.relay(
        f"udp://127.0.0.1:{source}?rcvbuf={RECEIVE_BUFFER}",
        f"udp://127.0.0.1:{target}",
        tsloom.Pipeline(*make_stages(work)),
        should_stop=stopped.is_set,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
