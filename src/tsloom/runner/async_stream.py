"""Batches for asyncio, read in a thread of their own."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from tsloom.analysis.analyze import StreamReader
from tsloom.errors import UsageError
from tsloom.io import open_source
from tsloom.pipeline.pipeline import BATCH_PACKETS

if TYPE_CHECKING:
    from tsloom.io import Source
    from tsloom.packets import PacketBatch, SyncEvent

MOST_WAITING = 16


class AsyncStream:
    """A stream for `async with` and `async for`, as batches; `open_async` gives one.

    A thread reads, so that neither the loop nor whoever it runs delays what comes in. At most
    `most_waiting` batches wait to be taken: of a live stream the oldest are then dropped, which
    `lost_packets` counts and packet indices show; a file waits. Iterating ends with the input, and
    raises what ended it otherwise.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Source,
        *,
        batch_packets: int = BATCH_PACKETS,
        most_waiting: int = MOST_WAITING,
        **options: Any,
    ) -> None:
        if most_waiting < 1:
            raise UsageError("at least one batch waits", most_waiting=most_waiting)
        self._place = source
        self._batch_packets = batch_packets
        self._most_waiting = most_waiting
        self._options = options
        self._source: Source | None = None
        self._reader: StreamReader | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._room = threading.Condition()
        # Under _room's lock, as is what was lost.
        self._waiting: deque[PacketBatch] = deque()
        self._lost_packets = 0
        self._stopped = False
        self._ended = False
        self._error: BaseException | None = None

    # -- what was read --------------------------------------------------------------------------

    @property
    def lost_packets(self) -> int:
        """Packets of a live stream that nobody took in time."""
        return self._lost_packets

    @property
    def stats(self) -> Any:
        """Those of the source: `bytes_read` and what its kind has. None before it is open."""
        return None if self._source is None else self._source.stats

    @property
    def events(self) -> tuple[SyncEvent, ...]:
        """What packet synchronisation found so far; after the end."""
        return () if self._reader is None or not self._ended else self._reader.events

    # -- life -----------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._loop is not None:
            raise UsageError("a stream is opened once")
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._open)
        self._thread = threading.Thread(target=self._read, name="tsloom stream", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        with self._room:
            self._stopped = True
            self._waiting.clear()
            self._room.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        if self._source is not None:
            self._source.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PacketBatch:
        """The next batch, never empty."""
        while True:
            self._news.clear()
            with self._room:
                if self._waiting:
                    batch = self._waiting.popleft()
                    self._room.notify()
                    return batch
                ended = self._ended or self._stopped
            if ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            await self._news.wait()

    # -- the thread -----------------------------------------------------------------------------

    def _open(self) -> None:
        place = self._place
        source = (
            open_source(place, **self._options) if isinstance(place, str | os.PathLike) else place
        )
        try:
            self._reader = StreamReader(source, batch_packets=self._batch_packets)
        except BaseException:
            source.close()
            raise
        self._source = source

    def _read(self) -> None:
        try:
            assert self._reader is not None
            self._pass_on(self._reader)
        except Exception as error:  # it is raised where the batches are taken
            self._error = error
        with self._room:
            self._ended = True
        self._wake()

    def _pass_on(self, reader: StreamReader) -> None:
        for batch in reader.all_batches():
            if not self._put(batch):
                return

    def _put(self, batch: PacketBatch) -> bool:
        """Whether to read on."""
        assert self._source is not None
        with self._room:
            if not len(batch) or self._stopped:
                return not self._stopped
            if self._source.is_live:
                while len(self._waiting) >= self._most_waiting:
                    self._lost_packets += len(self._waiting.popleft())
            while len(self._waiting) >= self._most_waiting and not self._stopped:
                self._room.wait()
            self._waiting.append(batch)
        self._wake()
        return True

    def _wake(self) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop was closed with the stream open
            self._stopped = True


def open_async(
    source: str | os.PathLike[str] | Source,
    *,
    batch_packets: int = BATCH_PACKETS,
    most_waiting: int = MOST_WAITING,
    **options: Any,
) -> AsyncStream:
    """A stream by URL, path or open source, for `async with` and `async for`.

    options are those of `tsloom.io.open_source`. `UrlError`, `OpenError` and what else opening
    raises come when it is entered.
    """
    return AsyncStream(source, batch_packets=batch_packets, most_waiting=most_waiting, **options)
