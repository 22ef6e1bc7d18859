"""The bitrate over time as the layers of a stack: the largest PIDs, all others, null packets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tsloom.analysis.pid_names import name_pids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.analysis.report import Report

NULL_PID = 0x1FFF
# As many as a reader tells apart by their colours.
MOST_LAYERS = 7

_Point = tuple[float, float, tuple[float, ...]]


class Layer(NamedTuple):
    """`rates_bps` has one for each window; `kind` tells single PIDs from what has no colour."""

    label: str
    kind: Literal["pid", "others", "null"]
    mean_bps: float
    rates_bps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BitrateStack:
    """`windows` are begins and ends in seconds; the layers stand from the bottom up."""

    windows: tuple[tuple[float, float], ...]
    layers: tuple[Layer, ...]

    def peak_bps(self) -> float:
        """The highest sum."""
        sums = [sum(rates) for rates in zip(*(row.rates_bps for row in self.layers), strict=True)]
        return max(sums, default=0.0)


def stack_bitrates(report: Report, *, most_windows: int = 1024) -> BitrateStack | None:
    """None where no bitrate over time was measured; more windows are joined by their mean."""
    series = report.bitrates
    if series is None or not series.points:
        return None
    points = _join(series.points, most_windows)
    names = name_pids(report)
    columns = list(zip(*(rates for _, _, rates in points), strict=True))
    seconds = [end - start for start, end, _ in points]
    others = [0.0] * len(points)
    layers, null = [], None
    for pid, rates in zip(series.pids, columns, strict=True):
        if pid is None:
            others = [a + b for a, b in zip(others, rates, strict=True)]
            continue
        label = f"{pid} {names[pid]}" if pid in names else str(pid)
        layer = Layer(label, "null" if pid == NULL_PID else "pid", _mean(rates, seconds), rates)
        if pid == NULL_PID:
            null = layer
        else:
            layers.append(layer)
    layers.sort(key=lambda layer: -layer.mean_bps)
    for layer in layers[MOST_LAYERS:]:
        others = [a + b for a, b in zip(others, layer.rates_bps, strict=True)]
    stacked = layers[:MOST_LAYERS]
    if any(others):
        stacked.append(Layer("others", "others", _mean(others, seconds), tuple(others)))
    if null is not None:
        stacked.append(null)
    return BitrateStack(tuple((start, end) for start, end, _ in points), tuple(stacked))


def _mean(rates: Sequence[float], seconds: Sequence[float]) -> float:
    bits = sum(rate * length for rate, length in zip(rates, seconds, strict=True))
    return bits / sum(seconds)


def _join(points: Sequence[_Point], most: int) -> list[_Point]:
    """Neighbours become one, so many that no more than `most` are left."""
    step = -(-len(points) // most)
    return [_joined(points[at : at + step]) for at in range(0, len(points), step)]


def _joined(points: Sequence[_Point]) -> _Point:
    seconds = [end - start for start, end, _ in points]
    columns = zip(*(rates for _, _, rates in points), strict=True)
    return points[0][0], points[-1][1], tuple(_mean(column, seconds) for column in columns)
