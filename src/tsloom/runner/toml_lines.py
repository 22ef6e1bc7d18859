"""On which line of a TOML text each key stands; the standard library's parser does not tell.

Only for a text that tomllib has taken: what is wrong in it is not looked for here.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final, TypeAlias

# Keys, and indices of arrays, from the document down to the value.
Path: TypeAlias = tuple[str | int, ...]

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACES: Final = re.compile(r"[ \t]*")
# Longest first: a string of several lines begins like an empty one.
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN: Final = re.compile(r"[^,\]}\n#]*")


def find_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of each key, table and element of an array."""
    return _Scanner(text).scan()


def find_line(lines: dict[Path, int], path: Path) -> int:
    """Of the path, or of what it is in; 1 of the document itself."""
    for size in range(len(path), 0, -1):
        if path[:size] in lines:
            return lines[path[:size]]
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        # As tomllib does it: line ends become one.
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line, self._counted = 1, 0
        self._lines: dict[Path, int] = {}
        self._array_sizes: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text[self._at] == "[":
                table = self._read_heading()
            else:
                self._read_pair(table)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = self._at if found is None else found.end()
        return self._at

    def _note(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._lines.setdefault(path, self._line)

    def _read_heading(self) -> Path:
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        keys = self._read_key()
        path: Path = ()
        for number, key in enumerate(keys, 1):
            path = (*path, key)
            if number == len(keys) and is_array:
                self._note(path)
                index = self._array_sizes.get(path, 0)
                self._array_sizes[path] = index + 1
                path = (*path, index)
            elif path in self._array_sizes:
                # A table of an array that has begun belongs to its last element.
                path = (*path, self._array_sizes[path] - 1)
            self._note(path)
        self._at = self._text.index("]", self._at) + (2 if is_array else 1)
        return path

    def _read_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACES)
            start = self._at
            if self._text[start] in "\"'":
                self._skip(_STRING)
                keys.append(str(tomllib.loads(f"_ = {self._text[start : self._at]}")["_"]))
            else:
                self._skip(_BARE_KEY)
                keys.append(self._text[start : self._at])
            self._skip(_SPACES)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _read_pair(self, table: Path) -> None:
        path = table
        for key in self._read_key():
            path = (*path, key)
            self._note(path)
        self._at = self._text.index("=", self._at) + 1
        self._read_value(path)

    def _read_value(self, path: Path) -> None:
        self._skip(_SPACES)
        first = self._text[self._at]
        if first == "[":
            self._read_array(path)
        elif first == "{":
            self._read_inline_table(path)
        elif first in "\"'":
            self._skip(_STRING)
        else:
            self._skip(_PLAIN)

    def _read_array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "]":
                break
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._note((*path, index))
            self._read_value((*path, index))
            index += 1
        self._at += 1

    def _read_inline_table(self, path: Path) -> None:
        self._at += 1
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "}":
                break
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._read_pair(path)
        self._at += 1
