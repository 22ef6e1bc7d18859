"""All stages that somebody asked for, in the order in which they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.runner.filter_stages import make_filter_stages
from tsloom.runner.guide import make_eit_stages
from tsloom.runner.si_stages import make_si_inserters
from tsloom.runner.splice_stages import make_splice_stages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tsloom.pipeline import RemuxEvent, Stage
    from tsloom.runner.splice_stages import PlacedBreak, SpliceListener
    from tsloom.runner.stage_options import StageOptions
    from tsloom.scte35.event_ids import EventIds


def make_stages(
    options: StageOptions,
    listener: SpliceListener,
    *,
    event_ids: EventIds | None = None,
    breaks: Sequence[PlacedBreak] | None = None,
    on_remux_event: Callable[[RemuxEvent], None] | None = None,
) -> list[Stage]:
    """The stages of a relay; `UsageError` for what cannot be. Reads the guide and the cues' files;
    event_ids: instead of the supply that the options name; breaks: instead of those that they name,
    and of their cues."""
    return [
        *make_filter_stages(options, on_remux_event),
        *make_splice_stages(options, listener, event_ids, breaks),
        *make_si_inserters(options),
        *make_eit_stages(options),
    ]
