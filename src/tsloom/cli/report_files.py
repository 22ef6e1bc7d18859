"""The files that `tsloom analyze` writes beside what it prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tsloom.cli.filtering import check_not_the_same
from tsloom.errors import OpenError, UsageError

if TYPE_CHECKING:
    import argparse

    from tsloom.analysis import Report

STDOUT = "-"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", metavar="FILE", help="one page with charts; - is stdout")
    parser.add_argument("--csv", metavar="FILE", help="one long table, a figure to a row; - too")


def check_files(options: argparse.Namespace) -> None:
    """Before the work: what would fail after it, and what would overwrite the input."""
    files = [name for name in (options.html, options.csv) if name is not None]
    if files.count(STDOUT) + options.json > 1:
        raise UsageError("only one of --json, --html - and --csv - goes to stdout")
    paths = [Path(name) for name in files if name != STDOUT]
    if len({path.absolute() for path in paths}) < len(paths):
        raise UsageError("--html and --csv are the same file", path=str(paths[0]))
    for path in paths:
        check_not_the_same(options.input, f"file:{path}")
        place = path if path.exists() else path.parent
        if path.is_dir() or not os.access(place, os.W_OK):
            raise OpenError(f"cannot write {path}")


def write_files(report: Report, options: argparse.Namespace) -> bool:
    """Whether one of them went to stdout, which then is no place for anything else."""
    if options.html is not None:
        # Keys and pass phrases stand in the queries of URLs.
        page = report.to_html(options.input.partition("?")[0])
        if options.html == STDOUT:
            sys.stdout.write(page)
        else:
            Path(options.html).write_text(page, encoding="utf-8", errors="replace")
    if options.csv is not None:
        report.to_csv(sys.stdout if options.csv == STDOUT else options.csv)
    return STDOUT in (options.html, options.csv)
