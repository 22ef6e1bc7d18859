"""The Python peers' work.

`python -m benchmarks.peers.library_work NAME FILE` does one and prints its seconds.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

PACKET_SIZE = 188
BLOCK_PACKETS = 4096
COUNTERS = 16

# The packets that were counted; None where the library does not tell.
Work = Callable[[Path], int | None]


def numpy_headers(path: Path) -> int:
    """PID by PID counts, block by block."""
    counts = np.zeros(8192, dtype=np.int64)
    with path.open("rb", buffering=0) as file:
        while data := file.read(BLOCK_PACKETS * PACKET_SIZE):
            packets = np.frombuffer(data, dtype=np.uint8).reshape(-1, PACKET_SIZE)
            assert (packets[:, 0] == 0x47).all()
            pid = (packets[:, 1].astype(np.uint16) & 0x1F) << 8 | packets[:, 2]
            counts += np.bincount(pid, minlength=8192)
    return int(counts.sum())


def numpy_columns(path: Path) -> int:
    """The same with continuity (a stable sort by PID) and PCRs (without judging duplicates)."""
    counts = np.zeros(8192, dtype=np.int64)
    last = np.full(8192, -1, dtype=np.int16)
    with path.open("rb", buffering=0) as file:
        while data := file.read(BLOCK_PACKETS * PACKET_SIZE):
            packets = np.frombuffer(data, dtype=np.uint8).reshape(-1, PACKET_SIZE)
            assert (packets[:, 0] == 0x47).all()
            pid = (packets[:, 1].astype(np.uint16) & 0x1F) << 8 | packets[:, 2]
            counts += np.bincount(pid, minlength=8192)
            _continuity(packets, pid, last)
            _pcrs(packets)
    return int(counts.sum())


def _continuity(packets: np.ndarray, pid: np.ndarray, last: np.ndarray) -> int:
    payload = np.flatnonzero(packets[:, 3] & 0x10)
    order = payload[np.argsort(pid[payload], kind="stable")]
    sorted_pid = pid[order]
    counter = (packets[order, 3] & 15).astype(np.int16)
    first = np.flatnonzero(np.diff(sorted_pid, prepend=-1))
    before = np.roll(counter, 1)
    before[first] = last[sorted_pid[first]]
    wrong = (before >= 0) & (counter != (before + 1) % COUNTERS)
    last[sorted_pid] = counter
    return int(wrong.sum())


def _pcrs(packets: np.ndarray) -> np.ndarray:
    at = np.flatnonzero(packets[:, 3] & 0x20)
    at = at[(packets[at, 4] >= 7) & (packets[at, 5] & 0x10 != 0)]
    field = packets[at, 6:12].astype(np.uint64)
    base = field[:, 0] << 25 | field[:, 1] << 17 | field[:, 2] << 9 | field[:, 3] << 1
    base |= field[:, 4] >> 7
    return base * 300 + ((field[:, 4] & 1) << 8 | field[:, 5])


def plain_python(path: Path) -> int:
    """A loop over the packets that counts PIDs."""
    counts: dict[int, int] = {}
    with path.open("rb", buffering=0) as file:
        while data := file.read(BLOCK_PACKETS * PACKET_SIZE):
            for at in range(0, len(data), PACKET_SIZE):
                pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
                counts[pid] = counts.get(pid, 0) + 1
    return sum(counts.values())


def pyav_demux(path: Path) -> None:
    """Packets of all elementary streams."""
    import av

    with av.open(str(path), format="mpegts") as container:
        found = sum(1 for packet in container.demux() if packet.size)
    assert found


def tstrans_demux(path: Path) -> None:
    """All events of the demultiplexer."""
    from tstrans.mpegts import Demuxer

    demuxer, found = Demuxer(), 0
    with path.open("rb", buffering=0) as file:
        while data := file.read(BLOCK_PACKETS * PACKET_SIZE):
            demuxer.feed(data)
            found += sum(1 for _ in demuxer)
    assert found


def threefive_decode(path: Path) -> None:
    """Splice information of all PIDs."""
    import threefive

    with path.open("rb") as file:
        threefive.Stream(file).decode(func=lambda cue: None)


WORK: dict[str, Work] = {
    work.__name__: work
    for work in (
        numpy_headers,
        numpy_columns,
        plain_python,
        pyav_demux,
        tstrans_demux,
        threefive_decode,
    )
}


# Imported before the clock starts.
MODULES = {
    "pyav_demux": "av",
    "tstrans_demux": "tstrans.mpegts",
    "threefive_decode": "threefive",
}


def main(name: str, path: Path) -> None:
    """Runs it once on the file; one line of JSON at the end."""
    started = time.perf_counter()
    packets = WORK[name](path)
    print(json.dumps({"packets": packets, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    if sys.argv[1] in MODULES:
        importlib.import_module(MODULES[sys.argv[1]])
    main(sys.argv[1], Path(sys.argv[2]))
