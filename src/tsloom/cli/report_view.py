"""A report for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.format_text import describe_format
from tsloom.cli.buffer_view import describe_buffers
from tsloom.cli.indicator_view import describe_indicators
from tsloom.cli.network_view import describe_clocks, describe_ip
from tsloom.cli.streams import one_line

if TYPE_CHECKING:
    from tsloom.analysis import PidReport, Report, ServiceReport

SHOWN_EVENTS = 20


def describe(report: Report) -> list[str]:
    """The report for people."""
    lines = [
        f"packets            {report.packets:>12,} of {report.packet_size or '?'} bytes",
        f"bitrate            {_rate(report.bitrate_bps):>12}"
        + ("" if report.reference_pid is None else f"  by the PCRs of PID {report.reference_pid}"),
        f"duration           {_seconds(report.duration_s):>12}",
        f"null packets       {report.null_packets:>12,}",
        f"continuity errors  {report.continuity_errors:>12,}",
        f"transport errors   {report.transport_errors:>12,}",
        f"section CRC errors {report.section_crc_errors:>12,}",
        f"sync losses        {report.sync_losses:>12,}, {report.skipped_bytes:,} bytes skipped",
    ]
    if report.tr101290:
        lines += ["", *describe_indicators(report)]
    for service in report.services.values():
        lines += ["", *_describe_service(service, report)]
    others = [pid for pid in report.pids.values() if not pid.service_ids]
    lines += ["", "other PIDs", *(_describe_pid(pid) for pid in others)]
    lines += describe_clocks(report)
    lines += describe_ip(report.ip)
    lines += describe_buffers(report)
    if report.events:
        lines += ["", f"events ({len(report.events) + report.events_not_listed:,})"]
        lines += [
            f"  packet {event.packet_index:>10,}"
            + ("" if event.pid is None else f"  PID {event.pid:>4}")
            + f"  {event.kind}"
            + (f": {event.detail}" if event.detail else "")
            for event in report.events[:SHOWN_EVENTS]
        ]
        hidden = len(report.events) - SHOWN_EVENTS
        if hidden > 0:
            lines.append(f"  and {hidden:,} more (--json lists them)")
    if not report.complete:
        lines += ["", "stopped before the end of the input"]
    return lines


def _describe_service(service: ServiceReport, report: Report) -> list[str]:
    name = one_line(service.name or "(no name)")
    provider = f" by {one_line(service.provider)}" if service.provider else ""
    lines = [f"service {service.service_id}: {name}{provider}, PMT PID {service.pmt_pid}"]
    pcr = service.pcr_pid
    for stream in service.elementary_streams:
        pid = report.pids.get(stream.pid)
        what = stream.stream_type_name + (
            f" ({one_line(stream.language)})" if stream.language else ""
        )
        mark = " PCR" if stream.pid == pcr else ""
        lines.append(
            f"  PID {stream.pid:>4}  {what}{mark}"
            if pid is None
            else f"{_describe_pid(pid)}  {what}{mark}"
        )
        if pid is not None and pid.format is not None:
            lines.append(f"            {describe_format(pid.format)}")
    return lines


def _describe_pid(pid: PidReport) -> str:
    faults = "".join(
        f", {count:,} {name}"
        for count, name in (
            (pid.continuity_errors, "continuity errors"),
            (pid.transport_errors, "transport errors"),
            (pid.scrambled_packets, "scrambled"),
        )
        if count
    )
    return f"  PID {pid.pid:>4}  {pid.packets:>10,} packets {_rate(pid.bitrate_bps):>12}{faults}"


def _rate(bps: float | None) -> str:
    if bps is None:
        return "not measured"
    return f"{bps / 1e6:.3f} Mb/s" if bps >= 1e6 else f"{bps / 1e3:.1f} kb/s"


def _seconds(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"{seconds:.3f} s"
