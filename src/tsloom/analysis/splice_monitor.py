"""The SpliceMonitor: a stage that changes nothing and follows all breaks."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

from tsloom._native.analyzer import ROLE_PAT, ROLE_PMT
from tsloom.analysis.cues import Cue, CueMonitor, SectionRecord, read_through
from tsloom.pipeline import RandomAccessMonitor
from tsloom.pipeline.snap import CLEAN_POINTS
from tsloom.scte35.monitor import SpliceTracker
from tsloom.scte35.monitor_events import Moment, MonitorEvent, ObservedBreak, ObservedCue

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from tsloom._native.pipeline import Stage
    from tsloom.io import Source
    from tsloom.pipeline import RandomAccessPoint
    from tsloom.scte35 import SpliceInfoSection
    from tsloom.scte35.monitor_events import MonitorLimits

# More events than these wait at most for someone to take them; the counters know all.
KEPT_EVENTS = 100_000


class SpliceMonitor(CueMonitor):
    """A stage that changes nothing, pairs the cues of each service and judges them.

    Stream time passes with every PAT and PMT, so a return that does not come is told of by itself.
    `on_event` gets each `MonitorEvent` at once; `take_events` gives those since the last call.
    """

    def __new__(cls, *pids: int, **options: Any) -> Self:
        return super().__new__(cls, *pids, every_section=True)

    def __init__(
        self,
        *pids: int,
        limits: MonitorLimits | None = None,
        on_cue: Callable[[Cue], None] | None = None,
        on_event: Callable[[MonitorEvent], None] | None = None,
    ) -> None:
        super().__init__(*pids, on_cue=on_cue)
        self._tracker = SpliceTracker(limits)
        self._on_event = on_event
        self._events: deque[MonitorEvent] = deque(maxlen=KEPT_EVENTS)
        self._scanner = RandomAccessMonitor(on_point=self._take_point)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """A scanner of the services' video and this stage: with both in a pipeline, splice points
        are held against the pictures at which decoding can begin."""
        return self._scanner, self

    def _take_point(self, point: RandomAccessPoint) -> None:
        if point.kind in CLEAN_POINTS and point.pts_90khz is not None:
            self.random_access_point(point.service_id, point.pts_90khz, point.packet_index)

    def random_access_point(
        self, service_id: int | None, pts_90khz: int, packet_index: int
    ) -> None:
        """A picture at which decoding can begin; splice points are held against these."""
        with self.lock:
            self._tell(self._tracker.random_access_point(service_id, pts_90khz, packet_index))

    @property
    def breaks(self) -> tuple[ObservedBreak, ...]:
        """The breaks so far, in the order of their first messages."""
        with self.lock:
            return self._tracker.breaks

    @property
    def segments(self) -> tuple[ObservedBreak, ...]:
        """Programs, chapters and other segments that do not leave the network feed."""
        with self.lock:
            return self._tracker.segments

    @property
    def counters(self) -> dict[int | None, dict[str, int]]:
        """For each service_id how many events of each kind there were."""
        with self.lock:
            return self._tracker.counters

    def take_events(self) -> list[MonitorEvent]:
        """The events since the last call; the latest `KEPT_EVENTS` at most."""
        with self.lock:
            taken = list(self._events)
            self._events.clear()
        return taken

    def _take(self, record: SectionRecord) -> None:
        super()._take(record)
        pid, role, reason, crc_ok, *_, data = record
        if reason or not crc_ok or not data:
            return
        if role & ROLE_PAT:
            self._tell(self._tracker.pass_time(None, _moment(record)))
        elif role & ROLE_PMT:
            self._take_pmt(pid, record)

    def _take_pmt(self, pid: int, record: SectionRecord) -> None:
        at = _moment(record)
        services = self._services.services_on(pid)
        for service_id in services:
            cue_pids = self._services.cue_pids(service_id)
            if cue_pids:
                self._tell(self._tracker.cue_pids(service_id, cue_pids, at))
        if len(services) == 1:  # else the PID's time may be that of another program
            self._tell(self._tracker.pass_time(services[0], at))

    def _take_cue(self, record: SectionRecord, section: SpliceInfoSection) -> None:
        super()._take_cue(record, section)
        pid = record[0]
        cue = ObservedCue(section, self._services.service_of(pid), pid, _moment(record))
        self._tell(self._tracker.feed(cue))

    def _take_damage(self, record: SectionRecord, detail: str) -> None:
        pid = record[0]
        service_id = self._services.service_of(pid)
        self._tell(self._tracker.damaged_section(service_id, pid, _moment(record), detail))

    def _tell(self, events: list[MonitorEvent]) -> None:
        self._events += events
        if self._on_event is not None:
            for event in events:
                self._on_event(event)


def _moment(record: SectionRecord) -> Moment:
    _, _, _, _, _, last_packet, time, pts, _ = record
    return Moment(last_packet, time, pts)


def splice_events(
    source: str | os.PathLike[str] | Source,
    *,
    pids: tuple[int, ...] = (),
    limits: MonitorLimits | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[MonitorEvent]:
    """What a SpliceMonitor says of a stream, as it is read; arguments as with `cues`."""
    monitor = SpliceMonitor(*pids, limits=limits)
    for _ in read_through(source, monitor.stages, should_stop):
        yield from monitor.take_events()
