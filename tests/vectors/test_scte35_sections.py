"""Sections by others: what their sources assert, what a strict decoder reads, byte for byte back.

Where tsloom reads otherwise, the clause stands beside it.
"""

from __future__ import annotations

import re
from typing import Any

import crcmod.predefined
import pytest

from tests.vectors.scte35_sections import (
    binary_rows,
    good_rows,
    params,
    raw_bytes,
    whole_section,
)
from tsloom import scte35
from tsloom.errors import CrcError, InputError, SectionLengthError

crc_32_mpeg = crcmod.predefined.mkCrcFun("crc-32-mpeg")

# splice_command_length is trusted (9.6.1): what follows the command it bounds is read, though the
# command itself does not fit into it. The decoder stops at the command.
READ_FURTHER = {"scte-35-sidecar-files-006": {"descriptor_loop_length", "splice_descriptors"}}

# Sections whose source asserts that decoding throws, but that are read: a wrong UPID length is an
# error of one descriptor (10.3.3.1), a cut section is read as far as it goes; strict refuses them.
STRICT_ONLY = {"scte35parser-059", "scte35parser-062", "scte35parser-063", "scte35-go-024"}

NAMES = {
    "bad CRC": "crc_32",
    "splice_command_length 0xFFF": "splice_command_length_unknown",
    "truncated: section_length": "section_truncated",
    "descriptor tag": "descriptor_truncated",
    "alignment_stuffing": "alignment_stuffing",
    r"\d+ bytes after section": "bytes_after_section",
    "descriptor shorter than identifier": "identifier_missing",
    "descriptor_length overruns loop": "descriptor_overrun",
    r"section truncated: need [1-9]\d\d+ bytes": "splice_command_length_overrun",
    "section truncated: need 8 bits at 0/0": "no_section",
    "sub_segment fields on type": "sub_segments_unexpected",
    "no sub_segment fields on type": "sub_segments_missing",
    "upid type": "segmentation_upid_length",
    r"\d+ trailing bytes in command": "splice_command_surplus",
    "descriptor_loop_length overruns section": "descriptor_loop_length_overrun",
    "stray byte in descriptor loop": "descriptor_loop_residue",
    r"\d+ trailing bytes in segmentation_descriptor": "descriptor_surplus",
    "encrypted": "encrypted",
    "unknown CUEI descriptor tag": "splice_descriptor_tag",
    "command overruns splice_command_length": "splice_command_truncated",
    "command truncated": "splice_command_truncated",
}
# An identifier other than "CUEI" breaks no clause (10.1): the decoder's remark has no diagnostic.
REMARKS = ("private descriptor (identifier != CUEI)",)
# What tsloom says beyond the decoder: reserved UPID types (table 22) and reserved command types
# (table 7), and two defects of one descriptor where the decoder stops at the first.
SAID_BESIDES = {
    "segmentation_upid_type",
    "splice_command_type",
    "descriptor_overrun",
    "identifier_missing",
    "descriptor_loop_residue",
}


@pytest.mark.data
@pytest.mark.parametrize("row", params(binary_rows()))
def test_fields_are_those_of_a_strict_decoder(row: dict[str, Any]) -> None:
    decoded = {key: value for key, value in row["decoded"].items() if key != "issues"}
    read = scte35.parse(row["data"]).to_dict()
    further = READ_FURTHER.get(row["id"], set())
    assert {key: value for key, value in read.items() if key not in further} == decoded
    assert further <= read.keys()


def _name_of(issue: str) -> str:
    for pattern, name in NAMES.items():
        if re.match(pattern, issue):
            return name
    raise AssertionError(f"no diagnostic for: {issue}")


@pytest.mark.data
@pytest.mark.parametrize("row", params(binary_rows()))
def test_every_issue_of_the_decoder_has_its_diagnostic(row: dict[str, Any]) -> None:
    issues = {_name_of(issue) for issue in row["decoded"]["issues"] if issue not in REMARKS}
    names = {one.name for one in scte35.parse(row["data"]).diagnostics}
    assert issues <= names
    assert names - issues <= SAID_BESIDES


@pytest.mark.data
@pytest.mark.parametrize("row", params(binary_rows()))
def test_crc_is_right_where_crcmod_says_so(row: dict[str, Any]) -> None:
    raw, whole = raw_bytes(row), whole_section(row)
    if len(raw) < 20 or 3 + (int.from_bytes(raw[1:3], "big") & 0xFFF) > len(raw):
        assert scte35.parse(raw).crc_ok is None
        assert scte35.peek(raw)[0] is False
    else:
        good = crc_32_mpeg(whole) == 0
        assert scte35.parse(raw).crc_ok is good
        assert scte35.peek(raw)[0] is good


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_good_section_encodes_to_its_bytes(row: dict[str, Any]) -> None:
    assert scte35.parse(row["data"]).encode() == whole_section(row)


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_values_without_their_source_encode_to_what_reads_the_same(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"])
    if section.splice_command is None:
        assert row["id"] == "scte-35-sidecar-files-006"
        return
    made = scte35.SpliceInfoSection(
        section.splice_command.replace(),
        [descriptor.replace() for descriptor in section.splice_descriptors],
        pts_adjustment=section.pts_adjustment,
        tier=section.tier,
        cw_index=section.cw_index,
        sap_type=section.sap_type,
        encrypted_packet=section.encrypted_packet,
        encryption_algorithm=section.encryption_algorithm,
    )
    encoded = made.encode(strict=False)
    assert scte35.parse(encoded) == section
    if not section.diagnostics and not _has_reserved_zeros(row["id"]):
        assert encoded == whole_section(row)


def _has_reserved_zeros(name: str) -> bool:
    """Sections whose reserved bits are 0: made anew they are 1 (ISO/IEC 13818-1, 2.1.64)."""
    return name in {"gots-024", "scte35-js-006", "scte35-threefive-044", "scte35-history-002"}


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_restamping_changes_pts_adjustment_and_crc_alone(row: dict[str, Any]) -> None:
    before = whole_section(row)
    section = scte35.parse(before)
    wanted = (section.pts_adjustment + 0x1_2345_6789) % (1 << 33)
    after = section.replace(pts_adjustment=wanted).encode()
    assert crc_32_mpeg(after) == 0
    assert int.from_bytes(after[4:9], "big") & 0x1FFFFFFFF == wanted
    assert after[4] & 0xFE == before[4] & 0xFE
    assert (after[:4], after[9:-4]) == (before[:4], before[9:-4])


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_added_descriptor_leaves_the_others_bytes_alone(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"])
    names = {one.name for one in section.diagnostics}
    torn = {"descriptor_loop_length_overrun", "descriptor_overrun"}
    if section.splice_command is None or names & torn:
        return  # a length that lies is made right: it cannot stay before another descriptor
    added = scte35.AvailDescriptor(7)
    edited = section.replace(splice_descriptors=(*section.splice_descriptors, added))
    after = scte35.parse(edited.encode(strict=False))
    before = whole_section(row)
    assert after.splice_descriptors == (*section.splice_descriptors, added)
    length = section.descriptor_loop_length
    loop = before.index(length.to_bytes(2, "big"), 14 + _command_length(section)) + 2
    assert before[loop : loop + length] in after.encode(strict=False)


def _command_length(section: scte35.SpliceInfoSection) -> int:
    length = section.splice_command_length
    return 0 if length == 0xFFF else length


@pytest.mark.data
@pytest.mark.parametrize("row", params([row for row in binary_rows() if not row["crc_ok"]]))
def test_damaged_section_is_refused_by_strict_and_kept_by_lenient(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"])
    assert any(one.is_error for one in section.diagnostics)
    with pytest.raises(InputError) as caught:
        scte35.parse(row["data"], strict=True)
    assert {"field", "clause"} <= caught.value.facts.keys()
    with pytest.raises(CrcError):
        section.encode()
    assert section.encode(strict=False) == whole_section(row)


def _swift_texts(text: str) -> list[str]:
    return re.findall(r'"([^"]*)"', text)


def _text_of(upid: scte35.SegmentationUpid) -> str:
    if upid.segmentation_upid_type == 0x0E:  # the source reads ADS as Latin-1
        return upid.segmentation_upid.decode("latin-1")
    return scte35.upid_to_text(upid) or ""


def _check_descriptor(wanted: dict[str, Any], descriptor: scte35.SpliceDescriptor) -> None:
    fields = descriptor.to_dict()
    for key, value in wanted.items():
        if key == "tag":
            assert fields["splice_descriptor_tag"] == value
        elif key == "audio_count":
            assert len(fields["audio"]) == value
        elif key == "upids":
            assert isinstance(descriptor, scte35.SegmentationDescriptor)
            read = [(one.segmentation_upid_type, _text_of(one)) for one in descriptor.upids]
            assert read == [(one["type"], one["value"]) for one in value]
        elif key == "upid_swift":
            assert isinstance(descriptor, scte35.SegmentationDescriptor)
            texts = [f"0x{int(text, 16):d}" if text[:2] == "0x" else text for text in
                     _swift_texts(value)]  # fmt: skip
            read_texts = [
                f"0x{_text_of(one)}" if one.segmentation_upid_type == 8 else _text_of(one)
                for one in descriptor.upids
            ]
            assert read_texts == texts
        elif key in ("segments_expected", "segment_num") and key not in fields:
            assert value == 0  # a cancelled event has none
        else:
            assert fields[key] == value, key


@pytest.mark.data
@pytest.mark.parametrize("row", params([row for row in binary_rows() if "expected" in row]))
def test_source_of_the_section_is_agreed_with(row: dict[str, Any]) -> None:
    expected = dict(row["expected"])
    if expected.pop("error", None) is not None:
        assert row["id"] in STRICT_ONLY
        with pytest.raises(SectionLengthError):
            scte35.parse(row["data"], strict=True)
        return
    section = scte35.parse(row["data"])
    fields = section.to_dict()
    command = fields.get("splice_command", {})
    time = command.get("splice_time", {})
    duration = command.get("break_duration", {})
    flat = {**fields, **command, **time, **duration}
    renamed = {"crc": "CRC_32", "private_identifier": "identifier", "break_duration": "duration"}
    for key, value in expected.items():
        if key == "descriptors":
            assert len(section.splice_descriptors) == len(value)
        if key in ("descriptors", "descriptors_partial"):
            for wanted, descriptor in zip(value, section.splice_descriptors, strict=False):
                _check_descriptor(wanted, descriptor)
        elif key == "events":
            for wanted, event in zip(value, flat["events"], strict=True):
                assert wanted.items() <= event.items()
        else:
            assert flat[renamed.get(key, key)] == value, key
