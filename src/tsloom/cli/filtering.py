"""`tsloom filter`, and the filter options that relay shares with it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    log,
    moment,
    pid_number,
    pid_pair,
    print_json,
    progress_line,
    service_number,
    stopping,
)
from tsloom.cli.si_options import (
    add_si_options,
    tell_failures,
    tell_missing_time,
)
from tsloom.errors import UsageError
from tsloom.io import Url, parse_url
from tsloom.io.url import FileUrl, PipeUrl
from tsloom.pipeline import Pipeline, RemuxEvent, RunResult, Stage
from tsloom.runner import relay
from tsloom.runner.filter_stages import make_filter_stages
from tsloom.runner.si_stages import make_si_inserters
from tsloom.runner.stage_options import StageOptions

if TYPE_CHECKING:
    import argparse


def add_filter_options(parser: argparse.ArgumentParser) -> None:
    """The stages a command line can ask for; they run in the order listed here."""
    group = parser.add_argument_group("stages, in this order")
    group.add_argument(
        "--keep-service", type=service_number, action="append", default=[], metavar="ID"
    )
    group.add_argument("--keep-pid", type=pid_number, action="append", default=[], metavar="PID")
    group.add_argument("--drop-pid", type=pid_number, action="append", default=[], metavar="PID")
    group.add_argument("--drop-nulls", action="store_true")
    group.add_argument("--remap", type=pid_pair, action="append", default=[], metavar="OLD=NEW")
    group.add_argument("--fix-continuity", action="store_true")
    group.add_argument(
        "--bitrate",
        metavar="RATE",
        help="remultiplex at a constant bitrate: such as 20M, input, or variable",
    )
    add_si_options(parser)


def make_stages(options: StageOptions) -> list[Stage]:
    """The stages that the options ask for; what happens to the time line is told."""
    return make_filter_stages(options, tell_event)


def tell_event(event: RemuxEvent) -> None:
    """What happens to the time line, as a line of the log."""
    pid = "" if event.pid is None else f", PID {event.pid}"
    log(f"{event.kind.value} at packet {event.packet_index:,}{pid}: {event.value:,}")


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("filter", help="drop and renumber packets of a file or a pipe")
    parser.add_argument("input", metavar="IN", help="path or URL; - reads a pipe")
    parser.add_argument("output", metavar="OUT", help="path or URL; - writes a pipe")
    parser.add_argument("--json", action="store_true", help="what was done, as a JSON document")
    add_filter_options(parser)
    parser.add_argument(
        "--utc-start",
        type=moment,
        metavar="ISO",
        help="UTC of the first PCR, for --tdt and --tot (what the stream's TDT says)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    check_not_the_same(options.input, options.output)
    wanted = StageOptions.of(options)
    inserters = make_si_inserters(wanted)
    pipeline = Pipeline(*make_stages(wanted), *inserters)
    with stopping() as stopper, progress_line() as progress:
        result = relay(
            options.input, options.output, pipeline, should_stop=stopper, progress=progress
        )
    report(options, result)
    tell_failures(pipeline.stages)
    if stopper.stopped:
        return INTERRUPTED
    return FAILED if tell_missing_time(inserters) else DONE


def check_not_the_same(source: str, sink: str) -> None:
    """Writing a file while it is read would destroy it."""
    try:
        read, written = _stat(parse_url(source), 0), _stat(parse_url(sink), 1)
    except OSError:
        return  # what is not there is told of when it is opened
    if read is None or written is None or not stat.S_ISREG(read.st_mode):
        return
    if os.path.samestat(read, written):
        raise UsageError("input and output are the same file", path=source)


def _stat(url: Url, standard: int) -> os.stat_result | None:
    """Of the file, or of what the shell has made of standard input or output."""
    if isinstance(url, PipeUrl):
        return os.fstat(standard)
    return os.stat(url.path) if isinstance(url, FileUrl) else None


def report(options: argparse.Namespace, result: RunResult) -> None:
    """What was done: as JSON on stdout, or a line on stderr."""
    if options.json and options.output != "-":
        print_json(plain_result(result))
    else:
        log(describe_result(result))


def plain_result(result: RunResult) -> dict[str, Any]:
    """For JSON; the events of synchronisation are counted only."""
    plain = {
        name: getattr(result, name)
        for name in result.__slots__
        if name not in ("sync_events", "ip")
    }
    return plain if result.ip is None else plain | {"ip": result.ip.to_dict()}


def describe_result(result: RunResult) -> str:
    """For people."""
    return (
        f"{result.packets_in:,} packets in, {result.packets_out:,} out"
        + (f", {result.skipped_bytes:,} bytes skipped" if result.skipped_bytes else "")
        + (", stopped before the end" if result.stopped else "")
    )
