"""Events about breaks and segments, put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.scte35.monitor_events import Moment, MonitorEvent, MonitorEventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.scte35.monitor_breaks import SplicePoint, TrackedBreak
    from tsloom.scte35.pairing import Signal


class EventTeller:
    """Makes the events of one service; `emit` gets each."""

    def __init__(self, service_id: int | None, emit: Callable[[MonitorEvent], None]) -> None:
        self._service_id = service_id
        self._emit = emit

    def tell(
        self,
        kind: MonitorEventKind,
        tracked: TrackedBreak,
        at: Moment,
        point: SplicePoint | None = None,
        detail: str = "",
    ) -> None:
        if kind.is_problem:
            tracked.problems[kind] = None
        if point is not None:
            at = Moment(at.packet_index, point.time_27mhz, point.pts_90khz)
        splice_pts = tracked.announced.pts_90khz
        if point is not None and kind is not MonitorEventKind.MISSING_RETURN:
            splice_pts = point.pts_90khz
        self.tell_of(
            tracked.signal,
            kind,
            tracked.pid,
            at,
            splice_pts=splice_pts,
            planned_duration_s=tracked.planned_s,
            actual_duration_s=tracked.actual_s,
            text=detail,
        )

    def tell_of(
        self,
        signal: Signal,
        kind: MonitorEventKind,
        pid: int,
        at: Moment,
        *,
        splice_pts: int | None = None,
        text: str = "",
        **facts: Any,
    ) -> None:
        time = at.stream_time_27mhz
        self._emit(
            MonitorEvent(
                kind=kind,
                service_id=self._service_id,
                pid=pid,
                packet_index=at.packet_index,
                stream_time_s=None if time is None else time / PCR_HZ,
                pts_90khz=at.pts_90khz,
                event_id=signal.event_id,
                segmentation_type_id=signal.segmentation_type_id,
                splice_pts_90khz=splice_pts,
                detail=text,
                **facts,
            )
        )
