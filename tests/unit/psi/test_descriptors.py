"""Typed descriptors, each against bytes laid out by hand from its clause."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tsloom import psi
from tsloom.errors import UsageError

# Whole bytes in hexadecimal, other fields in bits, reserved ones as the standard sets them.
VECTORS: list[tuple[str, psi.Descriptor]] = [
    ("0x0201 1 0011 1 0 1", psi.VideoStreamDescriptor(True, 3, False, True)),
    (
        "0x0203 0 0100 0 1 0 01000101 10 1 11111",
        psi.VideoStreamDescriptor(False, 4, True, False, 0x45, 2, True),
    ),
    ("0x0301 1 0 10 1 111", psi.AudioStreamDescriptor(True, 0, 2, True)),
    (
        "0x0404 1 0 1 0 0011 11 000101 0 1 001001 11 100001",
        psi.HierarchyDescriptor(True, False, True, False, 3, 5, False, 9, 33),
    ),
    ("0x0506435545490102", psi.RegistrationDescriptor(0x43554549, b"\x01\x02")),
    ("0x060103", psi.DataStreamAlignmentDescriptor(3)),
    (
        "0x0704 00011110000000 00010000111000 0011",
        psi.TargetBackgroundGridDescriptor(1920, 1080, 3),
    ),
    ("0x0804 00000001100100 00000011001000 0101", psi.VideoWindowDescriptor(100, 200, 5)),
    ("0x09060b00 111 0001010101011 0xaabb", psi.CADescriptor(0x0B00, 0x2AB, b"\xaa\xbb")),
    (
        "0x0a0866726103656e6700",
        psi.ISO639LanguageDescriptor((psi.ISO639Language("fra", 3), psi.ISO639Language("eng"))),
    ),
    ("0x0b02 1 1 011110 101 11111", psi.SystemClockDescriptor(True, 30, 5)),
    (
        "0x0c04 1 000000000001010 1 000000000010100",
        psi.MultiplexBufferUtilizationDescriptor(True, 10, 20),
    ),
    ("0x0d050000002aff", psi.CopyrightDescriptor(42, b"\xff")),
    ("0x0e03 11 0000000010011100010000", psi.MaximumBitrateDescriptor(10000)),
    ("0x0f04deadbeef", psi.PrivateDataIndicatorDescriptor(0xDEADBEEF)),
    (
        "0x1006 11 0000000000001111101000 11 0000000000000010000000",
        psi.SmoothingBufferDescriptor(1000, 128),
    ),
    ("0x1101 1111111 0", psi.STDDescriptor(False)),
    ("0x1202 1 0 00000000001100", psi.IBPDescriptor(True, False, 12)),
    ("0x1b01f5", psi.MPEG4VideoDescriptor(0xF5)),
    ("0x1c0158", psi.MPEG4AudioDescriptor(0x58)),
    ("0x1d0410010203", psi.IODDescriptor(0x10, 1, b"\x02\x03")),
    ("0x1e021234", psi.SLDescriptor(0x1234)),
    (
        "0x1f06000102000304",
        psi.FMCDescriptor((psi.FMCEntry(1, 2), psi.FMCEntry(3, 4))),
    ),
    ("0x20024321", psi.ExternalESIDDescriptor(0x4321)),
    ("0x2103010203", psi.MuxcodeDescriptor(b"\x01\x02\x03")),
    ("0x2306000100000200", psi.MultiplexBufferDescriptor(256, 512)),
    ("0x24030010 0 0000 111", psi.ContentLabelingDescriptor(0x10)),
    (
        (
            "0x2415ffff49443320 1 0010 111 0x024142"
            " 1111111 100000000000000000000000000000001 1111111 000000000000000000000000000000011"
            " 1 0000111"
        ),
        psi.ContentLabelingDescriptor(
            0xFFFF, 2, 0x49443320, b"AB", 2**32 + 1, 3, 7, private_data=b""
        ),
    ),
    (
        "0x24070010 0 0011 111 0x01559998",
        psi.ContentLabelingDescriptor(
            0x10, 3, time_base_association_data=b"\x55", private_data=b"\x99\x98"
        ),
    ),
    (
        "0x250fffff49443320ff4944332000 0 00 11111 0x0001",
        psi.MetadataPointerDescriptor(0xFFFF, 0xFF, 0, 0, 0x49443320, 0x49443320, program_number=1),
    ),
    (
        "0x250f01001002 1 01 11111 0x01aa000500060007ccdd",
        psi.MetadataPointerDescriptor(0x100, 0x10, 2, 1, None, None, b"\xaa", 5, 6, 7, b"\xcc\xdd"),
    ),
    ("0x250501001002 0 11 11111", psi.MetadataPointerDescriptor(0x100, 0x10, 2, 3)),
    (
        "0x260dffff49443320ff4944332000 000 0 1111",
        psi.MetadataDescriptor(0xFFFF, 0xFF, 0, 0, 0x49443320, 0x49443320),
    ),
    (
        "0x260a01001002 001 1 1111 0x0177028899",
        psi.MetadataDescriptor(
            0x100, 0x10, 2, 1, service_identification=b"\x77", decoder_config=b"\x88\x99"
        ),
    ),
    (
        "0x260701001002 100 0 1111 0x2aee",
        psi.MetadataDescriptor(
            0x100, 0x10, 2, 4, decoder_config_metadata_service_id=42, private_data=b"\xee"
        ),
    ),
    (
        "0x2709 11 0000000000000000000001 11 0000000000000000000010 11 0000000000000000000011",
        psi.MetadataSTDDescriptor(1, 2, 3),
    ),
    (
        "0x2804 01100100 0 1 0 1 0 1 10 00101001 1 0 1 11111",
        psi.AVCVideoDescriptor(
            100, False, True, False, True, False, True, 2, 41, True, False, True
        ),
    ),
    ("0x2902beef", psi.IPMPDescriptor(b"\xbe\xef")),
    ("0x2a02 1 111111 0 1 0 1 11111", psi.AVCTimingAndHRDDescriptor(True, True, False, True)),
    (
        "0x2a07 0 111111 1 1 1111111 0x00015180 0 1 0 11111",
        psi.AVCTimingAndHRDDescriptor(False, False, True, False, 0x15180),
    ),
    (
        "0x2a0f 0 111111 1 0 1111111 0x0000000a0000000b0000000c 1 1 0 11111",
        psi.AVCTimingAndHRDDescriptor(False, True, True, False, 12, 10, 11),
    ),
    ("0x2b03010600", psi.MPEG2AACAudioDescriptor(1, 6, 0)),
    ("0x2c0800010000005a0810", psi.FlexMuxTimingDescriptor(1, 90, 8, 16)),
    ("0x2d020102", psi.MPEG4TextDescriptor(b"\x01\x02")),
    ("0x2e03 0 111 0010 0x292a", psi.MPEG4AudioExtensionDescriptor((0x29, 0x2A))),
    (
        "0x2e05 1 111 0001 0x58021210",
        psi.MPEG4AudioExtensionDescriptor((0x58,), b"\x12\x10"),
    ),
    (
        (
            "0x380d 01 1 00010 0x60000000 1 0 1 0"
            " 0000 00000000 00000000 00000000 00000000 00000101 01111011 0 0 1 1 11 10"
        ),
        psi.HEVCVideoDescriptor(
            1, True, 2, 0x60000000, True, False, True, False, 5, 123, False, True, True, 2
        ),
    ),
    (
        (
            "0x380f 00 0 00001 0x40000000 1 0 0 1"
            " 0000 00000000 00000000 00000000 00000000 00000000 01011101 1 1 0 0 11 01"
            " 001 11111 110 11111"
        ),
        psi.HEVCVideoDescriptor(
            0, False, 1, 0x40000000, True, False, False, True, 0, 93, True, False, False, 1, 1, 6
        ),
    ),
    ("0x3f03081020", psi.ExtensionDescriptor(8, b"\x10\x20")),
]


def assemble(text: str) -> bytes:
    bits = "".join(
        f"{int(piece, 16):0{4 * (len(piece) - 2)}b}" if piece.startswith("0x") else piece
        for piece in text.split()
    )
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


@pytest.mark.parametrize(("text", "value"), VECTORS)
def test_a_descriptor_is_its_bytes_and_its_bytes_are_it(text: str, value: psi.Descriptor) -> None:
    content = assemble(text)
    assert content[1] == len(content) - 2
    assert psi.parse_descriptors(content) == (value,)
    assert psi.encode_descriptor(value) == content
    assert value.descriptor_tag == content[0]


@pytest.mark.parametrize(("text", "value"), VECTORS)
def test_a_descriptor_goes_to_json_with_its_name_and_back(text: str, value: psi.Descriptor) -> None:
    plain = json.loads(json.dumps(value.to_dict()))
    assert plain["descriptor"] == value.name
    assert plain["descriptor_tag"] == int(text[2:4], 16)
    assert psi.Descriptor.from_dict(plain) == value


def test_every_type_has_a_vector() -> None:
    types = {type(value) for _, value in VECTORS}
    concrete = {getattr(psi, name) for name in psi.__all__ if name.endswith("Descriptor")} - {
        psi.Descriptor,
        psi.DeclaredDescriptor,
        psi.RawDescriptor,
        psi.BrokenDescriptor,
    }
    assert types == concrete


@pytest.mark.parametrize(("text", "value"), VECTORS)
def test_a_descriptor_with_a_bit_changed_or_cut_short_is_kept_all_the_same(
    text: str, value: psi.Descriptor
) -> None:
    content = assemble(text)
    for bit in range(16, 8 * len(content)):
        changed = bytearray(content)
        changed[bit // 8] ^= 0x80 >> bit % 8
        descriptors = psi.parse_descriptors(changed)
        assert psi.encode_descriptors(descriptors) == changed
        assert descriptors != (value,)
    for size in range(len(content) - 2):
        cut = bytes((content[0], size)) + content[2 : 2 + size]
        assert psi.encode_descriptors(psi.parse_descriptors(cut)) == cut


def test_reserved_bits_that_are_not_set_make_a_raw_descriptor() -> None:
    assert psi.parse_descriptors(b"\x11\x01\x00") == (psi.RawDescriptor(0x11, b"\x00"),)


@pytest.mark.parametrize(
    "descriptor",
    [
        psi.RegistrationDescriptor(2**32),
        psi.RegistrationDescriptor(0, bytes(252)),
        psi.RawDescriptor(256),
        psi.RawDescriptor(-1),
        psi.RawDescriptor(0x80, bytes(256)),
        psi.VideoWindowDescriptor(2**14, 0, 0),
        psi.VideoWindowDescriptor(-1, 0, 0),
        psi.VideoStreamDescriptor(True, 3, False, True, 0x45),
        psi.AVCTimingAndHRDDescriptor(True, True, True, True, n=1, k=1),
        psi.ISO639LanguageDescriptor((psi.ISO639Language("fr"),)),
        psi.ISO639LanguageDescriptor((psi.ISO639Language("\u0444ra"),)),
        psi.ContentLabelingDescriptor(0xFFFF),
        psi.ContentLabelingDescriptor(1, 1, content_time_base_value=1),
        psi.ContentLabelingDescriptor(1, 0, content_id=1),
        psi.MetadataPointerDescriptor(1, 1, 1, 0),
        psi.MetadataPointerDescriptor(1, 1, 1, 1, program_number=1),
        psi.MetadataDescriptor(1, 1, 1, 1),
        psi.MetadataDescriptor(1, 1, 1, 0, service_identification=bytes(256)),
        psi.MPEG4AudioExtensionDescriptor((1,) * 16),
        psi.CopyrightDescriptor(1, "text"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_a_value_that_no_descriptor_can_hold_is_refused(descriptor: psi.Descriptor) -> None:
    with pytest.raises(UsageError):
        psi.encode_descriptor(descriptor)


def test_derived_facts_follow_the_fields() -> None:
    assert psi.RegistrationDescriptor(0x43554549).format_identifier_text == "CUEI"
    assert psi.RegistrationDescriptor(0x00554549).format_identifier_text == ".UEI"
    assert psi.MaximumBitrateDescriptor(10).maximum_bitrate_bps == 4000
    assert psi.VideoStreamDescriptor(True, 3, False, True).mpeg_1_only_flag
    ca = psi.CADescriptor(1, 2)
    assert psi.remap_ca_pids((ca,), {2: 3}) == (replace(ca, ca_pid=3),)


@pytest.mark.parametrize("loop", [b"\x05", b"\x05\x04CUE", b"\x52\x01\x01\x05\x01"])
def test_bytes_that_run_over_the_loop_are_one_broken_descriptor(loop: bytes) -> None:
    *whole, broken = psi.parse_descriptors(loop)
    assert isinstance(broken, psi.BrokenDescriptor)
    assert broken.descriptor_tag == 5
    assert psi.encode_descriptors((*whole, broken)) == loop
    assert psi.Descriptor.from_dict(broken.to_dict()) == broken


def test_a_dictionary_of_another_descriptor_is_refused() -> None:
    with pytest.raises(UsageError):
        psi.CADescriptor.from_dict(psi.STDDescriptor(True).to_dict())
    with pytest.raises(UsageError):
        psi.Descriptor.from_dict({"descriptor": "no_such_descriptor"})
    with pytest.raises(UsageError):
        psi.Descriptor.from_dict({})
    for data in ("0g", 5):
        with pytest.raises(UsageError):
            psi.Descriptor.from_dict({"descriptor": "raw_descriptor", "tag": 1, "data": data})
