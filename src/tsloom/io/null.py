"""A sink that keeps nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tsloom.io.protocols import SinkStats
from tsloom.io.url import NullUrl

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class NullSink:
    """Counts and forgets, for measuring what comes before it."""

    def __init__(self, url: NullUrl) -> None:
        self.url = url
        self._bytes_written = 0

    @property
    def stats(self) -> SinkStats:
        return SinkStats(self._bytes_written)

    def write(self, packets: ReadableBuffer) -> None:
        self._bytes_written += memoryview(packets).nbytes

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
