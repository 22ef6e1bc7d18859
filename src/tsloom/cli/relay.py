"""`tsloom relay`."""

from __future__ import annotations

from contextlib import nullcontext
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
from tsloom.cli.eit_options import GuideWatcher, add_guide_options, make_eit_stages
from tsloom.cli.filtering import add_filter_options, check_not_the_same, make_stages
from tsloom.cli.si_options import make_si_inserters, tell_failures, tell_missing_time
from tsloom.cli.splicing import add_splice_options, make_splice_stages, make_teller
from tsloom.dvb.epg import EventDatabase
from tsloom.io.url import redact
from tsloom.pipeline import EitInserter, Pipeline
from tsloom.runner import relay

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from tsloom.pipeline import Stage


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
    eit_stages = make_eit_stages(options, options.room, options.utc_start)
    inserters = make_si_inserters(options, options.room, options.utc_start)
    stages = [*make_stages(options), *make_splice_stages(options, teller), *inserters, *eit_stages]
    with (
        stopping() as stopper,
        progress_line() as progress,
        telling_log(),
        _watch(options, eit_stages),
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
    tell_missing_time(inserters)
    # SIGTERM is how a service is ended, Ctrl-C a person's change of mind.
    return INTERRUPTED if stopper.interrupted else DONE


def _watch(options: argparse.Namespace, stages: list[Stage]) -> AbstractContextManager[object]:
    """Whoever reads the guide's file again, where there is one."""
    for stage in stages:
        if isinstance(stage, EitInserter) and isinstance(stage.database, EventDatabase):
            return GuideWatcher(options, stage.database)
    return nullcontext()
