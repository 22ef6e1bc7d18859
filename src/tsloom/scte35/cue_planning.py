"""The messages of a break: which sections say it, and when they are due. Arithmetic, no state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tsloom.clock import PCR_HZ, parse_seconds
from tsloom.scte35 import (
    BreakDuration,
    SegmentationDescriptor,
    SpliceInfoSection,
    SpliceInsert,
    SpliceTime,
    TimeSignal,
)
from tsloom.scte35.breaks import Break, BreakCommand, CueKind, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

TICKS_PER_90KHZ: Final = 300


@dataclass(frozen=True, slots=True)
class PlannedCue:
    """One message of a break: the section, when it goes out and what it announces.

    Times are ticks of 27 MHz in stream time; splice_time_27mhz and splice_pts_90khz are None in an
    immediate message.
    """

    break_id: int
    splice_event_id: int
    kind: CueKind
    command: BreakCommand
    section: SpliceInfoSection
    splice_time_27mhz: int | None
    splice_pts_90khz: int | None
    due_27mhz: int
    repeat: int = 0

    @property
    def key(self) -> tuple[CueKind, BreakCommand, int]:
        """Which message of its break it is."""
        return self.kind, self.command, self.repeat


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one message of a break says; pts_90khz None makes it immediate."""

    kind: CueKind
    splice_event_id: int
    pts_90khz: int | None = None
    duration_27mhz: int | None = None


def get_due_times(wanted: Break, splice_time: int, length: int | None) -> list[int]:
    """When the messages for a splice point are due; length, if there is one, cuts the pre-roll."""
    preroll = round(wanted.preroll_s * PCR_HZ)
    if length is not None:
        preroll = min(preroll, length)
    first = splice_time - preroll
    if wanted.repeat_interval is None:
        return [
            first + preroll * repeat // (wanted.repeats + 1) for repeat in range(wanted.repeats + 1)
        ]
    interval = max(round(parse_seconds(wanted.repeat_interval) * PCR_HZ), 1)
    return list(range(first, max(splice_time, first + 1), interval))


def make_sections(
    wanted: Break, said: Announcement
) -> Iterator[tuple[BreakCommand, SpliceInfoSection]]:
    """The section for each command that the break is said with."""
    command = BreakCommand(wanted.command)
    if command is not BreakCommand.TIME_SIGNAL:
        insert = _make_splice_insert(wanted, said)
        yield BreakCommand.SPLICE_INSERT, SpliceInfoSection(splice_command=insert)
    if command is not BreakCommand.SPLICE_INSERT:
        signal = TimeSignal(SpliceTime(said.pts_90khz))
        segments = tuple(_describe(segment, said) for segment in wanted.segments or (Segment(),))
        yield (
            BreakCommand.TIME_SIGNAL,
            SpliceInfoSection(splice_command=signal, splice_descriptors=segments),
        )


def _make_splice_insert(wanted: Break, said: Announcement) -> SpliceInsert:
    if said.kind is CueKind.CANCEL:
        return SpliceInsert(said.splice_event_id, splice_event_cancel_indicator=True)
    duration = None
    if said.kind is CueKind.OUT and said.duration_27mhz is not None:
        duration = BreakDuration(
            auto_return=wanted.auto_return, duration=round(said.duration_27mhz / TICKS_PER_90KHZ)
        )
    return SpliceInsert(
        said.splice_event_id,
        out_of_network_indicator=said.kind is CueKind.OUT,
        splice_immediate_flag=said.pts_90khz is None,
        splice_time=None if said.pts_90khz is None else SpliceTime(said.pts_90khz),
        break_duration=duration,
        unique_program_id=wanted.unique_program_id,
        avail_num=wanted.avail_num,
        avails_expected=wanted.avails_expected,
    )


def _describe(segment: Segment, said: Announcement) -> SegmentationDescriptor:
    if said.kind is CueKind.CANCEL:
        event_id = segment.segmentation_event_id
        return SegmentationDescriptor(
            said.splice_event_id if event_id is None else event_id,
            segmentation_event_cancel_indicator=True,
        )
    duration = None
    if said.kind is CueKind.OUT and said.duration_27mhz is not None:
        duration = round(said.duration_27mhz / TICKS_PER_90KHZ)
    return segment.describe(
        said.splice_event_id, end=said.kind is CueKind.IN, duration_90khz=duration
    )
