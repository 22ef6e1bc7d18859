"""tshark reads what tsloom encodes, field by field, out of a transport stream."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.interop.scte35_stream import stream_of
from tests.properties.scte35_strategies import sections
from tsloom import scte35

pytestmark = pytest.mark.peer

# tshark 4.0 knows the descriptors with tags 0 to 2 and none of their sub segments; it shows the
# fields of a private descriptor only as bytes, and takes any descriptor with a known tag for "CUEI".
KNOWN = (scte35.AvailDescriptor, scte35.DtmfDescriptor, scte35.SegmentationDescriptor)
SECTION = "scte35."
INSERT = "scte35_si."
SCHEDULE = "scte35_splice_schedule."
EVENT = SCHEDULE + "splice."
DESCRIPTOR = "scte35.splice_descriptor."


def _flag(value: bool) -> str:
    return str(int(value))


def _command_fields(command: scte35.SpliceCommand | None) -> dict[str, list[str]]:
    match command:
        case scte35.TimeSignal():
            return _time_fields("scte35_time.splice.", command.splice_time)
        case scte35.PrivateCommand():
            return {"scte35_private_command.identifier": [f"0x{command.identifier:08x}"]}
        case scte35.SpliceSchedule():
            return _schedule_fields(command)
        case scte35.SpliceInsert():
            return _insert_fields(command)
    return {}


def _time_fields(prefix: str, time: scte35.SpliceTime) -> dict[str, list[str]]:
    fields = {prefix + "time_specified": [_flag(time.time_specified_flag)]}
    if time.pts_time is not None:
        fields[prefix + "pts"] = [f"0x{time.pts_time:016x}"]
    return fields


def _insert_fields(command: scte35.SpliceInsert) -> dict[str, list[str]]:
    fields = {
        INSERT + "event_id": [f"0x{command.splice_event_id:08x}"],
        INSERT + "cancelled": [_flag(command.splice_event_cancel_indicator)],
    }
    if command.splice_event_cancel_indicator:
        return fields
    fields |= {
        INSERT + "out_of_net": [_flag(command.out_of_network_indicator)],
        INSERT + "psf": [_flag(command.program_splice_flag)],
        INSERT + "duration_flag": [_flag(command.duration_flag)],
        INSERT + "splice_immediate": [_flag(command.splice_immediate_flag)],
        INSERT + "upid": [f"0x{command.unique_program_id:04x}"],
        INSERT + "avail": [f"0x{command.avail_num:02x}"],
        INSERT + "avails_expected": [f"0x{command.avails_expected:02x}"],
    }
    if command.splice_time is not None:
        fields |= _time_fields(INSERT + "splice_time.", command.splice_time)
    if command.components is not None:
        tags = [f"0x{one.component_tag:02x}" for one in command.components]
        fields[INSERT + "component.tag"] = tags
    if command.break_duration is not None:
        fields[INSERT + "break.auto_return"] = [_flag(command.break_duration.auto_return)]
        fields[INSERT + "break.duration"] = [f"0x{command.break_duration.duration:016x}"]
    return fields


def _schedule_fields(command: scte35.SpliceSchedule) -> dict[str, list[str]]:
    whole = [one for one in command.events if not one.splice_event_cancel_indicator]
    fields = {
        SCHEDULE + "splice_count": [str(len(command.events))],
        EVENT + "event_id": [f"0x{one.splice_event_id:08x}" for one in command.events],
        EVENT + "out_of_network_indicator": [_flag(one.out_of_network_indicator) for one in whole],
        EVENT + "unique_program_id": [f"0x{one.unique_program_id:04x}" for one in whole],
        EVENT + "avail_num": [f"0x{one.avail_num:02x}" for one in whole],
    }
    return fields


def _descriptor_fields(section: scte35.SpliceInfoSection) -> dict[str, list[str]]:
    found = section.splice_descriptors
    avails = [one for one in found if isinstance(one, scte35.AvailDescriptor)]
    tones = [one for one in found if isinstance(one, scte35.DtmfDescriptor)]
    all_segments = [one for one in found if isinstance(one, scte35.SegmentationDescriptor)]
    segments = [one for one in all_segments if not one.segmentation_event_cancel_indicator]
    return {
        DESCRIPTOR + "provider_avail_id": [f"0x{one.provider_avail_id:08x}" for one in avails],
        DESCRIPTOR + "preroll": [str(one.preroll) for one in tones],
        DESCRIPTOR + "dtmf_count": [str(len(one.dtmf_chars)) for one in tones],
        DESCRIPTOR + "event_id": [f"0x{one.segmentation_event_id:08x}" for one in all_segments],
        DESCRIPTOR + "psf": [_flag(one.program_segmentation_flag) for one in segments],
        DESCRIPTOR + "dnr": [_flag(one.delivery_not_restricted_flag) for one in segments],
        DESCRIPTOR + "segmentation_duration": [
            str(one.segmentation_duration)
            for one in segments
            if one.segmentation_duration is not None
        ],
        DESCRIPTOR + "upid_type": [f"0x{one.segmentation_upid_type:02x}" for one in segments],
        DESCRIPTOR + "upid_length": [str(len(one.segmentation_upid)) for one in segments],
        DESCRIPTOR + "upid": [
            one.segmentation_upid.hex() for one in segments if one.segmentation_upid
        ],
        DESCRIPTOR + "segmentation_type_id": [
            f"0x{one.segmentation_type_id:02x}" for one in segments
        ],
        DESCRIPTOR + "segment_num": [str(one.segment_num) for one in segments],
        DESCRIPTOR + "segments_expected": [str(one.segments_expected) for one in segments],
    }


def _expected(section: scte35.SpliceInfoSection) -> dict[str, list[str]]:
    return {
        SECTION + "len": [str(section.section_length)],
        SECTION + "pts_adjustment": [f"0x{section.pts_adjustment:016x}"],
        SECTION + "cw_index": [f"0x{section.cw_index:02x}"],
        SECTION + "tier": [f"0x{section.tier:04x}"],
        SECTION + "splice_command_length": [f"0x{section.splice_command_length:04x}"],
        SECTION + "splice_command_type": [f"0x{section.splice_command_type:02x}"],
        SECTION + "desc_len": [str(section.descriptor_loop_length)],
        SECTION + "crc": [f"0x{section.crc_32:08x}"],
        **_command_fields(section.splice_command),
        **_descriptor_fields(section),
    }


def read_with_tshark(tshark: str, stream: Path, names: list[str]) -> list[dict[str, list[str]]]:
    """The fields of each section, in the order of the stream."""
    columns = [argument for name in names for argument in ("-e", name)]
    done = subprocess.run(
        [tshark, "-r", str(stream), "-Y", "scte35", "-T", "fields", *columns,
         "-E", "separator=/t", "-E", "aggregator=|"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [
        dict(
            zip(names, [cell.split("|") if cell else [] for cell in line.split("\t")], strict=True)
        )
        for line in done.stdout.splitlines()
    ]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture,
                           HealthCheck.data_too_large],
)  # fmt: skip
@given(made=st.lists(sections, min_size=12, max_size=40))
def test_tshark_reads_what_was_encoded(
    made: list[scte35.SpliceInfoSection], program: Callable[[str], str], tmp_path: Path
) -> None:
    known = [
        section.replace(
            splice_descriptors=[one for one in section.splice_descriptors if isinstance(one, KNOWN)]
        )
        for section in made
    ]
    stream = tmp_path / "cues.ts"
    stream.write_bytes(stream_of(section.encode() for section in known))
    wanted = [_expected(section) for section in known]
    names = sorted({name for fields in wanted for name in fields})
    read = read_with_tshark(program("tshark"), stream, names)
    assert len(read) == len(known)
    for fields, expected in zip(read, wanted, strict=True):
        assert {name: fields[name] for name in expected} == expected
