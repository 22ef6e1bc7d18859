"""PCR_OJ, PCR_FO and PCR_DR in a report: where packets tell when they arrived, and where not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import tsloom
from tests.arrivals import PCR_HZ, VIDEO, DatagramSource, m2ts, pcr_packets
from tests.builders import Multiplex
from tsloom.analysis.evidence import Evidence
from tsloom.analysis.pcr import PcrFigures

SECONDS = 600
PCRS_A_SECOND = 25
EVERY = 4
OFFSET_HZ = 300.0
DRIFT_HZ_PER_S = 0.02
JITTER_TICKS = 135  # 5 us either way, and far above the demarcation frequency
JITTER_HZ = 2.3
ERROR_TICKS = 9  # of the PCRs, against byte position
CASES = [(OFFSET_HZ, DRIFT_HZ_PER_S), (-700.0, -0.06), (40.0, 0.1)]


def make(
    offset_hz: float, drift_hz_per_s: float, seconds: int = SECONDS
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Packets at even times, their PCRs of a clock that is off and drifts, and their arrival."""
    count = seconds * PCRS_A_SECOND
    time = np.arange(count) / PCRS_A_SECOND
    ticks = time * (PCR_HZ + offset_hz) + drift_hz_per_s * time**2 / 2
    error = np.where(np.arange(count) % 2, ERROR_TICKS, -ERROR_TICKS)
    pcr = np.round(ticks).astype(np.int64) + error + (300 << 33) - 40 * PCR_HZ
    sent = np.arange(count * EVERY) * (PCR_HZ // PCRS_A_SECOND // EVERY)
    late = np.round(JITTER_TICKS * np.sin(2 * np.pi * JITTER_HZ * sent / PCR_HZ))
    return pcr_packets(pcr, EVERY), sent + late.astype(np.int64) + 1000


def figures(report: tsloom.Report) -> PcrFigures:
    found = report.pids[VIDEO].pcr
    assert found is not None
    return found


def check(found: PcrFigures, offset_hz: float, drift_hz_per_s: float) -> None:
    frequency = found.frequency
    assert frequency is not None
    assert found.not_measured is None
    mean = offset_hz + drift_hz_per_s * SECONDS / 2
    assert frequency.offset_hz == pytest.approx(mean, rel=0.02)
    assert frequency.drift_mhz_per_s == pytest.approx(drift_hz_per_s * 1000, rel=0.02)
    rms = np.sqrt(JITTER_TICKS**2 / 2 + ERROR_TICKS**2) * 1000 / 27
    assert found.jitter.rms_ns == pytest.approx(rms, rel=0.05)
    spread = 2 * (JITTER_TICKS + ERROR_TICKS) * 1000 / 27
    assert found.jitter.peak_to_peak_ns == pytest.approx(spread, rel=0.05)
    assert found.accuracy.rms_ns == pytest.approx(ERROR_TICKS * 1000 / 27, rel=0.05)


@pytest.mark.parametrize(("offset_hz", "drift_hz_per_s"), CASES)
def test_jitter_offset_and_drift_of_m2ts_come_back(
    tmp_path: Path, offset_hz: float, drift_hz_per_s: float
) -> None:
    path = tmp_path / "in.m2ts"
    path.write_bytes(m2ts(*make(offset_hz, drift_hz_per_s)))
    report = tsloom.analyze(path)
    assert report.packet_size == 192
    assert report.arrival_clock == figures(report).arrival_clock == "arrival_time_stamp"
    check(figures(report), offset_hz, drift_hz_per_s)


@pytest.mark.parametrize("at_once", [1, 5])
def test_jitter_offset_and_drift_of_datagrams_come_back(at_once: int) -> None:
    """Four packets to a datagram, in front the one with the PCR."""
    data, arrival = make(*CASES[0])
    since_1970 = 1_700_000_000_000_000_000
    datagrams = [
        (data[at : at + EVERY].tobytes(), since_1970 + int(arrival[at]) * 1000 // 27)
        for at in range(0, len(data), EVERY)
    ]
    report = tsloom.analyze(DatagramSource(datagrams, at_once))
    assert report.arrival_clock == figures(report).arrival_clock == "receive_time"
    check(figures(report), *CASES[0])


def test_pieces_and_batches_give_the_report_of_one_pass(tmp_path: Path) -> None:
    path = tmp_path / "in.m2ts"
    stream = m2ts(*make(*CASES[0], seconds=60))
    path.write_bytes(stream)
    whole = tsloom.analyze(path)
    assert whole.to_json() == tsloom.analyze(path, workers=2).to_json()
    for cut in (1, 100_000, 1_000_003):
        pieces = Evidence.collect([stream[:cut]]) + Evidence.collect([stream[cut:]])
        assert pieces.report().to_json() == whole.to_json()
    pipeline = tsloom.Pipeline(analyzer := tsloom.Analyzer())
    with tsloom.open(path) as reader:
        for batch in reader.batches():
            assert batch.arrival_27mhz is not None
            pipeline.process(batch)
    pipeline.finish()
    assert figures(analyzer.report()) == figures(whole)


def test_what_an_edit_leaves_is_measured_by_its_own_arrival(tmp_path: Path) -> None:
    path = tmp_path / "in.m2ts"
    path.write_bytes(m2ts(*make(*CASES[0], seconds=60)))
    inserter = tsloom.Pipeline(tsloom.DropNulls(), analyzer := tsloom.Analyzer())
    inserter.run(path)
    assert figures(analyzer.report()) == figures(tsloom.analyze(path))


def test_without_arrival_times_the_report_says_why(tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    data, _ = make(*CASES[0], seconds=10)
    path.write_bytes(data.tobytes())
    report = tsloom.analyze(path)
    found = figures(report)
    assert (report.arrival_clock, found.arrival_clock) == (None, None)
    assert (found.frequency, found.jitter.count) == (None, 0)
    assert found.not_measured == "the input does not tell when packets arrived"


@pytest.mark.parametrize(("stamp", "reason"), [(0, "does not tell"), (7, "too few")])
def test_time_stamps_that_stand_still_measure_nothing(
    tmp_path: Path, stamp: int, reason: str
) -> None:
    path = tmp_path / "in.m2ts"
    data, _ = make(*CASES[0], seconds=10)
    front = np.full(len(data), stamp, dtype=">u4").view(np.uint8).reshape(-1, 4)
    path.write_bytes(np.concatenate([front, data], axis=1).tobytes())
    found = figures(tsloom.analyze(path))
    assert found.frequency is None
    assert reason in str(found.not_measured)


def test_a_live_report_names_its_clock_in_words(tmp_path: Path) -> None:
    from tsloom.cli.report_view import describe

    path = tmp_path / "in.m2ts"
    path.write_bytes(m2ts(*make(*CASES[0], seconds=60)))
    text = "\n".join(describe(tsloom.analyze(path)))
    assert "PCR against the arrival_time_stamp of M2TS" in text
    assert "offset +11." in text
    plain = tmp_path / "in.ts"
    plain.write_bytes(Multiplex().stream(2000))
    text = "\n".join(describe(tsloom.analyze(plain)))
    assert "not measured (the input does not tell when packets arrived)" in text
