"""`tsloom analyze`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis import analyze
from tsloom.analysis.limits import Limits
from tsloom.analysis.specification import Specification, SpecificationResult, Verdict
from tsloom.analysis.specification_measured import analyze_formats
from tsloom.cli import report_files
from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    Stopper,
    duration,
    print_json,
    progress_line,
    stopping,
)
from tsloom.cli.indicator_view import PRIORITIES, has_errors
from tsloom.cli.report_view import describe
from tsloom.cli.specification_view import check_specification, describe_results

if TYPE_CHECKING:
    import argparse

    from tsloom.analysis import Report


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("analyze", help="report on a stream")
    parser.add_argument("input", metavar="INPUT", help="path or URL; - reads a pipe")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    report_files.add_options(parser)
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
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
        "--spec", metavar="FILE", help="check a specification in TOML; exit code 1 if a line fails"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    limits = None if options.limits is None else Limits.from_toml(options.limits)
    report_files.check_files(options)
    if options.spec is not None:
        return run_specification(options, Specification.read(options.spec), limits)
    with stopping() as stopper, progress_line() as progress:
        report = analyze(
            options.input,
            duration=options.duration,
            limits=limits,
            buffer_model=options.buffer_model,
            should_stop=stopper,
            progress=progress,
        )
    if report_files.write_files(report, options):
        return exit_code(options, report, stopper)
    if options.json:
        print_json(report.to_dict())
    else:
        print("\n".join(describe(report)))
    return exit_code(options, report, stopper)


def run_specification(
    options: argparse.Namespace, specification: Specification, limits: Limits | None
) -> int:
    """The report with a verdict on each line of the specification."""
    with stopping() as stopper, progress_line() as progress:
        report, formats = analyze_formats(
            options.input,
            duration=options.duration,
            limits=limits,
            buffer_model=options.buffer_model,
            should_stop=stopper,
            progress=progress,
        )
    results = check_specification(specification, report, formats)
    if report_files.write_files(report, options):
        return exit_code(options, report, stopper, results)
    if options.json:
        streams = [{"pid": pid, **one.to_dict()} for pid, one in formats.items()]
        checked = [one.to_dict() for one in results]
        print_json(report.to_dict() | {"formats": streams, "specification": checked})
    else:
        print("\n".join([*describe(report), "", *describe_results(specification.name, results)]))
    return exit_code(options, report, stopper, results)


def exit_code(
    options: argparse.Namespace,
    report: Report,
    stopper: Stopper,
    results: tuple[SpecificationResult, ...] = (),
) -> int:
    """Of a job that Ctrl-C ended, that; else whether what the options ask for holds."""
    if stopper.stopped:
        return INTERRUPTED
    if options.fail_on is not None and has_errors(report, PRIORITIES[options.fail_on]):
        return FAILED
    return FAILED if any(one.verdict is Verdict.FAIL for one in results) else DONE
