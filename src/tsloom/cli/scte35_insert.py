"""`tsloom scte35 insert`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.cli.console import DONE, FAILED, INTERRUPTED, duration, progress_line, stopping
from tsloom.cli.filtering import check_not_the_same
from tsloom.cli.splicing import add_splice_options, make_teller
from tsloom.errors import UsageError
from tsloom.pipeline import Pipeline
from tsloom.runner import relay
from tsloom.runner.splice_stages import make_splice_stages
from tsloom.runner.stage_options import StageOptions

if TYPE_CHECKING:
    import argparse


def add_command(commands: Any) -> None:
    parser = commands.add_parser("insert", help="put breaks and cues into a stream")
    parser.add_argument("input", metavar="IN", help="path or URL; - reads a pipe")
    parser.add_argument("output", metavar="OUT", help="path or URL; - writes a pipe")
    add_splice_options(parser)
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument(
        "--json", action="store_true", help="cues, breaks and the result as JSON Lines"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 once all that was asked for is in the stream, 1 if something is not."""
    check_not_the_same(options.input, options.output)
    teller = make_teller(options)
    stages = make_splice_stages(StageOptions.of(options), teller)
    if not stages:
        raise UsageError("nothing to insert: give --splice, --cue or --heartbeat")
    with stopping() as stopper, progress_line() as progress:
        result = relay(
            options.input,
            options.output,
            Pipeline(*stages),
            duration=options.duration,
            should_stop=stopper,
            progress=progress,
        )
    teller.tell_result(result)
    if stopper.interrupted:
        return INTERRUPTED
    return FAILED if teller.missing or teller.cues_failed else DONE
