"""Guides on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO, TextIO

from tsloom.errors import OpenError


def open_guide(source: str | os.PathLike[str] | BinaryIO) -> AbstractContextManager[BinaryIO]:
    """A file to be read as bytes, closed at the end if it was opened here."""
    if not isinstance(source, str | os.PathLike):
        return nullcontext(source)
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise refuse("read", source, error) from error


def open_text(path: str | os.PathLike[str]) -> TextIO:
    try:
        return Path(path).open(encoding="utf-8-sig")
    except OSError as error:
        raise refuse("read", path, error) from error


def write_guide(path: str | os.PathLike[str], pieces: Iterable[str]) -> None:
    """Writes a file whole, or leaves the one that was there as it is."""
    target = Path(path)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(pieces)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise refuse("write", path, error) from error


def refuse(action: str, path: str | os.PathLike[str], error: OSError) -> OpenError:
    return OpenError(f"cannot {action} {os.fspath(path)}: {error.strerror}", errno=error.errno)
