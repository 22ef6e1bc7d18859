"""What a cue does to the programme, read from its command and descriptors."""

from __future__ import annotations

from enum import Enum

from tsloom._native.scte35 import SpliceInfoSection
from tsloom._native.scte35_commands import SpliceInsert, TimeSignal
from tsloom._native.scte35_segmentation import SegmentationDescriptor
from tsloom.scte35.segmentation_types import LEAVING, RETURNING

PTS_HZ = 90_000
PTS_MODULUS = 1 << 33


class Direction(Enum):
    """Whether a cue leaves the network feed, returns to it, or does neither."""

    OUT = "out"
    IN = "in"
    NEITHER = "neither"


def direction_of(section: SpliceInfoSection) -> Direction:
    """By out_of_network_indicator of a splice_insert, else by the segmentation types.

    A cue that starts a break where another ends (both in one section) is an OUT.
    """
    command = section.splice_command
    if isinstance(command, SpliceInsert):
        if command.splice_event_cancel_indicator:
            return Direction.NEITHER
        return Direction.OUT if command.out_of_network_indicator else Direction.IN
    types = {
        descriptor.segmentation_type_id
        for descriptor in section.splice_descriptors
        if isinstance(descriptor, SegmentationDescriptor)
        and not descriptor.segmentation_event_cancel_indicator
    }
    if types & LEAVING:
        return Direction.OUT
    return Direction.IN if types & RETURNING else Direction.NEITHER


def duration_of(section: SpliceInfoSection) -> float | None:
    """Seconds that an OUT is planned to last, None where it says nothing."""
    command = section.splice_command
    if isinstance(command, SpliceInsert):
        return command.break_duration.duration / PTS_HZ if command.break_duration else None
    durations = [
        descriptor.segmentation_duration
        for descriptor in section.splice_descriptors
        if isinstance(descriptor, SegmentationDescriptor)
        and descriptor.segmentation_duration is not None
        and descriptor.segmentation_type_id in LEAVING
    ]
    return max(durations) / PTS_HZ if durations else None


def event_id_of(section: SpliceInfoSection) -> int | None:
    """splice_event_id, or segmentation_event_id of the first segmentation descriptor."""
    if isinstance(section.splice_command, SpliceInsert):
        return section.splice_command.splice_event_id
    for descriptor in section.splice_descriptors:
        if isinstance(descriptor, SegmentationDescriptor):
            return descriptor.segmentation_event_id
    return None


def splice_pts_of(section: SpliceInfoSection) -> int | None:
    """The splice point as a 33-bit PTS in 90 kHz ticks: pts_time plus pts_adjustment (9.6.1).

    None for an immediate splice, one without a time, and one whose components have their own.
    """
    command = section.splice_command
    time = command.splice_time if isinstance(command, SpliceInsert | TimeSignal) else None
    if time is None or time.pts_time is None:
        return None
    return (time.pts_time + section.pts_adjustment) % PTS_MODULUS
