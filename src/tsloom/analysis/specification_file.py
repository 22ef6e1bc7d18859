"""The TOML of a specification, and on which line each of its keys stands."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tsloom.errors import UsageError

TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
TOLD_LINE = re.compile(r"\(at line (\d+), column \d+\)")
NOT_BARE = str.maketrans("", "", "\"' \t")


def read_toml(text: str, name: str) -> dict[str, Any]:
    """The document; `UsageError` with the line where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = TOLD_LINE.search(str(error))
        line = int(told.group(1)) if told else text.count("\n") + 1
        raise UsageError("not TOML", file=name, line=line, reason=str(error)) from error


def find_lines(text: str) -> dict[str, int]:
    """The line of each key by its dotted name, and of each table, from 1.

    The standard library's parser does not tell. Keys within inline tables are not looked for, nor
    what stands in strings of several lines.
    """
    lines: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := TABLE.match(line):
            table = heading.group(1).translate(NOT_BARE)
            lines.setdefault(table, number)
        elif key := KEY.match(line):
            name = key.group(1).translate(NOT_BARE)
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines
