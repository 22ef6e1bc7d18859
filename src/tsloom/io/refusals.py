"""What the system refused, in words of one line."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from tsloom.errors import OpenError, SystemRefusedError

if TYPE_CHECKING:
    from tsloom.io.url import Url

_WORDS = {
    errno.ENOENT: "there is no such file",
    errno.EISDIR: "it is a directory",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.ENOSPC: "no space is left",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "the file would be too large",
    errno.EROFS: "the file system is read-only",
    errno.EBADF: "it is closed",
    errno.ENXIO: "nothing is at its other end",
}


def explain(number: int) -> str:
    """The reason behind an errno, to stand after a colon."""
    words = _WORDS.get(number)
    if words is None:
        strerror = os.strerror(number)
        words = strerror[:1].lower() + strerror[1:]
    return words


def open_error(action: str, url: Url, number: int, reason: str | None = None) -> OpenError:
    """`cannot read in.ts: it is a directory`, with the errno."""
    return OpenError(f"cannot {action} {url}: {reason or explain(number)}", errno=number)


def write_error(url: Url, number: int) -> SystemRefusedError:
    return SystemRefusedError(f"cannot go on writing {url}: {explain(number)}", errno=number)


def read_error(url: Url, number: int) -> SystemRefusedError:
    return SystemRefusedError(f"cannot go on reading {url}: {explain(number)}", errno=number)
