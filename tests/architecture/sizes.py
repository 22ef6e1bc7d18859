"""How long files and functions are: Python by its syntax tree, Cython and C by their layout."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CYTHON_FUNCTION = re.compile(r"^(\s*)(?:def|cpdef|cdef)\s(?!class\b).*?\b(\w+)\s*\(")
C_HEAD = re.compile(r"^[A-Za-z_][\w\s*]*?(\w+)\(")


def function_sizes(path: Path) -> Iterator[tuple[str, int]]:
    """Name and lines of each function in a file; docstrings and decorators do not count."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return python_functions(source)
    if path.suffix == ".pyx":
        return cython_functions(source)
    return c_functions(source)


def python_functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                docstring = node.body[0]
                lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
            yield node.name, lines


def cython_functions(source: str) -> Iterator[tuple[str, int]]:
    """A function ends before the next line that is indented no deeper than its first."""
    lines = source.splitlines()
    for start, line in enumerate(lines):
        match = CYTHON_FUNCTION.match(line)
        if match is None:
            continue
        depth, last = len(match.group(1)), start
        for index in range(start + 1, len(lines)):
            text = lines[index]
            if text.strip() and len(text) - len(text.lstrip()) <= depth and text.strip() != "):":
                break
            last = index if text.strip() else last
        yield match.group(2), last - start + 1


def c_functions(source: str) -> Iterator[tuple[str, int]]:
    """Head and closing brace of a function stand in the first column, as clang-format puts them."""
    name, start = "", 0
    for index, line in enumerate(source.splitlines()):
        head = C_HEAD.match(line)
        if head:
            name, start = head.group(1), index
        elif line == "}" and name:
            yield name, index - start + 1
            name = ""
