"""The relay: one input through a pipeline to one output, until the input ends or it is stopped."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tsloom.io import open_sink, open_source
from tsloom.io.srt import SrtSource
from tsloom.pipeline import Pipeline, SpliceInserter
from tsloom.pipeline.carousel import CarouselInserter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from tsloom.io import AccessRule
    from tsloom.pipeline import Progress, RunResult


def relay(
    source: str | os.PathLike[str],
    sink: str | os.PathLike[str],
    pipeline: Pipeline | None = None,
    *,
    duration: float | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    on_open: Callable[[], None] | None = None,
    max_retries: int | None = None,
    exit_on_eof: bool = False,
    access: Sequence[AccessRule] = (),
) -> RunResult:
    """Runs the pipeline from source to sink; None relays packets as they are.

    Both are opened before the first packet moves, and on_open is called then. A live source's
    stream is taken to be at the machine's UTC when its clock starts, for breaks at a wall-clock
    time, for the EIT, for TDT and TOT. A paced sink sends no more once should_stop says so. Errors
    as with `Pipeline.run`.

    max_retries, exit_on_eof and access are for SRT (see `tsloom.io.open_source`). Where they end
    the input, `PeerLostError` is raised once all that came has left; `AuthenticationRefusedError`
    says that it was the passphrase or the streamid.
    """
    pipeline = Pipeline() if pipeline is None else pipeline
    with ExitStack() as stack:
        opened = stack.enter_context(
            open_source(source, max_retries=max_retries, exit_on_eof=exit_on_eof, access=access)
        )
        target = stack.enter_context(
            open_sink(
                sink,
                source_is_live=opened.is_live,
                should_stop=should_stop,
                max_retries=max_retries,
                access=access,
            )
        )
        if opened.is_live:
            follow_utc(pipeline)
        if on_open is not None:
            on_open()
        result = pipeline.run(
            opened, target, duration=duration, should_stop=should_stop, progress=progress
        )
    if isinstance(opened, SrtSource) and opened.end_error is not None:
        raise opened.end_error
    return result


def follow_utc(pipeline: Pipeline) -> None:
    """The stream is taken to be at the machine's UTC when its clock starts."""
    for stage in pipeline.stages:
        if isinstance(stage, (SpliceInserter, CarouselInserter)):
            stage.follow_utc(lambda: datetime.now(UTC))
