"""`tsloom analyze`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis import analyze
from tsloom.analysis.analyzer import BUFFER_INDICATORS
from tsloom.analysis.specification import Specification, Verdict
from tsloom.analysis.specification_measured import analyze_formats
from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    duration,
    print_json,
    progress_line,
    stopping,
)
from tsloom.cli.specification_view import check_specification, describe_results

if TYPE_CHECKING:
    import argparse

    from tsloom.analysis import PidReport, Report, ServiceReport

SHOWN_EVENTS = 20


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("analyze", help="report on a stream")
    parser.add_argument("input", metavar="INPUT", help="path or URL; - reads a pipe")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument(
        "--buffer-model", action="store_true", help="model the decoder's buffers (T-STD)"
    )
    parser.add_argument(
        "--spec", metavar="FILE", help="check a specification in TOML; exit code 1 if a line fails"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.spec is not None:
        return run_specification(options, Specification.read(options.spec))
    with stopping() as stopper, progress_line() as progress:
        report = analyze(
            options.input,
            duration=options.duration,
            buffer_model=options.buffer_model,
            should_stop=stopper,
            progress=progress,
        )
    if options.json:
        print_json(report.to_dict())
    else:
        print("\n".join(describe(report)))
    return INTERRUPTED if stopper.stopped else DONE


def run_specification(options: argparse.Namespace, specification: Specification) -> int:
    """The report with a verdict on each line of the specification."""
    with stopping() as stopper, progress_line() as progress:
        report, formats = analyze_formats(
            options.input,
            duration=options.duration,
            buffer_model=options.buffer_model,
            should_stop=stopper,
            progress=progress,
        )
    results = check_specification(specification, report, formats)
    if options.json:
        streams = [{"pid": pid, **one.to_dict()} for pid, one in formats.items()]
        checked = [one.to_dict() for one in results]
        print_json(report.to_dict() | {"formats": streams, "specification": checked})
    else:
        print("\n".join([*describe(report), "", *describe_results(specification.name, results)]))
    if stopper.stopped:
        return INTERRUPTED
    return FAILED if any(one.verdict is Verdict.FAIL for one in results) else DONE


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
    for service in report.services.values():
        lines += ["", *_describe_service(service, report)]
    others = [pid for pid in report.pids.values() if not pid.service_ids]
    lines += ["", "other PIDs", *(_describe_pid(pid) for pid in others)]
    lines += _describe_buffers(report)
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
    name = service.name or "(no name)"
    provider = f" by {service.provider}" if service.provider else ""
    lines = [f"service {service.service_id}: {name}{provider}, PMT PID {service.pmt_pid}"]
    pcr = service.pcr_pid
    for stream in service.elementary_streams:
        pid = report.pids.get(stream.pid)
        what = stream.stream_type_name + (f" ({stream.language})" if stream.language else "")
        mark = " PCR" if stream.pid == pcr else ""
        lines.append(
            f"  PID {stream.pid:>4}  {what}{mark}"
            if pid is None
            else f"{_describe_pid(pid)}  {what}{mark}"
        )
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


def _describe_buffers(report: Report) -> list[str]:
    """Of each buffer the greatest fill and its size, and the indicators that it raises."""
    modelled = {pid.pid: pid.buffers for pid in report.pids.values() if pid.buffers is not None}
    if not modelled:
        return []
    lines = ["", "decoder buffers (bytes held at most, of how many)"]
    for pid, model in modelled.items():
        fills = "  ".join(f"{b.name} {b.max_fill_bytes:,}/{b.size_bytes:,}" for b in model.buffers)
        assumed = model.parameters.assumed
        lines.append(
            f"  PID {pid:>4}  {fills}" + f"  assumed: {', '.join(assumed)}" * bool(assumed)
        )
    for number in BUFFER_INDICATORS:
        indicator = report.tr101290[number]
        lines.append(f"  {number:<4} {indicator.name:<18} {indicator.count:>10,}")
    return lines


def _rate(bps: float | None) -> str:
    if bps is None:
        return "not measured"
    return f"{bps / 1e6:.3f} Mb/s" if bps >= 1e6 else f"{bps / 1e3:.1f} kb/s"


def _seconds(seconds: float | None) -> str:
    return "not measured" if seconds is None else f"{seconds:.3f} s"
