"""Jitter, offset and drift of known size come back; a variable rate says that it is an estimate."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Iterator

import numpy as np
import pytest

from tsloom.analysis.pcr import (
    INTERVAL_BINS,
    MGF1_HZ,
    MGF2_HZ,
    MGF3_HZ,
    PcrFigures,
    PcrMeasurement,
    PcrVerdict,
)
from tsloom.errors import UsageError

HZ = 27_000_000
NS = HZ / 1e9
RATE_BPS = 12_345_678
PACKET_TICKS = 1504 * HZ / RATE_BPS
STEP_PACKETS = 320  # 39 ms
START = 1_000_000_000


def steady(count: int, step: int = STEP_PACKETS) -> Iterator[tuple[int, float]]:
    """Packet index and true time in ticks at a constant bitrate."""
    for i in range(count):
        yield i * step, i * step * PACKET_TICKS


def measured(
    samples: Iterator[tuple[int, int]], **settings: float
) -> tuple[PcrFigures, list[PcrVerdict]]:
    measurement = PcrMeasurement(**settings)  # type: ignore[arg-type]
    verdicts = [
        verdict for index, pcr in samples for verdict in measurement.feed(index, START + pcr)
    ]
    verdicts += measurement.finish()
    return measurement.figures(), verdicts


def high_pass(frequency_hz: float, corner_hz: float) -> float:
    """Gain of a Butterworth high-pass of second order."""
    return 1 / math.sqrt(1 + (corner_hz / frequency_hz) ** 4)


@pytest.mark.parametrize("filter_hz", [MGF1_HZ, MGF2_HZ, MGF3_HZ])
def test_true_pcrs_at_a_constant_rate_are_exact_to_their_rounding(filter_hz: float) -> None:
    samples = ((index, int(time)) for index, time in steady(5000))
    figures, verdicts = measured(samples, filter_hz=filter_hz)
    assert figures.accuracy_method == "exact"
    assert figures.accuracy.errors == 0
    assert figures.accuracy.count == len(verdicts) == 5000
    assert figures.accuracy.peak_to_peak_ns is not None
    assert figures.accuracy.peak_to_peak_ns < 2 * 37.1
    assert figures.accuracy.worst_ns is not None
    assert abs(figures.accuracy.worst_ns) < 37.1


@pytest.mark.parametrize("filter_hz", [MGF1_HZ, MGF2_HZ])
@pytest.mark.parametrize("amplitude_ns", [300, 2000, 20_000])
@pytest.mark.parametrize("frequency_hz", [2.0, 5.0])
def test_sinusoidal_pcr_inaccuracy_comes_back_within_5_percent(
    filter_hz: float, amplitude_ns: float, frequency_hz: float
) -> None:
    samples = (
        (index, round(t + amplitude_ns * NS * math.sin(math.tau * frequency_hz * t / HZ)))
        for index, t in steady(6000)
    )
    accuracy = measured(samples, filter_hz=filter_hz)[0].accuracy
    expected = amplitude_ns * high_pass(frequency_hz, filter_hz)
    assert accuracy.rms_ns == pytest.approx(expected / math.sqrt(2), rel=0.05)
    # Rounding to a tick adds up to one, 37 ns.
    assert accuracy.peak_to_peak_ns == pytest.approx(2 * expected, abs=0.1 * expected + 37.1)
    assert accuracy.count == 6000


@pytest.mark.parametrize("frequency_hz", [0.02, 0.05, 0.1, 0.2])
def test_wander_is_held_back_as_the_filter_says(frequency_hz: float) -> None:
    samples = (
        (index, round(t + 10_000 * NS * math.sin(math.tau * frequency_hz * t / HZ)))
        for index, t in steady(20_000)
    )
    verdicts = measured(samples)[1][4000:]  # after the transient of the start
    rms = math.sqrt(sum((v.deviation_ns or 0) ** 2 for v in verdicts) / len(verdicts))
    expected = 10_000 / math.sqrt(2) * high_pass(frequency_hz, MGF2_HZ)
    assert rms == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("sigma_ns", [100, 1000, 4000])
def test_random_pcr_inaccuracy_comes_back_within_5_percent(sigma_ns: float) -> None:
    source = random.Random(5)
    made = [source.gauss(0, sigma_ns) for _ in range(10_000)]
    samples = (
        (index, round(t + error * NS))
        for (index, t), error in zip(steady(len(made)), made, strict=True)
    )
    figures, _ = measured(samples)
    rms = math.sqrt(sum(error**2 for error in made) / len(made))
    assert figures.accuracy.rms_ns == pytest.approx(rms, rel=0.05)
    assert figures.accuracy_method == "exact"
    beyond = sum(abs(error) > 500 for error in made)
    assert figures.accuracy.errors == pytest.approx(beyond, rel=0.05, abs=5)


def test_verdicts_are_those_of_the_filter_in_its_direct_form() -> None:
    source = random.Random(8)
    points = [(i * 300, START + i * 1_100_000 + source.randint(-8, 8)) for i in range(700)]
    measurement = PcrMeasurement()
    verdicts = [v for index, pcr in points for v in measurement.feed(index, pcr)]
    # The start: weighted least squares over its window of 128.
    n = 128
    weights = [(2 * i + 1) * (2 * (n - i) - 1) for i in range(n)]
    mean_x = sum(w * x for w, (x, _) in zip(weights, points, strict=False)) / sum(weights)
    mean_y = sum(w * y for w, (_, y) in zip(weights, points, strict=False)) / sum(weights)
    window = list(zip(weights, points, strict=False))
    slope = sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in window) / sum(
        w * (x - mean_x) ** 2 for w, (x, _) in window
    )
    line = [y - mean_y - slope * (x - mean_x) for x, y in points]
    theta = math.tau * MGF2_HZ * 1_100_000 / HZ
    divisor = 4 + 2 * math.sqrt(2) * theta + theta**2
    filtered = [0.0]
    x2 = x1 = y2 = y1 = 0.0
    for value in line[1:]:
        numerator = 4 * (value - 2 * x1 + x2)
        feedback = (8 - 2 * theta**2) * y1 - (4 - 2 * math.sqrt(2) * theta + theta**2) * y2
        x2, x1, y2, y1 = x1, value, y1, (numerator + feedback) / divisor
        filtered.append(y1)
    expected = line[:n] + filtered[n:]
    got = [v.deviation_ns for v in verdicts]
    assert got == pytest.approx([e / NS for e in expected], abs=0.05)


@pytest.mark.parametrize("spread", [0.005, 0.05, 0.5])
def test_a_variable_rate_gives_an_estimate(spread: float) -> None:
    source = random.Random(3)
    index = 0
    measurement = PcrMeasurement()
    for i in range(2000):
        measurement.feed(index, i * 1_080_000)
        index += round(400 * source.uniform(1 - spread, 1 + spread))
    assert measurement.figures().accuracy_method == "estimate"


def test_the_limit_is_settable_and_counts_what_is_beyond() -> None:
    points = [(index, round(t)) for index, t in steady(1000)]
    for i in (5, 400, 700):
        points[i] = (points[i][0], points[i][1] + round(800 * NS))
    assert measured(iter(points))[0].accuracy.errors == 3
    assert measured(iter(points), accuracy_limit_ns=1000)[0].accuracy.errors == 0
    wrong = [v.packet_index for v in measured(iter(points))[1] if v.error]
    assert wrong == [points[i][0] for i in (5, 400, 700)]


def against_arrival(
    offset_hz: float, drift_mhz_per_s: float, *, seconds: int, sigma_ns: float = 0
) -> PcrMeasurement:
    """PCRs of a clock that is off, stamped by a true one, with jitter in the network."""
    source = random.Random(1)
    measurement = PcrMeasurement()
    for i in range(seconds * 25):
        true_s = i * 0.04
        pcr = true_s * HZ + offset_hz * true_s + drift_mhz_per_s / 2000 * true_s**2
        arrival = true_s * HZ + source.gauss(0, sigma_ns) * NS
        measurement.feed(i * 400, round(pcr), arrival_27mhz=round(arrival) + 7_000_000)
    measurement.finish()
    return measurement


@pytest.mark.parametrize("offset_hz", [-700.0, -25.0, 10.0, 810.0])
@pytest.mark.parametrize("sigma_ns", [0, 1000])
def test_a_frequency_offset_comes_back_within_2_percent(offset_hz: float, sigma_ns: float) -> None:
    frequency = against_arrival(offset_hz, 0, seconds=120, sigma_ns=sigma_ns).figures().frequency
    assert frequency is not None
    assert frequency.offset_hz == pytest.approx(offset_hz, rel=0.02)
    assert frequency.offset_ppm == pytest.approx(offset_hz / 27, rel=0.02)
    assert frequency.arrival_drift_ns == pytest.approx(
        offset_hz / HZ * 1e9 * frequency.span_s, rel=0.02, abs=6 * sigma_ns
    )
    assert frequency.offset_exceeded is False


@pytest.mark.parametrize("drift", [-75.0, 20.0, 150.0])
@pytest.mark.parametrize("sigma_ns", [0, 500])
def test_a_drift_rate_comes_back_within_2_percent(drift: float, sigma_ns: float) -> None:
    frequency = against_arrival(40, drift, seconds=400, sigma_ns=sigma_ns).figures().frequency
    assert frequency is not None
    assert frequency.drift_mhz_per_s == pytest.approx(drift, rel=0.02)
    assert frequency.drift_exceeded is (drift == 150)


def test_of_a_short_span_the_drift_rate_is_told_with_its_error() -> None:
    frequency = against_arrival(0, 0, seconds=10, sigma_ns=2000).figures().frequency
    assert frequency is not None
    assert frequency.drift_error_mhz_per_s > 75
    assert frequency.drift_exceeded is False
    assert abs(frequency.drift_mhz_per_s) < 4 * frequency.drift_error_mhz_per_s


@pytest.mark.parametrize("sigma_ns", [300, 5000, 40_000])
def test_overall_jitter_comes_back_within_5_percent(sigma_ns: float) -> None:
    figures = against_arrival(50, 5, seconds=400, sigma_ns=sigma_ns).figures()
    assert figures.jitter.rms_ns == pytest.approx(sigma_ns, rel=0.05)
    assert figures.jitter.count == 10_000
    assert (figures.jitter.errors > 0) is (sigma_ns > 6000)
    assert figures.accuracy.errors == 0


def test_a_discontinuity_is_no_jitter() -> None:
    source = random.Random(4)
    measurement = PcrMeasurement()
    shift = 0
    for i in range(3000):
        if i % 500 == 499:
            shift += source.randint(0, 10**12)
        measurement.feed(
            i * 400,
            (i * 1_080_000 + shift) % (2**33 * 300),
            discontinuity_indicator=i % 500 == 499,
            arrival_27mhz=i * 1_080_000,
        )
    measurement.finish()
    figures = measurement.figures()
    assert figures.intervals.discontinuities == 6
    assert figures.intervals.count == 2993
    assert figures.jitter.rms_ns == pytest.approx(0, abs=1e-3)
    assert figures.accuracy.rms_ns == pytest.approx(0, abs=1e-3)
    assert figures.frequency is not None
    assert figures.frequency.offset_hz == pytest.approx(0, abs=1e-3)
    assert figures.intervals.max_ms == 40


def test_intervals_are_taken_and_the_total_stays() -> None:
    measurement = PcrMeasurement()
    taken = []
    for i in range(1000):
        measurement.feed(i * 400, i * 1_080_000)
        if i % 100 == 99:
            taken.append(measurement.take_interval())
    assert [figures.pcr_count for figures in taken] == [100] * 10
    assert measurement.figures().pcr_count == 1000
    assert sum(figures.accuracy.count for figures in taken) == 1000
    assert taken[0].accuracy.rms_ns is None  # the start waits for 128


def test_figures_go_to_json() -> None:
    measurement = against_arrival(-20, 0, seconds=20)
    plain = json.loads(json.dumps(measurement.figures().to_dict()))
    assert plain["intervals"]["histogram"]["(30, 40] ms"] == 499
    assert list(plain["intervals"]["histogram"]) == list(INTERVAL_BINS)
    assert plain["frequency"]["offset_ppm"] == pytest.approx(-20 / 27, rel=0.02)
    assert PcrMeasurement().figures().to_dict()["frequency"] is None


def test_columns_of_several_lengths_are_refused() -> None:
    with pytest.raises(UsageError):
        PcrMeasurement().feed_columns(np.zeros(3, np.uint64), np.zeros(2, np.uint64))


@pytest.mark.parametrize(
    "setting",
    [{"filter_hz": 0}, {"filter_hz": 11}, {"accuracy_limit_ns": 0}, {"jump_limit_27mhz": -1}],
    ids=str,
)
def test_settings_out_of_range_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        PcrMeasurement(**setting)


def test_long_runs_of_columns_come_back_whole() -> None:
    count = 5000
    index = np.arange(count, dtype=np.uint64) * np.uint64(400)
    verdicts = PcrMeasurement().feed_columns(index, index * np.uint64(2700))
    assert [v.packet_index for v in verdicts] == list(
        itertools.islice(itertools.count(0, 400), count)
    )
