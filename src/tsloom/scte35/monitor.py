"""Follows the cues of all services: pairs them, times them, and says what is wrong.

A machine without I/O and without a clock: it is told what came and how far stream time is, and
answers with events.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from tsloom._native.scte35_commands import (
    BandwidthReservation,
    PrivateCommand,
    ReservedCommand,
    SpliceInsert,
    SpliceNull,
    SpliceSchedule,
    TimeSignal,
)
from tsloom.clock import PCR_HZ, PTS_HZ, pts_difference
from tsloom.scte35.monitor_breaks import Said
from tsloom.scte35.monitor_events import (
    Moment,
    MonitorEvent,
    MonitorEventKind,
    MonitorLimits,
    ObservedBreak,
    ObservedCue,
)
from tsloom.scte35.monitor_service import ServiceTracker
from tsloom.scte35.pairing import Signal, signals_of, splice_point_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.scte35.monitor_breaks import TrackedBreak

# At most eight PIDs of a program; of several, the first one listed keeps to the first commands.
MOST_CUE_PIDS = 8
COMMANDS_OF_FIRST_PID = frozenset({0x00, 0x04, 0x05})
# Sections that name no event are folded by their bytes; so many are remembered.
KEPT_SECTIONS = 1024
# Further defects of one section are counted in the text.
SHOWN_DEFECTS = 4

_NAMES = {
    SpliceNull: "splice_null",
    SpliceSchedule: "splice_schedule",
    SpliceInsert: "splice_insert",
    TimeSignal: "time_signal",
    BandwidthReservation: "bandwidth_reservation",
    PrivateCommand: "private_command",
    ReservedCommand: "reserved command",
}


class SpliceTracker:
    """The state of the cues of a stream. Each call answers with what it brought about, in order.

    Calls come in the order of the stream. Time is each service's own: ticks of 27 MHz from the
    first PCR of its program, as a ProgramClock counts them. Memory is bounded by the limits.
    """

    def __init__(self, limits: MonitorLimits | None = None) -> None:
        self.limits = MonitorLimits() if limits is None else limits
        self._services: dict[int | None, ServiceTracker] = {}
        self._cue_pids: dict[int | None, tuple[int, ...]] = {}
        self._breaks: deque[TrackedBreak] = deque(maxlen=self.limits.max_breaks)
        self._sections: dict[tuple[int, int | None], int] = {}
        self._counts: dict[int | None, Counter[str]] = {}
        self._events: list[MonitorEvent] = []

    # -- what it is told

    def feed(self, cue: ObservedCue) -> list[MonitorEvent]:
        """A splice_info_section has come. One with a wrong CRC_32 is told of and not acted upon."""
        service = self._service(cue.service_id)
        service.pass_time(cue.at)
        if cue.section.crc_ok is False:
            self._tell(MonitorEventKind.BAD_CRC, cue, detail="the section is not acted upon")
        else:
            self._take(service, cue)
            service.pass_time(cue.at)  # what is immediate has become due
        return self._answer()

    def pass_time(self, service_id: int | None, at: Moment) -> list[MonitorEvent]:
        """The stream time of a service has come to a moment, without a cue."""
        service = self._services.get(service_id)
        if service is not None:
            service.pass_time(at)
        return self._answer()

    def random_access_point(
        self, service_id: int | None, pts_90khz: int, packet_index: int
    ) -> list[MonitorEvent]:
        """A picture at which decoding can begin, by its PTS.

        Splice points of a service are held against these once the first has been told.
        """
        self._service(service_id).random_access_point(pts_90khz)
        return self._answer()

    def cue_pids(
        self, service_id: int | None, pids: Sequence[int], at: Moment
    ) -> list[MonitorEvent]:
        """The PIDs with stream_type 0x86 in a service's PMT, in its order."""
        before = self._cue_pids.get(service_id, ())
        self._cue_pids[service_id] = tuple(pids)
        if len(pids) > MOST_CUE_PIDS and tuple(pids) != before:
            self._note(
                MonitorEventKind.TOO_MANY_CUE_PIDS,
                service_id,
                None,
                at,
                f"{len(pids)} cue PIDs, at most {MOST_CUE_PIDS} are allowed",
            )
        return self._answer()

    def damaged_section(
        self, service_id: int | None, pid: int, at: Moment, detail: str
    ) -> list[MonitorEvent]:
        """Bytes on a cue PID of which no section can be made."""
        self._note(MonitorEventKind.SYNTAX_ERROR, service_id, pid, at, detail)
        return self._answer()

    # -- what it knows

    @property
    def breaks(self) -> tuple[ObservedBreak, ...]:
        """The breaks, in the order of their first messages; the latest `max_breaks` at most."""
        return tuple(one.summary() for one in self._breaks if one.signal.is_break)

    @property
    def segments(self) -> tuple[ObservedBreak, ...]:
        """Programs, chapters and other segments that do not leave the network feed."""
        return tuple(one.summary() for one in self._breaks if not one.signal.is_break)

    @property
    def counters(self) -> dict[int | None, dict[str, int]]:
        """For each service how many events of each kind there were; all kinds are there."""
        return {
            service_id: {str(kind): counts[kind] for kind in MonitorEventKind}
            for service_id, counts in self._counts.items()
        }

    # -- inside

    def _service(self, service_id: int | None) -> ServiceTracker:
        service = self._services.get(service_id)
        if service is None:
            service = ServiceTracker(service_id, self.limits, self._emit, self._breaks.append)
            self._services[service_id] = service
        return service

    def _take(self, service: ServiceTracker, cue: ObservedCue) -> None:
        signals = signals_of(cue.section)
        place = len(self._events)
        splice_pts = splice_point_of(cue.section)
        lead = _lead_time(splice_pts, cue.at)
        said = {service.take(signal, cue, lead) for signal in signals}
        if not signals:
            said = {Said.AGAIN if self._is_known(cue) else Said.NEW}
        kind = MonitorEventKind.REPEAT if said == {Said.AGAIN} else MonitorEventKind.CUE
        self._tell(kind, cue, signals, lead, splice_pts, _name(cue), place)
        if kind is MonitorEventKind.CUE:
            self._judge(service, cue, signals)
        if Said.NEW in said:
            self._judge_lead(service, cue, signals, lead, splice_pts)

    def _is_known(self, cue: ObservedCue) -> bool:
        key, crc = (cue.pid, cue.section.splice_command_type), cue.section.crc_32
        known = self._sections.get(key) == crc
        if len(self._sections) >= KEPT_SECTIONS and key not in self._sections:
            self._sections.clear()
        self._sections[key] = crc
        return known

    def _judge(
        self, service: ServiceTracker, cue: ObservedCue, signals: tuple[Signal, ...]
    ) -> None:
        pids = self._cue_pids.get(cue.service_id, ())
        command_type = cue.section.splice_command_type
        is_first = len(pids) > 1 and cue.pid == pids[0]
        if is_first and command_type is not None and command_type not in COMMANDS_OF_FIRST_PID:
            detail = f"{_name(cue)} on the first of {len(pids)} cue PIDs"
            self._tell(MonitorEventKind.COMMAND_ON_WRONG_PID, cue, signals, detail=detail)
        errors = [str(one) for one in cue.section.diagnostics if one.is_error]
        if errors:
            more = len(errors) - SHOWN_DEFECTS
            shown = errors[:SHOWN_DEFECTS] + ([f"{more} more"] if more > 0 else [])
            self._tell(MonitorEventKind.SYNTAX_ERROR, cue, signals, detail="; ".join(shown))
            service.blame(signals, MonitorEventKind.SYNTAX_ERROR)

    def _judge_lead(
        self,
        service: ServiceTracker,
        cue: ObservedCue,
        signals: tuple[Signal, ...],
        lead: float | None,
        splice_pts: int | None,
    ) -> None:
        limits = self.limits
        if lead is None:
            return
        planned = service.planned_s(signals)
        # An end cannot well be announced before its start.
        least = min(limits.min_lead_s, planned or limits.min_lead_s)
        if lead < least - limits.lead_grace_s:
            kind, detail = MonitorEventKind.LATE_CUE, f"the limit is {least:g} s"
            if lead < 0:
                detail = "the splice point has passed"
        elif lead > limits.max_lead_s + planned:
            kind, detail = MonitorEventKind.EARLY_CUE, f"the limit is {limits.max_lead_s:g} s"
        else:
            return
        self._tell(kind, cue, signals, lead, splice_pts, detail)
        service.blame(signals, kind)

    def _tell(
        self,
        kind: MonitorEventKind,
        cue: ObservedCue,
        signals: tuple[Signal, ...] = (),
        lead_time_s: float | None = None,
        splice_pts_90khz: int | None = None,
        detail: str = "",
        place: int | None = None,
    ) -> None:
        """An event about a section; its ids are those of the section's first signal."""
        first = signals[0] if signals else None
        duration = None if first is None else first.duration_90khz
        event = MonitorEvent(
            kind=kind,
            service_id=cue.service_id,
            pid=cue.pid,
            packet_index=cue.at.packet_index,
            stream_time_s=_seconds(cue.at),
            pts_90khz=cue.at.pts_90khz,
            event_id=None if first is None else first.event_id,
            segmentation_type_id=None if first is None else first.segmentation_type_id,
            splice_pts_90khz=splice_pts_90khz,
            lead_time_s=lead_time_s,
            planned_duration_s=None if duration is None else duration / PTS_HZ,
            detail=detail,
        )
        self._emit(event, place)

    def _note(
        self,
        kind: MonitorEventKind,
        service_id: int | None,
        pid: int | None,
        at: Moment,
        detail: str,
    ) -> None:
        self._emit(
            MonitorEvent(
                kind, service_id, pid, at.packet_index, _seconds(at), at.pts_90khz, detail=detail
            )
        )

    def _emit(self, event: MonitorEvent, place: int | None = None) -> None:
        self._counts.setdefault(event.service_id, Counter())[event.kind] += 1
        # A cue stands before what it brought about.
        self._events.insert(len(self._events) if place is None else place, event)

    def _answer(self) -> list[MonitorEvent]:
        told, self._events = self._events, []
        return told


def _seconds(at: Moment) -> float | None:
    return None if at.stream_time_27mhz is None else at.stream_time_27mhz / PCR_HZ


def _lead_time(splice_pts_90khz: int | None, at: Moment) -> float | None:
    if splice_pts_90khz is None or at.pts_90khz is None:
        return None
    return pts_difference(splice_pts_90khz, at.pts_90khz) / PTS_HZ


def _name(cue: ObservedCue) -> str:
    command = cue.section.splice_command
    if command is None:
        return "encrypted" if cue.section.encrypted_packet else "unreadable command"
    return _NAMES[type(command)]
