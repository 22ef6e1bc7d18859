"""Sources and sinks that tests play by hand."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from tsloom.errors import SystemRefusedError
from tsloom.io import Sink, SinkStats, SourceStats, Url, parse_url

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class PlayedSource:
    """Gives what it is handed; None after a moment without, 0 after `end`."""

    is_live = True
    size_bytes = None

    def __init__(self, name: str) -> None:
        self.url: Url = parse_url(f"udp://127.0.0.1:{1 + len(name)}")
        self.closed = False
        self._pieces: queue.Queue[bytes | SystemRefusedError] = queue.Queue()
        self._bytes_read = 0

    @property
    def stats(self) -> SourceStats:
        return SourceStats(self._bytes_read)

    def give(self, data: bytes) -> None:
        self._pieces.put(data)

    def end(self) -> None:
        self._pieces.put(b"")

    def fail(self, error: SystemRefusedError) -> None:
        self._pieces.put(error)

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            piece = self._pieces.get(timeout=0.01)
        except queue.Empty:
            return None
        if isinstance(piece, SystemRefusedError):
            raise piece
        memoryview(buffer).cast("B")[: len(piece)] = piece
        self._bytes_read += len(piece)
        return len(piece)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class PlayedSink:
    """Keeps what it gets. It may be held up, and fail."""

    def __init__(self, port: int = 9) -> None:
        self.url: Url = parse_url(f"udp://127.0.0.1:{port}")
        self.received = bytearray()
        self.flushes = 0
        self.closed = False
        self.may_go = threading.Event()
        self.may_go.set()
        self.fails_with: SystemRefusedError | None = None

    @property
    def stats(self) -> SinkStats:
        return SinkStats(len(self.received))

    def write(self, packets: ReadableBuffer) -> None:
        self.may_go.wait()
        if self.fails_with is not None:
            raise self.fails_with
        self.received += packets

    def flush(self) -> None:
        self.flushes += 1

    def abort(self) -> None:
        self.fails_with = SystemRefusedError("aborted")
        self.may_go.set()

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def opener(sinks: list[Sink | SystemRefusedError]) -> Callable[..., Sink]:
    """Instead of open_sink: these in turn."""
    left = iter(sinks)

    def open_sink(*_: object, **__: object) -> Sink:
        sink = next(left)
        if isinstance(sink, SystemRefusedError):
            raise sink
        return sink

    return open_sink
