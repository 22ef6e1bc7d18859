"""threefive reads what tsloom encodes, and tsloom what threefive encodes."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.properties.scte35_strategies import sections
from tsloom import scte35
from tsloom.scte35 import UpidType

threefive: Any = pytest.importorskip("threefive", reason="threefive is not installed")
pytestmark = pytest.mark.peer

# threefive 3.1.5 knows neither splice_schedule() nor audio_descriptor(), reads no components, and
# sub segments only of some types, ATSC content identifiers only of 4 bytes and more, and UMIDs as
# though they ended early. Bytes with a ">" it may take for XML, so it is given base64.
KNOWN_COMMANDS = (
    scte35.SpliceNull,
    scte35.BandwidthReservation,
    scte35.TimeSignal,
    scte35.SpliceInsert,
    scte35.PrivateCommand,
)
KNOWN_DESCRIPTORS = (
    scte35.AvailDescriptor,
    scte35.DtmfDescriptor,
    scte35.TimeDescriptor,
    scte35.SegmentationDescriptor,
)


def ticks(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 90_000)


def check_command(theirs: Any, ours: scte35.SpliceCommand) -> None:
    assert theirs.command_type == ours.splice_command_type
    match ours:
        case scte35.TimeSignal():
            assert theirs.time_specified_flag == ours.splice_time.time_specified_flag
            assert ticks(theirs.pts_time) == ours.splice_time.pts_time
        case scte35.SpliceInsert():
            check_insert(theirs, ours)
        case scte35.PrivateCommand():
            assert theirs.identifier == ours.identifier


def check_insert(theirs: Any, ours: scte35.SpliceInsert) -> None:
    names = ["splice_event_id", "splice_event_cancel_indicator"]
    if not ours.splice_event_cancel_indicator:
        names += [
            "out_of_network_indicator",
            "program_splice_flag",
            "duration_flag",
            "splice_immediate_flag",
            "event_id_compliance_flag",
            "unique_program_id",
            "avail_num",
            "avails_expected",
        ]
        time = ours.splice_time
        assert ticks(theirs.pts_time) == (time.pts_time if time else None)
        if ours.break_duration is not None:
            assert theirs.break_auto_return == ours.break_duration.auto_return
            assert ticks(theirs.break_duration) == ours.break_duration.duration
    for name in names:
        assert getattr(theirs, name) == getattr(ours, name), name


def check_descriptor(theirs: Any, ours: scte35.SpliceDescriptor) -> None:
    assert theirs.tag == ours.splice_descriptor_tag
    match ours:
        case scte35.AvailDescriptor():
            assert theirs.provider_avail_id == ours.provider_avail_id
        case scte35.DtmfDescriptor():
            assert theirs.preroll == ours.preroll
            assert "".join(theirs.dtmf_chars) == ours.dtmf_chars
        case scte35.TimeDescriptor():
            read = (theirs.tai_seconds, theirs.tai_ns, theirs.utc_offset)
            assert read == (ours.tai_seconds, ours.tai_ns, ours.utc_offset)
        case scte35.SegmentationDescriptor():
            check_segmentation(theirs, ours)


def check_segmentation(theirs: Any, ours: scte35.SegmentationDescriptor) -> None:
    assert int(theirs.segmentation_event_id, 16) == ours.segmentation_event_id
    cancelled = ours.segmentation_event_cancel_indicator
    assert theirs.segmentation_event_cancel_indicator == cancelled
    if cancelled:
        return
    for name in (
        "segmentation_event_id_compliance_indicator",
        "program_segmentation_flag",
        "segmentation_duration_flag",
        "delivery_not_restricted_flag",
        "web_delivery_allowed_flag",
        "no_regional_blackout_flag",
        "archive_allowed_flag",
        "segmentation_type_id",
        "segment_num",
        "segments_expected",
    ):
        assert getattr(theirs, name) == getattr(ours, name), name
    assert ticks(theirs.segmentation_duration) == ours.segmentation_duration
    if ours.segmentation_upid:  # without bytes threefive says type 0, whatever the type
        assert theirs.segmentation_upid_type == ours.segmentation_upid_type
    assert theirs.segmentation_upid_length == len(ours.segmentation_upid)


def known_descriptor(one: scte35.SpliceDescriptor) -> scte35.SpliceDescriptor:
    if not isinstance(one, scte35.SegmentationDescriptor):
        return one
    if one.segmentation_upid_type in (UpidType.UMID, UpidType.ATSC, UpidType.MID):
        one = one.replace(segmentation_upid_type=UpidType.ADI)
    return one.replace(components=None, sub_segment_num=None, sub_segments_expected=None)


def known_to_threefive(section: scte35.SpliceInfoSection) -> scte35.SpliceInfoSection:
    """The section without what threefive is known not to read."""
    command = section.splice_command
    if isinstance(command, scte35.SpliceInsert) and command.components is not None:
        command = command.replace(components=None, splice_time=scte35.SpliceTime(1))
    if not isinstance(command, KNOWN_COMMANDS):
        command = scte35.SpliceNull()
    descriptors = [
        known_descriptor(one)
        for one in section.splice_descriptors
        if isinstance(one, KNOWN_DESCRIPTORS)
    ]
    return section.replace(splice_command=command, splice_descriptors=descriptors)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sections)
def test_threefive_reads_what_was_encoded(made: scte35.SpliceInfoSection) -> None:
    section = known_to_threefive(made)
    cue = threefive.Cue(base64.b64encode(section.encode()).decode("ascii"))
    assert cue.decode()
    header = cue.info_section
    assert ticks(header.pts_adjustment) == section.pts_adjustment
    assert int(header.tier, 16) == section.tier
    assert int(header.cw_index, 16) == section.cw_index
    assert header.section_length == section.section_length
    assert int(header.crc, 16) == section.crc_32
    assert section.splice_command is not None
    check_command(cue.command, section.splice_command)
    assert len(cue.descriptors) == len(section.splice_descriptors)
    for theirs, ours in zip(cue.descriptors, section.splice_descriptors, strict=True):
        check_descriptor(theirs, ours)


def test_sections_that_threefive_encodes_are_read_strictly() -> None:
    cue = threefive.Cue()
    cue.command = threefive.TimeSignal()
    cue.command.time_specified_flag = True
    cue.command.pts_time = 20.0
    section = scte35.parse(cue.encode(), strict=True)
    assert section.splice_command == scte35.TimeSignal(scte35.SpliceTime(1_800_000))
