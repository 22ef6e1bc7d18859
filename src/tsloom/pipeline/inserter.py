"""The SectionInserter: sections with due time and deadline, put in and confirmed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tsloom._native.inserter import InserterStage
from tsloom.clock import PCR_HZ, to_27mhz
from tsloom.errors import PidClashError, UsageError
from tsloom.pipeline.stages import NULL_PID, check_pid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import timedelta
    from typing import Any, Self

    from tsloom.clock import ProgramClock

KEPT_INSERTIONS = 10_000
# As the native stage tells it.
Event = tuple[str, str | None, int, bool, int, int, int, int, int]
FREE_PIDS_NAMED = 8
FIRST_FREE_PID = 0x20


class Room(StrEnum):
    """How room is made for a section."""

    NULLS = "nulls"
    """Null packets only; a section that finds none by its deadline fails, with the reason."""
    NULLS_THEN_ADD = "nulls_then_add"
    """Null packets until the deadline, then a packet is added."""
    ADD = "add"
    """A packet is added as soon as the section is due; null packets are used where they stand."""


@dataclass(frozen=True, slots=True)
class ScheduledSection:
    """A section with the stream times (ticks of 27 MHz) between which it is to leave.

    interval_27mhz above 0 repeats it until it is cancelled.
    """

    pid: int
    section: bytes
    due_27mhz: int
    deadline_27mhz: int
    interval_27mhz: int = 0


class SectionSource(Protocol):
    """Something that has sections to put into a stream."""

    def next_sections(self, clock: ProgramClock) -> Iterable[ScheduledSection]:
        """What is due next, given the program's clock; asked for when the clock starts, when its
        relation to PTS breaks, and whenever all that was given before has left. Sections that
        repeat never have: they go on until the clock breaks, and are to be given again then."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A section that left: where it stands in the stage's output, and when that was.

    `packet_index` counts the packets that leave this stage; `stream_time_s` from the program's
    first PCR; `pts_90khz` is the program clock's reading at that packet. `added`: packets were
    added for it, where the others took the place of null packets.
    """

    section_id: int
    pid: int
    packet_index: int
    last_packet_index: int
    stream_time_s: float
    pts_90khz: int
    added: bool


@dataclass(frozen=True, slots=True)
class InsertionFailure:
    """A section that did not leave, and why."""

    section_id: int
    pid: int
    reason: str


def make_result(event: Event) -> Insertion | InsertionFailure:
    """Of an event "confirmed" or "failed"."""
    kind, reason, pid, added, section_id, packet_index, last_packet, time, pts = event
    if kind == "failed":
        return InsertionFailure(section_id, pid, reason or "")
    return Insertion(section_id, pid, packet_index, last_packet, time / PCR_HZ, pts, added)


class SectionInserter(InserterStage):
    """Puts sections into the stream, earliest deadline first.

    service_id names the program whose clock times everything; None takes the first. Sections may
    be given from another thread while the pipeline runs.
    """

    def __new__(
        cls,
        *,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        **_: Any,
    ) -> Self:
        if service_id is not None and not 0 < service_id <= 0xFFFF:
            raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        try:
            room = Room(room)
        except ValueError as error:
            raise UsageError("unknown room", room=room, known=", ".join(Room)) from error
        return super().__new__(cls, room=room.value, program_number=service_id or 0)

    def __init__(
        self,
        *,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        on_insertion: Callable[[Insertion | InsertionFailure], None] | None = None,
    ) -> None:
        self.service_id = service_id
        self.room = Room(room)
        self._insertions: deque[Insertion] = deque(maxlen=KEPT_INSERTIONS)
        self._failures: deque[InsertionFailure] = deque(maxlen=KEPT_INSERTIONS)
        self._on_insertion = on_insertion
        self._next_id = 1
        self._sources: dict[int, SectionSource] = {}
        # Of sections that came from a source: what has not left, and what repeats for ever.
        self._waiting: dict[int, int] = {}
        self._repeating: set[int] = set()

    @property
    def insertions(self) -> Sequence[Insertion]:
        """The sections that have left, the last 10,000."""
        return self._insertions

    @property
    def failures(self) -> Sequence[InsertionFailure]:
        """Those that have not."""
        return self._failures

    def insert(self, scheduled: ScheduledSection, *, wants_control: bool = False) -> int:
        """Takes a section in; its id comes back in the confirmation. wants_control: that is to be
        told at the packet behind it, not after the batch."""
        with self.lock:
            return self._queue(scheduled, wants_control=wants_control)

    def set_alarm_at(self, time_27mhz: int) -> int:
        """Has `on_alarm` called with the id given at the first packet of that stream time."""
        with self.lock:
            alarm_id = self._next_id
            self._next_id += 1
            self.set_alarm(alarm_id, time_27mhz)
            return alarm_id

    def _queue(self, scheduled: ScheduledSection, *, wants_control: bool = False) -> int:
        check_pid(scheduled.pid)
        if scheduled.pid == NULL_PID or scheduled.deadline_27mhz < scheduled.due_27mhz:
            raise UsageError("no null PID, and no deadline before the due time", item=scheduled)
        section_id = self._next_id
        self._next_id += 1
        self.queue(
            section_id,
            scheduled.pid,
            scheduled.section,
            scheduled.due_27mhz,
            scheduled.deadline_27mhz,
            scheduled.interval_27mhz,
            wants_control=wants_control,
        )
        return section_id

    def space(self, pid: int, least: str | float | timedelta) -> None:
        """The least time from one section's end to the next one's begin on a PID."""
        with self.lock:
            self.set_spacing(check_pid(pid), to_27mhz(least))

    def add_source(self, source: SectionSource) -> None:
        """Asks the source for its sections from the moment the clock runs."""
        with self.lock:
            self._sources[id(source)] = source
            clock = self.clock
            if clock is not None:
                self._ask(id(source), clock)

    def _ask(self, key: int, clock: ProgramClock) -> None:
        for scheduled in self._sources[key].next_sections(clock):
            if scheduled.interval_27mhz:
                self._repeating.add(self._queue(scheduled))
            else:
                # The source is asked as soon as the last has left, wherever a batch ends.
                self._waiting[self._queue(scheduled, wants_control=True)] = key

    def serve(self) -> None:
        for event in self.take_events():
            kind, _, pid, _, section_id, packet_index, _, time, _ = event
            if kind in ("confirmed", "failed"):
                self._settle(make_result(event))
            elif kind == "alarm":
                self.on_alarm(section_id, time)
            elif kind == "pid_clash":
                raise PidClashError("the PID is in use", pid=pid, free_pids=self.free_pids(pid))
            else:
                self.on_event(kind, packet_index)

    def _settle(self, result: Insertion | InsertionFailure) -> None:
        if isinstance(result, Insertion):
            self._insertions.append(result)
        else:
            self._failures.append(result)
        self.on_settled(result)
        if self._on_insertion is not None:
            self._on_insertion(result)
        if self._waiting:
            self._ask_again(result.section_id)

    def _ask_again(self, section_id: int) -> None:
        """Where that was the last of a source's sections."""
        key = self._waiting.pop(section_id, None)
        clock = self.clock
        if key is not None and key not in self._waiting.values() and clock is not None:
            self._ask(key, clock)

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        """For subclasses: a section has left, or has failed."""

    def on_alarm(self, alarm_id: int, time_27mhz: int) -> None:
        """For subclasses: the time of an alarm has come."""

    def on_event(self, kind: str, packet_index: int) -> None:
        """The clock started or broke: the sources are asked anew."""
        clock = self.clock
        if clock is None or kind not in ("clock_started", "clock_broken"):
            return
        for section_id in (*self._waiting, *self._repeating):
            self.cancel(section_id)
        self._waiting.clear()
        self._repeating.clear()
        for key in self._sources:
            self._ask(key, clock)

    def free_pids(self, near: int) -> list[int]:
        """PIDs that nothing seen so far uses, from near on."""
        used = self.pids_in_use
        candidates = [*range(max(near, FIRST_FREE_PID), NULL_PID), *range(FIRST_FREE_PID, near)]
        return [pid for pid in candidates if pid not in used][:FREE_PIDS_NAMED]
