"""The standard streams when they are closed, full, or nobody reads them."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO

# What is longer is shown by its beginning and its end.
LONGEST_LINE = 1000


def one_line(text: str) -> str:
    """Text with parts by strangers as one line that harms no terminal."""
    shown = "".join(
        character if character.isprintable() else ascii(character)[1:-1]
        for character in " ".join(text.split())
    )
    if len(shown) > LONGEST_LINE:
        shown = f"{shown[: LONGEST_LINE // 2]} ... {shown[-LONGEST_LINE // 2 :]}"
    return shown


def say(text: str) -> None:
    """One line on stderr; work does not end because nobody can read it."""
    try:
        print(f"tsloom: {one_line(text)}", file=sys.stderr, flush=True)
    except OSError:
        _forget(sys.stderr)


def stand_in_for_closed() -> None:
    """Opens the standard streams that are closed, so that they fail as files do.

    Else the next file that is opened gets their number, and what is printed goes into it. Reading
    and printing end with EBADF; what is logged is lost.
    """
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_WRONLY), encoding="utf-8")  # noqa: SIM115 - for good
    if sys.stdout is None:
        number = os.open(os.devnull, os.O_RDONLY)
        sys.stdout = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for good


def forget_stdout() -> None:
    """What still waits to be printed goes nowhere."""
    _forget(sys.stdout)


def _forget(stream: TextIO) -> None:
    """The interpreter flushes once more at its end, and would fail once more."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
