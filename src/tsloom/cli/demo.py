"""`tsloom demo`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import DONE, FAILED, log, print_json
from tsloom.runner.demo import DemoResult, run_demo

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "demo",
        help="relay the sample over UDP with a break and a guide, and prove both on the output",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    result = run_demo(log)
    if options.json:
        print_json(
            {
                "holds": result.holds,
                "checks": [asdict(check) for check in result.checks],
                "received": result.received,
            }
        )
    else:
        print("\n".join(describe(result)))
    return DONE if result.holds else FAILED


def describe(result: DemoResult) -> list[str]:
    """The result for people."""
    rows = [("what the receiver saw", "seen", "planned", "")]
    rows += [
        (check.name, check.seen, check.wanted, "ok" if check.holds else "FAILED")
        for check in result.checks
    ]
    rows.append(("packets a second", f"{result.received['packets_per_second']:,.0f}", "", ""))
    rows.append(
        (
            "PCR interval, median",
            f"{result.received['pcr_interval_median_ms']:.1f} ms",
            "",
            "",
        )
    )
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True))
        + f"  {row[3]}"
        for row in rows
    ]
    lines.append("all of it holds" if result.holds else "NOT all of it holds")
    return [line.rstrip() for line in lines]
