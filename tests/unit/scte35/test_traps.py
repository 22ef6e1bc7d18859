"""The traps of SCTE 35, one by one; each section is written by hand or with crcmod."""

from __future__ import annotations

import crcmod.predefined
import pytest

from tsloom import scte35
from tsloom.errors import CrcError, SectionLengthError, SectionSyntaxError

crc_32_mpeg = crcmod.predefined.mkCrcFun("crc-32-mpeg")


def section(
    payload: str, *, length_of_command: int | None = None, kind: int = 6, header: str | None = None
) -> bytes:
    """A section out of a command and a loop in hex, "command|loop"."""
    command, loop = (bytes.fromhex(part) for part in payload.split("|"))
    size = len(command) if length_of_command is None else length_of_command
    start = bytes.fromhex(header or "0000000000 00 00".replace(" ", ""))
    start += (0xFFF000 | size).to_bytes(3, "big") + bytes((kind,))
    body = start + command + len(loop).to_bytes(2, "big") + loop
    return seal(b"\xfc" + (0x3000 | (len(body) + 4)).to_bytes(2, "big") + body)


def seal(raw: bytes) -> bytes:
    return raw + crc_32_mpeg(raw).to_bytes(4, "big")


def names(raw: bytes) -> list[str]:
    return [one.name for one in scte35.parse(raw).diagnostics]


def segmentation(body: str) -> str:
    data = bytes.fromhex("43554549" + body)
    return f"02{len(data):02x}" + data.hex()


PPO = "00000001 7f bf 00 00 34 00 00".replace(" ", "")


def test_unknown_command_length_is_found_by_syntax() -> None:
    raw = section("fe00000001|0008435545490000000a", length_of_command=0xFFF)
    read = scte35.parse(raw)
    assert read.splice_command == scte35.TimeSignal(scte35.SpliceTime(1))
    assert read.splice_descriptors == (scte35.AvailDescriptor(10),)
    assert names(raw) == ["splice_command_length_unknown"]
    assert read.encode() == raw
    assert scte35.parse(raw, strict=True) == read


def test_unknown_length_of_a_private_command_is_an_error() -> None:
    raw = section("0000000161|", length_of_command=0xFFF, kind=0xFF)
    assert scte35.parse(raw).splice_command is None
    with pytest.raises(SectionLengthError) as caught:
        scte35.parse(raw, strict=True)
    assert caught.value.facts["field"] == "splice_command_length"


def test_surplus_command_bytes_are_kept() -> None:
    raw = section("fe00000001aabb|")
    read = scte35.parse(raw)
    assert read.splice_command == scte35.TimeSignal(scte35.SpliceTime(1))
    assert names(raw) == ["splice_command_surplus"]
    assert read.replace(pts_adjustment=5).encode()[14:21] == raw[14:21]


def test_command_beyond_its_length_is_not_read() -> None:
    raw = section("00000001 7f 4f".replace(" ", "") + "|", kind=5)
    read = scte35.parse(raw)
    assert read.splice_command is None
    assert read.splice_descriptors == ()
    assert "splice_command_truncated" in names(raw)


def test_immediate_splice_has_no_time_and_unspecified_time_is_one_byte() -> None:
    immediate = scte35.parse(section("0000000a7f5f000100 00".replace(" ", "") + "|", kind=5))
    assert immediate.splice_command == scte35.SpliceInsert(10, unique_program_id=1)
    unspecified = scte35.parse(section("7f|"))
    assert unspecified.splice_command == scte35.TimeSignal(scte35.SpliceTime())


def test_compliance_flag_is_bit_3_of_the_flags_byte() -> None:
    for flags, value in ((0x5F, True), (0x57, False)):
        raw = section(f"0000000a7f{flags:02x}00010000|", kind=5)
        command = scte35.parse(raw).splice_command
        assert isinstance(command, scte35.SpliceInsert)
        assert command.event_id_compliance_flag is value


def test_pts_adjustment_keeps_bit_32() -> None:
    raw = section("ff00000001|", header="0001ffffffff00")
    read = scte35.parse(raw)
    assert read.pts_adjustment == 0x1FFFFFFFF
    assert scte35.splice_pts_of(read) == 0x100000000


def test_other_protocol_version_is_kept_as_bytes() -> None:
    raw = section("fe00000001|", header="01000000000000")
    read = scte35.parse(raw)
    assert read.protocol_version == 1
    assert read.splice_command is None
    assert names(raw) == ["protocol_version"]
    assert read.encode() == raw
    with pytest.raises(SectionSyntaxError):
        scte35.parse(raw, strict=True)


def test_clear_section_keeps_what_encryption_would_use() -> None:
    raw = section("fe00000001|", header="007e00000000ff")
    read = scte35.parse(raw)
    assert (read.encryption_algorithm, read.cw_index) == (0x3F, 0xFF)
    assert not read.encrypted_packet
    assert scte35.from_xml(scte35.to_xml(read)) == read


def test_private_descriptor_may_reuse_a_tag() -> None:
    raw = section("7f|0205534150530b")
    read = scte35.parse(raw)
    assert read.splice_descriptors == (scte35.PrivateDescriptor(2, 0x53415053, b"\x0b"),)
    assert read.diagnostics == ()


def test_malformed_descriptor_does_not_hide_the_rest() -> None:
    raw = section("7f|" + segmentation("00000001") + "0008435545490000000a" + "0102aabb")
    read = scte35.parse(raw)
    assert read.splice_descriptors == (
        scte35.PrivateDescriptor(2, 0x43554549, b"\0\0\0\1"),
        scte35.AvailDescriptor(10),
        scte35.UnreadableDescriptor(1, b"\xaa\xbb"),
    )
    assert names(raw) == ["descriptor_truncated", "identifier_missing"]
    assert read.encode() == raw


def test_descriptor_never_reads_past_the_loop() -> None:
    raw = section("7f|00ff435545490000000a")
    read = scte35.parse(raw)
    assert read.splice_descriptors == (scte35.AvailDescriptor(10),)
    assert names(raw) == ["descriptor_length_limit", "descriptor_overrun"]


def test_stray_byte_in_the_loop_is_said() -> None:
    assert names(section("7f|00")) == ["descriptor_loop_residue"]


@pytest.mark.parametrize("kind", [0x34, 0x36, 0x38, 0x3A])
def test_sub_segments_are_there_when_the_length_says_so(kind: int) -> None:
    without = section("7f|" + segmentation(PPO.replace("340000", f"{kind:02x}0000")))
    one = scte35.parse(without).splice_descriptors[0]
    assert isinstance(one, scte35.SegmentationDescriptor)
    assert one.sub_segment_num is None
    assert names(without) == ["sub_segments_missing"]
    with_them = section("7f|" + segmentation(PPO.replace("340000", f"{kind:02x}0000") + "0203"))
    one = scte35.parse(with_them).splice_descriptors[0]
    assert isinstance(one, scte35.SegmentationDescriptor)
    assert (one.sub_segment_num, one.sub_segments_expected) == (2, 3)
    assert names(with_them) == []


@pytest.mark.parametrize("kind", [0x30, 0x32, 0x44, 0x46])
def test_sub_segments_of_2023_types_may_be_absent(kind: int) -> None:
    body = PPO.replace("340000", f"{kind:02x}0000")
    assert names(section("7f|" + segmentation(body))) == []
    assert names(section("7f|" + segmentation(body + "0000"))) == []


def test_upid_of_length_0_keeps_its_type() -> None:
    body = PPO.replace("bf0000", "bf0900").replace("340000", "300000")
    raw = section("7f|" + segmentation(body))
    one = scte35.parse(raw).splice_descriptors[0]
    assert isinstance(one, scte35.SegmentationDescriptor)
    assert one.upids == (scte35.SegmentationUpid(9, b""),)
    assert scte35.parse(raw).replace(splice_descriptors=[one.replace()]).encode() == raw


def test_upid_without_utf_8_stays_bytes() -> None:
    upid = scte35.SegmentationUpid(0x0F, b"\xff\xfe")
    assert scte35.upid_to_text(upid) is None
    made = scte35.SpliceInfoSection(
        splice_descriptors=[
            scte35.SegmentationDescriptor(
                1, segmentation_upid_type=0x0F, segmentation_upid=b"\xff\xfe"
            )
        ]
    )
    assert scte35.from_xml(scte35.to_xml(made)) == made


def test_mid_holds_unknown_types_and_a_torn_end_is_said() -> None:
    whole = scte35.mid([scte35.SegmentationUpid(0x77, b"x"), scte35.SegmentationUpid(9, b"yz")])
    body = f"00000001 7f bf 0d {len(whole.segmentation_upid) + 2:02x}".replace(" ", "")
    body += whole.segmentation_upid.hex() + "0905" + "300000"
    raw = section("7f|" + segmentation(body))
    one = scte35.parse(raw).splice_descriptors[0]
    assert isinstance(one, scte35.SegmentationDescriptor)
    assert [upid.segmentation_upid for upid in one.upids] == [b"x", b"yz"]
    assert names(raw) == ["segmentation_upid_type", "mid_overrun"]
    assert scte35.from_xml(scte35.to_xml(scte35.parse(raw))) == scte35.parse(raw)


def test_time_descriptor_and_dtmf_are_read_in_their_units() -> None:
    read = scte35.parse(
        section("7f|0310435545490000678901230000000100250109435545490f5f31322a")
    ).splice_descriptors
    assert read[0] == scte35.TimeDescriptor(0x67890123, 1, 0x25)
    assert read[1] == scte35.DtmfDescriptor(15, "12")  # the count is 3 bits: the * is surplus


def test_bad_crc_is_always_said() -> None:
    raw = bytearray(section("fe00000001|"))
    raw[-1] ^= 1
    assert names(bytes(raw)) == ["crc_32"]
    with pytest.raises(CrcError):
        scte35.parse(raw, strict=True)


def test_10_000_descriptors_do_not_hide_how_many_there_were() -> None:
    raw = section("7f|" + "0000" * 2030)
    read = scte35.parse(raw)
    assert len(read.splice_descriptors) == 2030
    assert len(read.diagnostics) == 65
    assert read.diagnostics[-1].name == "more"
    assert read.diagnostics[-1].value == 2030 - 64
    assert read.encode() == raw


def test_events_of_a_schedule_are_all_read() -> None:
    event = "00000001 7f 7f 00000010 0001 00 00".replace(" ", "")
    raw = section("05" + event * 5 + "|", kind=4)
    command = scte35.parse(raw).splice_command
    assert isinstance(command, scte35.SpliceSchedule)
    assert len(command.events) == 5
    short = section("06" + event * 5 + "|", kind=4)
    assert scte35.parse(short).splice_command is None
    assert "splice_command_truncated" in names(short)


def test_table_id_of_another_table_reads_nothing() -> None:
    raw = b"\x02" + section("7f|")[1:]
    read = scte35.parse(raw)
    assert read.splice_command is None
    assert names(raw) == ["table_id"]
    assert scte35.peek(raw) == (False, -1)


def test_offsets_that_lie_give_a_glance_of_nothing() -> None:
    raw = section("7f|")
    for offsets in ([-1], [len(raw) + 1], [5, 2], [1 << 62]):
        crc_ok, kinds = scte35.peek_buffer(raw, offsets)
        assert not crc_ok[0]
        assert kinds[0] == -1
    crc_ok, kinds = scte35.peek_buffer(b"", [])
    assert len(crc_ok) == len(kinds) == 0
