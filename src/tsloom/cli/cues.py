"""`tsloom cues`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tsloom.analysis import Cue, CueMonitor, SpliceMonitor
from tsloom.cli.break_table import describe_event, table_of
from tsloom.cli.console import DONE, INTERRUPTED, duration, pid_number, print_line, stopping
from tsloom.io import open_source
from tsloom.io.follow import follow
from tsloom.pipeline import Pipeline
from tsloom.scte35 import MonitorLimits, Pairing

if TYPE_CHECKING:
    import argparse

    from tsloom.io import Source
    from tsloom.scte35 import MonitorEvent

DEFAULTS = MonitorLimits()


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("cues", help="list the SCTE-35 cues of a stream, and judge them")
    parser.add_argument("input", metavar="INPUT", help="path or URL; - reads a pipe")
    parser.add_argument(
        "--json", action="store_true", help="JSON Lines; the default where stdout is no terminal"
    )
    parser.add_argument(
        "--pid",
        type=pid_number,
        action="append",
        default=[],
        help="a cue PID that no PMT announces; may be given again",
    )
    parser.add_argument(
        "--events",
        action="store_true",
        help="what happened instead of the cues: outs, returns, and all that is wrong",
    )
    parser.add_argument(
        "--table", action="store_true", help="at the end the breaks as a table, as text if not told"
    )
    parser.add_argument(
        "--follow", action="store_true", help="until Ctrl-C: a file is read on as it grows"
    )
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    _add_limits(parser)
    parser.set_defaults(run=run)


def _add_limits(parser: Any) -> None:
    limits = parser.add_argument_group("limits of --events and --table")
    limits.add_argument(
        "--min-lead",
        type=duration,
        default=DEFAULTS.min_lead_s,
        metavar="D",
        help="a cue less than D ahead of its splice point is late (4s)",
    )
    limits.add_argument(
        "--max-lead",
        type=duration,
        default=DEFAULTS.max_lead_s,
        metavar="D",
        help="a cue more than D ahead of its splice point is early (300s)",
    )
    limits.add_argument(
        "--return-tolerance",
        type=duration,
        default=DEFAULTS.return_tolerance_s,
        metavar="D",
        help="a return is missing D after the planned end (1s)",
    )
    limits.add_argument(
        "--pairing",
        choices=[str(pairing) for pairing in Pairing],
        default=str(DEFAULTS.pairing),
        help="any_id pairs a return of another id with the latest open break (event_id)",
    )


def run(options: argparse.Namespace) -> int:
    as_json = options.json or not (options.table or sys.stdout.isatty())
    monitor = _make_monitor(options, as_json)
    with stopping() as stopper, ExitStack() as stack:
        source = stack.enter_context(_open(options))
        stages = monitor.stages if isinstance(monitor, SpliceMonitor) else (monitor,)
        Pipeline(*stages).run(source, duration=options.duration, should_stop=stopper)
    if isinstance(monitor, SpliceMonitor) and options.table:
        _print_breaks(monitor, as_json)
    return INTERRUPTED if stopper.stopped and not options.follow else DONE


def _make_monitor(options: argparse.Namespace, as_json: bool) -> CueMonitor:
    show_cue = _show_cue_json if as_json else _show_cue
    if not options.events and not options.table:
        return CueMonitor(*options.pid, on_cue=show_cue)
    limits = MonitorLimits(
        min_lead_s=options.min_lead,
        max_lead_s=options.max_lead,
        return_tolerance_s=options.return_tolerance,
        pairing=Pairing(options.pairing),
    )
    if options.events:
        show_event = _show_event_json if as_json else _show_event
        return SpliceMonitor(*options.pid, limits=limits, on_event=show_event)
    return SpliceMonitor(*options.pid, limits=limits, on_cue=show_cue)


def _open(options: argparse.Namespace) -> Source:
    source = open_source(options.input)
    return follow(source) if options.follow else source


def _show_cue_json(cue: Cue) -> None:
    print_line(cue.to_dict())


def _show_cue(cue: Cue) -> None:
    print(describe(cue), flush=True)


def _show_event_json(event: MonitorEvent) -> None:
    print_line(event.to_dict())


def _show_event(event: MonitorEvent) -> None:
    print(describe_event(event), flush=True)


def _print_breaks(monitor: SpliceMonitor, as_json: bool) -> None:
    if as_json:
        for one in monitor.breaks:
            print_line({"event": "break", **one.to_dict()})
    else:
        print("\n".join(table_of(monitor.breaks)), flush=True)


def describe(cue: Cue) -> str:
    """One line for people."""
    command = cue.section.splice_command
    name = type(command).__name__
    time = "-" if cue.stream_time_s is None else f"{cue.stream_time_s:10.3f} s"
    service = "" if cue.service_id is None else f"  service {cue.service_id}"
    lead = "" if cue.lead_time is None else f", {cue.lead_time:+.3f} s ahead"
    event_id = getattr(command, "splice_event_id", None)
    event = "" if event_id is None else f" event {event_id}"
    out = getattr(command, "out_of_network_indicator", None)
    direction = "" if out is None else (" out" if out else " in")
    faults = "".join(f" [{diagnostic}]" for diagnostic in cue.section.diagnostics)
    return (
        f"{time}{service}  packet {cue.packet_index}  PID {cue.pid}  "
        f"{name}{event}{direction}{lead}{faults}"
    )
