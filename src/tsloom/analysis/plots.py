"""The report as an image: bitrate and alarms over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.analysis.bitrate_stack import stack_bitrates
from tsloom.errors import MissingLibraryError, UsageError

if TYPE_CHECKING:
    import os

    from tsloom.analysis.report import Report

SIZE_INCHES = (11, 7)
DOTS_PER_INCH = 120
COLOURS = ("#2f6fde", "#12a594", "#e5a100", "#8e4ec6", "#d6409f", "#5b9a2f", "#a0694a")
OTHERS = "#8b95a3"
NULLS = "#d5dae1"
PRIORITIES = {1: "#c62828", 2: "#d97706", 3: "#7c6bd6"}


def plot_report(report: Report, path: str | os.PathLike[str]) -> None:
    """`UsageError` where the name's ending is no image's."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingLibraryError("plots need tsloom[plot]", package="matplotlib") from error
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    form = Path(path).suffix.lstrip(".").lower() or "png"
    if form not in canvas.get_supported_filetypes():
        raise UsageError(f"no image is of the kind {form}", path=str(path))
    rows = [row for row in report.tr101290.values() if row.count]
    above, below = figure.subplots(
        2, 1, sharex=True, height_ratios=(3, max(1.0, min(0.25 * len(rows), 3.0)))
    )
    _bitrates(above, report)
    _alarms(below, report)
    figure.savefig(path, dpi=DOTS_PER_INCH, format=form)


def _bitrates(axes: Any, report: Report) -> None:
    axes.set_ylabel("Mb/s")
    axes.set_title("Bitrate by PID")
    stack = stack_bitrates(report)
    if stack is None:
        axes.text(0.5, 0.5, "not measured", ha="center", transform=axes.transAxes)
        return
    single = iter(COLOURS)
    colours = [
        {"pid": lambda: next(single), "others": lambda: OTHERS, "null": lambda: NULLS}[layer.kind]()
        for layer in stack.layers
    ]
    # The last window is drawn to its end.
    times = [start for start, _ in stack.windows] + [stack.windows[-1][1]]
    axes.stackplot(
        times,
        [[rate / 1e6 for rate in (*row.rates_bps, row.rates_bps[-1])] for row in stack.layers],
        labels=[_plain(layer.label) for layer in stack.layers],
        colors=colours,
        step="post",
    )
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    axes.set_ylim(0, stack.peak_bps() / 1e6 * 1.05 or 1)


def _alarms(axes: Any, report: Report) -> None:
    rows = [row for row in report.tr101290.values() if row.count][::-1]
    axes.set_xlabel("stream time, s")
    axes.set_title(f"TR 101 290: {sum(row.count for row in rows):,} errors")
    axes.set_yticks(range(len(rows)), [f"{row.number} {row.name}" for row in rows], fontsize=8)
    axes.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    for line, row in enumerate(rows):
        times = [what.stream_time_s for what in row.occurrences if what.stream_time_s is not None]
        axes.vlines(times, line - 0.4, line + 0.4, colors=PRIORITIES[row.priority])


def _plain(text: str) -> str:
    """As it stands: matplotlib would read what is between two dollars as mathematics."""
    return text.replace("$", r"\$")
