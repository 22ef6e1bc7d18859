"""Figures of bitrates and time stamps, as a report holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKET_BITS = 188 * 8
PTS_HZ = 90_000


@dataclass(frozen=True, slots=True)
class BitrateRange:
    """Least, most and last bitrate in windows of `BitrateSeries.window_s` of PCR time."""

    least_bps: float
    most_bps: float
    last_bps: float
    windows: int


@dataclass(frozen=True, slots=True)
class BitrateSeries:
    """The bitrate over time: `points` of begin and end in seconds and bits a second of each of
    `pids`, of which None stands for all others together.

    Every rate is the exact count of bits by the exact time between two PCRs.
    """

    window_s: float
    pids: tuple[int | None, ...] = ()
    points: tuple[tuple[float, float, tuple[float, ...]], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TimestampReport:
    """PTS and DTS of a PID.

    Intervals are those of decoding order (DTS, or PTS where there is none), without jumps of more
    than ten seconds. `ahead_*` is PTS less the program's clock where the PES packet begins; None
    where the program has no clock.
    """

    pts_count: int
    dts_count: int
    jumps: int
    interval_min_s: float | None
    interval_max_s: float | None
    interval_mean_s: float | None
    ahead_min_s: float | None
    ahead_max_s: float | None
    ahead_mean_s: float | None
    ahead_last_s: float | None
    first_pts_90khz: int
    last_pts_90khz: int


def bitrate_range(row: tuple[float, float, float, int]) -> BitrateRange | None:
    """None without a whole window."""
    return BitrateRange(*row) if row[3] else None


def bitrate_series(
    columns: Sequence[int | None], rows: Sequence[tuple[int, int, list[int]]], window_s: float
) -> BitrateSeries:
    points = []
    for start, end, packets in rows:
        bits_hz = PACKET_BITS * PCR_HZ / (end - start)
        points.append((start / PCR_HZ, end / PCR_HZ, tuple(count * bits_hz for count in packets)))
    return BitrateSeries(window_s, tuple(columns), tuple(points))


def timestamp_report(row: tuple[int, ...]) -> TimestampReport:
    """From the native core's counts in 90 kHz ticks."""
    pts, dts, intervals, jumps, least, most, total, compared, *rest = row
    ahead_min, ahead_max, ahead_sum, ahead_last, first, last = rest
    return TimestampReport(
        pts_count=pts,
        dts_count=dts,
        jumps=jumps,
        interval_min_s=least / PTS_HZ if intervals else None,
        interval_max_s=most / PTS_HZ if intervals else None,
        interval_mean_s=total / intervals / PTS_HZ if intervals else None,
        ahead_min_s=ahead_min / PTS_HZ if compared else None,
        ahead_max_s=ahead_max / PTS_HZ if compared else None,
        ahead_mean_s=ahead_sum / compared / PTS_HZ if compared else None,
        ahead_last_s=ahead_last / PTS_HZ if compared else None,
        first_pts_90khz=first,
        last_pts_90khz=last,
    )
