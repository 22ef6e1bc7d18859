"""What a SpliceInserter tells of its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ

if TYPE_CHECKING:
    from tsloom.pipeline.inserter import Insertion
    from tsloom.scte35.breaks import CueKind
    from tsloom.scte35.cue_planning import PlannedCue


@dataclass(frozen=True, slots=True)
class CueInsertion:
    """One message that is in the stream: what, where, and how long before its splice.

    break_id is that of `SpliceInserter.schedule`, 0 for a section of no break. splice_pts_90khz and
    the lead times are None in an immediate message.
    """

    break_id: int
    splice_event_id: int
    kind: CueKind
    command: str
    pid: int
    packet_index: int
    stream_time_s: float
    pts_90khz: int
    splice_pts_90khz: int | None
    lead_time_s: float | None
    planned_lead_time_s: float | None
    repeat: int
    added: bool

    @classmethod
    def of(cls, cue: PlannedCue, left: Insertion) -> CueInsertion:
        """What is told of a message that has left."""
        splice = cue.splice_time_27mhz
        return cls(
            break_id=cue.break_id,
            splice_event_id=cue.splice_event_id,
            kind=cue.kind,
            command=cue.command.value,
            pid=left.pid,
            packet_index=left.packet_index,
            stream_time_s=left.stream_time_s,
            pts_90khz=left.pts_90khz,
            splice_pts_90khz=cue.splice_pts_90khz,
            lead_time_s=None if splice is None else splice / PCR_HZ - left.stream_time_s,
            planned_lead_time_s=None if splice is None else (splice - cue.due_27mhz) / PCR_HZ,
            repeat=cue.repeat,
            added=left.added,
        )


@dataclass(frozen=True, slots=True)
class CueFailure:
    """One message of a break that is not in the stream, and why."""

    splice_event_id: int
    kind: CueKind | None
    reason: str
