"""`tsloom version`."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import tsloom
from tsloom.cli.console import DONE, print_json

if TYPE_CHECKING:
    import argparse


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("version", help="print the version")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.json:
        print_json(
            {
                "tsloom": tsloom.__version__,
                "python": platform.python_version(),
                "machine": platform.machine(),
            }
        )
    else:
        print(f"tsloom {tsloom.__version__}")
    return DONE
