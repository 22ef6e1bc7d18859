"""The SpliceInserter: breaks into a running stream, with the PMT that announces them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from tsloom.clock import PCR_HZ, to_27mhz
from tsloom.errors import UsageError
from tsloom.pipeline.inserter import (
    KEPT_INSERTIONS,
    Insertion,
    InsertionFailure,
    Room,
    ScheduledSection,
    SectionInserter,
)
from tsloom.pipeline.splice_events import CueFailure, CueInsertion
from tsloom.pipeline.stages import check_pid
from tsloom.psi import encode_descriptors
from tsloom.scte35 import SpliceInfoSection, SpliceNull
from tsloom.scte35.break_schedule import BreakSchedule
from tsloom.scte35.break_times import get_out_time
from tsloom.scte35.breaks import Break, BreakCommand, CueKind, Pts, StreamTime
from tsloom.scte35.cue_identifier import CueIdentifierDescriptor
from tsloom.scte35.cue_planning import PlannedCue
from tsloom.scte35.event_ids import EventIdPolicy, EventIds, EventIdSequence
from tsloom.scte35.signals import splice_pts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tsloom.clock import ProgramClock
    from tsloom.pipeline.snap import SnapPoints
    from tsloom.scte35.break_record import BreakStatus


# registration_descriptor with format_identifier "CUEI" (2023r1, 8.1).
CUEI_REGISTRATION = bytes((0x05, 4)) + b"CUEI"
# A section that found no null packet for so long has one added for it: a video frame at 30 Hz.
PATIENCE: Final = PCR_HZ // 30


@dataclass(frozen=True, slots=True)
class _Heartbeat:
    """splice_null() at an interval: tells monitors that the PID lives (2023r1, 9.7.1)."""

    pid: int
    interval_27mhz: int

    def next_sections(self, clock: ProgramClock) -> Iterable[ScheduledSection]:
        section = SpliceInfoSection(splice_command=SpliceNull()).encode()
        due = clock.now_27mhz
        yield ScheduledSection(
            self.pid, section, due, due + PATIENCE, interval_27mhz=self.interval_27mhz
        )


class SpliceInserter(SectionInserter):
    """Puts breaks into one service.

    pid carries them; the service's PMT gains it with stream_type 0x86, the "CUEI" registration and
    a cue_identifier_descriptor, and a raised version_number. A PID that is in use is refused with
    `PidClashError`, unless the PMT says already that it carries cues. A service with several cue
    PIDs has one SpliceInserter for each.

    utc_start is the UTC of the service's first PCR, for breaks that start at a wall-clock time; a
    live relay knows it itself. event_ids supplies the ids, from first_event_id on without one;
    event_id_policy says whether an IN has one of its own. heartbeat: a splice_null() so often.
    snap_points: where breaks that snap find random access points. on_cue is told each message that
    left or failed, on_break each change of a break's state.
    """

    def __init__(
        self,
        *,
        service_id: int | None = None,
        pid: int = 500,
        room: Room | str = Room.NULLS_THEN_ADD,
        utc_start: datetime | None = None,
        first_event_id: int = 1,
        event_ids: EventIds | None = None,
        event_id_policy: EventIdPolicy | str = EventIdPolicy.PER_BREAK,
        heartbeat: str | float | timedelta | None = None,
        snap_points: SnapPoints | None = None,
        on_cue: Callable[[CueInsertion | CueFailure], None] | None = None,
        on_break: Callable[[BreakStatus], None] | None = None,
    ) -> None:
        super().__init__(service_id=service_id, room=room)
        if not 0x10 <= check_pid(pid) < 0x1FFF:
            raise UsageError("a cue PID is from 0x10 to 0x1FFE", pid=pid)
        self.pid = pid
        self.cues: deque[CueInsertion] = deque(maxlen=KEPT_INSERTIONS)
        self.cue_failures: deque[CueFailure] = deque(maxlen=KEPT_INSERTIONS)
        self._utc_start = utc_start
        self._utc_clock: Callable[[], datetime] | None = None
        self._snap_points = snap_points
        self._on_cue = on_cue
        self._on_break = on_break
        self._outlet = _Outlet(self)
        self._schedule = BreakSchedule(
            self._outlet,
            EventIdSequence(first_event_id) if event_ids is None else event_ids,
            policy=event_id_policy,
            read_utc=self._read_utc,
        )
        self._unsent: list[tuple[SpliceInfoSection, Break]] = []
        self.announce(pid, CUEI_REGISTRATION, encode_descriptors((CueIdentifierDescriptor(),)))
        if heartbeat is not None:
            self.add_source(_Heartbeat(pid, max(to_27mhz(heartbeat), 1)))

    # -- commands: while the stream runs, from any thread ---------------------------------------

    def schedule(self, wanted: Break) -> int:
        """Takes a break in and gives its id, which is the splice_event_id of its OUT.

        A break that recurs has an id of its own; its occurrences have theirs. `UsageError` if the
        id is taken or, in a stream that runs, if the break overlaps another one or its wall-clock
        start comes and UTC is not known.
        """
        with self.lock:
            self._check_snap(wanted)
            clock = self.clock
            return self._schedule.add(wanted, clock, 0 if clock is None else clock.now_27mhz)

    def cancel_break(self, break_id: int) -> None:
        """Takes a break back before its splice point: what waits is not sent, and where its OUT
        has left, a cancellation follows at once. `UsageError` if it is out or over."""
        with self.lock:
            self._schedule.cancel(break_id, self._now)

    def crash_out(self, break_id: int) -> None:
        """Returns to the network at once. `UsageError` unless the break is out."""
        with self.lock:
            self._schedule.crash_out(break_id, self._now)

    def extend(self, break_id: int, by: str | float | timedelta) -> None:
        """Moves the end of a break that is not over; what was said of it is corrected at once.
        `UsageError` if the end is open, or would be in another break."""
        with self.lock:
            self._schedule.lengthen(break_id, to_27mhz(by), self.clock, self._now)

    def shorten(self, break_id: int, by: str | float | timedelta) -> None:
        """Likewise, the other way. `UsageError` if the new end has passed."""
        with self.lock:
            self._schedule.lengthen(break_id, -to_27mhz(by), self.clock, self._now)

    def return_to_network(self, break_id: int, after: str | float | timedelta) -> None:
        """Ends a break that is out so long from now: an open one, or before its time."""
        with self.lock:
            now = self._now
            self._schedule.end_at(break_id, now + to_27mhz(after), self._running_clock, now)

    def send(
        self, section: SpliceInfoSection, at: str | Pts | StreamTime | datetime = "now"
    ) -> None:
        """Sends a section that was made elsewhere, as it is; at as in `Break.start`.

        `SectionSyntaxError` or `UsageError` if it cannot be encoded.
        """
        section.encode(strict=False)
        with self.lock:
            clock = self.clock
            if clock is None:
                self._unsent.append((section, Break(start=at)))
            else:
                self._send_section(section, Break(start=at), clock)

    def get_break(self, break_id: int) -> BreakStatus:
        """A break as it stands; `UsageError` if there is none with that id."""
        with self.lock:
            return self._schedule.get_status(break_id)

    @property
    def breaks(self) -> list[BreakStatus]:
        """All breaks; of those that are over the last 10,000."""
        with self.lock:
            return self._schedule.statuses

    def follow_utc(self, read_utc: Callable[[], datetime]) -> None:
        """Where UTC is read as the stream goes by; unless utc_start was given."""
        self._utc_clock = read_utc

    # -- the stream ---------------------------------------------------------------------------

    @property
    def _running_clock(self) -> ProgramClock:
        clock = self.clock
        if clock is None:
            raise UsageError("the service's clock has not started")
        return clock

    @property
    def _now(self) -> int:
        clock = self.clock
        return 0 if clock is None else clock.now_27mhz

    def _read_utc(self, now: int) -> datetime | None:
        if self._utc_start is not None:
            return self._utc_start + timedelta(seconds=now / PCR_HZ)
        return None if self._utc_clock is None else self._utc_clock()

    def _send_section(self, section: SpliceInfoSection, at: Break, clock: ProgramClock) -> None:
        now = clock.now_27mhz
        due = get_out_time(at, clock, now, self._read_utc(now))
        splice = splice_pts_of(section)
        cue = PlannedCue(
            break_id=0,
            splice_event_id=0,
            kind=CueKind.OTHER,
            command=BreakCommand.SPLICE_INSERT,
            section=section,
            splice_time_27mhz=None if splice is None else clock.time_of_pts(splice),
            splice_pts_90khz=splice,
            due_27mhz=due,
        )
        self._outlet.send(cue)

    def on_event(self, kind: str, packet_index: int) -> None:
        super().on_event(kind, packet_index)
        clock = self.clock
        if kind == "pmt_full":
            self.fail_cue(CueFailure(0, None, "the PMT has no room for the cue PID"))
        elif clock is not None and kind == "clock_started":
            self._schedule.start(clock, clock.now_27mhz)
            for section, at in self._unsent:
                self._send_section(section, at, clock)
            self._unsent.clear()
        elif clock is not None and kind == "clock_broken":
            self._schedule.rebase(clock, clock.now_27mhz)

    def on_alarm(self, alarm_id: int, time_27mhz: int) -> None:
        break_id = self._outlet.alarms.pop(alarm_id, None)
        if break_id is not None:
            self._schedule.wake(break_id, self._running_clock, time_27mhz)

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        cue = self._outlet.planned.pop(result.section_id, None)
        if cue is None:
            return
        if isinstance(result, InsertionFailure):
            self.fail_cue(CueFailure(cue.splice_event_id, cue.kind, result.reason))
            self._schedule.fail(result.section_id, cue, result.reason)
            return
        told = CueInsertion.of(cue, result)
        self.cues.append(told)
        if self._on_cue is not None:
            self._on_cue(told)
        time = round(result.stream_time_s * PCR_HZ)
        self._schedule.confirm(result.section_id, cue, self._running_clock, time)

    def fail_cue(self, failure: CueFailure) -> None:
        self.cue_failures.append(failure)
        if self._on_cue is not None:
            self._on_cue(failure)

    def tell_break(self, status: BreakStatus) -> None:
        if self._on_break is not None:
            self._on_break(status)

    def find_random_access_point(self, time_27mhz: int, now: int) -> int | None:
        return None if self._snap_points is None else self._snap_points.find(time_27mhz, now)

    def _check_snap(self, wanted: Break) -> None:
        if not wanted.snap:
            return
        if self._snap_points is None:
            raise UsageError("a break that snaps wants snap_points")
        if to_27mhz(wanted.preroll) >= self._snap_points.delay_27mhz:
            raise UsageError(
                "the look-ahead is not longer than the pre-roll",
                preroll=wanted.preroll,
                look_ahead_s=self._snap_points.delay_27mhz / PCR_HZ,
            )


class _Outlet:
    """How the schedule reaches the stream."""

    def __init__(self, inserter: SpliceInserter) -> None:
        self._inserter = inserter
        self.planned: dict[int, PlannedCue] = {}
        self.alarms: dict[int, int] = {}

    def send(self, cue: PlannedCue) -> int:
        latest = cue.due_27mhz + PATIENCE
        if self._inserter.room is Room.NULLS and cue.splice_time_27mhz is not None:
            latest = max(cue.splice_time_27mhz, latest)
        section = cue.section.encode(strict=cue.kind is not CueKind.OTHER)
        section_id = self._inserter.insert(
            ScheduledSection(self._inserter.pid, section, cue.due_27mhz, latest),
            wants_control=True,
        )
        self.planned[section_id] = cue
        return section_id

    def take_back(self, section_id: int) -> bool:
        taken = self._inserter.cancel(section_id)
        if taken:
            del self.planned[section_id]
        return taken

    def wake(self, break_id: int, time_27mhz: int) -> None:
        self.alarms[self._inserter.set_alarm_at(time_27mhz)] = break_id

    def tell(self, status: BreakStatus) -> None:
        self._inserter.tell_break(status)

    def refuse(self, break_id: int, reason: str) -> None:
        self._inserter.fail_cue(CueFailure(break_id, CueKind.OUT, reason))

    def find_random_access_point(self, time_27mhz: int, now: int) -> int | None:
        return self._inserter.find_random_access_point(time_27mhz, now)
