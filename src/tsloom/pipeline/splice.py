"""The SpliceInserter: breaks into a running stream, with the PMT that announces them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError
from tsloom.pipeline.inserter import (
    KEPT_INSERTIONS,
    Insertion,
    InsertionFailure,
    Room,
    ScheduledSection,
    SectionInserter,
)
from tsloom.pipeline.stages import check_pid
from tsloom.scte35.breaks import PATIENCE_27MHZ, Break, CueKind, PlannedCue, plan, start_time
from tsloom.scte35.cue_identifier import CueIdentifierDescriptor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.clock import ProgramClock

# registration_descriptor with format_identifier "CUEI" (2023r1, 8.1).
CUEI_REGISTRATION = bytes((0x05, 4)) + b"CUEI"


@dataclass(frozen=True, slots=True)
class CueInsertion:
    """One message of a break that is in the stream: what, where, and how long before its splice."""

    splice_event_id: int
    kind: CueKind
    pid: int
    packet_index: int
    stream_time_s: float
    pts_90khz: int
    splice_pts_90khz: int
    lead_time_s: float
    planned_lead_time_s: float
    repeat: int
    added: bool


@dataclass(frozen=True, slots=True)
class CueFailure:
    """One message of a break that is not in the stream, and why."""

    splice_event_id: int
    kind: CueKind | None
    reason: str


class SpliceInserter(SectionInserter):
    """Puts breaks into one service as splice_insert sections.

    pid carries them; the service's PMT gains it with stream_type 0x86, the "CUEI" registration and
    a cue_identifier_descriptor, and a raised version_number. A PID that is in use is refused with
    `PidClashError`, unless the PMT says already that it carries cues. utc_start is the UTC of the
    service's first PCR, for breaks that start at a wall-clock time; a live relay knows it itself.
    """

    def __init__(
        self,
        *,
        service_id: int | None = None,
        pid: int = 500,
        room: Room | str = Room.NULLS_THEN_ADD,
        utc_start: datetime | None = None,
        first_event_id: int = 1,
        on_cue: Callable[[CueInsertion | CueFailure], None] | None = None,
    ) -> None:
        super().__init__(service_id=service_id, room=room)
        if not 0x10 <= check_pid(pid) < 0x1FFF:
            raise UsageError("a cue PID is from 0x10 to 0x1FFE", pid=pid)
        self.pid = pid
        self.cues: deque[CueInsertion] = deque(maxlen=KEPT_INSERTIONS)
        self.cue_failures: deque[CueFailure] = deque(maxlen=KEPT_INSERTIONS)
        self.breaks: list[tuple[int, Break]] = []
        self._utc_start = utc_start
        self._read_utc: Callable[[], datetime] | None = None
        self._next_event_id = first_event_id
        self._on_cue = on_cue
        self._planned: dict[int, tuple[int, PlannedCue]] = {}
        self._commands: deque[tuple[int, Break]] = deque()
        self._out_times: dict[int, int] = {}
        self.announce(pid, CUEI_REGISTRATION, CueIdentifierDescriptor().encode())

    def schedule(self, wanted: Break) -> int:
        """Takes a break in and gives its splice_event_id.

        May be called while the stream runs, from any thread. `UsageError` if the id is taken or, in
        a stream that runs, if a wall-clock start is given and UTC is not known.
        """
        with self.lock:
            event_id = wanted.splice_event_id
            if event_id is None:
                event_id = self._next_event_id
            if any(event_id == known for known, _ in self.breaks):
                raise UsageError("the splice_event_id is taken", splice_event_id=event_id)
            clock = self.clock
            if clock is None:
                self._commands.append((event_id, wanted))
            else:
                self._plan(event_id, wanted, clock)
            self._next_event_id = max(self._next_event_id, event_id + 1)
            self.breaks.append((event_id, wanted))
        return event_id

    def follow_utc(self, read_utc: Callable[[], datetime]) -> None:
        """Where UTC is read when the clock starts; unless utc_start was given."""
        self._read_utc = read_utc

    def on_event(self, kind: str, packet_index: int) -> None:
        super().on_event(kind, packet_index)
        clock = self.clock
        if kind == "pmt_full":
            self._fail(0, None, "the PMT has no room for the cue PID")
        elif clock is not None and kind == "clock_started":
            if self._utc_start is None and self._read_utc is not None:
                self._utc_start = self._read_utc()
            while self._commands:
                self._plan(*self._commands.popleft(), clock)
        elif clock is not None and kind == "clock_broken":
            self._plan_again(clock)

    def _plan(self, event_id: int, wanted: Break, clock: ProgramClock) -> None:
        now = clock.now_27mhz
        utc_now = self._utc_start
        if utc_now is not None:
            utc_now += timedelta(seconds=now / PCR_HZ)
        out_time = start_time(wanted, clock, now, utc_now)
        if out_time < now:
            self._fail(event_id, CueKind.OUT, "the splice point has passed")
            return
        self._out_times[event_id] = out_time
        self._queue_cues(event_id, plan(wanted, event_id, out_time, clock))

    def _queue_cues(self, event_id: int, cues: list[PlannedCue]) -> None:
        for cue in cues:
            latest = cue.due_27mhz + PATIENCE_27MHZ
            if self.room is Room.NULLS:
                latest = max(cue.splice_time_27mhz, latest)
            section_id = self.insert(
                ScheduledSection(self.pid, cue.section.encode(), cue.due_27mhz, latest)
            )
            self._planned[section_id] = (event_id, cue)

    def _plan_again(self, clock: ProgramClock) -> None:
        """PTS values have a new base: what has not left is said anew, at the same stream times."""
        pending = {event_id for event_id, _ in self._planned.values()}
        kept = {
            (event_id, cue.kind, cue.repeat)
            for section_id, (event_id, cue) in self._planned.items()
            if self.cancel(section_id)
        }
        self._planned.clear()
        for event_id, wanted in self.breaks:
            if event_id in pending and event_id in self._out_times:
                cues = plan(wanted, event_id, self._out_times[event_id], clock)
                self._queue_cues(
                    event_id, [cue for cue in cues if (event_id, cue.kind, cue.repeat) in kept]
                )

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        event_id, cue = self._planned.pop(result.section_id, (0, None))
        if cue is None:
            return
        if isinstance(result, InsertionFailure):
            self._fail(event_id, cue.kind, result.reason)
            return
        told = CueInsertion(
            splice_event_id=event_id,
            kind=cue.kind,
            pid=result.pid,
            packet_index=result.packet_index,
            stream_time_s=result.stream_time_s,
            pts_90khz=result.pts_90khz,
            splice_pts_90khz=cue.splice_pts_90khz,
            lead_time_s=cue.splice_time_27mhz / PCR_HZ - result.stream_time_s,
            planned_lead_time_s=(cue.splice_time_27mhz - cue.due_27mhz) / PCR_HZ,
            repeat=cue.repeat,
            added=result.added,
        )
        self.cues.append(told)
        if self._on_cue is not None:
            self._on_cue(told)

    def _fail(self, event_id: int, kind: CueKind | None, reason: str) -> None:
        failure = CueFailure(event_id, kind, reason)
        self.cue_failures.append(failure)
        if self._on_cue is not None:
            self._on_cue(failure)
