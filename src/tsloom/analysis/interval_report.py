"""The report of an interval: what the totals have gained in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tsloom.analysis.figures import PACKET_BITS, timestamp_report
from tsloom.analysis.indicators import IndicatorReport, Occurrence
from tsloom.analysis.pcr import read_figures
from tsloom.analysis.report import Interval, Report
from tsloom.clock import PCR_HZ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tsloom.analysis.report import PidReport, StreamEvent


@dataclass(frozen=True, slots=True)
class Totals:
    """What intervals are the differences of: the report so far, and the exact time of the rate."""

    report: Report
    stream_time_s: float | None = None
    reference_ticks: int = 0
    reference_packets: int = 0


@dataclass(frozen=True, slots=True)
class Recent:
    """What was counted anew since the interval's begin."""

    events: tuple[StreamEvent, ...]
    occurrences: Mapping[str, tuple[Occurrence, ...]]
    peaks: Mapping[str, int]
    timestamps: Mapping[int, tuple[int, ...]]
    pcrs: Mapping[int, dict[str, Any]]


# Of Report and PidReport: what a difference is taken of.
COUNTS = (
    *("packets", "transport_errors", "continuity_errors", "duplicates"),
    *("section_crc_errors", "null_packets", "events_not_listed"),
)
PID_COUNTS = (
    *("packets", "continuity_errors", "duplicates", "scrambled_packets"),
    *("transport_errors", "discontinuities", "pcr_count"),
)


def interval_report(before: Totals, now: Totals, recent: Recent, interval: Interval) -> Report:
    """What `now` has more than `before`; names and states are those of `now`."""
    duration, bitrate = _rate(before, now)
    counts = _subtract(now.report, before.report, COUNTS)
    return replace(
        now.report,
        **counts,
        interval=interval,
        duration_s=duration,
        bitrate_bps=bitrate,
        pids=_pids(before.report, now.report, recent, bitrate),
        events=recent.events,
        tr101290={
            number: _indicator(row, before.report.tr101290.get(number), recent)
            for number, row in now.report.tr101290.items()
        },
        bitrate_range=None,
        bitrates=None,
    )


def _subtract(now: Any, before: Any, names: Sequence[str]) -> dict[str, Any]:
    if before is None:
        return {name: getattr(now, name) for name in names}
    return {name: getattr(now, name) - getattr(before, name) for name in names}


def _rate(before: Totals, now: Totals) -> tuple[float | None, float | None]:
    """Seconds between PCRs of the reference and the bitrate in them; None after another PID has
    become the reference."""
    pid = before.report.reference_pid
    if pid is not None and pid != now.report.reference_pid:
        return None, None
    ticks = now.reference_ticks - before.reference_ticks
    if ticks <= 0:
        return None, None
    packets = now.reference_packets - before.reference_packets
    return ticks / PCR_HZ, packets * PACKET_BITS * PCR_HZ / ticks


def _pids(
    before: Report, now: Report, recent: Recent, bitrate: float | None
) -> dict[int, PidReport]:
    """Those that came in the interval, or whose PCRs were judged in it."""
    packets = now.packets - before.packets
    reports = {}
    for pid, row in now.pids.items():
        counts = _subtract(row, before.pids.get(pid), PID_COUNTS)
        pcr = recent.pcrs.get(pid)
        if pcr is not None and not pcr["pcr_count"] and not pcr["accuracy"]["count"]:
            pcr = None
        if counts["packets"] == 0 and pcr is None:
            continue
        timestamps = recent.timestamps.get(pid)
        is_rated = bitrate is not None and packets
        reports[pid] = replace(
            row,
            **counts,
            bitrate_bps=bitrate * counts["packets"] / packets if bitrate and is_rated else None,
            bitrate_range=None,
            timestamps=timestamp_report(timestamps) if timestamps and timestamps[0] else None,
            pcr=None if pcr is None else read_figures(pcr),
            buffers=None,
        )
    return reports


def _indicator(
    row: IndicatorReport, before: IndicatorReport | None, recent: Recent
) -> IndicatorReport:
    count = row.count - (0 if before is None else before.count)
    occurrences = recent.occurrences.get(row.number, ())
    return replace(
        row,
        count=count,
        peak_per_second=recent.peaks.get(row.number, 0),
        last_time_s=row.last_time_s if count else None,
        occurrences=occurrences,
        not_listed=count - len(occurrences),
    )


class IntervalBook:
    """Where the intervals of one analysis stand."""

    def __init__(self) -> None:
        self._before: Totals | None = None
        self._number = 0
        self._listed = [0, 0]

    def new_events(self, *kinds: Sequence[StreamEvent]) -> tuple[StreamEvent, ...]:
        """Those behind the ones that were given before, in the order of their packets."""
        found = [event for kind, at in zip(kinds, self._listed, strict=True) for event in kind[at:]]
        self._listed = [len(kind) for kind in kinds]
        return tuple(sorted(found, key=lambda event: event.packet_index))

    def end(self, now: Totals, recent: Recent, start_s: float | None, ended_by: str) -> Report:
        """An interval ends here; `start_s` is that of the whole stream."""
        before = self._before or Totals(_nothing(now.report))
        interval = Interval(
            number=self._number,
            first_packet=before.report.packets,
            end_packet=now.report.packets,
            start_s=start_s if before.stream_time_s is None else before.stream_time_s,
            end_s=now.stream_time_s,
            ended_by=ended_by,
        )
        self._before = now
        self._number += 1
        return interval_report(before, now, recent, interval)


def _nothing(report: Report) -> Report:
    """What the totals were before the first packet."""
    counts: dict[str, Any] = dict.fromkeys(COUNTS, 0)
    return replace(report, **counts, reference_pid=None, pids={}, tr101290={})
