"""The relay: inputs through a pipeline to outputs, until the input ends or it is stopped."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypedDict

from tsloom.io import open_sink, open_source
from tsloom.io.fan_out import FanOutSink
from tsloom.io.redundant import RedundantSource
from tsloom.pipeline import InputSwitch, Pipeline, SpliceInserter
from tsloom.pipeline.carousel import CarouselInserter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tsloom.io import AccessRule, Sink, Source
    from tsloom.io.input_health import Triggers
    from tsloom.io.redundant import InputEvent, WhenLost
    from tsloom.pipeline import Progress, RunResult

    Place = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Redundancy:
    """When a relay leaves one of its inputs for another; see `tsloom.io.RedundantSource`."""

    data_timeout_s: float = 0.5
    back_after_s: float | None = 5.0
    trigger: Triggers | None = None
    when_lost: WhenLost = "stop"
    on_event: Callable[[InputEvent], None] | None = None


def relay(
    source: Place | Sequence[Place],
    sink: Place | Sequence[Place],
    pipeline: Pipeline | None = None,
    *,
    duration: float | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    on_open: Callable[[], None] | None = None,
    max_retries: int | None = None,
    exit_on_eof: bool = False,
    access: Sequence[AccessRule] = (),
    redundancy: Redundancy | None = None,
) -> RunResult:
    """Runs the pipeline from source to sink; None relays packets as they are.

    Of several sources, in order of priority, one at a time is relayed: `redundancy` says when it
    is left, and the output stays clean over the switch (`tsloom.pipeline.InputSwitch`). Of several
    sinks each gets everything, and none waits for another (`tsloom.io.FanOutSink`).

    All are opened before the first packet moves, and on_open is called then. A live source's
    stream is taken to be at the machine's UTC when its clock starts, for breaks at a wall-clock
    time, for the EIT, for TDT and TOT. A paced sink sends no more once should_stop says so. Errors
    as with `Pipeline.run`.

    max_retries, exit_on_eof and access are for SRT (see `tsloom.io.open_source`). Where they end
    the input, `PeerLostError` is raised once all that came has left; `AuthenticationRefusedError`
    says that it was the passphrase or the streamid.
    """
    srt: SrtOptions = {"max_retries": max_retries, "access": access}
    pipeline = Pipeline() if pipeline is None else pipeline
    with ExitStack() as stack:
        opened, pipeline = open_sources(
            _list_places(source), pipeline, redundancy, exit_on_eof, srt
        )
        stack.enter_context(opened)
        target = stack.enter_context(open_sinks(_list_places(sink), opened, should_stop, srt))
        if opened.is_live:
            follow_utc(pipeline)
        if on_open is not None:
            on_open()
        result = pipeline.run(
            opened, target, duration=duration, should_stop=should_stop, progress=progress
        )
    end_error = getattr(opened, "end_error", None)
    if end_error is not None:
        raise end_error
    return result


class SrtOptions(TypedDict):
    """What sources and sinks take alike."""

    max_retries: int | None
    access: Sequence[AccessRule]


def _list_places(place: Place | Sequence[Place]) -> Sequence[Place]:
    return [place] if isinstance(place, (str, os.PathLike)) else place


def open_sources(
    sources: Sequence[Place],
    pipeline: Pipeline,
    redundancy: Redundancy | None,
    exit_on_eof: bool,
    srt: SrtOptions,
) -> tuple[Source, Pipeline]:
    """The source, and the pipeline, behind the stage that keeps its switches clean if there are
    any."""
    if len(sources) == 1 and redundancy is None:
        return open_source(sources[0], exit_on_eof=exit_on_eof, **srt), pipeline
    redundancy = redundancy or Redundancy()
    switch = InputSwitch()
    source = RedundantSource(
        sources,
        data_timeout_s=redundancy.data_timeout_s,
        back_after_s=redundancy.back_after_s,
        trigger=redundancy.trigger,
        when_lost=redundancy.when_lost,
        on_mark=switch.mark,
        on_event=redundancy.on_event,
        exit_on_eof=exit_on_eof,
        **srt,
    )
    return source, Pipeline(switch, *pipeline.stages)


def open_sinks(
    sinks: Sequence[Place],
    source: Source,
    should_stop: Callable[[], bool] | None,
    srt: SrtOptions,
) -> Sink:
    if len(sinks) == 1:
        return open_sink(sinks[0], source_is_live=source.is_live, should_stop=should_stop, **srt)
    return FanOutSink(sinks, source_is_live=source.is_live, should_stop=should_stop, **srt)


def follow_utc(pipeline: Pipeline) -> None:
    """The stream is taken to be at the machine's UTC when its clock starts."""
    for stage in pipeline.stages:
        if isinstance(stage, (SpliceInserter, CarouselInserter)):
            stage.follow_utc(lambda: datetime.now(UTC))
