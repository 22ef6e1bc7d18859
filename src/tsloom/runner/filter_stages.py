"""The stages that drop, renumber and repair, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.errors import UsageError
from tsloom.pipeline import (
    DropNulls,
    DropPids,
    FixContinuity,
    KeepPids,
    KeepServices,
    RemapPids,
    Remux,
)
from tsloom.runner.si_stages import make_si_editors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.pipeline import RemuxEvent, Stage
    from tsloom.runner.stage_options import StageOptions


def make_filter_stages(
    options: StageOptions, on_remux_event: Callable[[RemuxEvent], None] | None = None
) -> list[Stage]:
    """The stages that the options ask for; the remultiplexer is the last."""
    stages: list[Stage] = []
    if options.keep_service:
        stages.append(KeepServices(*options.keep_service))
    if options.keep_pid:
        stages.append(KeepPids(*options.keep_pid))
    if options.drop_pid:
        stages.append(DropPids(*options.drop_pid))
    if options.drop_nulls:
        stages.append(DropNulls())
    if options.remap:
        if len({old for old, _ in options.remap}) < len(options.remap):
            raise UsageError("a PID is renumbered once", remap=options.remap)
        stages.append(RemapPids(dict(options.remap)))
    stages += make_si_editors(options)
    if options.fix_continuity:
        stages.append(FixContinuity())
    if options.bitrate:
        stages.append(Remux(options.bitrate, on_event=on_remux_event))
    return stages
