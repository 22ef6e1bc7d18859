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
from tsloom.scte35.dash import (
    DashEvent,
    Scheme,
    from_emsg,
    from_event_stream,
    to_emsg,
    to_event_stream,
)
from tsloom.scte35.encryption import KeyRing
from tsloom.scte35.hls import (
    DateRange,
    close_daterange,
    from_cue_tags,
    to_cue_tags,
    to_daterange,
)
from tsloom.scte35.json_form import from_dict, from_json, json_schema, to_json
from tsloom.scte35.monitor import SpliceTracker
from tsloom.scte35.monitor_events import (
    Moment,
    MonitorEvent,
    MonitorEventKind,
    MonitorLimits,
    ObservedBreak,
    ObservedCue,
    ObservedState,
    Pairing,
)
from tsloom.scte35.segmentation_types import SegmentationType, segmentation_type_title
from tsloom.scte35.signals import (
    Direction,
    direction_of,
    duration_of,
    event_id_of,
    splice_pts_of,
)
from tsloom.scte35.text import bytes_from_text
from tsloom.scte35.upid import UpidType, mid, mpu, upid_from_text, upid_to_text
from tsloom.scte35.utc_time import datetime_of, utc_splice_time_of
from tsloom.scte35.xml_form import from_xml, to_xml

__all__ = [
    "AudioChannel",
    "AudioDescriptor",
    "AvailDescriptor",
    "BandwidthReservation",
    "BreakDuration",
    "CueIdentifierDescriptor",
    "DashEvent",
    "DateRange",
    "Diagnostic",
    "Direction",
    "DtmfDescriptor",
    "KeyRing",
    "Moment",
    "MonitorEvent",
    "MonitorEventKind",
    "MonitorLimits",
    "ObservedBreak",
    "ObservedCue",
    "ObservedState",
    "Pairing",
    "PrivateCommand",
    "PrivateDescriptor",
    "ReservedCommand",
    "Scheme",
    "SegmentationComponent",
    "SegmentationDescriptor",
    "SegmentationType",
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
    "SpliceTracker",
    "TimeDescriptor",
    "TimeSignal",
    "UnreadableDescriptor",
    "UpidType",
    "bytes_from_text",
    "close_daterange",
    "datetime_of",
    "direction_of",
    "duration_of",
    "event_id_of",
    "from_cue_tags",
    "from_dict",
    "from_emsg",
    "from_event_stream",
    "from_json",
    "from_xml",
    "json_schema",
    "mid",
    "mpu",
    "parse",
    "peek",
    "peek_buffer",
    "peek_many",
    "segmentation_type_title",
    "splice_pts_of",
    "to_cue_tags",
    "to_daterange",
    "to_emsg",
    "to_event_stream",
    "to_json",
    "to_xml",
    "upid_from_text",
    "upid_to_text",
    "utc_splice_time_of",
]
