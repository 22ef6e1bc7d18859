"""Reports of intervals: however the stream is cut they are the same, and sum up to the total."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from tests.properties.pieces import PieceSource
from tests.properties.strategies import BRIEF, cut, cuts_of
from tests.properties.test_tr101290 import damaged
from tests.unit.analysis.test_report_schema import faults
from tsloom import Analyzer, PacketBatch, Pipeline, Report, analyze, analyze_intervals
from tsloom.errors import UsageError

SECONDS = 0.7
COUNTS = (
    *("packets", "sync_losses", "skipped_bytes", "bad_sync_bytes", "transport_errors"),
    *("continuity_errors", "duplicates", "section_crc_errors", "null_packets"),
)
PID_COUNTS = (
    *("packets", "continuity_errors", "duplicates", "scrambled_packets"),
    *("transport_errors", "discontinuities", "pcr_count"),
)
TIMESTAMP_COUNTS = ("pts_count", "dts_count", "jumps")


class OnDisk(PieceSource):
    """A source whose intervals no clock of the machine ends."""

    size_bytes = 1  # type: ignore[assignment] # of a pipe it is None


@functools.cache
def stream() -> bytes:
    """Damaged packets, with bytes between them that are none."""
    data = damaged()
    third, last = data[188 * 1500 : 188 * 4000], data[188 * 4001 :]
    return b"".join((b"junk" * 11, data[: 188 * 1500], bytes(300), third, bytes(188), last, b"end"))


def reports(pieces: list[bytes]) -> list[Report]:
    return list(analyze_intervals(OnDisk(pieces), SECONDS))


def as_json(found: Sequence[Report]) -> list[str]:
    return [report.to_json() for report in found]


@functools.cache
def whole() -> list[Report]:
    return reports([stream()])


@given(places=cuts_of(len(stream())))
@BRIEF
def test_intervals_do_not_depend_on_the_cuts(places: list[int]) -> None:
    assert as_json(reports(cut(stream(), places))) == as_json(whole())


def test_the_last_report_is_that_of_an_analysis_without_intervals() -> None:
    assert whole()[-1].to_json() == analyze(OnDisk([stream()])).to_json()


def sums(found: Sequence[Report]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for report in found:
        total.update({name: getattr(report, name) for name in COUNTS})
        total["events"] += len(report.events) + report.events_not_listed
        for pid, row in report.pids.items():
            total.update({f"{pid} {name}": getattr(row, name) for name in PID_COUNTS})
            if row.timestamps is not None:
                stamps = row.timestamps
                total.update({f"{pid} {one}": getattr(stamps, one) for one in TIMESTAMP_COUNTS})
            if row.pcr is not None:
                total[f"{pid} accuracy"] += row.pcr.accuracy.count
                total[f"{pid} pcr intervals"] += row.pcr.intervals.sum_27mhz
        for number, indicator in report.tr101290.items():
            total[number] += indicator.count
            assert len(indicator.occurrences) + indicator.not_listed == indicator.count
    return {name: count for name, count in total.items() if count}


def test_the_intervals_sum_up_to_the_total() -> None:
    *intervals, total = whole()
    assert len(intervals) >= 8
    assert sums(intervals) == sums([total])
    assert total.sync_losses > 0
    assert total.bad_sync_bytes > 0
    assert total.continuity_errors > 20
    listed = [what for one in intervals for what in one.tr101290["1.4"].occurrences]
    assert tuple(listed) == total.tr101290["1.4"].occurrences
    duration = sum(one.duration_s or 0 for one in intervals)
    assert duration == pytest.approx(total.duration_s)


def test_the_bounds_meet_and_hold_the_time_that_was_asked_for() -> None:
    *intervals, total = [report.interval for report in whole()]
    assert total is None
    at, time = 0, None
    for number, one in enumerate(intervals):
        assert one is not None
        assert (one.number, one.first_packet) == (number, at)
        assert time is None or one.start_s == time
        at, time = one.end_packet, one.end_s
        if one.ended_by == "stream_time":
            # A packet is a millisecond; a PCR comes every 20, and an end is looked for every 64.
            assert one.end_s is not None
            assert 0 <= one.end_s % SECONDS < 0.15
    assert [one.ended_by for one in intervals if one][-1] == "end"
    assert at == whole()[-1].packets


def test_every_report_of_an_interval_holds_the_schema() -> None:
    assert [fault for report in whole() for fault in faults(report)] == []


@given(places=cuts_of(len(damaged()) // 188))
@BRIEF
def test_intervals_on_request_change_nothing_of_the_total(places: list[int]) -> None:
    analyzer, plain, taken, at = Analyzer(), Analyzer(), [], 0
    pipeline, other = Pipeline(analyzer), Pipeline(plain)
    for piece in cut(damaged(), [place * 188 for place in places]):
        pipeline.process(PacketBatch(piece, first_index=at))
        other.process(PacketBatch(piece, first_index=at))
        at += len(piece) // 188
        taken.append(analyzer.take_interval())
    pipeline.finish()
    other.finish()
    taken.append(analyzer.take_interval())
    assert analyzer.report().to_json() == plain.report().to_json()
    assert sums(taken) == sums([analyzer.report()])
    assert json.loads(taken[0].to_json())["interval"]["ended_by"] == "request"


def test_an_analyzer_calls_at_the_same_packets_in_a_pipeline() -> None:
    ended: list[Report] = []
    analyzer = Analyzer(interval_s=SECONDS, on_interval=ended.append)
    pipeline = Pipeline(analyzer)
    for at in range(0, len(damaged()), 188 * 111):
        pipeline.process(PacketBatch(damaged()[at : at + 188 * 111], first_index=at // 188))
    ends = [one.interval.end_packet for one in ended if one.interval is not None]
    once: list[Report] = []
    Pipeline(Analyzer(interval_s=SECONDS, on_interval=once.append)).process(PacketBatch(damaged()))
    assert ends == [one.interval.end_packet for one in once if one.interval is not None]
    assert len(ends) >= 7


def test_an_interval_has_its_bounds_and_a_listener() -> None:
    for seconds in (0, -1, 1e9, float("nan")):
        with pytest.raises(UsageError):
            Analyzer(interval_s=seconds, on_interval=print)
    with pytest.raises(UsageError):
        Analyzer(interval_s=1)
