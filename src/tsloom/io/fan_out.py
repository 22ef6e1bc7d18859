"""Several outputs as one: each gets all packets, and none waits for another."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tsloom.errors import OpenError, SystemRefusedError, UsageError
from tsloom.io.fan_out_output import PACKET_SIZE, Output, OutputStats
from tsloom.io.opening import open_sink, parse_target
from tsloom.io.protocols import Sink, SinkStats
from tsloom.io.srt_link import AccessRule
from tsloom.io.url import Url

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_log = logging.getLogger(__name__)

# A second at 60 Mbit/s.
MOST_QUEUED_BYTES = 8 << 20
_ASK_EVERY_S = 0.1

AnyOutput = str | os.PathLike[str] | Url | Sink


@dataclass(frozen=True, slots=True)
class FanOutStats(SinkStats):
    """bytes_written were taken for all outputs; `outputs` tells of each, in order."""

    outputs: tuple[OutputStats, ...]


class FanOutSink:
    """Packets for several sinks, each with a queue and a thread of its own.

    Sinks are URLs, or open sinks. Of a live source nothing waits: an output that is slower, or has
    failed, loses whole packets, which are counted, and the others go on. Where source_is_live is
    False the writer waits for all outputs that work. One that fails is opened again with
    exponential backoff and jitter, for ever; an open sink that was handed in, a file and a pipe
    without a reader are given up. `write` raises the error of the first once all are.

    `OpenError`: none could be opened at first. should_stop, max_retries, access: see `open_sink`.
    """

    def __init__(
        self,
        sinks: Sequence[AnyOutput],
        *,
        source_is_live: bool = True,
        most_queued_bytes: int = MOST_QUEUED_BYTES,
        should_stop: Callable[[], bool] | None = None,
        max_retries: int | None = None,
        access: Sequence[AccessRule] = (),
    ) -> None:
        if not sinks or isinstance(sinks, (str, bytes)):
            raise UsageError("one output is the least")
        if most_queued_bytes < PACKET_SIZE:
            raise UsageError("at least a packet waits", most_queued_bytes=most_queued_bytes)
        self._waits = not source_is_live
        self._should_stop = should_stop
        self._bytes_written = 0
        self._closed = False

        def open_output(url: Url) -> Sink:
            return open_sink(
                url,
                source_is_live=source_is_live,
                should_stop=should_stop,
                max_retries=max_retries,
                access=access,
            )

        self._outputs = _open_all(sinks, open_output, most_queued_bytes)
        for output in self._outputs:
            output.start()

    @property
    def url(self) -> Url:
        """Of the first output."""
        return self._outputs[0].url

    @property
    def sinks(self) -> tuple[Sink | None, ...]:
        """The outputs' own sinks, None of one that is not open now."""
        return tuple(output.sink for output in self._outputs)

    @property
    def stats(self) -> FanOutStats:
        outputs = tuple(output.stats for output in self._outputs)
        return FanOutStats(bytes_written=self._bytes_written, outputs=outputs)

    def write(self, packets: ReadableBuffer) -> None:
        content = bytes(packets)
        self._bytes_written += len(content)
        if self._waits:
            self._wait_for_room(len(content))
        for output in self._outputs:
            output.offer(content)
        if all(output.ended for output in self._outputs):
            raise self._outputs[0].error or SystemRefusedError("all outputs have ended")

    def _wait_for_room(self, size: int) -> None:
        for output in self._outputs:
            while not output.wait_for_room(size, _ASK_EVERY_S):
                if self._should_stop is not None and self._should_stop():
                    return

    def flush(self) -> None:
        for output in self._outputs:
            output.flush()

    def abort(self) -> None:
        """Closes without sending what waits."""
        self._closed = True
        for output in self._outputs:
            output.abort()

    def close(self) -> None:
        """Sends what waits; of a live source for a second at the most."""
        if self._closed:
            return
        self._closed = True
        waits = self._waits and not (self._should_stop is not None and self._should_stop())
        for output in self._outputs:
            output.flush()
            output.ask_to_close()
        for output in self._outputs:
            output.close(waits=waits)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _open_all(
    sinks: Sequence[AnyOutput], open_output: Callable[[Url], Sink], most_bytes: int
) -> list[Output]:
    """`OpenError` of the first where none can be opened; else that one is tried again later."""
    targets = [
        parse_target(sink) if isinstance(sink, (str, os.PathLike, Url)) else sink for sink in sinks
    ]
    outputs: list[Output] = []
    errors: list[OpenError] = []
    try:
        for target in targets:
            outputs.append(_open_output(target, open_output, most_bytes, errors))
        if len(errors) == len(outputs):
            raise errors[0]
    except BaseException:
        for output in outputs:
            if output.sink is not None:
                output.sink.close()
        raise
    for error in errors:
        _log.warning("%s; trying again", error)
    return outputs


def _open_output(
    target: Url | Sink,
    open_output: Callable[[Url], Sink],
    most_bytes: int,
    errors: list[OpenError],
) -> Output:
    if not isinstance(target, Url):
        return Output(target.url, target, None, most_bytes)

    def reopen() -> Sink:
        return open_output(target)

    try:
        return Output(target, reopen(), reopen, most_bytes)
    except OpenError as error:
        errors.append(error)
        return Output(target, None, reopen, most_bytes)
