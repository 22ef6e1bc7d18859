"""Clocks: PCR intervals, accuracy, jitter and frequency; PTS and DTS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.page.charts import HEIGHT, WIDTH, bars, drawing, swatch
from tsloom.analysis.page.markup import Markup, element, join, section, table
from tsloom.analysis.page.numbers import NOT_MEASURED, seconds
from tsloom.analysis.pcr import INTERVAL_BINS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tsloom.analysis.pcr import PcrDeviations, PcrFigures
    from tsloom.analysis.report import Report

# Clocks with charts of their own; the table has all of them.
MOST_CHARTS = 8
# Bins that ISO/IEC 13818-1, 2.7.2, forbids.
FORBIDDEN_BINS = ("backward", "above 100 ms")


def find_pcr_figures(report: Report) -> dict[int, PcrFigures]:
    """By PID, where the report has them."""
    return {pid: row.pcr for pid, row in report.pids.items() if row.pcr is not None}


def pcrs(figures: Mapping[int, PcrFigures]) -> Markup | None:
    """None without a clock."""
    if not figures:
        return None
    heads = ("PID", "PCRs", "longest", "mean", "AC peak", "AC", "OJ peak to peak", "FO", "DR")
    classes = (
        *("number", "number", "number", "number wide", "number", "name wide"),
        *("number wide", "number wide", "number wide"),
    )
    rows = [_clock_row(pid, one) for pid, one in figures.items()]
    most = sorted(figures, key=lambda pid: -figures[pid].pcr_count)[:MOST_CHARTS]
    charts = [_charts(pid, figures[pid]) for pid in sorted(most)]
    grid = element("div", *charts, class_="charts")
    return section("pcr", "PCR", table(heads, rows, classes=classes), grid)


def _clock_row(pid: int, figures: PcrFigures) -> tuple[str, ...]:
    intervals, accuracy, frequency = figures.intervals, figures.accuracy, figures.frequency
    offset = drift = NOT_MEASURED
    if frequency is not None:
        offset = f"{frequency.offset_ppm:+.3f} ppm"
        drift = f"{frequency.drift_mhz_per_s:+.1f} mHz/s"
    worst = NOT_MEASURED if accuracy.worst_ns is None else f"{accuracy.worst_ns:+,.0f} ns"
    jitter = figures.jitter.peak_to_peak_ns
    return (
        str(pid),
        f"{figures.pcr_count:,}",
        _milliseconds(intervals.max_ms),
        _milliseconds(intervals.mean_ms),
        swatch("bad", worst) if accuracy.errors else worst,
        figures.accuracy_method,
        NOT_MEASURED if jitter is None else f"{jitter:,.0f} ns",
        offset,
        drift,
    )


def _milliseconds(value: float | None) -> str:
    return NOT_MEASURED if value is None else f"{value:.2f} ms"


def _charts(pid: int, figures: PcrFigures) -> Markup:
    rows = [
        (words, count, "bad" if words in FORBIDDEN_BINS else "s0")
        for words, count in zip(INTERVAL_BINS, figures.intervals.histogram, strict=True)
    ]
    ranges = [
        _range_chart("accuracy (PCR_AC)", figures.accuracy),
        _range_chart("overall jitter (PCR_OJ)", figures.jitter),
    ]
    return element(
        "figure",
        element("figcaption", f"PID {pid}: intervals between PCRs"),
        bars(rows, label=f"histogram of the PCR intervals of PID {pid}"),
        *(chart for chart in ranges if chart is not None),
    )


def _range_chart(name: str, found: PcrDeviations) -> Markup | None:
    """From the least to the most, and the mean square, within the limits."""
    if found.min_ns is None or found.max_ns is None or found.rms_ns is None:
        return None
    reach = max(-found.min_ns, found.max_ns, found.limit_ns, 1.0) * 1.1

    def bar(low: float, high: float, colour: str, top: float) -> Markup:
        x = (low + reach) / (2 * reach) * WIDTH
        return element(
            "rect",
            x=f"{x:.1f}",
            width=f"{max((high - low) / (2 * reach) * WIDTH, 2):.1f}",
            y=f"{top:.0f}",
            height=f"{HEIGHT - 2 * top:.0f}",
            class_=colour,
        )

    words = (
        f"{name}: {found.min_ns:+,.0f} to {found.max_ns:+,.0f} ns, rms {found.rms_ns:,.0f} ns; "
        f"{found.errors:,} of {found.count:,} beyond ±{found.limit_ns:,} ns"
    )
    shapes = (
        bar(-found.limit_ns, found.limit_ns, "allowed", 0),
        bar(found.min_ns, found.max_ns, "bad" if found.errors else "s0", 30),
        bar(-found.rms_ns, found.rms_ns, "rms", 40),
    )
    image = drawing(*shapes, label=words, kind="range")
    return join(element("p", words, class_="note"), image)


def timestamps(report: Report) -> Markup | None:
    """PTS and DTS of each PID; None without any."""
    rows = [
        (
            str(pid),
            f"{one.pts_count:,}",
            f"{one.dts_count:,}",
            seconds(one.interval_mean_s),
            seconds(one.interval_max_s),
            seconds(one.ahead_min_s),
            seconds(one.ahead_max_s),
            swatch("bad", f"{one.jumps:,}") if one.jumps else "0",
        )
        for pid, one in ((pid, row.timestamps) for pid, row in report.pids.items())
        if one is not None
    ]
    if not rows:
        return None
    heads = (
        *("PID", "PTS", "DTS", "mean interval", "longest"),
        *("least ahead of PCR", "most ahead of PCR", "jumps"),
    )
    classes = (
        *("number", "number wide", "number wide", "number wide", "number"),
        *("number", "number", "number"),
    )
    return section("timestamps", "PTS and DTS", table(heads, list(rows), classes=classes))
