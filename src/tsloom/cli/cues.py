"""`tsloom cues`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tsloom.analysis import Cue, cues
from tsloom.cli.console import DONE, pid_number, print_line, stopping

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("cues", help="list the SCTE-35 cues of a stream")
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
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    as_json = options.json or not sys.stdout.isatty()
    with stopping() as stopper:
        for cue in cues(options.input, pids=tuple(options.pid), should_stop=stopper):
            if as_json:
                print_line(cue.to_dict())
            else:
                print(describe(cue), flush=True)
    return DONE


def describe(cue: Cue) -> str:
    """One line for people."""
    command = cue.section.splice_command
    name = type(command).__name__
    time = "-" if cue.stream_time_s is None else f"{cue.stream_time_s:10.3f} s"
    lead = "" if cue.lead_time is None else f", {cue.lead_time:+.3f} s ahead"
    event_id = getattr(command, "splice_event_id", None)
    event = "" if event_id is None else f" event {event_id}"
    out = getattr(command, "out_of_network_indicator", None)
    direction = "" if out is None else (" out" if out else " in")
    faults = "".join(f" [{diagnostic}]" for diagnostic in cue.section.diagnostics)
    return (
        f"{time}  packet {cue.packet_index}  PID {cue.pid}  {name}{event}{direction}{lead}{faults}"
    )
