"""The breaks of a channel over its runs: what was not said in one is scheduled in the next."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.pipeline import CueInsertion, SpliceInserter
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import Break, BreakState, StreamTime, parse_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tsloom.pipeline import CueFailure, Stage
    from tsloom.runner.splice_stages import PlacedBreak
    from tsloom.scte35.break_record import BreakStatus


class SpliceEvents:
    """Counts cues, and tells of them and of breaks as plain values."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self.inserted = 0
        self.failed = 0

    def expect_break(self, inserter: SpliceInserter, break_id: int, wanted: Break) -> None:
        """Its state is told when it changes."""

    def expect_cue(self, inserter: SpliceInserter) -> None:
        """It is told when it leaves."""

    def tell_cue(self, inserter: SpliceInserter, cue: CueInsertion | CueFailure) -> None:
        if isinstance(cue, CueInsertion):
            self.inserted += 1
            self._tell({"event": "cue_inserted", **asdict(cue)})
        else:
            self.failed += 1
            self._tell({"event": "cue_failed", **asdict(cue)})

    def tell_break(self, status: BreakStatus) -> None:
        self._tell({"event": "break", **status.to_dict()})

    def warn(self, text: str) -> None:
        self._tell({"event": "warning", "text": text})


def find_unsaid(stages: Iterable[Stage]) -> list[PlacedBreak]:
    """The breaks of which nothing has been said; those that begin so long after the stream's start
    keep the rest of their wait. They take new event ids."""
    return [
        (wanted, stage.service_id, stage.pid)
        for stage in stages
        if isinstance(stage, SpliceInserter)
        for wanted in _find_unsaid(stage)
    ]


def _find_unsaid(inserter: SpliceInserter) -> list[Break]:
    clock = inserter.clock
    now_s = 0.0 if clock is None else clock.now_27mhz / PCR_HZ
    statuses = inserter.breaks
    recurring = [
        status.wanted
        for status in statuses
        if isinstance(parse_start(status.wanted.start), Recurrence) and not status.state.is_over
    ]
    found = list(recurring)
    for status in statuses:
        wanted = status.wanted
        if status.state is not BreakState.PLANNED or wanted in recurring:
            continue
        if any(_is_occurrence(wanted, of) for of in recurring):
            continue
        start = parse_start(wanted.start)
        if isinstance(start, float | StreamTime) and status.out_time_s is not None:
            wanted = replace(wanted, start=f"+{max(status.out_time_s - now_s, 0):.3f}s")
        found.append(replace(wanted, splice_event_id=None))
    return found


def _is_occurrence(wanted: Break, of: Break) -> bool:
    return replace(wanted, start=of.start, splice_event_id=of.splice_event_id) == of
