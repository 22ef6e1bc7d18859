"""Reports of intervals as they end: a line of text or of JSON for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.cli.console import print_line

if TYPE_CHECKING:
    from tsloom.analysis import Report


def show(report: Report) -> None:
    """One line of text, seen at once."""
    print(describe_interval(report), flush=True)


def show_json(report: Report) -> None:
    print_line(report.to_dict())


def describe_interval(report: Report) -> str:
    """Where the interval stands, and what came in it."""
    rate = "no bitrate" if report.bitrate_bps is None else f"{report.bitrate_bps / 1e6:.3f} Mb/s"
    parts = [
        f"{_bounds(report)}  {report.packets:,} packets",
        rate,
        f"continuity errors {report.continuity_errors:,}",
        "TR 101 290 " + " ".join(f"p{number} {report.errors(number):,}" for number in (1, 2, 3)),
    ]
    found = [
        f"{row.number} {row.name} {row.count:,}" for row in report.tr101290.values() if row.count
    ]
    return ", ".join(parts) + (f" ({', '.join(found)})" if found else "")


def _bounds(report: Report) -> str:
    interval = report.interval
    if interval is None:
        return "all"
    if interval.start_s is None or interval.end_s is None:
        return f"packets {interval.first_packet:,} to {interval.end_packet:,}"
    return f"{interval.start_s:10.3f} to {interval.end_s:10.3f} s"
