"""`tsloom analyze`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tsloom.analysis import analyze, analyze_intervals
from tsloom.analysis.limits import Limits
from tsloom.analysis.specification import Specification, SpecificationResult, Verdict
from tsloom.cli import interval_view, report_files
from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    Stopper,
    count,
    duration,
    print_json,
    print_line,
    progress_line,
    stopping,
)
from tsloom.cli.indicator_view import PRIORITIES, has_errors
from tsloom.cli.report_view import describe
from tsloom.cli.specification_view import check_specification, describe_results
from tsloom.errors import UsageError
from tsloom.io import open_source
from tsloom.io.follow import follow

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tsloom.analysis import Report
    from tsloom.io import Source
    from tsloom.pipeline import Progress


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("analyze", help="report on a stream")
    parser.add_argument("input", metavar="INPUT", help="path or URL; - reads a pipe")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    report_files.add_options(parser)
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.add_argument(
        "--interval",
        type=duration,
        metavar="S",
        help="a line for every S of the stream's time, and the report of all at the end",
    )
    parser.add_argument(
        "--follow", action="store_true", help="until Ctrl-C: a file is read on as it grows"
    )
    parser.add_argument(
        "--workers", type=count, default=1, metavar="N", help="threads that share a file out"
    )
    parser.add_argument("--limits", metavar="FILE", help="limits of TR 101 290 in TOML")
    parser.add_argument(
        "--fail-on",
        choices=tuple(PRIORITIES),
        help="exit code 1 if an error of TR 101 290 of that priority or a higher one occurred",
    )
    parser.add_argument(
        "--buffer-model", action="store_true", help="model the decoder's buffers (T-STD)"
    )
    parser.add_argument(
        "--formats", action="store_true", help="read what video and audio are from their headers"
    )
    parser.add_argument(
        "--spec", metavar="FILE", help="check a specification in TOML; exit code 1 if a line fails"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    limits = None if options.limits is None else Limits.from_toml(options.limits)
    report_files.check_files(options)
    check_use(options)
    wanted = None if options.spec is None else Specification.read(options.spec)
    with stopping() as stopper, progress_line() as progress:
        report = analyze_input(options, limits, stopper, progress)
    results = () if wanted is None else check_specification(wanted, report)
    if not report_files.write_files(report, options):
        show_report(options, report, wanted, results)
    return exit_code(options, report, stopper, results)


def show_report(
    options: argparse.Namespace,
    report: Report,
    wanted: Specification | None,
    results: tuple[SpecificationResult, ...],
) -> None:
    """On stdout, with a verdict on each line of the specification."""
    if not options.json:
        lines = describe(report)
        if wanted is not None:
            lines += ["", *describe_results(wanted.name, results)]
        print("\n".join(lines))
        return
    plain = report.to_dict()
    if wanted is not None:
        plain["specification"] = [one.to_dict() for one in results]
    show = print_json if options.interval is None else print_line
    show(plain)


def check_use(options: argparse.Namespace) -> None:
    """What does not go together."""
    if options.workers != 1 and (options.formats or options.spec is not None):
        raise UsageError("formats are read in one pass: --formats and --spec want one worker")
    if options.interval is None:
        return
    if options.workers != 1:
        raise UsageError("intervals are reported in one pass: --interval goes without --workers")
    if report_files.STDOUT in (options.html, options.csv):
        raise UsageError("intervals go to stdout: --html and --csv want a file")


def analyze_input(
    options: argparse.Namespace,
    limits: Limits | None,
    stopper: Stopper,
    progress: Callable[[Progress], None] | None,
) -> Report:
    """The report of all; those of intervals are shown as they end."""
    with ExitStack() as stack:
        source = open_input(stack, options)
        formats = options.formats or options.spec is not None
        if options.interval is None:
            return analyze(
                source,
                duration=options.duration,
                limits=limits,
                workers=options.workers,
                buffer_model=options.buffer_model,
                formats=formats,
                should_stop=stopper,
                progress=progress,
            )
        show = interval_view.show_json if options.json else interval_view.show
        for report in analyze_intervals(
            source,
            options.interval,
            duration=options.duration,
            limits=limits,
            buffer_model=options.buffer_model,
            formats=formats,
            should_stop=stopper,
        ):
            if report.interval is not None:
                show(report)
        return report


def open_input(stack: ExitStack, options: argparse.Namespace) -> str | Source:
    """Its URL, or where it is followed the file that grows."""
    if not options.follow:
        return str(options.input)
    return stack.enter_context(follow(open_source(options.input)))


def exit_code(
    options: argparse.Namespace,
    report: Report,
    stopper: Stopper,
    results: tuple[SpecificationResult, ...] = (),
) -> int:
    """Of a job that Ctrl-C ended, but for one that follows, that; else what the options ask for."""
    if stopper.stopped and not options.follow:
        return INTERRUPTED
    if options.fail_on is not None and has_errors(report, PRIORITIES[options.fail_on]):
        return FAILED
    return FAILED if any(one.verdict is Verdict.FAIL for one in results) else DONE
