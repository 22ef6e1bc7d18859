"""Several inputs as one: the best that there is, and another when it fails."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, Self, Unpack

from tsloom.errors import OpenError, PeerLostError, UsageError
from tsloom.io.failover import Change, Failover
from tsloom.io.input_health import Triggers
from tsloom.io.input_reader import InputReader, InputStats
from tsloom.io.null_fill import NullFill, RateMeter
from tsloom.io.opening import SourceOptions, open_source, parse_target
from tsloom.io.protocols import Source, SourceStats
from tsloom.io.url import Url

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from tsloom.packets import PacketBatch

_log = logging.getLogger(__name__)

PACKET_SIZE = 188
_NULL_PACKET = bytes((0x47, 0x1F, 0xFF, 0x10)) + b"\xff" * 184
# What waits to be read is bounded; beyond, the active input's reader waits too.
_MOST_QUEUED_BYTES = 16 << 20
_EVENTS_KEPT = 1000

WhenLost = Literal["stop", "fill"]
AnyInput = str | os.PathLike[str] | Url | Source
# Packet index of the first packet from elsewhere; 0, or that null packets come, and how many of
# them from one repetition of PAT and PMTs to the next.
OnMark = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class InputEvent:
    """The active input has changed. `before` and `after` are URLs without secrets, None for no
    input; `packet_index` is that of the first packet behind it, of those that were read."""

    time: datetime
    before: str | None
    after: str | None
    reason: str
    packet_index: int

    def to_dict(self) -> dict[str, str | int | None]:
        return {
            "time": self.time.isoformat(),
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
            "packet_index": self.packet_index,
        }


@dataclass(frozen=True, slots=True)
class RedundantSourceStats(SourceStats):
    """All inputs so far; bytes_read are those that were given, with the filling null packets."""

    switches: int
    filled_packets: int
    active: str | None
    inputs: tuple[InputStats, ...]


@dataclass(slots=True)
class _OnAir:
    """What was given so far. bitrate_bps is that of the input before, which holds as long as the
    present one's rate is not known."""

    given_packets: int = 0
    filled_packets: int = 0
    switches: int = 0
    has_begun: bool = False
    fill: NullFill | None = None
    rate: RateMeter = field(default_factory=RateMeter)
    bitrate_bps: float | None = None


class RedundantSource:
    """The packets of one input at a time, of several in order of priority.

    Sources are URLs, which are opened and reopened for ever, or open sources. Each is read and
    judged all the time, so nothing old comes when it becomes the active one, and its health is
    known before. The active input is left when no packet but null packets came for data_timeout_s,
    or when it has the faults of `trigger` and another has none. One of higher priority comes back
    after back_after_s without either; None: not before the active one fails.

    Bytes are whole packets of 188 bytes. `on_mark` is called before the first packet behind a
    change is given: `tsloom.pipeline.InputSwitch.mark` makes the output clean there. when_lost
    says what comes when no input is left: "stop", nothing; "fill", null packets at the bitrate of
    the last seconds. `on_event` is told of each change, in the thread that reads.

    The input ends when all inputs have ended. `OpenError`: none could be opened at first.
    `UsageError`: no input, or a file. timeout, max_retries, exit_on_eof, access: see `open_source`.
    """

    is_live = True
    size_bytes = None

    def __init__(
        self,
        sources: Sequence[AnyInput],
        *,
        data_timeout_s: float = 0.5,
        back_after_s: float | None = 5.0,
        trigger: Triggers | None = None,
        when_lost: WhenLost = "stop",
        on_mark: OnMark | None = None,
        on_event: Callable[[InputEvent], None] | None = None,
        timeout: float = 0.1,
        **opening: Unpack[SourceOptions],
    ) -> None:
        _check(sources, data_timeout_s, back_after_s, when_lost)
        self._timeout_s = timeout
        self._slice_s = max(0.001, min(0.02, data_timeout_s / 5))
        self._fills = when_lost == "fill"
        self.on_mark = on_mark
        self._on_event = on_event
        self.events: deque[InputEvent] = deque(maxlen=_EVENTS_KEPT)
        self._changed = threading.Condition()
        self._queue: deque[memoryview | Change] = deque()
        self._queued_bytes = 0
        self._air = _OnAir()
        open_input = partial(open_source, timeout=timeout, **opening)
        self._readers = _open_all(sources, open_input, trigger or Triggers())
        self._failover = Failover(
            len(self._readers),
            now_s=time.monotonic(),
            data_timeout_s=data_timeout_s,
            back_after_s=back_after_s,
        )
        for number, reader in enumerate(self._readers):
            reader.start(self._make_deliver(number))

    @property
    def url(self) -> Url:
        """Of the active input, or of the first."""
        return self._readers[self._failover.active or 0].url

    @property
    def sources(self) -> tuple[Source | None, ...]:
        """The inputs' own sources, None of one that is not open now."""
        return tuple(reader.source for reader in self._readers)

    @property
    def end_error(self) -> PeerLostError | None:
        """Why the inputs ended, where it was not their own end."""
        errors = [reader.end_error for reader in self._readers if reader.end_error is not None]
        return errors[0] if errors and all(reader.ended for reader in self._readers) else None

    @property
    def stats(self) -> RedundantSourceStats:
        with self._changed:
            now_s = time.monotonic()
            inputs = tuple(self._describe(n, now_s) for n in range(len(self._readers)))
            active = self._failover.active
            return RedundantSourceStats(
                bytes_read=self._air.given_packets * PACKET_SIZE,
                switches=self._air.switches,
                filled_packets=self._air.filled_packets,
                active=None if active is None else str(self._readers[active].url),
                inputs=inputs,
            )

    def _describe(self, number: int, now_s: float) -> InputStats:
        reader, failover = self._readers[number], self._failover
        fault = failover.find_fault(number, now_s)
        source = reader.source
        if reader.ended:
            state = "ended"
        elif number == failover.active:
            state = "active"
        elif failover.is_delivering(number, now_s):
            state = "faulty" if fault else "good"
        else:
            state = "silent"
        return InputStats(
            url=str(reader.url),
            state=state,
            fault=fault,
            packets=reader.health.packets,
            null_packets=reader.health.null_packets,
            openings=reader.openings,
            failures=reader.failures,
            errors=reader.health.errors,
            source=None if source is None else source.stats,
        )

    def _make_deliver(self, number: int) -> Callable[[PacketBatch, int, list[str]], None]:
        reader = self._readers[number]

        def deliver(batch: PacketBatch, live: int, faults: list[str]) -> None:
            with self._changed:
                now_s = time.monotonic()
                if live:
                    self._failover.note_data(number, now_s)
                for fault in faults:
                    self._failover.note_fault(number, now_s, fault)
                # Here already: what makes an input the active one is not to be lost.
                self._decide(now_s)
                # A reader that waits is not silent: whoever reads is late, not the input.
                while self._queued_bytes > _MOST_QUEUED_BYTES and not reader.is_closing:
                    self._changed.wait(self._timeout_s)
                if len(batch) and number == self._failover.active:
                    self._queue.append(memoryview(batch).cast("B"))
                    self._queued_bytes += len(batch) * PACKET_SIZE
                    self._air.rate.note(len(batch), now_s)
                self._changed.notify_all()

        return deliver

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        room = memoryview(buffer).cast("B")
        room = room[: len(room) // PACKET_SIZE * PACKET_SIZE]
        end_s = time.monotonic() + self._timeout_s
        with self._changed:
            while True:
                now_s = time.monotonic()
                self._decide(now_s)
                size = self._give(room) or self._give_nulls(room, now_s)
                if size:
                    self._air.given_packets += size // PACKET_SIZE
                    self._changed.notify_all()
                    return size
                if not self._queue and all(reader.ended for reader in self._readers):
                    return 0
                if now_s >= end_s:
                    return None
                self._changed.wait(min(self._slice_s, end_s - now_s))

    def _decide(self, now_s: float) -> None:
        active = self._failover.active
        if active is not None and self._queued_bytes:
            self._failover.note_data(active, now_s)
        change = self._failover.choose(now_s)
        if change is not None:
            self._queue.append(change)

    def _give(self, room: memoryview) -> int:
        """What is queued, up to a change; a change at the front takes place first."""
        size = 0
        while self._queue:
            first = self._queue[0]
            if isinstance(first, Change):
                if size:
                    break
                self._queue.popleft()
                self._take_change(first)
                continue
            part = first[: len(room) - size]
            if not part:
                break
            room[size : size + len(part)] = part
            size += len(part)
            self._queued_bytes -= len(part)
            if len(part) < len(first):
                self._queue[0] = first[len(part) :]
            else:
                self._queue.popleft()
        return size

    def _take_change(self, change: Change) -> None:
        before, after = (
            None if number is None else str(self._readers[number].url)
            for number in (change.before, change.after)
        )
        event = InputEvent(datetime.now(UTC), before, after, change.reason, self._air.given_packets)
        psi_every = 0
        self._air.fill = None
        if change.after is None:
            bitrate_bps = self._air.rate.bitrate_bps or self._air.bitrate_bps
            if self._fills and bitrate_bps:
                self._air.fill = NullFill(bitrate_bps, time.monotonic())
                psi_every = self._air.fill.tables_every
        else:
            self._air.bitrate_bps = self._air.rate.bitrate_bps or self._air.bitrate_bps
            self._air.rate = RateMeter()
        self._air.switches += self._air.has_begun and change.after is not None
        if self._air.has_begun and self.on_mark and (psi_every or change.after is not None):
            self.on_mark(self._air.given_packets, psi_every)
        self._air.has_begun = True
        self.events.append(event)
        _log.info("input %s -> %s: %s", before or "none", after or "none", change.reason)
        if self._on_event is not None:
            self._on_event(event)

    def _give_nulls(self, room: memoryview, now_s: float) -> int:
        if self._air.fill is None:
            return 0
        count = self._air.fill.take_due(now_s, len(room) // PACKET_SIZE)
        room[: count * PACKET_SIZE] = _NULL_PACKET * count
        self._air.filled_packets += count
        return count * PACKET_SIZE

    def close(self) -> None:
        for reader in self._readers:
            reader.ask_to_close()
        with self._changed:
            self._changed.notify_all()
        for reader in self._readers:
            reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _check(
    sources: Sequence[AnyInput], data_timeout_s: float, back_after_s: float | None, when_lost: str
) -> None:
    if not sources or isinstance(sources, (str, bytes)):
        raise UsageError("one input is the least")
    if not data_timeout_s > 0:
        raise UsageError("data_timeout_s is more than 0", data_timeout_s=data_timeout_s)
    if back_after_s is not None and back_after_s < 0:
        raise UsageError("back_after_s is 0 or more, or None", back_after_s=back_after_s)
    if when_lost not in ("stop", "fill"):
        raise UsageError("when_lost is stop or fill", when_lost=when_lost)


def _open_all(
    sources: Sequence[AnyInput], open_input: Callable[[Url], Source], triggers: Triggers
) -> list[InputReader]:
    """`OpenError` of the first where none can be opened; else that one is tried again later."""
    targets = [
        parse_target(source) if isinstance(source, (str, os.PathLike, Url)) else source
        for source in sources
    ]
    readers: list[InputReader] = []
    errors: list[OpenError] = []
    try:
        for target in targets:
            readers.append(_open_reader(target, open_input, triggers, errors))
        if len(errors) == len(readers):
            raise errors[0]
    except BaseException:
        for reader in readers:
            reader.close()
        raise
    for error in errors:
        _log.warning("%s; trying again", error)
    return readers


def _open_reader(
    target: Url | Source,
    open_input: Callable[[Url], Source],
    triggers: Triggers,
    errors: list[OpenError],
) -> InputReader:
    if not isinstance(target, Url):
        return InputReader(target.url, _check_live(target), None, triggers)

    def reopen() -> Source:
        return open_input(target)

    try:
        return InputReader(target, _check_live(reopen()), reopen, triggers)
    except OpenError as error:
        errors.append(error)
        return InputReader(target, None, reopen, triggers)


def _check_live(source: Source) -> Source:
    """A file would be read to its end while it is not wanted."""
    if source.size_bytes is not None:
        source.close()
        raise UsageError("one of several inputs is live: no file", input=str(source.url))
    return source
