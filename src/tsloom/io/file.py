"""Files: read in the caller's buffer, written without one."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from typing import TYPE_CHECKING, Self

from tsloom.io.protocols import SinkStats, SourceStats
from tsloom.io.refusals import open_error, read_error, write_error
from tsloom.io.url import FileUrl

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

    from tsloom.errors import SystemRefusedError


class FileSource:
    """A regular file or a block device."""

    is_live = False

    def __init__(self, url: FileUrl) -> None:
        self.url = url
        try:
            self._fd = os.open(url.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise open_error("read", url, error.errno or 0) from None
        status = os.fstat(self._fd)
        if stat.S_ISDIR(status.st_mode):
            os.close(self._fd)
            raise open_error("read", url, errno.EISDIR)
        # Lets FileSink see that this file is in use; a file that is being written may be read.
        _try_lock(self._fd, fcntl.LOCK_SH)
        self._bytes_read = 0
        self.size_bytes = status.st_size if stat.S_ISREG(status.st_mode) else None
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    @property
    def descriptor(self) -> int:
        """What the core reads from by itself, to its end; -1 when closed."""
        return self._fd

    @property
    def stats(self) -> SourceStats:
        return SourceStats(self._bytes_read if self._fd < 0 else self._tell())

    def _tell(self) -> int:
        try:
            return os.lseek(self._fd, 0, os.SEEK_CUR)
        except OSError:
            return 0  # not a regular file

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            return os.readv(self._fd, (buffer,))
        except OSError as error:
            raise self.fail(error.errno or 0) from None

    def fail(self, error_number: int) -> SystemRefusedError:
        """The error that says that this file cannot be read."""
        return read_error(self.url, error_number)

    def close(self) -> None:
        if self._fd >= 0:
            self._bytes_read = self._tell()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class FileSink:
    """A regular file, written from its start; one that tsloom reads or writes is not touched."""

    def __init__(self, url: FileUrl) -> None:
        self.url = url
        self._bytes_written = 0
        try:
            self._fd = os.open(url.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            missing = not os.path.isdir(os.path.dirname(url.path) or ".")
            reason = "its directory does not exist" if missing else None
            raise open_error("write", url, error.errno or 0, reason) from None
        try:
            if not _try_lock(self._fd, fcntl.LOCK_EX):
                raise open_error("write", url, errno.EBUSY, "it is being read or written")
            if stat.S_ISREG(os.fstat(self._fd).st_mode):
                os.ftruncate(self._fd, 0)
        except BaseException:
            self.close()
            raise

    @property
    def stats(self) -> SinkStats:
        return SinkStats(self._bytes_written)

    def write(self, packets: ReadableBuffer) -> None:
        left = memoryview(packets).cast("B")
        while left:
            try:
                written = os.write(self._fd, left)
            except OSError as error:
                raise write_error(self.url, error.errno or 0) from None
            self._bytes_written += written
            left = left[written:]

    def flush(self) -> None:
        """Nothing waits: each write goes to the system at once."""

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            try:
                os.close(fd)
            except OSError as error:
                # Some file systems tell only now that there was no room.
                raise write_error(self.url, error.errno or 0) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _try_lock(fd: int, kind: int) -> bool:
    """False where somebody holds the file; file systems without locks let everything pass."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
