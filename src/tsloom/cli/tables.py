"""`tsloom tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis.section_log import SectionLog
from tsloom.cli.console import DONE, INTERRUPTED, duration, print_json, progress_line, stopping
from tsloom.cli.tables_view import describe_section, describe_table
from tsloom.pipeline import Pipeline

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("tables", help="print the PSI and SI of a stream")
    parser.add_argument("input", metavar="INPUT", help="path or URL; - reads a pipe")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--duration", type=duration, metavar="D", help="stop after D, such as 30s")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    collected = SectionLog()
    with stopping() as stopper, progress_line() as progress:
        Pipeline(collected).run(
            options.input, duration=options.duration, should_stop=stopper, progress=progress
        )
    if options.json:
        print_json(
            {
                "sections": [section.to_dict() for section in collected.sections],
                "tables": [table.to_dict() for table in collected.tables],
            }
        )
    else:
        print_tables(collected)
    return INTERRUPTED if stopper.stopped else DONE


def print_tables(collected: SectionLog) -> None:
    """Tables as they became whole, then the sections that are in none."""
    for table in collected.tables:
        print("\n".join(describe_table(table)))
    loose = collected.list_loose_sections()
    if loose:
        print("sections of tables that are not whole")
    for section in loose:
        print("\n".join(describe_section(section)))
