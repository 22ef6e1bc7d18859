"""`tsloom eit`: the group; its commands are in modules of their own."""

from __future__ import annotations

from typing import Any

from tsloom.cli import eit_commands, eit_files

# Each adds its commands with add_commands(subparsers).
PARTS = (eit_files, eit_commands)


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("eit", help="programme guides: import, export, on air")
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for part in PARTS:
        part.add_commands(commands)
