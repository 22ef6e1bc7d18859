"""The SectionInserter: its sources, and other threads beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest

from tests.builders import (
    PCR_HZ,
    SERVICE_1,
    Multiplex,
    adaptation_field,
    packet,
)
from tests.unit.pipeline.inserting import (
    FIRST_PCR,
    FULL,
    MS,
    PID,
    data_of,
    found,
    run,
    scheduled,
)
from tsloom import PacketBatch, Pipeline, ProgramClock, SectionInserter
from tsloom.pipeline import ScheduledSection


class OneAfterTheOther:
    """Gives one section whenever it is asked, half a second ahead of the clock."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def next_sections(self, clock: ProgramClock) -> Iterable[ScheduledSection]:
        self.asked.append(clock.now_27mhz)
        due = clock.now_27mhz + 500 * MS
        yield ScheduledSection(PID, data_of(len(self.asked)), due, due)


def test_a_source_is_asked_again_when_all_has_left() -> None:
    source = OneAfterTheOther()
    inserter = SectionInserter(room="add")
    inserter.add_source(source)
    out = run(inserter, FULL.packets(2100))
    assert len(found(out)) == 4
    assert source.asked[0] == 0
    # Once for the clock's start, once for each that left; the last one failed at the end.
    assert len(source.asked) == 4 + 1 + 1


class Repeater:
    """Gives one section that repeats every 100 ms."""

    def __init__(self) -> None:
        self.asked = 0

    def next_sections(self, clock: ProgramClock) -> Iterable[ScheduledSection]:
        self.asked += 1
        now = clock.now_27mhz
        yield ScheduledSection(PID, data_of(self.asked), now, now + MS, interval_27mhz=100 * MS)


def test_a_source_of_repeated_sections_is_asked_once() -> None:
    source = Repeater()
    inserter = SectionInserter(room="add")
    inserter.add_source(source)
    out = run(inserter, FULL.packets(1000))
    assert source.asked == 1
    assert 9 <= len(found(out)) <= 10


def test_when_the_clock_breaks_sources_are_asked_anew() -> None:
    source = Repeater()
    inserter = SectionInserter(room="add")
    inserter.add_source(source)
    packets = FULL.packets(500)
    jump = adaptation_field(pcr=77 * PCR_HZ, discontinuity=True)
    packets += [packet(SERVICE_1.video_pid, 0, bytes(176), adaptation=jump)]
    packets += Multiplex(null_every=0, pcr_first=77 * PCR_HZ + MS).packets(500)
    out = run(inserter, packets)
    assert source.asked == 2
    numbers = [one.data for one in found(out)]
    assert numbers == sorted(numbers)
    assert set(numbers) == {data_of(1), data_of(2)}


def test_a_source_that_comes_while_the_stream_runs_is_asked_at_once() -> None:
    source = OneAfterTheOther()
    inserter = SectionInserter(room="add")
    pipeline = Pipeline(inserter)
    pipeline.process(PacketBatch(FULL.stream(500)))
    inserter.add_source(source)
    assert source.asked == [pytest.approx((480 - FIRST_PCR) * MS, abs=21 * MS)]


def test_other_threads_may_insert_cancel_and_ask_while_it_runs() -> None:
    """The memory behind it is moved about by both: without a lock this ends in a crash."""
    inserter = SectionInserter(room="add")
    pipeline = Pipeline(inserter)
    batches = [PacketBatch(FULL.stream(600)[at : at + 188 * 60]) for at in range(0, 112800, 11280)]
    ids: list[int] = []

    def tell() -> None:
        for number in range(2000):
            section_id = inserter.insert(scheduled(10**6, number=number))
            ids.append(section_id)
            assert inserter.clock is None or inserter.clock.started
            if number % 3 == 0:
                inserter.cancel(section_id)

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for batch in batches:
            pipeline.process(batch)
    for thread in threads:
        thread.join()
    pipeline.finish()
    assert len(set(ids)) == 4000
    assert len(inserter.failures) == 4000 - 2 * 667
