"""One of several outputs: a bounded queue, and a thread that empties it."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom.errors import ClosedByPeerError, PeerLostError, SystemRefusedError
from tsloom.io.file import FileSink
from tsloom.io.protocols import Sink, SinkStats
from tsloom.io.retry import DEFAULT, Retry

if TYPE_CHECKING:
    from tsloom.io.url import Url

_log = logging.getLogger(__name__)

PACKET_SIZE = 188
# How long a closing output may go on sending what waits.
_DRAIN_S = 1.0
_TOLD_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class OutputStats:
    """One output so far; all but `queued_packets` only grow, over reopenings too.

    packets were passed to the sink; dropped_packets were not: the output was too slow, or not
    there. `state`: "open", "failed" (it will be opened again), "ended". `sink` is what the sink
    says of its present opening.
    """

    url: str
    state: str
    packets: int
    dropped_packets: int
    queued_packets: int
    openings: int
    failures: int
    sink: SinkStats | None


class Output:
    """Takes packets without waiting; what it has no room for is dropped and counted.

    A sink that fails is closed and opened again, later each time, for ever; one without a way to
    open it, a file, which opening would empty, and a pipe that nobody reads end there.
    """

    def __init__(
        self, url: Url, sink: Sink | None, reopen: Callable[[], Sink] | None, most_bytes: int
    ) -> None:
        self.url = url
        self.sink = sink
        self.ended = False
        self.error: SystemRefusedError | None = None
        self._reopen = reopen
        self._most_bytes = most_bytes
        self._retry = Retry(DEFAULT)
        self._changed = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._wants_flush = False
        self._closing = False
        self._aborted = False
        self._told_s: float | None = None
        self._packets = 0
        self._dropped = 0
        self._openings = int(sink is not None)
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name=f"output {url}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def stats(self) -> OutputStats:
        with self._changed:
            sink = self.sink
            return OutputStats(
                url=str(self.url),
                state="ended" if self.ended else "open" if sink is not None else "failed",
                packets=self._packets,
                dropped_packets=self._dropped,
                queued_packets=self._queued_bytes // PACKET_SIZE,
                openings=self._openings,
                failures=self._failures,
                sink=None if sink is None else sink.stats,
            )

    def offer(self, packets: bytes) -> None:
        """Queues as many of the packets as there is room for."""
        with self._changed:
            room = self._most_bytes - self._queued_bytes
            takes = min(len(packets), max(0, room) // PACKET_SIZE * PACKET_SIZE)
            if self.ended or self.sink is None:
                takes = 0
            self._note_dropped((len(packets) - takes) // PACKET_SIZE)
            if takes:
                self._queue.append(packets if takes == len(packets) else packets[:takes])
                self._queued_bytes += takes
                self._changed.notify_all()

    def _note_dropped(self, count: int) -> None:
        self._dropped += count
        now_s = time.monotonic()
        if not count or self.ended or self.sink is None:
            return  # that it failed was said
        if self._told_s is None or now_s - self._told_s >= _TOLD_EVERY_S:
            self._told_s = now_s
            _log.warning("%s: too slow: %d packets dropped so far", self.url, self._dropped)

    def wait_for_room(self, size: int, timeout_s: float) -> bool:
        """Whether so many bytes may be offered without loss, or the output is not there anyway."""
        with self._changed:
            return self._changed.wait_for(
                lambda: (
                    self.ended
                    or self.sink is None
                    or self._queued_bytes == 0
                    or self._queued_bytes + size <= self._most_bytes
                ),
                timeout_s,
            )

    def flush(self) -> None:
        with self._changed:
            self._wants_flush = True
            self._changed.notify_all()

    def ask_to_close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def close(self, *, waits: bool) -> None:
        """Sends what waits, for a second at the most where others do not wait for it either."""
        self.ask_to_close()
        self._thread.join(None if waits else _DRAIN_S)
        if self._thread.is_alive():
            self.abort()

    def abort(self) -> None:
        """Drops what waits, and ends the write that the thread is in, where the sink can."""
        with self._changed:
            self._closing = self._aborted = True
            self._drop_queue()
            sink = self.sink
            self._changed.notify_all()
        end = getattr(sink, "abort", None)
        if end is not None:
            end()
        self._thread.join(_DRAIN_S)

    def _drop_queue(self) -> None:
        self._dropped += self._queued_bytes // PACKET_SIZE
        self._queue.clear()
        self._queued_bytes = 0
        self._changed.notify_all()

    def _run(self) -> None:
        while not self._is_done():
            try:
                if self.sink is None:
                    self._open_again()
                else:
                    self._pass_on(self.sink)
            except SystemRefusedError as error:
                self._fail(error)
            except Exception as error:
                _log.exception("%s: the output is given up", self.url)
                self._end(SystemRefusedError(f"{self.url}: {error}"))
        if self.sink is not None and not self._aborted:
            with contextlib.suppress(SystemRefusedError):
                self.sink.close()

    def _is_done(self) -> bool:
        with self._changed:
            return self.ended or (self._closing and (not self._queue or self.sink is None))

    def _pass_on(self, sink: Sink) -> None:
        with self._changed:
            if not self._queue and not self._wants_flush:
                if not self._closing:
                    self._changed.wait()
                return
            packets = self._queue.popleft() if self._queue else None
            if packets is None:
                self._wants_flush = False
        if packets is None:
            sink.flush()
            return
        try:
            sink.write(packets)
        except BaseException:
            self._note_written(packets, dropped=True)
            raise
        self._note_written(packets, dropped=False)

    def _note_written(self, packets: bytes, *, dropped: bool) -> None:
        count = len(packets) // PACKET_SIZE
        with self._changed:
            if self._queued_bytes:  # else the queue was dropped, and this with it
                self._queued_bytes -= len(packets)
                self._packets += 0 if dropped else count
                self._dropped += count if dropped else 0
            self._changed.notify_all()
        if not dropped:
            self._retry.note_success()

    def _fail(self, error: SystemRefusedError) -> None:
        if self._aborted:
            self._end(error)
            return
        sink = self.sink
        with self._changed:
            self._failures += 1
            self.sink = None
            self._drop_queue()
        if sink is not None:
            with contextlib.suppress(SystemRefusedError):
                sink.close()
        ends = isinstance(error, (ClosedByPeerError, PeerLostError)) or isinstance(sink, FileSink)
        if ends or self._reopen is None:
            _log.warning("%s: given up: %s", self.url, error)
            self._end(error)
            return
        wait_s = self._retry.note_failure()
        if self._retry.failures == 1:
            _log.warning("%s: %s; trying again", self.url, error)
        with self._changed:
            self._changed.wait_for(lambda: self._closing, wait_s)

    def _end(self, error: SystemRefusedError) -> None:
        with self._changed:
            self.error, self.ended = error, True
            self._drop_queue()

    def _open_again(self) -> None:
        assert self._reopen is not None
        sink = self._reopen()
        with self._changed:
            self.sink = sink
            self._openings += 1
        _log.info("%s: open again", self.url)
