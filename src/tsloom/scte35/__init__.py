"""SCTE 35 splice information: ANSI/SCTE 35 2023r1."""

from tsloom._native.scte35 import SpliceInfoSection
from tsloom._native.scte35_commands import (
    BandwidthReservation,
    PrivateCommand,
    ReservedCommand,
    SpliceInsert,
    SpliceNull,
    SpliceSchedule,
    TimeSignal,
)
from tsloom._native.scte35_descriptors import (
    AudioChannel,
    AudioDescriptor,
    AvailDescriptor,
    DtmfDescriptor,
    PrivateDescriptor,
    TimeDescriptor,
    UnreadableDescriptor,
)
from tsloom._native.scte35_diagnostics import Diagnostic
from tsloom._native.scte35_events import (
    SpliceInsertComponent,
    SpliceScheduleComponent,
    SpliceScheduleEvent,
)
from tsloom._native.scte35_peek import peek, peek_buffer, peek_many
from tsloom._native.scte35_segmentation import (
    SegmentationComponent,
    SegmentationDescriptor,
    SegmentationUpid,
)
from tsloom._native.scte35_times import BreakDuration, SpliceTime
from tsloom._native.scte35_value import SpliceCommand, SpliceDescriptor
from tsloom.scte35.codec import parse
from tsloom.scte35.cue_identifier import CueIdentifierDescriptor
from tsloom.scte35.encryption import KeyRing

__all__ = [
    "AudioChannel",
    "AudioDescriptor",
    "AvailDescriptor",
    "BandwidthReservation",
    "BreakDuration",
    "CueIdentifierDescriptor",
    "Diagnostic",
    "DtmfDescriptor",
    "KeyRing",
    "PrivateCommand",
    "PrivateDescriptor",
    "ReservedCommand",
    "SegmentationComponent",
    "SegmentationDescriptor",
    "SegmentationUpid",
    "SpliceCommand",
    "SpliceDescriptor",
    "SpliceInfoSection",
    "SpliceInsert",
    "SpliceInsertComponent",
    "SpliceNull",
    "SpliceSchedule",
    "SpliceScheduleComponent",
    "SpliceScheduleEvent",
    "SpliceTime",
    "TimeDescriptor",
    "TimeSignal",
    "UnreadableDescriptor",
    "parse",
    "peek",
    "peek_buffer",
    "peek_many",
]
