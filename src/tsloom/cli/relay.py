"""`tsloom relay`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import DONE, INTERRUPTED, duration, log, print_line, progress_line, stopping
from tsloom.cli.filtering import add_filter_options, check_not_the_same, make_stages, report
from tsloom.errors import UsageError
from tsloom.pipeline import CueInsertion, Pipeline, Room, SpliceInserter, Stage
from tsloom.runner import relay
from tsloom.scte35.break_text import parse_break
from tsloom.scte35.breaks import Break

if TYPE_CHECKING:
    import argparse

    from tsloom.pipeline import CueFailure

DEFAULT_CUE_PID = 500


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("relay", help="relay a stream, with stages and breaks")
    parser.add_argument("--input", required=True, metavar="URL")
    parser.add_argument("--output", required=True, metavar="URL")
    parser.add_argument(
        "--splice",
        action="append",
        default=[],
        metavar="BREAK",
        help="such as start=+10s,duration=30s,preroll=5s,service=1,pid=500; may be given again",
    )
    parser.add_argument(
        "--room",
        choices=[room.value for room in Room],
        default=Room.NULLS_THEN_ADD.value,
        help="how room is made for what is inserted",
    )
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument("--json", action="store_true", help="cues and the result as JSON Lines")
    add_filter_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    check_not_the_same(options.input, options.output)
    if options.json and options.output == "-":
        raise UsageError("--json and the output cannot both go to stdout")
    stages = [*make_stages(options), *make_inserters(options)]
    with stopping() as stopper, progress_line() as progress:
        result = relay(
            options.input,
            options.output,
            Pipeline(*stages),
            duration=options.duration,
            should_stop=stopper,
            progress=progress,
            on_open=lambda: log(f"relaying {options.input} to {options.output}"),
        )
    report(options, result)
    # SIGTERM is how a service is ended, Ctrl-C a person's change of mind.
    return INTERRUPTED if stopper.interrupted else DONE


def make_inserters(options: argparse.Namespace) -> list[Stage]:
    """One SpliceInserter for each service and PID that the breaks name."""
    breaks: dict[tuple[int | None, int], list[Break]] = {}
    for text in options.splice:
        wanted, place = parse_break(text)
        for warning in wanted.warnings:
            log(f"warning: {warning}")
        key = (place.get("service"), place.get("pid", DEFAULT_CUE_PID))
        breaks.setdefault(key, []).append(wanted)
    inserters: list[Stage] = []
    for (service_id, pid), wanted_breaks in breaks.items():
        inserter = SpliceInserter(
            service_id=service_id,
            pid=pid,
            room=options.room,
            on_cue=tell_line if options.json else tell,
        )
        for wanted in wanted_breaks:
            inserter.schedule(wanted)
        inserters.append(inserter)
    return inserters


def tell_line(cue: CueInsertion | CueFailure) -> None:
    kind = "cue_inserted" if isinstance(cue, CueInsertion) else "cue_failed"
    print_line({"event": kind, **asdict(cue)})


def tell(cue: CueInsertion | CueFailure) -> None:
    if isinstance(cue, CueInsertion):
        ahead = (
            "immediate"
            if cue.lead_time_s is None
            else f"{cue.lead_time_s:.3f} s ahead of PTS {cue.splice_pts_90khz}"
        )
        log(
            f"cue {cue.kind.value.upper()} of event {cue.splice_event_id} in packet"
            f" {cue.packet_index}, {ahead}"
        )
    else:
        log(f"cue of event {cue.splice_event_id} not inserted: {cue.reason}")
