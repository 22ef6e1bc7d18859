"""The events of one service: paired, timed, judged."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING

from tsloom.clock import PTS_HZ
from tsloom.scte35.monitor_breaks import (
    TICKS_PER_PTS,
    Due,
    Said,
    SplicePoint,
    TrackedBreak,
    describe_plans,
    splice_point,
    ticks_between,
)
from tsloom.scte35.monitor_events import (
    Moment,
    MonitorEvent,
    MonitorEventKind,
    ObservedState,
    Pairing,
)
from tsloom.scte35.monitor_points import RandomAccessPoints
from tsloom.scte35.monitor_telling import EventTeller
from tsloom.scte35.pairing import SignalAction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tsloom.scte35.monitor_events import MonitorLimits, ObservedCue
    from tsloom.scte35.pairing import Signal

# Whether it is a segmentation, the event id, the type of the start.
_Key = tuple[bool, int, int | None]


class ServiceTracker:
    """Follows the breaks and segments of a service. `emit` gets each event as it happens."""

    def __init__(
        self,
        service_id: int | None,
        limits: MonitorLimits,
        emit: Callable[[MonitorEvent], None],
        keep: Callable[[TrackedBreak], None],
    ) -> None:
        self._limits = limits
        self._tell = EventTeller(service_id, emit)
        self._keep = keep
        self._known: OrderedDict[_Key, TrackedBreak] = OrderedDict()
        self._live: list[TrackedBreak] = []
        self._pictures = RandomAccessPoints(limits.random_access_tolerance_s)

    def random_access_point(self, pts_90khz: int) -> None:
        self._pictures.add(pts_90khz)

    # -- what is said

    def take(self, signal: Signal, cue: ObservedCue, lead_time_s: float | None) -> Said:
        """Takes one signal of a section."""
        point = splice_point(signal.splice_pts_90khz, cue.at)
        match signal.action:
            case SignalAction.START:
                return self._start(signal, cue, point, lead_time_s)
            case SignalAction.END:
                return self._end(signal, cue, point)
            case SignalAction.CANCEL:
                return self._cancel(signal, cue)

    def blame(self, signals: tuple[Signal, ...], kind: MonitorEventKind) -> None:
        """Notes a problem of a section on the events that it speaks of."""
        for signal in signals:
            for found in self._spoken_of(signal):
                found.problems[kind] = None

    def planned_s(self, signals: tuple[Signal, ...]) -> float:
        """How long after its start an end may be announced: the longest plan among their events."""
        ends = (signal for signal in signals if signal.action is SignalAction.END)
        return max(
            (one.planned_s or 0.0 for end in ends for one in self._spoken_of(end)), default=0
        )

    def _spoken_of(self, signal: Signal) -> Iterator[TrackedBreak]:
        types = signal.starts() or {signal.segmentation_type_id}
        if signal.action is SignalAction.START:
            types = {signal.segmentation_type_id}
        for kind in types:
            found = self._known.get((signal.is_segmentation, signal.event_id, kind))
            if found is not None:
                yield found

    def _start(
        self, signal: Signal, cue: ObservedCue, point: SplicePoint, lead_time_s: float | None
    ) -> Said:
        key = (signal.is_segmentation, signal.event_id, signal.segmentation_type_id)
        before = self._known.get(key)
        if before is not None and before.state is not ObservedState.CANCELLED:
            if before.says_the_same(signal, point):
                before.begin_again(point, cue.at)
                return Said.AGAIN
            if before.state is ObservedState.ANNOUNCED:
                self._update_start(before, signal, cue, point, lead_time_s)
                return Said.NEW
            if before.state is ObservedState.OUT and before.is_at(point):
                self._update_plan(before, signal, cue, point)
                return Said.CHANGED
            self._replace(before, cue)
        begun = TrackedBreak(signal, cue, point)
        begun.lead_time_s = lead_time_s
        begun.follow_on(before)
        self._remember(key, begun, cue)
        self._keep(begun)
        self._live.append(begun)
        self._announce(begun, cue, lead_time_s)
        return Said.NEW

    def _announce(self, begun: TrackedBreak, cue: ObservedCue, lead_time_s: float | None) -> None:
        if lead_time_s is not None and lead_time_s < -self._limits.lead_grace_s:
            begun.state = ObservedState.TOO_LATE
            self._drop(begun)
        elif begun.out.time_27mhz is None:
            self._go_out(begun, cue.at)

    def _update_start(
        self,
        before: TrackedBreak,
        signal: Signal,
        cue: ObservedCue,
        point: SplicePoint,
        lead_time_s: float | None,
    ) -> None:
        moved = ticks_between(before.announced, point)
        told = [] if not moved else [f"the splice point moved by {moved / PTS_HZ:+.3f} s"]
        told += describe_plans(before.signal, signal)
        before.begin(signal, point, cue.at)
        self._tell.tell(MonitorEventKind.UPDATE, before, cue.at, detail="; ".join(told))
        self._announce(before, cue, lead_time_s)

    def _update_plan(
        self, before: TrackedBreak, signal: Signal, cue: ObservedCue, point: SplicePoint
    ) -> None:
        was = before.signal
        before.change_plan(signal, point)
        detail = "; ".join(describe_plans(was, before.signal))
        self._tell.tell(MonitorEventKind.UPDATE, before, cue.at, detail=detail)

    def _replace(self, before: TrackedBreak, cue: ObservedCue) -> None:
        """An event of the same id begins anew; without a plan nothing else tells of the return."""
        if before.state is not ObservedState.OUT or before.returning is not None:
            return
        if before.planned_90khz is None and before.signal.is_break:
            self._miss_return(before, cue.at, cue.at.stream_time_27mhz, "it goes out again")
            self._drop(before)

    def _remember(self, key: _Key, begun: TrackedBreak, cue: ObservedCue) -> None:
        self._known[key] = begun
        self._known.move_to_end(key)
        if len(self._known) > self._limits.max_open_events:
            self._forget_one(cue)

    def _drop(self, tracked: TrackedBreak) -> None:
        self._live = [one for one in self._live if one is not tracked]

    def _forget_one(self, cue: ObservedCue) -> None:
        oldest, awaited = None, (ObservedState.ANNOUNCED, ObservedState.OUT)
        for key, tracked in islice(self._known.items(), len(self._known) - 1):
            oldest = key if oldest is None else oldest
            if tracked.state not in awaited:
                del self._known[key]
                self._drop(tracked)
                return
        if oldest is not None:
            forgotten = self._known.pop(oldest)
            self._drop(forgotten)
            self._tell.tell(
                MonitorEventKind.TOO_MANY_OPEN_EVENTS,
                forgotten,
                cue.at,
                detail="it is followed no longer",
            )

    def _end(self, signal: Signal, cue: ObservedCue, point: SplicePoint) -> Said:
        found = self._start_of(signal)
        if found is None or found.state is ObservedState.CANCELLED:
            return self._end_alone(signal, cue, "its start was not seen")
        again = found.repeated_return(point)
        if again is not None:
            again.end_again(point, cue.at)
            return Said.AGAIN
        said = found.return_said
        if found.state is ObservedState.RETURNED and said is not None:
            return self._end_alone(signal, cue, "the break had returned already")
        found.end(point, cue.at)
        if found.state not in (ObservedState.TOO_LATE, ObservedState.RETURNED):
            if said is not None:
                moved = ticks_between(said, point) or 0
                detail = f"the return moved by {moved / PTS_HZ:+.3f} s"
                self._tell.tell(MonitorEventKind.UPDATE, found, cue.at, detail=detail)
            if point.time_27mhz is None:
                self._come_back(found, cue.at, found.returning or point)
        return Said.NEW

    def _end_alone(self, signal: Signal, cue: ObservedCue, detail: str) -> Said:
        kind = MonitorEventKind.SEGMENT_END
        if signal.is_break:
            kind = MonitorEventKind.RETURN_WITHOUT_OUT
        self._tell.tell_of(
            signal, kind, cue.pid, cue.at, splice_pts=signal.splice_pts_90khz, text=detail
        )
        return Said.NEW

    def _start_of(self, signal: Signal) -> TrackedBreak | None:
        """The event that an end belongs to: an open one rather than one that has ended."""
        found = sorted(self._spoken_of(signal), key=lambda one: one.is_open)
        if found:
            return found[-1]
        if self._limits.pairing is Pairing.ANY_ID:
            for tracked in reversed(self._live):
                kind = tracked.signal.segmentation_type_id
                if tracked.is_open and tracked.return_said is None and kind in signal.starts():
                    self._known[signal.is_segmentation, signal.event_id, kind] = tracked
                    return tracked
        return None

    def _cancel(self, signal: Signal, cue: ObservedCue) -> Said:
        said_before = False
        for (segmentation, event_id, _), tracked in self._known.items():
            if (segmentation, event_id) != (signal.is_segmentation, signal.event_id):
                continue
            if tracked.state is ObservedState.ANNOUNCED:
                tracked.state = ObservedState.CANCELLED
                self._drop(tracked)
                self._tell.tell(MonitorEventKind.CANCELLED, tracked, cue.at)
                return Said.NEW
            if tracked.state is ObservedState.OUT and tracked.return_said is not None:
                tracked.return_said = tracked.returning = None
                detail = "its return is cancelled"
                self._tell.tell(MonitorEventKind.CANCELLED, tracked, cue.at, detail=detail)
                return Said.NEW
            said_before = said_before or tracked.state is ObservedState.CANCELLED
        if said_before:
            return Said.AGAIN
        text = "no event with this id is waiting"
        self._tell.tell_of(signal, MonitorEventKind.CANCELLED, cue.pid, cue.at, text=text)
        return Said.NEW

    # -- what time brings about

    def pass_time(self, at: Moment) -> None:
        """Stream time has come to this moment: tells all that has become due, in its order."""
        now = at.stream_time_27mhz
        if now is None:
            return
        while True:
            found = self._next(now)
            if found is None:
                break
            time, due, tracked = found
            self._bring_about(tracked, due, time, at)
        for tracked, point, away in self._pictures.missing(now):
            detail = f"the nearest is {away / PTS_HZ:+.3f} s away"
            self._tell.tell(MonitorEventKind.NO_RANDOM_ACCESS_POINT, tracked, at, point, detail)

    def _next(self, now: int) -> tuple[int, Due, TrackedBreak] | None:
        best: tuple[int, Due, TrackedBreak] | None = None
        for tracked in self._live:
            due = tracked.next_due(self._limits)
            if due is None or due[0] > now:
                continue
            if best is None or (due[0], due[1].value) < (best[0], best[1].value):
                best = (*due, tracked)
        return best

    def _bring_about(self, tracked: TrackedBreak, due: Due, time: int, at: Moment) -> None:
        match due:
            case Due.OUT:
                self._go_out(tracked, at)
            case Due.RETURN if tracked.returning is not None:
                self._come_back(tracked, at, tracked.returning)
            case Due.AUTO_RETURN if tracked.planned_end is not None:
                self._come_back(tracked, at, tracked.planned_end, "auto_return")
            case Due.MISSING_RETURN if tracked.planned_end is not None:
                follower = self._follower(tracked, tracked.planned_end)
                if follower is not None:
                    self._come_back(tracked, at, follower.out, "the next one begins")
                else:
                    self._miss_return(tracked, at, time, "no return was announced")

    def _go_out(self, tracked: TrackedBreak, at: Moment) -> None:
        tracked.state = ObservedState.OUT
        is_break = tracked.signal.is_break
        kind = MonitorEventKind.OUT if is_break else MonitorEventKind.SEGMENT_START
        self._tell.tell(kind, tracked, at, tracked.out)
        self._check_later(tracked, tracked.announced)
        if tracked.returning is not None and tracked.returning.time_27mhz is None:
            self._come_back(tracked, at, tracked.returning)

    def _come_back(
        self, tracked: TrackedBreak, at: Moment, point: SplicePoint, detail: str = ""
    ) -> None:
        tracked.state = ObservedState.RETURNED
        tracked.returned = point
        self._drop(tracked)
        is_break = tracked.signal.is_break
        kind = MonitorEventKind.RETURN if is_break else MonitorEventKind.SEGMENT_END
        self._tell.tell(kind, tracked, at, point, detail)
        if tracked.return_said is not None and not detail:
            self._check_later(tracked, tracked.return_said)
        planned, actual = tracked.planned_s, tracked.actual_s
        if planned is None or actual is None:
            return
        if abs(actual - planned) > self._limits.duration_tolerance_s:
            detail = f"{actual - planned:+.3f} s"
            self._tell.tell(MonitorEventKind.DURATION_MISMATCH, tracked, at, point, detail)

    def _miss_return(
        self, tracked: TrackedBreak, at: Moment, time: int | None, detail: str
    ) -> None:
        tracked.state = ObservedState.MISSING_RETURN
        pts = tracked.out.pts_90khz
        if pts is not None and time is not None and tracked.out.time_27mhz is not None:
            pts = tracked.out.later((time - tracked.out.time_27mhz) // TICKS_PER_PTS).pts_90khz
        point = SplicePoint(pts, time)
        self._tell.tell(MonitorEventKind.MISSING_RETURN, tracked, at, point, detail)

    def _follower(self, tracked: TrackedBreak, end: SplicePoint) -> TrackedBreak | None:
        """The event of the same kind that begins where this one ends."""
        tolerance = self._limits.return_tolerance_s * PTS_HZ
        for other in reversed(self._known.values()):
            if other is tracked or other.state in (ObservedState.CANCELLED, ObservedState.TOO_LATE):
                continue
            if other.signal.segmentation_type_id != tracked.signal.segmentation_type_id:
                continue
            gap = ticks_between(end, other.out)
            if gap is not None and abs(gap) <= tolerance:
                return other
        return None

    def _check_later(self, tracked: TrackedBreak, point: SplicePoint) -> None:
        if tracked.signal.is_break:
            self._pictures.expect(tracked, point)
