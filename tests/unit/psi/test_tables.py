"""PAT, CAT and PMT as values: edits, refusals, dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from tests.properties import psi_reference as reference
from tsloom.errors import CrcError, SectionLengthError, SectionSyntaxError, UsageError
from tsloom.psi import (
    CADescriptor,
    ConditionalAccessTable,
    ElementaryStream,
    ProgramAssociation,
    ProgramAssociationTable,
    ProgramMapTable,
    RawDescriptor,
    RegistrationDescriptor,
    encode_cat,
    encode_pat,
    encode_pmt,
    get_stream_type_name,
    parse_cat,
    parse_pat,
    parse_pmt,
    parse_section,
)

CUEI = RegistrationDescriptor(0x43554549)
PAT = ProgramAssociationTable(
    transport_stream_id=7,
    programs=(ProgramAssociation(0, 0x10), ProgramAssociation(1, 0x100)),
    version_number=31,
)
PMT = ProgramMapTable(
    program_number=1,
    pcr_pid=0x101,
    descriptors=(CADescriptor(0x0B00, 0x200),),
    elementary_streams=(ElementaryStream(0x1B, 0x101), ElementaryStream(0x0F, 0x102)),
)


def test_a_pat_is_written_as_the_syntax_says() -> None:
    expected = reference.write_pat(
        7, reference.Header(version_number=31), [(0, 7, 0x10), (1, 7, 0x100)]
    )
    assert encode_pat(PAT) == expected
    assert parse_pat(parse_section(expected)) == PAT


def test_a_pat_names_its_programs_and_network() -> None:
    assert PAT.program_map_pids == {1: 0x100}
    assert PAT.network_pid == 0x10
    assert PAT.keep_programs(()).program_map_pids == {}
    assert PAT.keep_programs(()).network_pid == 0x10
    assert PAT.without_program(0).network_pid is None


def test_programs_come_and_go() -> None:
    assert PAT.with_program(5, 0x500).programs[-1] == ProgramAssociation(5, 0x500)
    moved = PAT.with_program(0, 0x11)
    assert moved.programs == (ProgramAssociation(0, 0x11), ProgramAssociation(1, 0x100))
    assert PAT.with_program(5, 0x500).without_program(5) == PAT
    assert PAT.with_next_version().version_number == 0


def test_elementary_streams_come_and_go() -> None:
    cue = ElementaryStream(0x86, 500)
    edited = PMT.with_elementary_stream(cue).with_descriptor(CUEI)
    assert edited.get_elementary_stream(500) == cue
    assert edited.with_descriptor(CUEI) == edited
    assert edited.without_elementary_stream(500).without_descriptor(CUEI) == PMT
    assert PMT.get_elementary_stream(500) is None
    with pytest.raises(UsageError) as refused:
        edited.with_elementary_stream(cue)
    assert refused.value.facts["elementary_pid"] == 500


def test_a_pmt_without_pcr_keeps_none_when_pids_move() -> None:
    table = replace(PMT, pcr_pid=0x1FFF).remap_pids({0x1FFF: 1, 0x101: 2, 0x200: 3})
    assert table.pcr_pid == 0x1FFF
    assert table.elementary_streams[0].elementary_pid == 2
    assert table.descriptors == (CADescriptor(0x0B00, 3),)


def test_tables_go_to_dictionaries_with_names_and_back() -> None:
    plain = PMT.with_descriptor(CUEI).to_dict()
    assert plain["descriptors"][1] == {
        "descriptor": "registration_descriptor",
        "descriptor_tag": 5,
        "format_identifier": 0x43554549,
        "additional_identification_info": "",
    }
    assert plain["elementary_streams"][0]["elementary_pid"] == 0x101
    assert not [name for name in plain if name.startswith("reserved")]
    assert ProgramMapTable.from_dict(plain) == PMT.with_descriptor(CUEI)


@pytest.mark.parametrize(
    "plain",
    [
        {"transport_stream_id": 1, "program": []},
        {"programs": []},
        {"transport_stream_id": "1"},
        {"transport_stream_id": 1, "programs": [{"program_number": 1}]},
        {"transport_stream_id": 1, "programs": 5},
        {"transport_stream_id": 1, "programs": [5]},
    ],
)
def test_a_dictionary_that_is_no_table_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        ProgramAssociationTable.from_dict(plain)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        PAT.transport_stream_id = 8  # type: ignore[misc]


@pytest.mark.parametrize(
    ("encode", "table", "field"),
    [
        (encode_pat, replace(PAT, transport_stream_id=0x10000), "table_id_extension"),
        (encode_pat, replace(PAT, version_number=32), "version_number"),
        (encode_pat, PAT.with_program(0x10000, 1), "program_number"),
        (encode_pat, PAT.with_program(1, 0x2000), "pid"),
        (encode_pmt, replace(PMT, pcr_pid=-1), "pcr_pid"),
        (encode_pmt, PMT.with_elementary_stream(ElementaryStream(256, 1)), "stream_type"),
        (encode_pmt, PMT.with_elementary_stream(ElementaryStream(1, 8192)), "elementary_pid"),
        (encode_cat, ConditionalAccessTable((CADescriptor(1, 8192),)), "ca_pid"),
    ],
)
def test_a_number_that_does_not_fit_is_refused_by_name(
    encode: Callable[[Any], bytes], table: object, field: str
) -> None:
    with pytest.raises(UsageError) as refused:
        encode(table)
    assert refused.value.facts["field"] == field


def test_sections_that_are_not_good_are_refused_by_what_is_wrong() -> None:
    section = encode_pmt(PMT)
    with pytest.raises(CrcError):
        parse_pmt(section[:-1] + bytes((section[-1] ^ 1,)))
    with pytest.raises(SectionLengthError):
        parse_pmt(section[:-1])
    with pytest.raises(SectionLengthError):
        parse_pmt(b"")
    with pytest.raises(SectionSyntaxError):
        parse_pat(section)
    with pytest.raises(SectionSyntaxError):
        parse_cat(section)
    with pytest.raises(SectionSyntaxError):
        parse_pmt(b"\x02\x30" + section[2:])


def test_a_loop_that_runs_over_is_refused() -> None:
    body = b"\xe1\x01\xf0\x05\x05\x04CUE"
    section = reference.write_section(2, 1, reference.Header(), body[:-1])
    with pytest.raises(SectionLengthError):
        parse_pmt(section)


@pytest.mark.parametrize(
    ("stream_type", "name"),
    [
        (0x02, "MPEG-2 video"),
        (0x1B, "AVC video"),
        (0x24, "HEVC video"),
        (0x2D, "MPEG-H 3D audio, main stream"),
        (0x32, "JPEG XS video"),
        (0x33, "VVC video"),
        (0x81, "user private (ATSC AC-3 audio)"),
        (0x86, "user private (SCTE 35 splice information)"),
        (0x87, "user private (ATSC E-AC-3 audio)"),
        (0x7E, "reserved"),
        (0xFE, "user private"),
    ],
)
def test_stream_types_have_their_names(stream_type: int, name: str) -> None:
    assert get_stream_type_name(stream_type) == name
    assert ElementaryStream(stream_type, 1).stream_type_name == name


def test_descriptors_of_a_cat_are_read() -> None:
    table = ConditionalAccessTable((CADescriptor(0x0500, 0x1AB, b"\x01"), RawDescriptor(0x80)))
    assert parse_cat(encode_cat(table)) == table
