"""A file that somebody is still writing: its end is silence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from tsloom.io.file import FileSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from tsloom.io.protocols import Source, SourceStats
    from tsloom.io.url import FileUrl


def follow(source: Source) -> Source:
    """A file that is open anew as one that grows; what else there is never ends by itself."""
    if not isinstance(source, FileSource):
        return source
    source.close()
    return GrowingFileSource(source.url)


class GrowingFileSource:
    """A regular file that is read on as it grows, from its start.

    At its end `readinto` waits timeout seconds and answers None, as a live source does when nothing
    comes. One that is replaced or cut short is not noticed.
    """

    is_live = False
    size_bytes = None

    def __init__(self, url: FileUrl, *, timeout: float = 0.1) -> None:
        self.url = url
        # Not its base: a FileSource is read by its descriptor, and ends where the file does.
        self._file = FileSource(url)
        self._timeout = timeout

    @property
    def stats(self) -> SourceStats:
        return self._file.stats

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        size = self._file.readinto(buffer)
        if size:
            return size
        time.sleep(self._timeout)
        return None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
