"""`tsloom relay`."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tsloom.cli import channels
from tsloom.cli.console import (
    DONE,
    INTERRUPTED,
    count,
    duration,
    log,
    print_line,
    progress_line,
    stopping,
    telling_log,
)
from tsloom.cli.eit_options import add_guide_options
from tsloom.cli.filtering import add_filter_options, check_not_the_same, tell_event
from tsloom.cli.si_options import tell_failures, tell_missing_time
from tsloom.cli.splicing import add_splice_options, make_teller
from tsloom.errors import UsageError
from tsloom.io import Triggers
from tsloom.io.url import redact
from tsloom.pipeline import Pipeline
from tsloom.runner import Redundancy, relay
from tsloom.runner.guide import watch_guide
from tsloom.runner.stage_options import StageOptions
from tsloom.runner.stages import make_stages

if TYPE_CHECKING:
    import argparse

    from tsloom.io import InputEvent


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("relay", help="relay a stream, with stages and breaks")
    _add_channel_arguments(parser)
    parser.add_argument(
        "--input",
        default=[],
        action="append",
        metavar="URL",
        help="may be given again: others to go over to, in order of priority",
    )
    parser.add_argument(
        "--output",
        default=[],
        action="append",
        metavar="URL",
        help="may be given again: each gets everything, and none waits for another",
    )
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument(
        "--max-retries", type=count, metavar="N", help="give SRT up after N failures in a row"
    )
    parser.add_argument(
        "--exit-on-eof", action="store_true", help="end when an SRT input's connection ends"
    )
    parser.add_argument("--json", action="store_true", help="cues and the result as JSON Lines")
    _add_redundancy_options(parser.add_argument_group("several inputs"))
    add_filter_options(parser)
    add_splice_options(parser)
    add_guide_options(
        parser.add_argument_group("a guide as EIT; its file is read again when it changes"),
        required=False,
    )
    parser.set_defaults(run=run)


def _add_channel_arguments(parser: Any) -> None:
    parser.add_argument(
        "channels",
        nargs="*",
        metavar="CHANNEL.toml",
        help="channels by their files, instead of --input and --output; SIGHUP reads them again",
    )
    parser.add_argument(
        "--check", action="store_true", help="say whether the channels' files hold, and end"
    )


def _add_redundancy_options(group: Any) -> None:
    group.add_argument(
        "--data-timeout",
        type=duration,
        default=0.5,
        metavar="D",
        help="leave an input when so long nothing came (500ms)",
    )
    group.add_argument(
        "--back-after",
        type=duration,
        default=5.0,
        metavar="D",
        help="go back to an input of higher priority when it has been good for D (5s)",
    )
    group.add_argument(
        "--trigger",
        choices=("p1", "no-data"),
        default="p1",
        help="leave an input for errors of TR 101 290's first priority too, or for no data alone",
    )
    group.add_argument(
        "--when-lost",
        choices=("stop", "fill"),
        help="where no input is left: send nothing (the default), or null packets, PAT and PMTs",
    )


def _read_redundancy(options: argparse.Namespace) -> Redundancy | None:
    """None where there is one input, and nothing to be done without it."""
    if len(options.input) == 1 and options.when_lost is None:
        return None
    return Redundancy(
        data_timeout_s=options.data_timeout,
        back_after_s=options.back_after,
        trigger=Triggers(frozenset()) if options.trigger == "no-data" else Triggers(),
        when_lost=options.when_lost or "stop",
        on_event=_print_event if options.json else None,
    )


def _print_event(event: InputEvent) -> None:
    print_line({"event": "input", **event.to_dict()})


def _list_urls(urls: list[str]) -> str:
    return ", ".join(map(redact, urls))


def run(options: argparse.Namespace) -> int:
    if options.channels or options.check:
        if options.input or options.output or not options.channels:
            raise UsageError("channels' files stand alone, without --input and --output")
        return channels.run(options)
    if not (options.input and options.output):
        raise UsageError("a relay wants --input and --output, or channels' files")
    for source, sink in product(options.input, options.output):
        check_not_the_same(source, sink)
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
            on_open=lambda: log(
                f"relaying {_list_urls(options.input)} to {_list_urls(options.output)}"
            ),
            max_retries=options.max_retries,
            exit_on_eof=options.exit_on_eof,
            redundancy=_read_redundancy(options),
        )
    teller.tell_result(result)
    tell_failures(stages)
    tell_missing_time(stages)
    # SIGTERM is how a service is ended, Ctrl-C a person's change of mind.
    return INTERRUPTED if stopper.interrupted else DONE
