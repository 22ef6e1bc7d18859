"""A service told second by second to a SpliceTracker."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsloom import scte35
from tsloom.scte35 import (
    Moment,
    MonitorEvent,
    MonitorEventKind,
    MonitorLimits,
    ObservedBreak,
    ObservedCue,
    SpliceTracker,
)

PCR_HZ = 27_000_000
PTS_HZ = 90_000
PTS_MODULUS = 1 << 33


@dataclass
class Told:
    """A tracker and what it answered. Times are seconds of stream time.

    base_90khz is the PTS at 0 s. A thousand packets make a second.
    """

    base_90khz: int = 900_000
    service_id: int | None = 1
    pid: int = 500
    limits: MonitorLimits | None = None
    has_clock: bool = True
    events: list[MonitorEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tracker = SpliceTracker(self.limits)

    def pts(self, at_s: float) -> int:
        return (self.base_90khz + round(at_s * PTS_HZ)) % PTS_MODULUS

    def moment(self, at_s: float) -> Moment:
        if not self.has_clock:
            return Moment(round(at_s * 1000))
        return Moment(round(at_s * 1000), round(at_s * PCR_HZ), self.pts(at_s))

    def section(self, at_s: float, section: scte35.SpliceInfoSection) -> list[MonitorEvent]:
        """A section comes, through bytes as it would in a stream."""
        parsed = scte35.parse(section.encode(strict=False))
        cue = ObservedCue(parsed, self.service_id, self.pid, self.moment(at_s))
        return self._keep(self.tracker.feed(cue))

    def out(
        self,
        at_s: float,
        splice_s: float | None,
        duration_s: float | None = None,
        *,
        event_id: int = 7,
        auto_return: bool = False,
    ) -> list[MonitorEvent]:
        duration = None
        if duration_s is not None:
            duration = scte35.BreakDuration(auto_return, round(duration_s * PTS_HZ))
        return self.section(at_s, insert(self._time(splice_s), event_id, True, duration))

    def back(self, at_s: float, splice_s: float | None, *, event_id: int = 7) -> list[MonitorEvent]:
        return self.section(at_s, insert(self._time(splice_s), event_id, False, None))

    def cancel(self, at_s: float, *, event_id: int = 7) -> list[MonitorEvent]:
        command = scte35.SpliceInsert(event_id, splice_event_cancel_indicator=True)
        return self.section(at_s, scte35.SpliceInfoSection(command))

    def signal(
        self,
        at_s: float,
        splice_s: float,
        *types: int,
        event_id: int = 7,
        duration_s: float | None = None,
    ) -> list[MonitorEvent]:
        """A time_signal with a segmentation_descriptor of each type."""
        ticks = None if duration_s is None else round(duration_s * PTS_HZ)
        descriptors = [
            scte35.SegmentationDescriptor(
                event_id,
                segmentation_type_id=kind,
                segmentation_duration=None if kind & 1 else ticks,
                segmentation_upid_type=9,
                segmentation_upid=b"x",
            )
            for kind in types
        ]
        command = scte35.TimeSignal(scte35.SpliceTime(self.pts(splice_s)))
        return self.section(at_s, scte35.SpliceInfoSection(command, descriptors))

    def time(self, at_s: float) -> list[MonitorEvent]:
        return self._keep(self.tracker.pass_time(self.service_id, self.moment(at_s)))

    def picture(self, at_s: float) -> None:
        """A random access point with the PTS of this time."""
        at = self.moment(at_s)
        self._keep(
            self.tracker.random_access_point(self.service_id, self.pts(at_s), at.packet_index)
        )

    def kinds(self) -> list[str]:
        return [str(event.kind) for event in self.events]

    def problems(self) -> list[MonitorEvent]:
        return [event for event in self.events if event.kind.is_problem]

    def only_break(self) -> ObservedBreak:
        (one,) = self.tracker.breaks
        return one

    def _time(self, splice_s: float | None) -> scte35.SpliceTime | None:
        return None if splice_s is None else scte35.SpliceTime(self.pts(splice_s))

    def _keep(self, events: list[MonitorEvent]) -> list[MonitorEvent]:
        self.events += events
        return events


def insert(
    time: scte35.SpliceTime | None,
    event_id: int,
    out: bool,
    duration: scte35.BreakDuration | None,
) -> scte35.SpliceInfoSection:
    command = scte35.SpliceInsert(
        event_id,
        out_of_network_indicator=out,
        splice_immediate_flag=time is None,
        splice_time=time,
        break_duration=duration,
        unique_program_id=1,
    )
    return scte35.SpliceInfoSection(command)


def kinds_of(events: list[MonitorEvent]) -> list[MonitorEventKind]:
    return [event.kind for event in events]
