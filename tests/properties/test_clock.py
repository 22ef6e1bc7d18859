"""ProgramClock against exact fractions: the same time line, whatever wraps and jumps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import PCR_HZ, PCR_MODULUS, PTS_MODULUS
from tests.properties.strategies import THOROUGH
from tsloom import ProgramClock

JUMP_LIMIT = PCR_HZ


@dataclass(frozen=True)
class Step:
    packets: int
    ticks: int
    flagged: bool


STEPS = st.lists(
    st.builds(
        Step,
        packets=st.integers(1, 100_000),
        ticks=st.one_of(
            st.integers(1, JUMP_LIMIT),
            st.integers(1, PCR_HZ // 10),
            st.integers(JUMP_LIMIT + 1, PCR_MODULUS - 1),
        ),
        flagged=st.sampled_from([False, False, False, False, True]),
    ),
    max_size=30,
)
FIRST = st.integers(0, PCR_MODULUS - 1) | st.integers(PCR_MODULUS - 10**7, PCR_MODULUS - 1)


class SlowClock:
    """Time as a fraction; over a discontinuity it goes on at the last rate."""

    def __init__(self, pcr: int) -> None:
        self.pcr, self.index, self.time = pcr, 0, Fraction(0)
        self.rate = Fraction(0)
        self.joined_ticks = self.joined_packets = 0
        self.events = ["started"]

    def feed(self, step: Step) -> None:
        if step.flagged or step.ticks > JUMP_LIMIT:
            # Whole ticks: the anchor that both sides go on from.
            self.time += self.rate * step.packets // 1
            self.events.append("discontinuity" if step.flagged else "jumped")
        else:
            self.time += step.ticks
            self.rate = Fraction(step.ticks, step.packets)
            self.joined_ticks += step.ticks
            self.joined_packets += step.packets
            self.events.append("continued")
        self.pcr = (self.pcr + step.ticks) % PCR_MODULUS
        self.index += step.packets


def feed(first: int, steps: list[Step]) -> tuple[ProgramClock, SlowClock, list[str]]:
    clock, slow = ProgramClock(), SlowClock(first)
    events = [clock.feed(0, first)]
    for step in steps:
        slow.feed(step)
        events.append(clock.feed(slow.index, slow.pcr, step.flagged))
    return clock, slow, events


@given(first=FIRST, steps=STEPS)
@THOROUGH
def test_time_and_rate_are_exact_over_wraps_and_discontinuities(
    first: int, steps: list[Step]
) -> None:
    clock, slow, events = feed(first, steps)
    assert events == slow.events
    assert clock.now_27mhz == slow.time
    assert clock.packet_index == slow.index
    assert clock.pcr_27mhz == slow.pcr
    assert clock.pcr_count == len(steps) + 1
    assert clock.discontinuities == slow.events.count("discontinuity")
    assert clock.jumps == slow.events.count("jumped")
    if slow.joined_ticks:
        bitrate = Fraction(slow.joined_packets * 1504 * PCR_HZ, slow.joined_ticks)
        assert clock.bitrate_bps is not None
        assert abs(Fraction(clock.bitrate_bps) / bitrate - 1) < Fraction(1, 10**12)
    else:
        assert clock.bitrate_bps is None


@given(first=FIRST, steps=STEPS, ahead=st.integers(-(10**6), 10**6))
@THOROUGH
def test_time_between_pcrs_is_interpolated_by_packet_index(
    first: int, steps: list[Step], ahead: int
) -> None:
    clock, slow, _ = feed(first, steps)
    ahead = max(ahead, -slow.index)
    exact = slow.time + slow.rate * ahead
    assert abs(clock.stream_time(slow.index + ahead) - exact) < 1


@given(first=FIRST, steps=STEPS, offset=st.integers(-(2**40), 2**40))
@THOROUGH
def test_a_stream_time_reads_as_the_pcr_and_pts_of_its_instant(
    first: int, steps: list[Step], offset: int
) -> None:
    clock, slow, _ = feed(first, steps)
    at = clock.now_27mhz + offset
    assert clock.pcr_at(at) == (slow.pcr + offset) % PCR_MODULUS
    assert clock.pts_at(at) == (slow.pcr + offset) % PCR_MODULUS // 300


@given(first=FIRST, steps=STEPS, ahead=st.integers(-(PTS_MODULUS // 2), PTS_MODULUS // 2 - 1))
@THOROUGH
def test_a_pts_is_found_within_half_a_wrap_and_reads_back(
    first: int, steps: list[Step], ahead: int
) -> None:
    clock, slow, _ = feed(first, steps)
    pts = (slow.pcr // 300 + ahead) % PTS_MODULUS
    at = clock.time_of_pts(pts)
    assert at == slow.time - slow.pcr % 300 + ahead * 300
    assert clock.pts_at(at) == pts


@given(first=FIRST, steps=STEPS)
@THOROUGH
def test_time_never_runs_backwards(first: int, steps: list[Step]) -> None:
    clock, slow = ProgramClock(), SlowClock(first)
    clock.feed(0, first)
    times = [clock.now_27mhz]
    for step in steps:
        slow.feed(step)
        clock.feed(slow.index, slow.pcr, step.flagged)
        times.append(clock.now_27mhz)
    assert times == sorted(times)
