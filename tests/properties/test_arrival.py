"""Arrival times do not depend on how bytes are cut, and are those that were put in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tsloom
from tests.arrivals import DatagramSource, m2ts, pcr_packets
from tests.properties.strategies import BRIEF
from tsloom._native.arrival import NO_ARRIVAL
from tsloom._native.packet_reader import PacketReader
from tsloom.packets import PacketBatch, PacketSync

WRAP = 1 << 30
SECOND = 27_000_000
STEPS = st.lists(st.integers(0, WRAP - SECOND - 1), min_size=8, max_size=60)
CUTS = st.lists(st.integers(1, 700), min_size=1, max_size=20)


def packets(count: int) -> np.ndarray:
    return pcr_packets(np.arange(count, dtype=np.int64) * 1000, 1)


@BRIEF
@given(first=st.integers(1, WRAP - 1), steps=STEPS, cuts=CUTS)
def test_time_stamps_are_unwrapped(first: int, steps: list[int], cuts: list[int]) -> None:
    arrival = np.cumsum([first, *steps], dtype=np.int64)
    arrival += arrival % WRAP == 0  # 0 stands for no time stamp
    stream = m2ts(packets(len(arrival)), arrival | 0)
    sync, batches, at = PacketSync(), [], 0
    while at < len(stream):
        cut = cuts[len(batches) % len(cuts)]
        batches.append(sync.feed(stream[at : at + cut]))
        at += cut
    found = PacketBatch.concatenate([*batches, sync.flush()]).arrival_27mhz
    assert found is not None
    assert found.tolist() == unwrap((arrival % WRAP | 3 << 30).tolist())


def unwrap(stamps: list[int]) -> list[int]:
    """As the documentation says it, in whole numbers: less than a second back stands still."""
    times: list[int] = []
    before = 0
    for raw in stamps:
        stamp = raw % WRAP
        step = (stamp - before) % WRAP
        still = times and step >= WRAP - SECOND
        times.append(stamp if not times else times[-1] + (0 if still else step))
        before = stamp
    return times


DATAGRAMS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 200), st.integers(0, 10**9)),
    min_size=3,
    max_size=40,
)


@BRIEF
@given(datagrams=DATAGRAMS, at_once=st.integers(1, 9))
def test_each_packet_arrived_with_the_datagram_it_begins_in(
    datagrams: list[tuple[int, int, int]], at_once: int
) -> None:
    """Datagrams of any sizes, be they whole packets or not."""
    sizes = [188 * whole + odd for whole, odd, _ in datagrams]
    stream = packets(sum(sizes) // 188 + 2).tobytes()[: sum(sizes)]
    ends = np.cumsum(sizes)
    stamps = [10**18 + stamp for _, _, stamp in datagrams]
    parts = [stream[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    filled = [(part, at) for part, at in zip(parts, stamps, strict=True) if part]
    reader = PacketReader(DatagramSource(filled, at_once))
    batches = []
    while (batch := reader.next_batch()) is not None:
        batches.append(batch)
    whole = PacketBatch.concatenate(batches)
    if not len(whole) or whole.arrival_27mhz is None:
        return
    begins = whole.packet_index.astype(np.int64) * 188
    wanted = [stamps[int(np.searchsorted(ends, begin, side="right"))] for begin in begins]
    ticks = [ns // 1000 * 27 + ns % 1000 * 27 // 1000 for ns in wanted]
    assert whole.arrival_27mhz.tolist() == ticks


def test_what_has_no_arrival_time_says_so() -> None:
    data = packets(21).tobytes()
    parts = [(data[: 7 * 188], 0), (data[7 * 188 : 14 * 188], 10**18), (data[14 * 188 :], 0)]
    reader = PacketReader(DatagramSource(parts, 1))
    batches = []
    while (batch := reader.next_batch()) is not None:
        batches.append(batch)
    found = PacketBatch.concatenate(batches).arrival_27mhz
    assert found is not None
    assert (found == NO_ARRIVAL).tolist() == [True] * 7 + [False] * 7 + [True] * 7


def test_a_selection_keeps_the_times() -> None:
    arrival = np.arange(1, 41, dtype=np.int64) * 1000
    batch = PacketSync().feed(m2ts(packets(40), arrival))
    assert batch[3:20:4].arrival_27mhz.tolist() == arrival[3:20:4].tolist()
    seen = []
    pipeline = tsloom.Pipeline(lambda part: seen.append(part.arrival_27mhz))
    pipeline.process(batch[5:30:5])
    assert seen[0].tolist() == arrival[5:30:5].tolist()
