"""`tsloom tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis.section_log import SectionLog, TableSection
from tsloom.cli.console import DONE, INTERRUPTED, duration, print_json, progress_line, stopping
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
        print_json({"sections": [section.to_dict() for section in collected.sections]})
    else:
        for section in collected.sections:
            print("\n".join(describe(section)))
    return INTERRUPTED if stopper.stopped else DONE


def describe(section: TableSection) -> list[str]:
    """A section for people."""
    facts = section.to_dict()
    head = f"{facts['table']} PID {facts['pid']} from packet {facts['packet_index']}"
    number = facts.get("section_number")
    if number is not None:
        head += (
            f", version {facts['version_number']},"
            f" section {number} of {facts['last_section_number']}"
        )
    if not facts["crc_ok"]:
        head += ", CRC_32 is wrong"
    return [head, *_lines(facts.get("content", {}), "  ")]


def _lines(value: Any, indent: str) -> list[str]:
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                lines += [f"{indent}{key}", *_lines(item, indent + "  ")]
            elif not isinstance(item, (dict, list)):
                lines.append(f"{indent}{key}: {item}")
    elif isinstance(value, list):
        for item in value:
            inner = _lines(item, indent + "  ")
            if inner:
                inner[0] = f"{indent}- {inner[0].lstrip()}"
            lines += inner or [f"{indent}- {item}"]
    else:
        lines.append(f"{indent}{value}")
    return lines
