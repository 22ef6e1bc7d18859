"""The indicators of TR 101 290 for people, and for the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.indicators import ERROR, NOT_MEASURED

if TYPE_CHECKING:
    from tsloom.analysis import Report
    from tsloom.analysis.indicators import IndicatorReport

PRIORITIES = {"p1": 1, "p2": 2, "p3": 3}


def has_errors(report: Report, priority: int) -> bool:
    """Whether an indicator of that priority, or of a higher one, counted."""
    return any(report.errors(number) for number in range(1, priority + 1))


def describe_indicators(report: Report) -> list[str]:
    """A line for each indicator that is not ok, and one of those that were not measured."""
    rows = report.tr101290.values()
    found = [row for row in rows if row.count or row.state == ERROR]
    counts = ", ".join(f"priority {number}: {report.errors(number):,}" for number in (1, 2, 3))
    lines = [f"TR 101 290 errors of {counts}" if found else "TR 101 290: no errors"]
    lines += [_describe(row) for row in found]
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.state == NOT_MEASURED:
            reasons.setdefault(row.reason, []).append(row.number)
    if reasons:
        parts = [f"{', '.join(numbers)} ({reason})" for reason, numbers in reasons.items()]
        lines.append(f"  not measured: {'; '.join(parts)}")
    return lines


def _describe(row: IndicatorReport) -> str:
    parts = [f"  {row.number:<5} {row.name:<33} {row.count:>9,}"]
    if row.state == ERROR:
        parts.append("in error")
    if row.last_time_s is not None:
        parts.append(f"last at {row.last_time_s:.3f} s")
    if row.peak_per_second > 1:
        parts.append(f"most in a second {row.peak_per_second:,}")
    return ", ".join(parts)
