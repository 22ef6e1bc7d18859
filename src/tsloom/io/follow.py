"""A file that somebody is still writing: its end is silence."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tsloom.io.file import FileSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from tsloom.io.url import FileUrl


class GrowingFileSource(FileSource):
    """A regular file that is read on as it grows, from its start.

    At its end `readinto` waits timeout seconds and answers None, as a live source does when nothing
    comes. One that is replaced or cut short is not noticed.
    """

    def __init__(self, url: FileUrl, *, timeout: float = 0.1) -> None:
        super().__init__(url)
        self.size_bytes = None
        self._timeout = timeout

    @property
    def descriptor(self) -> int:
        """-1: the end of the file is not the end of the stream."""
        return -1

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        size = super().readinto(buffer)
        if size:
            return size
        time.sleep(self._timeout)
        return None
