"""The messages of breaks on their way out: made, handed over, taken back and said anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tsloom.errors import TsloomError
from tsloom.scte35.breaks import BreakState, CueKind
from tsloom.scte35.cue_planning import Announcement, PlannedCue, get_due_times, make_sections
from tsloom.scte35.event_ids import EventIdPolicy

if TYPE_CHECKING:
    from tsloom.clock import ProgramClock
    from tsloom.scte35.break_record import BreakRecord
    from tsloom.scte35.event_ids import EventIds


class Outlet(Protocol):
    """Where messages go."""

    def send(self, cue: PlannedCue) -> int:
        """Sends it when due; gives an id for its confirmation."""

    def take_back(self, section_id: int) -> bool:
        """Was it taken back before it began to leave?"""


class BreakMessages:
    """Says breaks: with the sections that they want and the ids that the policy gives."""

    def __init__(self, outlet: Outlet, event_ids: EventIds, policy: EventIdPolicy) -> None:
        self._outlet = outlet
        self._event_ids = event_ids
        self._policy = policy

    def send_out(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """The OUT and its repeats; of those whose time has passed the last is sent, at once."""
        splice = record.get_out_time()
        if record.is_immediate:
            self.say_now(record, CueKind.OUT, splice)
            return
        record.out_pts = clock.pts_at(splice)
        said = Announcement(CueKind.OUT, record.out_event_id, record.out_pts, record.length)
        self._send(
            record, said, splice, _skip_past(get_due_times(record.wanted, splice, None), now)
        )

    def send_in(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """The IN and its repeats, likewise."""
        end = record.end_time
        if end is None:
            return
        record.is_end_planned = True
        said = Announcement(CueKind.IN, self._get_in_event_id(record), clock.pts_at(end))
        due_times = get_due_times(record.wanted, end, record.length)
        self._send(record, said, end, _skip_past(due_times, now))

    def say_now(self, record: BreakRecord, kind: CueKind, now: int) -> None:
        """A cancellation, or an immediate OUT or IN."""
        event_id = record.out_event_id
        if kind is CueKind.IN:
            event_id = self._get_in_event_id(record)
        left = None if record.end_time is None else record.end_time - now
        self._send(record, Announcement(kind, event_id, None, left), None, [now])

    def take_back(self, record: BreakRecord) -> None:
        """What waits is not sent."""
        for section_id in list(record.waiting):
            if self._outlet.take_back(section_id):
                del record.waiting[section_id]

    def _get_in_event_id(self, record: BreakRecord) -> int:
        if record.in_event_id is None:
            record.in_event_id = record.out_event_id
            if self._policy is EventIdPolicy.PER_MESSAGE:
                try:
                    record.in_event_id = self._event_ids.take()
                except TsloomError as error:
                    # Better a return with the OUT's id than none.
                    record.reason = f"the return has no id of its own: {error}"
        return record.in_event_id

    def say_again(self, record: BreakRecord, clock: ProgramClock, now: int) -> None:
        """What has not taken place is said anew: its times or their PTS have changed."""
        self.take_back(record)
        if record.state in (BreakState.PLANNED, BreakState.ARMED):
            self.send_out(record, clock, now)
        if record.is_end_planned:
            self.send_in(record, clock, now)

    def _send(
        self, record: BreakRecord, said: Announcement, splice: int | None, due_times: list[int]
    ) -> None:
        sections = list(make_sections(record.wanted, said))
        for repeat, due in enumerate(due_times):
            for command, section in sections:
                cue = PlannedCue(
                    break_id=record.break_id,
                    splice_event_id=said.splice_event_id,
                    kind=said.kind,
                    command=command,
                    section=section,
                    splice_time_27mhz=splice,
                    splice_pts_90khz=said.pts_90khz,
                    due_27mhz=due,
                    repeat=repeat,
                )
                record.waiting[self._outlet.send(cue)] = cue


def _skip_past(due_times: list[int], now: int) -> list[int]:
    """Of the times that have passed only the last is kept."""
    return [
        *[due for due in due_times if due < now][-1:],
        *(due for due in due_times if due >= now),
    ]
