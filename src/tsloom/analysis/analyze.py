"""From an input to its report, its tables and its batches in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tsloom._native.pipeline import PacketReader
from tsloom.analysis.analyzer import Analyzer
from tsloom.io import open_source
from tsloom.packets import SyncEvent, sync_events
from tsloom.pipeline import Pipeline, Progress
from tsloom.pipeline.pipeline import BATCH_PACKETS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report
    from tsloom.io import Source
    from tsloom.packets import PacketBatch


def analyze(
    source: str | os.PathLike[str] | Source,
    *,
    duration: float | None = None,
    limits: Limits | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """The report of a file, a pipe or a live stream.

    duration ends a live one after so many seconds; limits are those of TR 101 290, if not told.
    `NotATransportStreamError` if no packet came.
    """
    analyzer = Analyzer(limits=limits)
    run = Pipeline(analyzer).run(
        source, duration=duration, should_stop=should_stop, progress=progress
    )
    return analyzer.report(run)


class StreamReader:
    """An open stream, read as batches: `tsloom.open` gives one."""

    def __init__(self, source: Source, *, batch_packets: int = BATCH_PACKETS) -> None:
        self._source = source
        self._reader = PacketReader(source, batch_packets=batch_packets)
        self._events: list[SyncEvent] = []

    def batches(self) -> Iterator[PacketBatch]:
        """PacketBatches to the end of the input, each of its own memory, none empty."""
        while (batch := self._reader.next_batch()) is not None:
            if len(batch):
                yield batch

    @property
    def events(self) -> tuple[SyncEvent, ...]:
        """What packet synchronisation found so far."""
        self._events += sync_events(self._reader.take_events())
        return tuple(self._events)

    @property
    def packet_size(self) -> int | None:
        return self._reader.packet_size

    @property
    def skipped_bytes(self) -> int:
        return self._reader.skipped_bytes

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def open_stream(
    source: str | os.PathLike[str], *, batch_packets: int = BATCH_PACKETS
) -> StreamReader:
    """Opens a stream by URL or path, to be read as batches."""
    return StreamReader(open_source(source), batch_packets=batch_packets)
