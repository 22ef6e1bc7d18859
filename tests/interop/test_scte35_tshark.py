"""tshark reads what tsloom encodes, field by field, out of a transport stream."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.scte35_stream import stream_of
from tests.properties.scte35_strategies import sections
from tsloom import scte35

pytestmark = pytest.mark.peer

# tshark 4.0 knows the descriptors with tags 0 to 2, takes every identifier for "CUEI", and reads on
# at a wrong place after sub segments, after a cancelled event and after components of a schedule.
# It shows UPIDs as text: their type and length are compared.
KNOWN = (scte35.AvailDescriptor, scte35.DtmfDescriptor, scte35.SegmentationDescriptor)
SECTION = "scte35."
INSERT = "scte35_si."
SCHEDULE = "scte35_splice_schedule."
EVENT = SCHEDULE + "splice."
DESCRIPTOR = "scte35.splice_descriptor."


def _command_fields(command: scte35.SpliceCommand | None) -> dict[str, list[int]]:
    match command:
        case scte35.TimeSignal():
            return _time_fields("scte35_time.splice.", command.splice_time)
        case scte35.PrivateCommand():
            return {"scte35_private_command.identifier": [command.identifier]}
        case scte35.SpliceSchedule():
            return _schedule_fields(command)
        case scte35.SpliceInsert():
            return _insert_fields(command)
    return {}


def _time_fields(prefix: str, time: scte35.SpliceTime) -> dict[str, list[int]]:
    fields = {prefix + "time_specified": [int(time.time_specified_flag)]}
    if time.pts_time is not None:
        fields[prefix + "pts"] = [time.pts_time]
    return fields


def _insert_fields(command: scte35.SpliceInsert) -> dict[str, list[int]]:
    fields = {
        INSERT + "event_id": [command.splice_event_id],
        INSERT + "cancelled": [int(command.splice_event_cancel_indicator)],
    }
    if command.splice_event_cancel_indicator:
        return fields
    fields |= {
        INSERT + "out_of_net": [int(command.out_of_network_indicator)],
        INSERT + "psf": [int(command.program_splice_flag)],
        INSERT + "duration_flag": [int(command.duration_flag)],
        INSERT + "splice_immediate": [int(command.splice_immediate_flag)],
        INSERT + "upid": [command.unique_program_id],
        INSERT + "avail": [command.avail_num],
        INSERT + "avails_expected": [command.avails_expected],
    }
    if command.splice_time is not None:
        fields |= _time_fields(INSERT + "splice_time.", command.splice_time)
    if command.components is not None:
        tags = [one.component_tag for one in command.components]
        fields[INSERT + "component.tag"] = tags
    if command.break_duration is not None:
        fields[INSERT + "break.auto_return"] = [int(command.break_duration.auto_return)]
        fields[INSERT + "break.duration"] = [command.break_duration.duration]
    return fields


def _schedule_fields(command: scte35.SpliceSchedule) -> dict[str, list[int]]:
    whole = [one for one in command.events if not one.splice_event_cancel_indicator]
    return {
        SCHEDULE + "splice_count": [len(command.events)],
        EVENT + "event_id": [one.splice_event_id for one in command.events],
        EVENT + "out_of_network_indicator": [int(one.out_of_network_indicator) for one in whole],
        EVENT + "unique_program_id": [one.unique_program_id for one in whole],
        EVENT + "avail_num": [one.avail_num for one in whole],
    }


def _descriptor_fields(section: scte35.SpliceInfoSection) -> dict[str, list[int]]:
    found = section.splice_descriptors
    avails = [one for one in found if isinstance(one, scte35.AvailDescriptor)]
    tones = [one for one in found if isinstance(one, scte35.DtmfDescriptor)]
    all_segments = [one for one in found if isinstance(one, scte35.SegmentationDescriptor)]
    segments = [one for one in all_segments if not one.segmentation_event_cancel_indicator]
    return {
        DESCRIPTOR + "provider_avail_id": [one.provider_avail_id for one in avails],
        DESCRIPTOR + "preroll": [one.preroll for one in tones],
        DESCRIPTOR + "dtmf_count": [len(one.dtmf_chars) for one in tones],
        DESCRIPTOR + "event_id": [one.segmentation_event_id for one in all_segments],
        DESCRIPTOR + "psf": [int(one.program_segmentation_flag) for one in segments],
        DESCRIPTOR + "dnr": [int(one.delivery_not_restricted_flag) for one in segments],
        DESCRIPTOR + "segmentation_duration": [
            one.segmentation_duration for one in segments if one.segmentation_duration is not None
        ],
        DESCRIPTOR + "upid_type": [one.segmentation_upid_type for one in segments],
        DESCRIPTOR + "upid_length": [len(one.segmentation_upid) for one in segments],
        DESCRIPTOR + "segmentation_type_id": [one.segmentation_type_id for one in segments],
        DESCRIPTOR + "segment_num": [one.segment_num for one in segments],
        DESCRIPTOR + "segments_expected": [one.segments_expected for one in segments],
    }


def _expected(section: scte35.SpliceInfoSection) -> dict[str, list[int]]:
    return {
        SECTION + "len": [section.section_length],
        SECTION + "pts_adjustment": [section.pts_adjustment],
        SECTION + "cw_index": [section.cw_index],
        SECTION + "tier": [section.tier],
        SECTION + "splice_command_length": [section.splice_command_length],
        SECTION + "splice_command_type": [section.splice_command_type],
        SECTION + "desc_len": [section.descriptor_loop_length],
        SECTION + "crc": [section.crc_32],
        **_command_fields(section.splice_command),
        **_descriptor_fields(section),
    }


def read_with_tshark(tshark: str, stream: Path, names: list[str]) -> list[dict[str, list[int]]]:
    """The fields of each section, in the order of the stream."""
    columns = [argument for name in names for argument in ("-e", name)]
    done = subprocess.run(
        [tshark, "-r", str(stream), "-Y", "scte35", "-T", "fields", *columns,
         "-E", "separator=/t", "-E", "aggregator=|"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [
        dict(
            zip(
                names,
                [[int(one, 0) for one in cell.split("|") if one] for cell in line.split("\t")],
                strict=True,
            )
        )
        for line in done.stdout.rstrip("\n").split("\n")
    ]


def _known_event(event: scte35.SpliceScheduleEvent) -> bool:
    return not event.splice_event_cancel_indicator and event.components is None


def _known_to_tshark(section: scte35.SpliceInfoSection) -> scte35.SpliceInfoSection:
    """The section without what tshark is known to read wrongly."""
    command = section.splice_command
    if isinstance(command, scte35.SpliceSchedule):
        command = command.replace(events=[one for one in command.events if _known_event(one)])
    descriptors = [
        one.replace(sub_segment_num=None, sub_segments_expected=None)
        if isinstance(one, scte35.SegmentationDescriptor)
        else one
        for one in section.splice_descriptors
        if isinstance(one, KNOWN)
    ]
    return section.replace(splice_command=command, splice_descriptors=descriptors)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],  # shrinking lists of sections takes longer than reading one
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(made=st.lists(sections, min_size=12, max_size=40))
def test_tshark_reads_what_was_encoded(
    made: list[scte35.SpliceInfoSection], program: Callable[[str], str], tmp_path: Path
) -> None:
    known = [_known_to_tshark(section) for section in made]
    stream = tmp_path / "cues.ts"
    stream.write_bytes(stream_of(section.encode() for section in known))
    wanted = [_expected(section) for section in known]
    names = sorted({name for fields in wanted for name in fields})
    read = read_with_tshark(program("tshark"), stream, names)
    assert len(read) == len(known)
    for fields, expected in zip(read, wanted, strict=True):
        assert {name: fields[name] for name in expected} == expected
