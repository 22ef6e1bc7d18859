"""Feeds an Analyzer with hostile packets for long; prints how much its memory grew, in kB.

    python -m tests.properties.hostile_load MILLIONS_OF_PACKETS

Most packets are of few PIDs; the rest are random bytes, tables with ever other numbers and right
CRC_32s, PES headers and PCRs of any value, on any PID.
"""

from __future__ import annotations

import resource
import sys

import numpy as np

from tests.builders import packetize, pat, pmt, section
from tsloom import Analyzer, PacketBatch, Pipeline

BATCH = 4096
SECTION_PLACES = 40


def peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def tables(chance: np.random.Generator) -> list[bytes]:
    """Packets of sections that nobody has sent before."""
    numbers = chance.integers(0, 65_536, SECTION_PLACES).tolist()
    pids = chance.integers(16, 8191, SECTION_PLACES).tolist()
    made = []
    for number, pid in zip(numbers, pids, strict=True):
        version = number % 32
        kind = number % 5
        if kind == 0:
            programs = {number: pid, number + 1 & 0xFFFF: 0x30}
            made += packetize(pat(programs, version=version), 0)
        elif kind == 1:
            streams = [(number & 255, pid + n & 0x1FFF, b"") for n in range(number % 20)]
            made += packetize(pmt(number - 1, pid, streams, version=version), 0x30)
        else:
            table_id = (0x42, 0x4E, 0x50)[kind - 2] + number % 8
            body = number.to_bytes(2, "big") * 8
            data = section(table_id, number, body, version=version, number=pid & 255, last=255)
            made += packetize(data, 0x12 if kind > 2 else 0x11)
    return made


def batch(chance: np.random.Generator, first_index: int) -> PacketBatch:
    made = np.frombuffer(chance.bytes(BATCH * 188), np.uint8).reshape(BATCH, 188).copy()
    made[:, 0] = 0x47
    calm = chance.random(BATCH) < 0.8
    made[calm, 1], made[calm, 2], made[calm, 3] = 1, first_index // BATCH % 4, 0x10
    clocks = np.flatnonzero(chance.random(BATCH) < 0.05)
    made[clocks, 3], made[clocks, 4], made[clocks, 5] = 0x30, 20, 0x10
    starts = np.flatnonzero(chance.random(BATCH) < 0.05)
    made[starts, 1] |= 0x40
    made[starts, 3] = 0x10
    made[starts, 4:13] = np.frombuffer(b"\0\0\1\xe0\0\0\x80\xc0\x0a", np.uint8)
    listed = np.frombuffer(b"".join(tables(chance)), np.uint8).reshape(-1, 188)
    places = chance.choice(BATCH, len(listed), replace=False)
    made[np.sort(places)] = listed
    return PacketBatch(made.tobytes(), first_index=first_index)


def main(packets: int) -> int:
    analyzer = Analyzer(buffer_model=True)
    pipeline = Pipeline(analyzer)
    chance = np.random.default_rng(7)
    pipeline.process(batch(chance, 0))
    begin = peak_kb()
    for index in range(BATCH, packets, BATCH):
        pipeline.process(batch(chance, index))
    pipeline.finish()
    grown = peak_kb() - begin
    report = analyzer.report()
    assert report.packets == sum(row.packets for row in report.pids.values())
    print(grown)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(float(sys.argv[1]) * 1e6)))
