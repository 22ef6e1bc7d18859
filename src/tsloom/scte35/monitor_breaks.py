"""One event from its announcement to its end: times, and what is due next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ, PTS_HZ, PTS_MODULUS, pts_difference
from tsloom.scte35.monitor_events import Moment, MonitorEventKind, ObservedBreak, ObservedState

if TYPE_CHECKING:
    from tsloom.scte35.monitor_events import MonitorLimits, ObservedCue
    from tsloom.scte35.pairing import Signal

TICKS_PER_PTS = PCR_HZ // PTS_HZ
# The same PTS so much later on is another splice point: the stream is played in a loop.
SAME_POINT_27MHZ = PCR_HZ
# Another PTS for the same moment is the same splice point, said anew in another time base.
SAME_MOMENT_27MHZ = PCR_HZ // 100
# Durations by PTS are exact; they mean something while the time base has not changed.
SAME_BASE_90KHZ = PTS_HZ // 100
# Starts that count the duration down round it.
SAME_END_90KHZ = PTS_HZ // 10
_OPEN = (ObservedState.ANNOUNCED, ObservedState.OUT, ObservedState.MISSING_RETURN)


@dataclass(frozen=True, slots=True)
class SplicePoint:
    """When a splice takes place: by PTS, and in stream time, each None where it is not known."""

    pts_90khz: int | None
    time_27mhz: int | None
    is_immediate: bool = False

    def is_same(self, other: SplicePoint) -> bool:
        """Whether two messages of an event speak of one point."""
        if self.is_immediate or other.is_immediate:
            return self.is_immediate == other.is_immediate
        same_pts = self.pts_90khz == other.pts_90khz
        if self.time_27mhz is None or other.time_27mhz is None:
            return same_pts
        apart = abs(self.time_27mhz - other.time_27mhz)
        return apart < (SAME_POINT_27MHZ if same_pts else SAME_MOMENT_27MHZ)

    def later(self, ticks_90khz: int) -> SplicePoint:
        """The point so many ticks of 90 kHz on."""
        pts, time = self.pts_90khz, self.time_27mhz
        return SplicePoint(
            None if pts is None else (pts + ticks_90khz) % PTS_MODULUS,
            None if time is None else time + ticks_90khz * TICKS_PER_PTS,
        )

    def not_before(self, at: Moment) -> SplicePoint:
        """What was announced after its time takes place when it is announced."""
        if self.time_27mhz is None or at.stream_time_27mhz is None:
            return self
        if self.time_27mhz >= at.stream_time_27mhz:
            return self
        return SplicePoint(at.pts_90khz, at.stream_time_27mhz, self.is_immediate)


def splice_point(splice_pts_90khz: int | None, at: Moment) -> SplicePoint:
    """Where a PTS lies in stream time, seen from a message; None is an immediate splice."""
    if splice_pts_90khz is None:
        return SplicePoint(at.pts_90khz, at.stream_time_27mhz, is_immediate=True)
    if at.pts_90khz is None or at.stream_time_27mhz is None:
        return SplicePoint(splice_pts_90khz, None)
    ahead = pts_difference(splice_pts_90khz, at.pts_90khz) * TICKS_PER_PTS
    return SplicePoint(splice_pts_90khz, at.stream_time_27mhz + ahead)


def ticks_between(begin: SplicePoint, end: SplicePoint) -> int | None:
    """Ticks of 90 kHz from one point to another; None where neither PTS nor time tells."""
    by_pts = by_time = None
    if begin.pts_90khz is not None and end.pts_90khz is not None:
        by_pts = pts_difference(end.pts_90khz, begin.pts_90khz)
    if begin.time_27mhz is not None and end.time_27mhz is not None:
        by_time = (end.time_27mhz - begin.time_27mhz) // TICKS_PER_PTS
    if by_time is None or (by_pts is not None and abs(by_pts - by_time) < SAME_BASE_90KHZ):
        return by_pts
    return by_time


class Due(Enum):
    """What time brings about. The order is that of things at the same time: ends, then starts."""

    RETURN = 0
    AUTO_RETURN = 1
    MISSING_RETURN = 2
    OUT = 3


class Said(Enum):
    """What a signal was: news, a change of what runs, or a repetition."""

    NEW = "new"
    CHANGED = "changed"
    AGAIN = "again"


class TrackedBreak:
    """A break or another segment while it is followed."""

    def __init__(self, signal: Signal, cue: ObservedCue, point: SplicePoint) -> None:
        self.begin(signal, point, cue.at)
        self.service_id = cue.service_id
        self.pid = cue.pid
        self.packet_index = cue.at.packet_index
        self.state = ObservedState.ANNOUNCED
        self.lead_time_s: float | None = None
        self.repeats = 0
        self.problems: dict[MonitorEventKind, None] = {}
        # What a return said, and when it takes effect: not before it was said.
        self.return_said: SplicePoint | None = None
        self.returning: SplicePoint | None = None
        self.returned: SplicePoint | None = None
        self._before: TrackedBreak | None = None

    @property
    def is_open(self) -> bool:
        return self.state in (
            ObservedState.ANNOUNCED,
            ObservedState.OUT,
            ObservedState.MISSING_RETURN,
        )

    @property
    def planned_90khz(self) -> int | None:
        return self.signal.duration_90khz or None

    @property
    def planned_end(self) -> SplicePoint | None:
        planned = self.planned_90khz
        return None if planned is None else self.out.later(planned)

    @property
    def planned_s(self) -> float | None:
        return None if self.planned_90khz is None else self.planned_90khz / PTS_HZ

    @property
    def actual_s(self) -> float | None:
        if self.returned is None:
            return None
        ticks = ticks_between(self.out, self.returned)
        return None if ticks is None else ticks / PTS_HZ

    def says_the_same(self, signal: Signal, point: SplicePoint) -> bool:
        """Whether a start that came is the one that began this break."""
        if not self.is_at(point) or signal.auto_return != self.said.auto_return:
            return False
        if signal.duration_90khz == self.said.duration_90khz:
            return True
        left = self._left_of(signal, point)
        planned = self.planned_90khz
        return left is not None and planned is not None and abs(left - planned) < SAME_END_90KHZ

    def _left_of(self, signal: Signal, point: SplicePoint) -> int | None:
        """The duration of this break by an immediate start that came while it ran.

        Such a start tells what is left: its duration counts from now.
        """
        gone = ticks_between(self.out, point) if point.is_immediate else None
        return None if gone is None or not signal.duration_90khz else gone + signal.duration_90khz

    def change_plan(self, signal: Signal, point: SplicePoint) -> None:
        """Takes the duration that a start tells which came while this break ran."""
        left = self._left_of(signal, point)
        self.said = signal
        self.signal = signal if left is None else replace(signal, duration_90khz=left)

    def is_at(self, point: SplicePoint) -> bool:
        """Whether a start is this one's: an immediate one means what runs, not what has ended."""
        if point.is_immediate:
            return self.state in (ObservedState.OUT, ObservedState.MISSING_RETURN)
        return self.announced.is_same(point)

    def begin(self, signal: Signal, point: SplicePoint, at: Moment) -> None:
        """Takes a start that came at a moment as the one that holds."""
        self.signal = self.said = signal
        self.announced = point
        self.out = point.not_before(at)

    def end(self, point: SplicePoint, at: Moment) -> None:
        """Takes an end that came at a moment as the one that holds."""
        self.return_said = point
        self.returning = point.not_before(at)

    def begin_again(self, point: SplicePoint, at: Moment) -> None:
        """Takes a repeated start: its PTS is that of the time base of now."""
        self.repeats += 1
        if self.state is ObservedState.ANNOUNCED:
            self.begin(self.said, point, at)

    def end_again(self, point: SplicePoint, at: Moment) -> None:
        """Takes a repeated end."""
        self.repeats += 1
        if self.is_open:
            self.end(point, at)

    def follow_on(self, before: TrackedBreak | None) -> None:
        """Keeps the event that had this id before: its return may be said again."""
        self._before = before
        if before is not None:
            before._before = None

    def repeated_return(self, point: SplicePoint) -> TrackedBreak | None:
        """The event, this one or the one before, whose return was said to be there already."""
        if self.return_said is not None and self.return_said.is_same(point):
            return self
        before = self._before
        if before is None or before.return_said is None or point.is_immediate:
            return None
        return before if before.return_said.is_same(point) else None

    def next_due(self, limits: MonitorLimits) -> tuple[int, Due] | None:
        """What comes next and its stream time; None where nothing is waited for."""
        if self.state is ObservedState.ANNOUNCED:
            time = self.out.time_27mhz
            return None if time is None else (time, Due.OUT)
        if self.state not in (ObservedState.OUT, ObservedState.MISSING_RETURN):
            return None
        found = [*self._announced_return(), *self._planned_return(limits)]
        return min(found, key=lambda due: (due[0], due[1].value)) if found else None

    def _announced_return(self) -> list[tuple[int, Due]]:
        if self.returning is None or self.returning.time_27mhz is None:
            return []
        return [(self.returning.time_27mhz, Due.RETURN)]

    def _planned_return(self, limits: MonitorLimits) -> list[tuple[int, Due]]:
        end = self.planned_end
        if end is None or end.time_27mhz is None or self.state is ObservedState.MISSING_RETURN:
            return []
        if self.signal.auto_return and not self._returns_by(end.time_27mhz, limits):
            return [(end.time_27mhz, Due.AUTO_RETURN)]
        # That a program or a chapter ends without a word is common and harms nobody.
        if self.returning is not None or not self.signal.is_break:
            return []
        return [(end.time_27mhz + round(limits.return_tolerance_s * PCR_HZ), Due.MISSING_RETURN)]

    def _returns_by(self, time: int, limits: MonitorLimits) -> bool:
        """Whether a return was announced for about this time; its word is the more exact one."""
        if self.returning is None or self.returning.time_27mhz is None:
            return False
        return self.returning.time_27mhz <= time + round(limits.return_tolerance_s * PCR_HZ)

    def summary(self) -> ObservedBreak:
        time = self.out.time_27mhz
        end = self.returned or self.returning
        return ObservedBreak(
            service_id=self.service_id,
            pid=self.pid,
            event_id=self.signal.event_id,
            segmentation_type_id=self.signal.segmentation_type_id,
            state=self.state,
            packet_index=self.packet_index,
            out_pts_90khz=self.out.pts_90khz,
            out_stream_time_s=None if time is None else time / PCR_HZ,
            return_pts_90khz=None if end is None else end.pts_90khz,
            planned_duration_s=self.planned_s,
            actual_duration_s=self.actual_s,
            auto_return=self.signal.auto_return,
            lead_time_s=self.lead_time_s,
            repeats=self.repeats,
            problems=tuple(self.problems),
        )


def describe_plans(before: Signal, after: Signal) -> list[str]:
    """What a second message changes of the first one's plan."""
    told = []
    if before.duration_90khz != after.duration_90khz:
        was, now = (
            "open" if ticks is None else f"{ticks / PTS_HZ:.3f} s"
            for ticks in (before.duration_90khz, after.duration_90khz)
        )
        told.append(f"the duration was {was}, is {now}")
    if before.auto_return != after.auto_return:
        told.append("auto_return is " + ("on" if after.auto_return else "off"))
    return told
