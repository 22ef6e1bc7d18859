"""Pipes: standard input and output, named pipes, character devices."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import stat
import sys
from typing import TYPE_CHECKING, Self

from tsloom.errors import ClosedByPeerError, UsageError
from tsloom.io.protocols import SinkStats, SourceStats
from tsloom.io.refusals import open_error, read_error, write_error
from tsloom.io.url import FileUrl, PipeUrl

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# What an unprivileged process may have by default; the usual 64 KiB means a system call for each.
_PIPE_BYTES = 1 << 20


class PipeSource:
    """Standard input, or what a path that is no regular file leads to.

    Not live: whoever writes into a pipe waits for the reader.
    """

    is_live = False

    def __init__(self, url: PipeUrl | FileUrl, *, timeout: float) -> None:
        self.url = url
        self._fd = _open(url, os.O_RDONLY, "read")
        status = os.fstat(self._fd)
        # `tsloom analyze - < in.ts` has a file at its standard input.
        self.size_bytes = status.st_size if stat.S_ISREG(status.st_mode) else None
        self._timeout_ms = max(0, round(timeout * 1000))
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._bytes_read = 0

    @property
    def stats(self) -> SourceStats:
        return SourceStats(self._bytes_read)

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if not self._poll.poll(self._timeout_ms):
            return None
        try:
            size = os.readv(self._fd, (buffer,))
        except BlockingIOError:
            return None
        except OSError as error:
            raise read_error(self.url, error.errno or 0) from None
        self._bytes_read += size
        return size

    def close(self) -> None:
        self._fd = _close(self._fd, self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class PipeSink:
    """Standard output, or what a path that is no regular file leads to."""

    def __init__(self, url: PipeUrl | FileUrl) -> None:
        self.url = url
        self._fd = _open(url, os.O_WRONLY, "write")
        if os.isatty(self._fd):
            self._fd = _close(self._fd, url)
            raise UsageError("a transport stream is not for a terminal; write it to a file or pipe")
        self._bytes_written = 0

    @property
    def stats(self) -> SinkStats:
        return SinkStats(self._bytes_written)

    def write(self, packets: ReadableBuffer) -> None:
        left = memoryview(packets).cast("B")
        while left:
            try:
                written = os.write(self._fd, left)
            except BrokenPipeError:
                raise ClosedByPeerError(
                    f"nobody reads {self.url} any more", errno=errno.EPIPE
                ) from None
            except BlockingIOError:
                # Whoever shares the pipe has made it non-blocking.
                select.select((), (self._fd,), ())
                continue
            except OSError as error:
                raise write_error(self.url, error.errno or 0) from None
            self._bytes_written += written
            left = left[written:]

    def flush(self) -> None:
        """Nothing waits: each write goes to the system at once."""

    def close(self) -> None:
        self._fd = _close(self._fd, self.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _open(url: PipeUrl | FileUrl, flags: int, action: str) -> int:
    """The descriptor; of a named pipe only once it has another end."""
    if isinstance(url, PipeUrl):
        stream = sys.__stdin__ if flags == os.O_RDONLY else sys.__stdout__
        if stream is None:
            raise open_error(action, url, errno.EBADF, "it is closed")
        fd = stream.fileno()
    else:
        try:
            fd = os.open(url.path, flags | os.O_CLOEXEC)
        except OSError as error:
            raise open_error(action, url, error.errno or 0) from None
    # Not a pipe, or not allowed: it works with the size it has.
    with contextlib.suppress(OSError):
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return fd


def _close(fd: int, url: PipeUrl | FileUrl) -> int:
    """Standard input and output stay open: they are not ours."""
    if fd >= 0 and isinstance(url, FileUrl):
        os.close(fd)
    return -1
