"""A stream to measure with, and what is known of it from an independent count with numpy."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.data import PACKET_SIZE

NULL_PID = 0x1FFF
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Facts:
    """What the rows' answers are held against."""

    packets: int
    pcrs: int
    continuity_errors: int
    pids: dict[int, int] = field(default_factory=dict)


@dataclass(eq=False)
class Stream:
    """A file of 188-byte packets; `data` holds it in RAM from the first use on."""

    name: str
    path: Path

    @cached_property
    def data(self) -> Bytes:
        return np.fromfile(self.path, dtype=np.uint8)

    @cached_property
    def facts(self) -> Facts:
        """Counted once and kept in a file beside the stream."""
        kept = self.path.with_suffix(".facts.json")
        if kept.is_file() and kept.stat().st_mtime >= self.path.stat().st_mtime:
            document = json.loads(kept.read_text(encoding="utf-8"))
            document["pids"] = {int(pid): count for pid, count in document["pids"].items()}
            return Facts(**document)
        facts = count_facts(np.memmap(self.path, dtype=np.uint8, mode="r"))
        kept.write_text(json.dumps(facts.__dict__), encoding="utf-8")
        return facts

    @property
    def size_bytes(self) -> int:
        return self.path.stat().st_size

    def warm(self) -> None:
        """Brings the file into the page cache."""
        with self.path.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass


def count_facts(data: Bytes) -> Facts:
    """Packets, PIDs, PCRs and continuity errors, PID by PID."""
    packets = data.reshape(-1, PACKET_SIZE)
    header = np.ascontiguousarray(packets[:, :6])
    assert (header[:, 0] == 0x47).all()
    assert not (header[:, 1] & 0x80).any(), "a packet with transport_error_indicator"
    pid = (header[:, 1].astype(np.uint16) & 0x1F) << 8 | header[:, 2]
    flags = np.where((header[:, 3] & 0x20 != 0) & (header[:, 4] > 0), header[:, 5], 0)
    pcr = (flags & 0x10 != 0) & (header[:, 4] >= 7)
    pids, counts = np.unique(pid, return_counts=True)
    errors = sum(
        _continuity_errors(packets, header, flags, np.flatnonzero(pid == one))
        for one in pids
        if one != NULL_PID
    )
    return Facts(
        packets=len(packets),
        pcrs=int(pcr.sum()),
        continuity_errors=int(errors),
        pids={int(one): int(count) for one, count in zip(pids, counts, strict=True)},
    )


def _continuity_errors(
    packets: Bytes, header: Bytes, flags: Bytes, index: npt.NDArray[np.intp]
) -> int:
    """ISO/IEC 13818-1, 2.4.3.3, for the packets of one PID."""
    counter = header[index, 3] & 15
    payload = header[index, 3] & 0x10 != 0
    announced = flags[index] & 0x80 != 0
    step = (counter[1:] - counter[:-1]) & 15
    wrong = (step != payload[1:]) & ~announced[1:]
    repeats = np.flatnonzero(wrong & (step == 0) & payload[1:] & payload[:-1])
    before = -2
    for at in repeats:
        same = _is_repetition(packets[index[at]], packets[index[at + 1]])
        if same and before != at - 1:
            wrong[at] = False
            before = at
    return int(wrong.sum())


def _is_repetition(first: Bytes, second: Bytes) -> bool:
    """Every byte agrees but those of a PCR."""
    both = [
        int(packet[3]) & 0x20 and packet[4] >= 7 and packet[5] & 0x10 for packet in (first, second)
    ]
    if all(both):
        return bool((first[:6] == second[:6]).all() and (first[12:] == second[12:]).all())
    return bool((first == second).all())
