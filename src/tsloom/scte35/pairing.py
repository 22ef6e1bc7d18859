"""What a section says about events: which begin, which end, which are cancelled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom._native.scte35_commands import SpliceInsert, TimeSignal
from tsloom._native.scte35_segmentation import SegmentationDescriptor
from tsloom.scte35.segmentation_types import LEAVING, RETURNING, SegmentationType
from tsloom.scte35.signals import PTS_MODULUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsloom._native.scte35 import SpliceInfoSection

_PROGRAM_STARTS = frozenset(
    {
        SegmentationType.PROGRAM_START,
        SegmentationType.PROGRAM_OVERLAP_START,
        SegmentationType.PROGRAM_JOIN,
    }
)
_BREAKAWAY = frozenset({SegmentationType.PROGRAM_BREAKAWAY})
# 2023r1, table 23: types of the same name that stand one behind the other begin and end.
STARTS_OF: dict[int, frozenset[int]] = {
    SegmentationType.PROGRAM_END: _PROGRAM_STARTS,
    SegmentationType.PROGRAM_EARLY_TERMINATION: _PROGRAM_STARTS,
    SegmentationType.PROGRAM_RESUMPTION: _BREAKAWAY,
    SegmentationType.PROGRAM_IMMEDIATE_RESUMPTION: _BREAKAWAY,
} | {
    end: frozenset({end - 1})
    for end in SegmentationType
    if end >= SegmentationType.CHAPTER_END and end.name.endswith("_END")
}
STARTS = frozenset().union(*STARTS_OF.values())


class SignalAction(StrEnum):
    """What happens to the event that a signal names."""

    START = "start"
    END = "end"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Signal:
    """One event that a section speaks of.

    `segmentation_type_id` is None for a splice_insert. `splice_pts_90khz` is pts_time plus
    pts_adjustment, None where the splice is immediate. `duration_90khz` is what a start plans.
    """

    action: SignalAction
    event_id: int
    segmentation_type_id: int | None = None
    splice_pts_90khz: int | None = None
    duration_90khz: int | None = None
    auto_return: bool = False
    is_segmentation: bool = False

    @property
    def is_break(self) -> bool:
        """Whether it leaves the network feed or comes back to it."""
        kind = self.segmentation_type_id
        return not self.is_segmentation or kind in LEAVING or kind in RETURNING

    def starts(self) -> frozenset[int | None]:
        """Types of the starts that this end belongs to; None stands for a splice_insert."""
        if self.segmentation_type_id is None:
            return frozenset({None})
        return STARTS_OF.get(self.segmentation_type_id, frozenset())


def signals_of(section: SpliceInfoSection) -> tuple[Signal, ...]:
    """The signals of a section, ends before starts: one section may end a break and begin one."""
    found = [*_of_command(section), *_of_descriptors(section)]
    return tuple(sorted(found, key=lambda signal: signal.action is SignalAction.START))


def splice_point_of(section: SpliceInfoSection) -> int | None:
    """The splice point as a 33-bit PTS; in component mode the first component's (9.7.3.1)."""
    command = section.splice_command
    time = command.splice_time if isinstance(command, SpliceInsert | TimeSignal) else None
    if isinstance(command, SpliceInsert) and command.components:
        time = command.components[0].splice_time
    if time is None or time.pts_time is None:
        return None
    return (time.pts_time + section.pts_adjustment) % PTS_MODULUS


def _of_command(section: SpliceInfoSection) -> Iterator[Signal]:
    command = section.splice_command
    if not isinstance(command, SpliceInsert):
        return
    if command.splice_event_cancel_indicator:
        yield Signal(SignalAction.CANCEL, command.splice_event_id)
        return
    out = command.out_of_network_indicator
    duration = command.break_duration if out else None
    yield Signal(
        SignalAction.START if out else SignalAction.END,
        command.splice_event_id,
        splice_pts_90khz=splice_point_of(section),
        duration_90khz=None if duration is None else duration.duration,
        auto_return=duration is not None and duration.auto_return,
    )


def _of_descriptors(section: SpliceInfoSection) -> Iterator[Signal]:
    for descriptor in section.splice_descriptors:
        if not isinstance(descriptor, SegmentationDescriptor):
            continue
        event_id = descriptor.segmentation_event_id
        if descriptor.segmentation_event_cancel_indicator:
            yield Signal(SignalAction.CANCEL, event_id, is_segmentation=True)
            continue
        kind = descriptor.segmentation_type_id
        if kind not in STARTS and kind not in STARTS_OF:
            continue
        starts = kind in STARTS
        yield Signal(
            SignalAction.START if starts else SignalAction.END,
            event_id,
            segmentation_type_id=kind,
            splice_pts_90khz=splice_point_of(section),
            duration_90khz=(descriptor.segmentation_duration or None) if starts else None,
            is_segmentation=True,
        )
