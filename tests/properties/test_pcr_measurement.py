"""PCR figures depend on the sequence alone; intervals are counted as a plain loop counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PCR_HZ, PCR_MODULUS
from tests.properties.strategies import BRIEF, THOROUGH
from tsloom.analysis.pcr import INTERVAL_BINS, PcrFigures, PcrMeasurement, PcrVerdict


@dataclass(frozen=True)
class Step:
    packets: int
    ticks: int
    flagged: bool
    late: int


STEPS = st.lists(
    st.builds(
        Step,
        packets=st.integers(1, 1000),
        ticks=st.one_of(
            st.integers(1_079_990, 1_080_010),
            st.integers(0, PCR_HZ // 8),
            st.integers(0, PCR_MODULUS - 1),
        ),
        flagged=st.sampled_from([False] * 9 + [True]),
        late=st.integers(-5000, 5000),
    ),
    max_size=300,
)
FIRST = st.integers(0, PCR_MODULUS - 1)


def columns(first: int, steps: list[Step]) -> tuple[np.ndarray, ...]:
    index, pcr, arrival = [5], [first], [10**9]
    for step in steps:
        index.append(index[-1] + step.packets)
        pcr.append((pcr[-1] + step.ticks) % PCR_MODULUS)
        arrival.append(arrival[-1] + min(step.ticks, PCR_HZ) + 10_000 + step.late)
    flags = [False, *(step.flagged for step in steps)]
    return (
        np.array(index, np.uint64),
        np.array(pcr, np.uint64),
        np.array(flags, np.uint8),
        np.array(arrival, np.int64),
    )


def measure(parts: list[tuple[np.ndarray, ...]]) -> tuple[PcrFigures, list[PcrVerdict]]:
    measurement = PcrMeasurement()
    verdicts = [v for part in parts for v in measurement.feed_columns(*part)]
    return measurement.figures(), verdicts + measurement.finish()


@given(first=FIRST, steps=STEPS, cuts=st.lists(st.integers(0, 300), max_size=8))
@BRIEF
def test_figures_do_not_depend_on_how_calls_are_grouped(
    first: int, steps: list[Step], cuts: list[int]
) -> None:
    whole = columns(first, steps)
    pieces = list(zip(*(np.split(column, sorted(cuts)) for column in whole), strict=True))
    assert measure(pieces) == measure([whole])
    one_by_one = PcrMeasurement()
    for index, pcr, flag, arrival in zip(*(c.tolist() for c in whole), strict=True):
        one_by_one.feed(index, pcr, discontinuity_indicator=bool(flag), arrival_27mhz=arrival)
    assert one_by_one.figures() == measure([whole])[0]


@given(first=FIRST, other=FIRST, steps=STEPS)
@BRIEF
def test_figures_do_not_depend_on_where_the_wrap_is(
    first: int, other: int, steps: list[Step]
) -> None:
    assert measure([columns(first, steps)]) == measure([columns(other, steps)])


@given(first=FIRST, steps=STEPS)
@THOROUGH
def test_intervals_are_those_of_a_plain_loop(first: int, steps: list[Step]) -> None:
    joined = [step.ticks for step in steps if not step.flagged and step.ticks <= PCR_HZ]
    bins = Counter[str]()
    for step in steps:
        if step.flagged:
            continue
        if step.ticks > PCR_MODULUS // 2:
            bins["backward"] += 1
        elif step.ticks == 0:
            bins["0"] += 1
        else:
            edge = -(-step.ticks // 270_000) * 10  # the tens of ms above
            bins[f"({edge - 10}, {edge}] ms" if edge <= 100 else "above 100 ms"] += 1
    intervals = measure([columns(first, steps)])[0].intervals
    assert dict(zip(INTERVAL_BINS, intervals.histogram, strict=True)) == {
        name: bins[name] for name in INTERVAL_BINS
    }
    assert (intervals.count, intervals.sum_27mhz) == (len(joined), sum(joined))
    assert intervals.min_ms == (min(joined) / 27_000 if joined else None) or not joined
    assert intervals.discontinuities == sum(step.flagged for step in steps)
    assert intervals.jumps == sum(s.ticks > PCR_HZ and not s.flagged for s in steps)


@given(first=FIRST, steps=STEPS)
@BRIEF
def test_each_pcr_gets_one_verdict_of_each_kind_in_order(first: int, steps: list[Step]) -> None:
    whole = columns(first, steps)
    verdicts = measure([whole])[1]
    for kind in ("accuracy", "overall_jitter"):
        indices = [v.packet_index for v in verdicts if v.kind == kind]
        assert indices == whole[0].tolist()
