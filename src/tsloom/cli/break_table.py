"""Breaks and what happened to them, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.scte35 import segmentation_type_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tsloom.scte35 import MonitorEvent, ObservedBreak

HEADS = ("service", "event", "what", "out", "planned", "actual", "lead", "repeats", "state", "")


def table_of(breaks: Iterable[ObservedBreak]) -> list[str]:
    """A line for each break below a line of heads; one line that says so where there is none."""
    rows = [HEADS, *(_row(one) for one in breaks)]
    if len(rows) == 1:
        return ["no breaks"]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(one: ObservedBreak) -> tuple[str, ...]:
    return (
        "-" if one.service_id is None else str(one.service_id),
        str(one.event_id),
        _what(one.segmentation_type_id),
        _seconds(one.out_stream_time_s),
        _seconds(one.planned_duration_s) + (" auto" if one.auto_return else ""),
        _seconds(one.actual_duration_s),
        _seconds(one.lead_time_s, "+"),
        str(one.repeats),
        _words(one.state),
        ", ".join(_words(problem) for problem in one.problems),
    )


def describe_event(event: MonitorEvent) -> str:
    """One line; a problem is marked with an exclamation mark."""
    time = "         - " if event.stream_time_s is None else f"{event.stream_time_s:10.3f} s"
    mark = "!" if event.kind.is_problem else " "
    parts = [f"{time} {mark} {_words(event.kind)}"]
    if event.service_id is not None:
        parts.append(f"service {event.service_id}")
    if event.pid is not None:
        parts.append(f"PID {event.pid}")
    if event.event_id is not None:
        parts.append(f"event {event.event_id}")
    if event.segmentation_type_id is not None:
        parts.append(segmentation_type_title(event.segmentation_type_id))
    for name, value in (
        ("planned", event.planned_duration_s),
        ("actual", event.actual_duration_s),
    ):
        if value is not None:
            parts.append(f"{name} {value:.3f} s")
    if event.lead_time_s is not None:
        parts.append(f"{event.lead_time_s:+.3f} s ahead")
    line = ", ".join(parts)
    return f"{line}: {event.detail}" if event.detail else line


def _what(segmentation_type_id: int | None) -> str:
    if segmentation_type_id is None:
        return "splice_insert"
    return segmentation_type_title(segmentation_type_id)


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _seconds(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.3f} s"
