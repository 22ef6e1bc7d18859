"""From an input to its report, its tables and its batches in one call."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from tsloom._native.packet_reader import PacketReader
from tsloom.analysis.analyzer import Analyzer
from tsloom.analysis.evidence import EvidenceMismatchError
from tsloom.analysis.parallel import analyze_pieces
from tsloom.errors import UsageError
from tsloom.io import open_source
from tsloom.io.file import FileSource
from tsloom.packets import SyncEvent, sync_events
from tsloom.pipeline import Pipeline, Progress
from tsloom.pipeline.pipeline import BATCH_PACKETS, enter_source

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report
    from tsloom.io import Source
    from tsloom.packets import PacketBatch

MAX_WORKERS = 256


def analyze(
    source: str | os.PathLike[str] | Source,
    *,
    duration: float | None = None,
    limits: Limits | None = None,
    buffer_model: bool = False,
    formats: bool = False,
    workers: int = 1,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """The report of a file, a pipe or a live stream.

    duration ends a live one after so many seconds; limits are those of TR 101 290, if not told.
    More workers than one read a file on so many threads; the report is the same. buffer_model adds
    the decoder's buffers, formats what video and audio are (`Analyzer`); formats are read in one
    pass, so that they want one worker. `NotATransportStreamError` if no packet came.
    """
    if workers != 1:
        _check_workers(workers)
        if formats:
            raise UsageError("formats are read in one pass, by one worker", workers=workers)
        analyzer = Analyzer(limits=limits, buffer_model=buffer_model)
        report = _analyze_on_threads(source, workers, analyzer, duration, should_stop, progress)
        if report is not None:
            return report
    analyzer = Analyzer(limits=limits, buffer_model=buffer_model, formats=formats)
    run = Pipeline(analyzer).run(
        source, duration=duration, should_stop=should_stop, progress=progress
    )
    return analyzer.report(run)


def _check_workers(workers: int) -> None:
    if not 1 < workers <= MAX_WORKERS:
        raise UsageError(f"workers are 1 to {MAX_WORKERS}", workers=workers)


def _analyze_on_threads(
    source: str | os.PathLike[str] | Source,
    workers: int,
    analyzer: Analyzer,
    duration: float | None,
    should_stop: Callable[[], bool] | None,
    progress: Callable[[Progress], None] | None,
) -> Report | None:
    """None where the stream has to be read in one pass."""
    with ExitStack() as stack:
        opened = enter_source(stack, source)
        if not isinstance(opened, FileSource) or opened.size_bytes is None or duration is not None:
            raise UsageError("workers share out a whole file; other inputs come in one piece")
        try:
            return analyze_pieces(
                opened, workers, analyzer, should_stop=should_stop, progress=progress
            )
        except EvidenceMismatchError:
            return None


class StreamReader:
    """An open stream, read as batches: `tsloom.open` gives one."""

    def __init__(self, source: Source, *, batch_packets: int = BATCH_PACKETS) -> None:
        self._source = source
        self._reader = PacketReader(source, batch_packets=batch_packets)
        self._events: list[SyncEvent] = []

    def batches(self) -> Iterator[PacketBatch]:
        """PacketBatches to the end of the input, each of its own memory, none empty."""
        return filter(len, self.all_batches())

    def all_batches(self) -> Iterator[PacketBatch]:
        """The same, with an empty one wherever a live source had nothing within its timeout."""
        while (batch := self._reader.next_batch()) is not None:
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
