"""The decoder's buffers for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom.analysis import Report
    from tsloom.analysis.tstd import BufferReport


def describe_buffers(report: Report) -> list[str]:
    """Of each buffer the greatest fill and its size; nothing where none was modelled."""
    modelled = {pid.pid: pid.buffers for pid in report.pids.values() if pid.buffers is not None}
    if not modelled:
        return []
    rows = [_describe(pid, buffers) for pid, buffers in modelled.items()]
    return ["", "decoder buffers (bytes held at most, of how many)", *rows]


def _describe(pid: int, buffers: BufferReport) -> str:
    fills = "  ".join(f"{b.name} {b.max_fill_bytes:,}/{b.size_bytes:,}" for b in buffers.buffers)
    assumed = ", ".join(buffers.parameters.assumed)
    return f"  PID {pid:>4}  {fills}" + (f"  assumed: {assumed}" if assumed else "")
