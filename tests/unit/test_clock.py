"""Clock arithmetic and the corners of ProgramClock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import PCR_HZ, PCR_MODULUS, PTS_MODULUS
from tsloom import ProgramClock
from tsloom.clock import parse_seconds, pts_difference, to_27mhz
from tsloom.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("30", 30),
        ("1.5m", 90),
        ("500ms", 0.5),
        ("250us", 0.00025),
        ("2h", 7200),
        (" 4s ", 4),
        (12, 12),
        (0.25, 0.25),
        (0, 0),
        (timedelta(minutes=1), 60),
    ],
)
def test_durations_are_read(text: Any, seconds: float) -> None:
    assert parse_seconds(text) == pytest.approx(seconds)
    assert to_27mhz(text) == round(seconds * PCR_HZ)


@pytest.mark.parametrize(
    "text",
    [
        *("", "s", "-1s", "1 hour", "1d", "1s2", "nan", "1e3", "inf", "9" * 30),
        *(-1, -0.001, 1e9, float("nan"), float("inf"), timedelta(seconds=-1)),
    ],
)
def test_what_is_no_duration_is_refused(text: Any) -> None:
    with pytest.raises(UsageError):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("later", "earlier", "difference"),
    [
        (10, 4, 6),
        (4, 10, -6),
        (5, PTS_MODULUS - 5, 10),
        (PTS_MODULUS - 5, 5, -10),
        (PTS_MODULUS // 2 - 1, 0, PTS_MODULUS // 2 - 1),
        (PTS_MODULUS // 2, 0, -(PTS_MODULUS // 2)),
        (0, 0, 0),
    ],
)
def test_pts_difference_goes_the_short_way(later: int, earlier: int, difference: int) -> None:
    assert pts_difference(later, earlier) == difference


def test_a_clock_that_has_not_started_knows_nothing() -> None:
    clock = ProgramClock()
    assert not clock.started
    assert clock.pcr_27mhz is None
    assert clock.bitrate_bps is None
    assert clock.stream_time(1000) == 0
    assert clock.pcr_count == 0


def test_one_pcr_starts_the_clock_but_tells_no_rate() -> None:
    clock = ProgramClock()
    assert clock.feed(10, 5 * PCR_HZ) == "started"
    assert clock.stream_time(99) == 0
    assert clock.pts_at(0) == 5 * 90_000
    assert clock.bitrate_bps is None


@pytest.mark.parametrize("limit", [PCR_HZ // 10, PCR_HZ, 5 * PCR_HZ])
def test_the_jump_limit_is_the_longest_interval_that_joins(limit: int) -> None:
    clock = ProgramClock(limit)
    clock.feed(0, 0)
    assert clock.feed(1, limit) == "continued"
    assert clock.feed(2, limit * 2 + 1) == "jumped"
    assert clock.jumps == 1


def test_a_pcr_that_goes_back_is_a_jump() -> None:
    clock = ProgramClock()
    clock.feed(0, PCR_HZ)
    clock.feed(100, PCR_HZ + 2_700_000)
    assert clock.feed(200, PCR_HZ) == "jumped"
    assert clock.now_27mhz == 2 * 2_700_000
    assert clock.pts_at(clock.now_27mhz) == 90_000


def test_over_a_flagged_discontinuity_time_goes_on_and_pts_is_anchored_anew() -> None:
    clock = ProgramClock()
    clock.feed(0, 0)
    clock.feed(100, 270_000)
    assert clock.feed(200, 90 * PCR_HZ, True) == "discontinuity"
    assert clock.now_27mhz == 540_000
    assert clock.pts_at(540_000) == 90 * 90_000
    assert clock.bitrate_bps == pytest.approx(100 * 1504 / 0.01)


def test_a_repeated_pcr_changes_nothing() -> None:
    clock = ProgramClock()
    clock.feed(0, 100)
    clock.feed(10, 2_700_100)
    before = (clock.now_27mhz, clock.packet_index, clock.stream_time(15), clock.bitrate_bps)
    assert clock.feed(11, 2_700_100) == "continued"
    assert (clock.now_27mhz, clock.packet_index, clock.stream_time(15), clock.bitrate_bps) == before
    assert clock.pcr_count == 3


def test_the_wrap_is_33_bits_times_300() -> None:
    clock = ProgramClock()
    clock.feed(0, PCR_MODULUS - 100)
    assert clock.feed(50, 200) == "continued"
    assert clock.now_27mhz == 300
    assert clock.pts_at(0) == PTS_MODULUS - 1
    assert clock.pts_at(100) == 0


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_numbers_beyond_64_bits_are_refused(value: int) -> None:
    with pytest.raises(OverflowError):
        ProgramClock().feed(0, value)
    with pytest.raises(OverflowError):
        ProgramClock().feed(value, 0)
