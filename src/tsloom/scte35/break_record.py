"""What a schedule knows of one break, and what it tells about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.scte35.breaks import Break, BreakState

if TYPE_CHECKING:
    from tsloom.scte35.cue_planning import PlannedCue


@dataclass(frozen=True, slots=True)
class BreakStatus:
    """A break as it stands. Times are seconds from the program's first PCR; None: not known yet, or
    an end that is open. `reason`: why it was cancelled, or what could not be had."""

    break_id: int
    splice_event_id: int
    state: BreakState
    out_time_s: float | None
    end_time_s: float | None
    out_pts_90khz: int | None
    reason: str | None
    wanted: Break

    def to_dict(self) -> dict[str, Any]:
        """All but `wanted`."""
        return {
            "break_id": self.break_id,
            "splice_event_id": self.splice_event_id,
            "state": self.state.value,
            "out_time_s": self.out_time_s,
            "end_time_s": self.end_time_s,
            "out_pts_90khz": self.out_pts_90khz,
            "reason": self.reason,
        }


@dataclass(slots=True)
class BreakRecord:
    """One break of a schedule. Times are ticks of 27 MHz in stream time."""

    break_id: int
    wanted: Break
    out_event_id: int
    in_event_id: int | None = None
    state: BreakState = BreakState.PLANNED
    out_time: int | None = None
    end_time: int | None = None
    out_pts: int | None = None
    is_queued: bool = False
    is_immediate: bool = False
    is_end_planned: bool = False
    reason: str | None = None
    # Messages handed to the inserter that have neither left nor failed.
    waiting: dict[int, PlannedCue] = field(default_factory=dict)

    def get_out_time(self) -> int:
        """The splice point of a break that has been placed."""
        if self.out_time is None:
            raise RuntimeError("the break has not been placed")
        return self.out_time

    def move_to(self, splice: int) -> None:
        """A new splice point, with the same length."""
        length = self.length
        self.out_time = splice
        self.end_time = None if length is None else splice + length

    @property
    def snaps_end(self) -> bool:
        """Does its IN wait for a random access point?"""
        return self.wanted.snap and not self.wanted.auto_return

    @property
    def length(self) -> int | None:
        """From the splice point to the end; None while that is open."""
        if self.out_time is None or self.end_time is None:
            return None
        return self.end_time - self.out_time

    def overlaps(self, start: int, end: int | None) -> bool:
        """Is it out, or to be, at some time from start until end (None: for ever)?"""
        if self.out_time is None or self.state.is_over:
            return False
        begins_later = end is not None and end <= self.out_time
        return not begins_later and (self.end_time is None or start < self.end_time)

    @property
    def status(self) -> BreakStatus:
        return BreakStatus(
            break_id=self.break_id,
            splice_event_id=self.out_event_id,
            state=self.state,
            out_time_s=None if self.out_time is None else self.out_time / PCR_HZ,
            end_time_s=None if self.end_time is None else self.end_time / PCR_HZ,
            out_pts_90khz=self.out_pts,
            reason=self.reason,
            wanted=self.wanted,
        )
