"""What the tests of the SectionInserter share: a multiplex, sections, a run."""

from __future__ import annotations

from tests.builders import Multiplex, section, split
from tests.second_opinion import FoundSection, find_sections
from tsloom import PacketBatch, Pipeline, SectionInserter
from tsloom.pipeline import ScheduledSection

MS = 27_000
PID = 0x1F0
# One packet a millisecond; the first PCR stands in packet 21, from where time counts.
MUX = Multiplex(bitrate_bps=1_504_000)
FULL = Multiplex(bitrate_bps=1_504_000, null_every=0)
FIRST_PCR = 21


def data_of(number: int, size: int = 20) -> bytes:
    return section(0x80, number, bytes(size - 12))


def scheduled(
    due_ms: int, patience_ms: int = 100, *, number: int = 0, pid: int = PID, interval_ms: int = 0
) -> ScheduledSection:
    due = due_ms * MS
    return ScheduledSection(
        pid, data_of(number), due, due + patience_ms * MS, interval_27mhz=interval_ms * MS
    )


def run(inserter: SectionInserter, packets: list[bytes]) -> list[bytes]:
    pipeline = Pipeline(inserter)
    out = pipeline.process(PacketBatch(b"".join(packets)))
    return split(bytes(out) + bytes(pipeline.finish()))


def found(out: list[bytes], pid: int = PID) -> list[FoundSection]:
    return find_sections(out, pid)
