"""The breaks of one service over time: when each message goes out, and what state a break is in.

A machine without I/O: it is told what the time is, what left and what failed, and asks its outlet
to send, to take back and to wake it. All times are stream times in ticks of 27 MHz.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from tsloom.clock import PCR_HZ
from tsloom.errors import TsloomError, UsageError
from tsloom.recurrence import Recurrence
from tsloom.scte35.break_messages import BreakMessages, Outlet
from tsloom.scte35.break_record import BreakRecord, BreakStatus
from tsloom.scte35.break_series import BreakSeries
from tsloom.scte35.break_times import (
    HORIZON,
    find_next_look,
    get_out_time,
    get_stream_time,
    is_wall_clock,
    meet_late_policy,
)
from tsloom.scte35.breaks import Break, BreakState, CueKind, parse_start
from tsloom.scte35.event_ids import EventIdPolicy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tsloom.clock import ProgramClock
    from tsloom.scte35.cue_planning import PlannedCue
    from tsloom.scte35.event_ids import EventIds

# How often a random access point is looked for again, and how long before the splice that ends.
SNAP_RETRY: Final = PCR_HZ // 10
SNAP_LEAST_LEAD: Final = PCR_HZ // 2
KEPT_STATUSES: Final = 10_000


class ScheduleOutlet(Outlet, Protocol):
    """What a schedule works through."""

    def wake(self, break_id: int, time_27mhz: int) -> None:
        """Has `BreakSchedule.wake` called at that time."""

    def tell(self, status: BreakStatus) -> None:
        """A break's state has changed."""

    def refuse(self, break_id: int, reason: str) -> None:
        """A break is cancelled, although nobody asked for that."""

    def find_random_access_point(self, time_27mhz: int, now: int) -> int | None:
        """When the first random access point at or after a time is presented; None if none has
        been seen by now."""


class BreakSchedule:
    """Takes breaks in and follows them until they are over.

    read_utc gives the UTC that belongs to a stream time, None where that is not known.
    """

    def __init__(
        self,
        outlet: ScheduleOutlet,
        event_ids: EventIds,
        *,
        policy: EventIdPolicy | str = EventIdPolicy.PER_BREAK,
        read_utc: Callable[[int], datetime | None] = lambda _: None,
    ) -> None:
        self._outlet = outlet
        self._event_ids = event_ids
        self._messages = BreakMessages(outlet, event_ids, EventIdPolicy(policy))
        self._read_utc = read_utc
        self._records: dict[int, BreakRecord] = {}
        self._series: dict[int, BreakSeries] = {}
        self._over: deque[BreakStatus] = deque(maxlen=KEPT_STATUSES)

    # -- what users ask for -------------------------------------------------------------------

    def add(self, wanted: Break, clock: ProgramClock | None, now: int) -> int:
        """Takes a break in and gives its id: that of its OUT, or one of its own if it recurs.

        clock is None while it has not started. `UsageError` if the id is taken, the break overlaps
        another one, or its start cannot be told.
        """
        self._check(wanted, clock, now)
        if wanted.splice_event_id is None:
            break_id = self._event_ids.take()
        else:
            break_id = wanted.splice_event_id
            self._event_ids.claim(break_id)
        if isinstance(parse_start(wanted.start), Recurrence):
            self._series[break_id] = BreakSeries(break_id, wanted)
            if clock is not None:
                self._begin_series(self._series[break_id], now)
            return break_id
        record = BreakRecord(break_id, wanted, break_id)
        self._records[break_id] = record
        if clock is not None:
            self._place(record, clock, now)
            self._proceed(record, clock, now)
        return break_id

    def cancel(self, break_id: int, now: int) -> None:
        """Takes a break back before its splice point; `UsageError` if that has passed.

        What waits is not sent; where an OUT has been, a cancellation is sent at once. Of one that
        recurs all occurrences that have not begun are taken back.
        """
        if self._series.pop(break_id, None) is not None:
            return
        record = self._get(break_id, BreakState.PLANNED, BreakState.ARMED)
        self._messages.take_back(record)
        if record.state is BreakState.ARMED:
            self._messages.say_now(record, CueKind.CANCEL, now)
        self._end(record, BreakState.CANCELLED, "cancelled")

    def crash_out(self, break_id: int, now: int) -> None:
        """Returns to the network at once; `UsageError` unless the break is out."""
        record = self._get(break_id, BreakState.OUT)
        self._messages.take_back(record)
        self._messages.say_now(record, CueKind.IN, now)
        record.end_time = now
        self._end(record, BreakState.CRASHED_OUT)

    def end_at(self, break_id: int, end_time: int, clock: ProgramClock, now: int) -> None:
        """Moves a break's end, or gives an open one its end.

        What was not sent changes; what was is corrected by a message at once. `UsageError` if that
        time has passed or is in another break.
        """
        record = self._get(break_id, BreakState.PLANNED, BreakState.ARMED, BreakState.OUT)
        splice = record.get_out_time()
        if end_time <= max(splice, now):
            raise UsageError("the end would be before its time", break_id=break_id)
        self._refuse_overlap(splice, end_time, record)
        before, record.end_time = record.end_time, end_time
        record.wanted = replace(record.wanted, duration=(end_time - splice) / PCR_HZ)
        if not record.is_queued:
            return
        self._messages.say_again(record, clock, now)
        is_longer = before is not None and end_time > before
        if record.state is BreakState.OUT and record.wanted.auto_return and is_longer:
            # Else the splicer would return by itself; where it is to return early the IN does.
            self._messages.say_now(record, CueKind.OUT, now)
        self._plan_end(record, clock, now)

    def lengthen(self, break_id: int, ticks: int, clock: ProgramClock | None, now: int) -> None:
        """Moves a break's end by so much: later, or sooner if below 0."""
        record = self._get(break_id, BreakState.PLANNED, BreakState.ARMED, BreakState.OUT)
        length = record.wanted.duration_s
        if length is None:
            raise UsageError("the break's end is open", break_id=break_id)
        if clock is None or record.end_time is None:
            if length + ticks / PCR_HZ <= 0:
                raise UsageError("the end would be before its time", break_id=break_id)
            record.wanted = replace(record.wanted, duration=length + ticks / PCR_HZ)
        else:
            self.end_at(break_id, record.end_time + ticks, clock, now)

    def get_status(self, break_id: int) -> BreakStatus:
        for status in reversed(self.statuses):
            if status.break_id == break_id:
                return status
        raise UsageError("no such break", break_id=break_id)

    @property
    def statuses(self) -> list[BreakStatus]:
        """Of the breaks that are over, as many as are kept, then of all others."""
        return [*self._over, *(record.status for record in self._records.values())]

    # -- what the inserter tells --------------------------------------------------------------

    def start(self, clock: ProgramClock, now: int) -> None:
        """The clock has started. `UsageError` if a start cannot be told."""
        for series in list(self._series.values()):
            self._begin_series(series, now)
        for record in list(self._records.values()):
            if self._place_or_end(record, clock, now):
                self._proceed(record, clock, now)

    def rebase(self, clock: ProgramClock, now: int) -> None:
        """PTS values have a new base: what has not taken place is said anew, at its stream time."""
        for record in list(self._records.values()):
            if record.is_queued:
                self._messages.say_again(record, clock, now)

    def wake(self, break_id: int, clock: ProgramClock, now: int) -> None:
        """A time that was asked for has come."""
        if break_id in self._series:
            self._begin_occurrence(self._series[break_id], clock, now)
        record = self._records.get(break_id)
        if record is None:
            return
        if not record.is_queued:
            self._proceed(record, clock, now)
            return
        if record.state is BreakState.ARMED and now >= record.get_out_time():
            self._enter(record, BreakState.OUT)
        if record.state is BreakState.OUT and record.end_time is not None:
            if now >= record.end_time:
                self._end(record, BreakState.RETURNED)
            elif not record.is_end_planned:
                self._plan_end(record, clock, now)

    def confirm(
        self, section_id: int, cue: PlannedCue, clock: ProgramClock, stream_time: int
    ) -> None:
        """A message has left at that time."""
        record = self._records.get(cue.break_id)
        if record is None:
            return
        record.waiting.pop(section_id, None)
        if cue.kind is not CueKind.OUT or record.state is not BreakState.PLANNED:
            return
        if not record.is_immediate:
            self._enter(record, BreakState.ARMED)
            if stream_time >= record.get_out_time():
                self._enter(record, BreakState.OUT)
            return
        record.move_to(stream_time)
        record.out_pts = clock.pts_at(stream_time)
        self._enter(record, BreakState.OUT)
        self._plan_end(record, clock, stream_time)

    def fail(self, section_id: int, cue: PlannedCue, reason: str) -> None:
        """A message could not leave."""
        record = self._records.get(cue.break_id)
        if record is None:
            return
        record.waiting.pop(section_id, None)
        is_last = not any(other.kind is CueKind.OUT for other in record.waiting.values())
        if cue.kind is CueKind.OUT and record.state is BreakState.PLANNED and is_last:
            self._messages.take_back(record)
            self._end(record, BreakState.CANCELLED, reason)

    # -- when ---------------------------------------------------------------------------------

    def _check(self, wanted: Break, clock: ProgramClock | None, now: int) -> None:
        """Refuses a break that cannot be, before it gets an id."""
        if clock is None:
            return
        utc_now = self._read_utc(now)
        if isinstance(parse_start(wanted.start), Recurrence):
            BreakSeries(0, wanted).begin(utc_now)
            return
        splice = get_out_time(wanted, clock, now, utc_now)
        self._refuse_overlap(splice, _get_end(wanted, splice), None)

    def _place(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """Finds the break's times; `UsageError` if they are another one's."""
        splice = get_out_time(record.wanted, clock, now, self._read_utc(now))
        end = _get_end(record.wanted, splice)
        self._refuse_overlap(splice, end, record)
        record.out_time, record.end_time = splice, end

    def _place_or_end(self, record: BreakRecord, clock: ProgramClock, now: int) -> bool:
        try:
            self._place(record, clock, now)
        except UsageError as error:
            if "overlaps" not in error.facts:
                raise
            self._refuse(record, str(error))
        return not record.state.is_over

    def _refuse_overlap(self, start: int, end: int | None, but: BreakRecord | None) -> None:
        for other in self._records.values():
            if other is not but and other.overlaps(start, end):
                raise UsageError("the break overlaps another one", overlaps=other.break_id)

    def _proceed(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """Brings a break on its way: waits for its time, or has its messages sent."""
        wanted = record.wanted
        if is_wall_clock(wanted) and not self._place_or_end(record, clock, now):
            return
        due = record.get_out_time() - round(wanted.preroll_s * PCR_HZ)
        look_at = find_next_look(wanted, due, now)
        if look_at is not None:
            self._outlet.wake(record.break_id, look_at)
            return
        if wanted.snap and not self._snap(record, now):
            self._outlet.wake(record.break_id, now + SNAP_RETRY)
            return
        self._begin(record, clock, now)

    def _snap(self, record: BreakRecord, now: int) -> bool:
        """Moves the splice point to a random access point; False to ask again later."""
        planned = record.get_out_time()
        found = self._outlet.find_random_access_point(planned, now)
        if found is None:
            if planned - now > SNAP_LEAST_LEAD:
                return False
            record.reason = "no random access point was seen in time"
            return True
        record.move_to(found)
        return True

    def _begin(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """The break's messages are made; from now on its times stand."""
        planned = record.get_out_time()
        splice = meet_late_policy(record.wanted, planned, record.end_time, now)
        if splice is None:
            passed = planned < now
            self._refuse(record, "the splice point has passed" if passed else "it is late")
            return
        record.is_immediate = splice <= now
        if record.is_immediate:
            record.out_time = splice
        else:
            record.move_to(splice)
        record.is_queued = True
        self._messages.send_out(record, clock, now)
        if not record.is_immediate:
            self._outlet.wake(record.break_id, splice)
            self._plan_end(record, clock, now)

    def _plan_end(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """Has the IN sent in time, and the end noticed."""
        end = record.end_time
        if end is None:
            return
        explicit = record.wanted.explicit_return
        if explicit and record.snaps_end and not record.is_end_planned:
            due = end - min(round(record.wanted.preroll_s * PCR_HZ), record.length or 0)
            found = None if now < due else self._outlet.find_random_access_point(end, now)
            if found is None and end - now > SNAP_LEAST_LEAD:
                self._outlet.wake(record.break_id, max(due, now + SNAP_RETRY))
                return
            record.end_time = end if found is None else found
        self._outlet.wake(record.break_id, record.end_time or end)
        if explicit and not record.is_end_planned:
            self._messages.send_in(record, clock, now)

    # -- series -------------------------------------------------------------------------------

    def _begin_series(self, series: BreakSeries, now: int) -> None:
        series.begin(self._read_utc(now))
        self._await_occurrence(series, now)

    def _await_occurrence(self, series: BreakSeries, now: int) -> None:
        if series.next_start is None:
            self._series.pop(series.series_id, None)
            return
        start = get_stream_time(series.next_start, now, self._read_utc(now))
        early = HORIZON + round(series.wanted.preroll_s * PCR_HZ)
        self._outlet.wake(series.series_id, max(start - early, now + 1))

    def _begin_occurrence(self, series: BreakSeries, clock: ProgramClock, now: int) -> None:
        occurrence = series.take()
        try:
            break_id = self._event_ids.take()
        except TsloomError as error:
            # A store that fails costs this break, not the stream.
            self._outlet.refuse(series.series_id, str(error))
        else:
            record = BreakRecord(break_id, occurrence, break_id)
            self._records[break_id] = record
            if self._place_or_end(record, clock, now):
                self._proceed(record, clock, now)
        self._await_occurrence(series, now)

    # -- state --------------------------------------------------------------------------------

    def _get(self, break_id: int, *states: BreakState) -> BreakRecord:
        status = self.get_status(break_id)
        if status.state not in states:
            raise UsageError(
                "the break is not in a state for that", break_id=break_id, state=status.state.value
            )
        return self._records[break_id]

    def _enter(self, record: BreakRecord, state: BreakState) -> None:
        record.state = state
        self._outlet.tell(record.status)

    def _refuse(self, record: BreakRecord, reason: str) -> None:
        self._outlet.refuse(record.break_id, reason)
        self._end(record, BreakState.CANCELLED, reason)

    def _end(self, record: BreakRecord, state: BreakState, reason: str | None = None) -> None:
        record.reason = reason or record.reason
        record.state = state
        del self._records[record.break_id]
        self._over.append(record.status)
        self._outlet.tell(record.status)


def _get_end(wanted: Break, splice: int) -> int | None:
    length = wanted.duration_s
    return None if length is None else splice + round(length * PCR_HZ)
