"""One run of a channel: its stages, source and sink, from their opening to their end."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from tsloom.analysis import CueMonitor
from tsloom.pipeline import CountContinuity, DropPids, Pipeline
from tsloom.runner.guide import watch_guide
from tsloom.runner.relay import SrtOptions, follow_utc, open_sinks, open_sources
from tsloom.runner.stages import make_stages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tsloom.analysis import Cue
    from tsloom.io import InputEvent, Sink, Source
    from tsloom.pipeline import RunResult, Stage
    from tsloom.runner.channel_config import ChannelConfig
    from tsloom.runner.splice_stages import PlacedBreak, SpliceListener
    from tsloom.scte35.event_ids import EventIds

SNAPSHOT_S = 0.2


class ChannelRun:
    """The stages are made at once; `run` opens, goes through the stream, and closes.

    breaks: instead of those of the configuration, and of its cues; dropped_pids: instead of its
    drop_pid.
    """

    def __init__(
        self,
        config: ChannelConfig,
        listener: SpliceListener,
        event_ids: EventIds,
        breaks: Sequence[PlacedBreak] | None,
        dropped_pids: frozenset[int],
        on_input: Callable[[InputEvent], None],
    ) -> None:
        self.config = config
        self._on_input = on_input
        self.continuity = CountContinuity()
        self.filter = DropPids(dropped_pids)
        self.stages: list[Stage] = make_stages(
            replace(config.stages, drop_pid=()), listener, event_ids=event_ids, breaks=breaks
        )
        self.pipeline = Pipeline(
            self.continuity, self.filter, *self.stages, CueMonitor(on_cue=self._see_cue)
        )
        self.cues_seen = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self._next_snapshot = 0.0

    def run(
        self,
        *,
        duration: float | None,
        on_open: Callable[[], None],
        at_boundary: Callable[[], bool],
        is_cut: Callable[[], bool],
        tell: Callable[[str], None],
    ) -> RunResult:
        """at_boundary is called between batches, and says whether to stop; is_cut says whether a
        paced output is to send no more. Errors as with `Pipeline.run` and `tsloom.relay`."""
        with ExitStack() as stack:
            source, sink = self._open(stack, is_cut)
            if source.is_live:
                follow_utc(self.pipeline)
            stack.enter_context(watch_guide(self.config.stages, self.stages, tell))
            on_open()

            def look() -> bool:
                now = time.monotonic()
                if now >= self._next_snapshot:
                    self._next_snapshot = now + SNAPSHOT_S
                    self._take_snapshot(source, sink)
                return at_boundary()

            try:
                result = self.pipeline.run(source, sink, duration=duration, should_stop=look)
                sink.flush()
            finally:
                self._take_snapshot(source, sink)
        end_error = getattr(source, "end_error", None)
        if end_error is not None:
            raise end_error
        return result

    def _open(self, stack: ExitStack, is_cut: Callable[[], bool]) -> tuple[Source, Sink]:
        config = self.config
        srt: SrtOptions = {"max_retries": config.max_retries, "access": ()}
        redundancy = None
        if len(config.inputs) > 1 or config.redundancy.when_lost == "fill":
            redundancy = replace(config.redundancy, on_event=self._on_input)
        source, self.pipeline = open_sources(
            config.inputs, self.pipeline, redundancy, config.exit_on_eof, srt
        )
        stack.enter_context(source)
        return source, stack.enter_context(open_sinks(config.outputs, source, is_cut, srt))

    def _take_snapshot(self, source: Source, sink: Sink) -> None:
        # Here, as a source that is being closed has nothing to say to another thread.
        self.bytes_in = source.stats.bytes_read
        self.bytes_out = sink.stats.bytes_written

    def _see_cue(self, cue: Cue) -> None:
        self.cues_seen += 1
