"""The Pipeline: stages in a row, run over batches or from a source to a sink."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom._native.packet_reader import PacketReader
from tsloom._native.pipeline import Engine, Stage
from tsloom.errors import NotATransportStreamError, SystemRefusedError, UsageError
from tsloom.io import open_sink, open_source
from tsloom.io.rtp import RtpSource
from tsloom.io.udp import UdpSink, UdpSource
from tsloom.packets import PacketBatch, SyncEvent, sync_events
from tsloom.pipeline.stages import Callback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tsloom.io import IpReport, Sink, Source

BATCH_PACKETS = 4096
# More events than these of one run are counted in the totals only.
MAX_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class RunResult:
    """What went through a run. `ip` is what a UDP or RTP source tells of the network."""

    packets_in: int
    packets_out: int
    bytes_read: int
    packet_size: int | None
    sync_losses: int
    skipped_bytes: int
    bad_sync_bytes: int
    stopped: bool
    sync_events: tuple[SyncEvent, ...] = field(default=(), repr=False)
    sync_events_not_listed: int = 0
    ip: IpReport | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    bytes_read: int
    size_bytes: int | None
    packets: int
    elapsed_s: float


class Pipeline:
    """Stages in a row. A stage holds the state of one stream: it serves one Pipeline."""

    def __init__(self, *stages: Stage | Callable[[PacketBatch], PacketBatch | None]) -> None:
        self.stages: tuple[Stage, ...] = tuple(
            stage if isinstance(stage, Stage) else _callback(stage) for stage in stages
        )
        if len(set(map(id, self.stages))) < len(self.stages):
            raise UsageError("a stage stands in a pipeline once")
        # Private to this package and the runs that drive it.
        self.engine = Engine(list(_native_order(self.stages)))

    @property
    def packets_in(self) -> int:
        """How many have come so far; may be read from any thread."""
        return self.engine.packets_in

    @property
    def packets_out(self) -> int:
        """Likewise, how many have left the last stage."""
        return self.engine.packets_out

    def process(self, batch: PacketBatch) -> PacketBatch:
        """What leaves the last stage for this batch: a batch of its own memory."""
        return self.engine.process(batch)

    def finish(self) -> PacketBatch:
        """The stream has ended: what the stages still held."""
        return self.engine.finish()

    def run(
        self,
        source: str | os.PathLike[str] | Source,
        sink: str | os.PathLike[str] | Sink | None = None,
        *,
        duration: float | None = None,
        should_stop: Callable[[], bool] | None = None,
        progress: Callable[[Progress], None] | None = None,
        batch_packets: int = BATCH_PACKETS,
    ) -> RunResult:
        """Reads the source to its end through the stages into the sink; sink None throws away.

        duration (seconds, by the machine's clock), should_stop and the end of the input end it; all
        close cleanly. `NotATransportStreamError` if the input holds no packet.
        """
        with ExitStack() as stack:
            opened = enter_source(stack, source)
            target = _enter_sink(stack, sink, opened, should_stop)
            reader = PacketReader(opened, batch_packets=batch_packets)
            run = Run(self, reader, opened, target, progress=progress)
            for _ in run.steps(duration, should_stop):
                pass
            rest = self.engine.finish()
            if len(rest) and target is not None:
                target.write(rest)
            return run.result()


class Run:
    """One run of a pipeline: the loop and its bookkeeping.

    `on_sync` gets what synchronisation found, when `note_sync` is called.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        reader: PacketReader,
        source: Source,
        sink: Sink | None = None,
        *,
        progress: Callable[[Progress], None] | None = None,
        on_sync: Callable[[list[SyncEvent]], None] | None = None,
    ) -> None:
        engine = self._engine = pipeline.engine
        self._reader = reader
        self._sink = sink
        self._source = source
        self._progress = progress
        self._on_sync = on_sync
        self._stopped = False
        self._events: list[SyncEvent] = []
        self._not_listed = 0
        self._before = (engine.packets_in, engine.packets_out)

    def steps(
        self, duration: float | None, should_stop: Callable[[], bool] | None
    ) -> Iterator[None]:
        """Goes on by some batches each time, to the end of the input or until it is stopped."""
        step, reader, sink = self._engine.step, self._reader, self._sink
        write = None if sink is None else sink.write
        started = time.monotonic()
        end = None if duration is None else started + duration
        report_at = started + 0.2
        watched = end is not None or self._progress is not None
        flow = self._find_flow()
        while (taken := flow() or step(reader, write)) is not None:
            if not taken and sink is not None:
                sink.flush()  # the source is silent: nothing waits for a datagram to be full
            yield
            if should_stop is not None and should_stop():
                self._stop(write)
                return
            if not watched:
                continue
            now = time.monotonic()
            if end is not None and now >= end:
                self._stop(write)
                return
            if self._progress is not None and now >= report_at:
                report_at = now + 0.2
                self._progress(self._state(now - started))
        if self._reader.packets == 0:
            raise NotATransportStreamError(
                "no transport packets in the input",
                input=str(self._source.url),
                bytes_read=self._reader.bytes_read,
            )

    def _stop(self, write: Callable[[memoryview], object] | None) -> None:
        self._stopped = True
        self._engine.end(self._reader, write)

    def _find_flow(self) -> Callable[[], int]:
        """Moves what comes from one socket to the other without Python between batches, where both
        ends are sockets and as long as something comes."""
        source, sink, flow, reader = self._source, self._sink, self._engine.flow, self._reader
        if not (isinstance(source, UdpSource) and isinstance(sink, UdpSink)):
            return lambda: 0
        receiver, sender = source.native_receiver, sink.native_sender

        def go_on() -> int:
            try:
                taken = flow(reader, receiver, sender)
            except SystemRefusedError as error:
                refused = source if reader.read_errno else sink
                raise refused.fail(error.errno or 0) from None
            if taken:
                source.note_data()
            return taken

        return go_on

    def note_sync(self) -> None:
        """Takes what synchronisation found since the last time."""
        new, room = sync_events(self._reader.take_events()), MAX_EVENTS - len(self._events)
        self._events += new[:room]
        self._not_listed += max(0, len(new) - room)
        if self._on_sync is not None:
            self._on_sync(new)

    def _state(self, elapsed: float) -> Progress:
        reader = self._reader
        self.note_sync()
        return Progress(reader.bytes_read, self._source.size_bytes, reader.packets, elapsed)

    def result(self) -> RunResult:
        """What went through."""
        reader, engine = self._reader, self._engine
        self._state(0)
        return RunResult(
            packets_in=reader.packets,
            packets_out=engine.packets_out - self._before[1],
            bytes_read=reader.bytes_read,
            packet_size=reader.packet_size,
            sync_losses=reader.sync_losses,
            skipped_bytes=reader.skipped_bytes,
            bad_sync_bytes=reader.bad_sync_bytes,
            stopped=self._stopped,
            sync_events=tuple(self._events),
            sync_events_not_listed=self._not_listed,
            ip=self._source.ip_report()
            if isinstance(self._source, UdpSource | RtpSource)
            else None,
        )


def _callback(function: object) -> Callback:
    if not callable(function):
        raise UsageError("a stage is a Stage or a callable", got=type(function).__name__)
    return Callback(function)


def _native_order(stages: Iterable[Stage]) -> Iterable[Stage]:
    for stage in stages:
        yield stage
        if isinstance(stage, Callback):
            yield stage.repair


def enter_source(stack: ExitStack, source: str | os.PathLike[str] | Source) -> Source:
    """The source itself, or the one at this URL, which the stack closes."""
    if isinstance(source, (str, os.PathLike)):
        return stack.enter_context(open_source(source))
    return source


def _enter_sink(
    stack: ExitStack,
    sink: str | os.PathLike[str] | Sink | None,
    source: Source,
    should_stop: Callable[[], bool] | None,
) -> Sink | None:
    if isinstance(sink, (str, os.PathLike)):
        return stack.enter_context(
            open_sink(sink, source_is_live=source.is_live, should_stop=should_stop)
        )
    return sink
