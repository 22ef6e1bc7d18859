"""`tsloom relay`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.cli.console import (
    DONE,
    INTERRUPTED,
    count,
    duration,
    log,
    progress_line,
    stopping,
    telling_log,
)
from tsloom.cli.eit_options import add_guide_options
from tsloom.cli.filtering import add_filter_options, check_not_the_same, tell_event
from tsloom.cli.si_options import tell_failures, tell_missing_time
from tsloom.cli.splicing import add_splice_options, make_teller
from tsloom.io.url import redact
from tsloom.pipeline import Pipeline
from tsloom.runner import relay
from tsloom.runner.guide import watch_guide
from tsloom.runner.stage_options import StageOptions
from tsloom.runner.stages import make_stages

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("relay", help="relay a stream, with stages and breaks")
    parser.add_argument("--input", required=True, metavar="URL")
    parser.add_argument("--output", required=True, metavar="URL")
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument(
        "--max-retries", type=count, metavar="N", help="give SRT up after N failures in a row"
    )
    parser.add_argument(
        "--exit-on-eof", action="store_true", help="end when an SRT input's connection ends"
    )
    parser.add_argument("--json", action="store_true", help="cues and the result as JSON Lines")
    add_filter_options(parser)
    add_splice_options(parser)
    add_guide_options(
        parser.add_argument_group("a guide as EIT; its file is read again when it changes"),
        required=False,
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    check_not_the_same(options.input, options.output)
    teller = make_teller(options)
    wanted = StageOptions.of(options)
    stages = make_stages(wanted, teller, on_remux_event=tell_event)
    with (
        stopping() as stopper,
        progress_line() as progress,
        telling_log(),
        watch_guide(wanted, stages, log),
    ):
        result = relay(
            options.input,
            options.output,
            Pipeline(*stages),
            duration=options.duration,
            should_stop=stopper,
            progress=progress,
            on_open=lambda: log(f"relaying {redact(options.input)} to {redact(options.output)}"),
            max_retries=options.max_retries,
            exit_on_eof=options.exit_on_eof,
        )
    teller.tell_result(result)
    tell_failures(stages)
    tell_missing_time(stages)
    # SIGTERM is how a service is ended, Ctrl-C a person's change of mind.
    return INTERRUPTED if stopper.interrupted else DONE
