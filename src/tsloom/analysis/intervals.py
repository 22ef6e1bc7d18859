"""Reports of a stream's intervals while it runs, and the one of all of it."""

from __future__ import annotations

import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tsloom._native.packet_reader import PacketReader
from tsloom.analysis.analyzer import MAX_EVENTS, Analyzer, report_sync, sync_stream_event
from tsloom.pipeline import Pipeline
from tsloom.pipeline.pipeline import BATCH_PACKETS, Run, enter_source

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report
    from tsloom.io import Source
    from tsloom.packets import SyncEvent
    from tsloom.pipeline import Progress, RunResult


def analyze_intervals(
    source: str | os.PathLike[str] | Source,
    seconds: float,
    *,
    duration: float | None = None,
    limits: Limits | None = None,
    buffer_model: bool = False,
    formats: bool = False,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Report]:
    """A report of each interval of stream time as it ends, and at last, with `interval` None, the
    one of all.

    What the intervals count sums up to what the last report does. Of what is no file on a disk, an
    interval in which no PCR moves ends by the machine's clock. The rest as with `analyze`.
    """
    ended: deque[Report] = deque()
    analyzer = Analyzer(
        limits=limits,
        buffer_model=buffer_model,
        formats=formats,
        interval_s=seconds,
        on_interval=ended.append,
    )
    pipeline = Pipeline(analyzer)
    with ExitStack() as stack:
        opened = enter_source(stack, source)
        sync, wall = _SyncBook(), _WallClock(analyzer, seconds)
        reader = PacketReader(opened, batch_packets=BATCH_PACKETS)
        run = Run(pipeline, reader, opened, progress=progress, on_sync=sync.waiting.extend)
        for _ in run.steps(duration, should_stop):
            if opened.size_bytes is None and not ended and wall.is_over():
                ended.append(analyzer.take_interval("wall_time"))
            run.note_sync()
            yield from sync.assign(ended)
        pipeline.finish()
        result = run.result()
        yield sync.close(analyzer.take_interval("end"), result)
        yield analyzer.report(result)


@dataclass(slots=True)
class SyncCounts:
    """What packet synchronisation found in one interval."""

    sync_losses: int = 0
    skipped_bytes: int = 0
    bad_sync_bytes: int = 0
    sync_events: list[SyncEvent] = field(default_factory=list)
    not_listed: int = 0

    def add(self, event: SyncEvent) -> None:
        self.sync_losses += event.kind == "lost"
        self.bad_sync_bytes += event.kind == "bad_sync_byte"
        self.skipped_bytes += event.length if event.kind in ("skipped", "bad_sync_byte") else 0
        if len(self.sync_events) < MAX_EVENTS:
            self.sync_events.append(event)
        else:
            self.not_listed += 1


class _SyncBook:
    """Says of each synchronisation event in which interval it was."""

    def __init__(self) -> None:
        self.waiting: deque[SyncEvent] = deque()
        self._open = SyncCounts()
        self._skipped_before = 0
        self._packet_size: int | None = None

    def assign(self, ended: deque[Report]) -> Iterator[Report]:
        """The reports with what synchronisation found; what waits came in the batches in which
        these intervals ended."""
        waiting = self.waiting
        while ended:
            report = ended.popleft()
            while waiting and waiting[0].packet_index < _end(report):
                self._take(waiting.popleft())
            yield self._close(report)
        self._take_all()

    def close(self, report: Report, run: RunResult) -> Report:
        """The last report: bytes that are still being skipped are no event yet."""
        self._take_all()
        self._open.skipped_bytes = run.skipped_bytes - self._skipped_before
        return replace(self._close(report), complete=not run.stopped)

    def _take_all(self) -> None:
        while self.waiting:
            self._take(self.waiting.popleft())

    def _take(self, event: SyncEvent) -> None:
        if event.kind == "acquired":
            self._packet_size = event.length
        self._open.add(event)

    def _close(self, report: Report) -> Report:
        found, self._open = self._open, SyncCounts()
        self._skipped_before += found.skipped_bytes
        events = sorted(
            [*map(sync_stream_event, found.sync_events), *report.events],
            key=lambda event: event.packet_index,
        )
        return replace(
            report,
            packet_size=self._packet_size,
            sync_losses=found.sync_losses,
            skipped_bytes=found.skipped_bytes,
            bad_sync_bytes=found.bad_sync_bytes,
            events=tuple(events),
            events_not_listed=report.events_not_listed + found.not_listed,
            tr101290={**report.tr101290, **report_sync(found)},
        )


def _end(report: Report) -> int:
    return 0 if report.interval is None else report.interval.end_packet


class _WallClock:
    """Ends intervals where stream time stands still."""

    def __init__(self, analyzer: Analyzer, seconds: float) -> None:
        self._analyzer = analyzer
        self._seconds = seconds
        self._stream_time: int | None = None
        self._since = time.monotonic()

    def is_over(self) -> bool:
        """Whether no PCR has moved for as long as an interval is."""
        span = self._analyzer.judged()[0]
        stream_time = None if span is None else span[1]
        now = time.monotonic()
        if stream_time != self._stream_time:
            self._stream_time, self._since = stream_time, now
        if now - self._since < self._seconds:
            return False
        self._since = now
        return True
