"""One of several inputs: opened, read, judged and opened again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom.errors import PeerLostError, SystemRefusedError
from tsloom.io.input_health import InputHealth, Triggers
from tsloom.io.protocols import LEAST_READ_BYTES, Source, SourceStats
from tsloom.io.retry import DEFAULT, Retry
from tsloom.packets import PacketBatch

if TYPE_CHECKING:
    from tsloom.io.url import Url

_log = logging.getLogger(__name__)

_READ_BYTES = 4 * LEAST_READ_BYTES

Open = Callable[[], Source]
# The packets that came, how many of them are no null packets, and what is wrong, if anything.
Deliver = Callable[[PacketBatch, int, list[str]], None]


@dataclass(frozen=True, slots=True)
class InputStats:
    """One input so far. Packets, openings and errors only grow, over reconnects too.

    `errors` counts by indicator of TR 101 290's first priority. `source` is what the source says of
    its present opening. `state`: "active", "good", "faulty", "silent", "ended"; `fault` says which.
    """

    url: str
    state: str
    fault: str
    packets: int
    null_packets: int
    openings: int
    failures: int
    errors: dict[str, int]
    source: SourceStats | None


class InputReader:
    """Reads until it is closed. `source` is None while the input is not open.

    An input has ended where its source says so; it is not opened again. What the system refuses is
    tried again for ever, later each time.
    """

    def __init__(
        self, url: Url, source: Source | None, reopen: Open | None, triggers: Triggers
    ) -> None:
        self.url = url
        self.source = source
        self.health = InputHealth(triggers)
        self.openings = int(source is not None)
        self.failures = 0
        self.ended = False
        self.end_error: PeerLostError | None = None
        self._reopen = reopen
        self._retry = Retry(DEFAULT)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, deliver: Deliver) -> None:
        """deliver is called from the reader's thread, also where nothing came."""
        self._thread = threading.Thread(
            target=self._run, args=(deliver,), name=f"input {self.url}", daemon=True
        )
        self._thread.start()

    @property
    def is_closing(self) -> bool:
        return self._closing.is_set()

    def ask_to_close(self) -> None:
        self._closing.set()

    def close(self) -> None:
        """Waits for the thread, which leaves its read within the source's timeout."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
        if self.source is not None:
            self.source.close()

    def _run(self, deliver: Deliver) -> None:
        buffer = bytearray(_READ_BYTES)
        while not self._closing.is_set() and not self.ended:
            try:
                if self.source is None:
                    self._open_again()
                elif not self._read(self.source, buffer, deliver):
                    self.ended = True
                    self.end_error = getattr(self.source, "end_error", None)
                    _log.info("%s: ended", self.url)
            except PeerLostError as error:
                self.ended, self.end_error = True, error
            except SystemRefusedError as error:
                self._fail(error)
            except Exception:
                # An input that this program cannot read must not look like one that is silent.
                self.ended = True
                _log.exception("%s: the input is given up", self.url)
        deliver(PacketBatch(), 0, [])

    def _open_again(self) -> None:
        assert self._reopen is not None
        self.source = self._reopen()
        self.openings += 1
        _log.info("%s: open again", self.url)

    def _read(self, source: Source, buffer: bytearray, deliver: Deliver) -> bool:
        """False at the end of the input."""
        size = source.readinto(buffer)
        if size == 0:
            return False
        now_s = time.monotonic()
        batch, live = self.health.feed(memoryview(buffer)[: size or 0])
        if live:
            self._retry.note_success()
        faults = self.health.find_faults(now_s)
        if len(batch) or faults:
            deliver(batch, live, faults)
        return True

    def _fail(self, error: SystemRefusedError) -> None:
        self.failures += 1
        if self.source is not None:
            self.source.close()
            self.source = None
        if self._reopen is None:
            self.ended = True
            _log.warning("%s: given up: %s", self.url, error)
            return
        wait_s = self._retry.note_failure()
        if self._retry.failures == 1:
            _log.warning("%s: %s; trying again", self.url, error)
        self._closing.wait(wait_s)
