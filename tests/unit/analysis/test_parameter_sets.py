"""Parameter sets that bitstring wrote are read as they were meant, and bad ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from bitstring import pack
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import THOROUGH
from tests.unit.analysis import parameter_sets as written
from tsloom.analysis.elementary import aac, ac3, h264, hevc, mpeg2_video, mpeg_audio
from tsloom.errors import InputError


@pytest.mark.parametrize("scaling", [False, True])
@pytest.mark.parametrize("order_count_type", [0, 1, 2])
@pytest.mark.parametrize("chroma_format_idc", [0, 1, 2, 3])
def test_an_h264_sps_is_read(scaling: bool, order_count_type: int, chroma_format_idc: int) -> None:
    sps = h264.parse_sequence_parameter_set(
        written.h264_sps(
            profile_idc=244,
            chroma_format_idc=chroma_format_idc,
            bit_depth=10,
            scaling=scaling,
            order_count_type=order_count_type,
            crop=None,
            hrd_bit_rates=(640_000, 5_000_000 // 64 * 64),
        )
    )
    assert (sps.width, sps.height, sps.bit_depth) == (1920, 1088, 10)
    assert sps.chroma_format == ("4:0:0", "4:2:0", "4:2:2", "4:4:4")[chroma_format_idc]
    assert sps.profile == "High 4:4:4 Predictive"
    assert (sps.frame_rate, sps.fixed_frame_rate_flag) == (25, True)
    assert sps.bitrate_bps == 5_000_000
    assert sps.sample_aspect_ratio == 1


@pytest.mark.parametrize(
    ("chroma_format_idc", "frame_mbs_only", "size"),
    [
        (1, True, (1920 - 2 * 5, 1088 - 2 * 9)),
        (1, False, (1920 - 2 * 5, 1088 - 4 * 9)),
        (2, True, (1920 - 2 * 5, 1088 - 9)),
        (3, True, (1920 - 5, 1088 - 9)),
        (0, False, (1920 - 5, 1088 - 2 * 9)),
    ],
)
def test_h264_cropping_is_in_units_of_the_chroma_format(
    chroma_format_idc: int, frame_mbs_only: bool, size: tuple[int, int]
) -> None:
    """Equations 7-19 to 7-22."""
    sps = h264.parse_sequence_parameter_set(
        written.h264_sps(
            chroma_format_idc=chroma_format_idc,
            frame_mbs_only=frame_mbs_only,
            height_units=68 if frame_mbs_only else 34,
            crop=(2, 3, 4, 5),
        )
    )
    assert (sps.width, sps.height) == size
    assert sps.frame_mbs_only_flag == frame_mbs_only


@pytest.mark.parametrize(
    ("profile_idc", "flags", "level_idc", "profile", "level"),
    [
        (66, 0x40, 30, "Constrained Baseline", "3"),
        (66, 0, 31, "Baseline", "3.1"),
        (77, 0x10, 11, "Main", "1b"),
        (77, 0, 11, "Main", "1.1"),
        (100, 0x10, 11, "High", "1.1"),
        (100, 0, 9, "High", "1b"),
        (110, 0x10, 42, "High 10 Intra", "4.2"),
        (122, 0, 51, "High 4:2:2", "5.1"),
        (99, 0, 40, None, "4"),
    ],
)
def test_h264_profiles_and_levels_have_their_names(
    profile_idc: int, flags: int, level_idc: int, profile: str | None, level: str
) -> None:
    nal_unit = written.h264_sps(profile_idc=profile_idc, flags=flags, level_idc=level_idc)
    sps = h264.parse_sequence_parameter_set(nal_unit)
    assert (sps.profile, sps.level) == (profile, level)


def test_h264_without_timing_has_no_rate() -> None:
    sps = h264.parse_sequence_parameter_set(
        written.h264_sps(timing=None, aspect_ratio_idc=255, crop=None)
    )
    assert (sps.frame_rate, sps.bitrate_bps) == (None, None)
    assert sps.sample_aspect_ratio == Fraction(40, 33)


@pytest.mark.parametrize("sub_layers", [0, 1, 6])
@pytest.mark.parametrize("scaling", [False, True])
@pytest.mark.parametrize("reference_sets", [False, True])
def test_an_hevc_sps_is_read(sub_layers: int, scaling: bool, reference_sets: bool) -> None:
    sps = hevc.parse_sequence_parameter_set(
        written.hevc_sps(
            profile_idc=2,
            tier=True,
            level_idc=153,
            interlaced=True,
            sub_layers=sub_layers,
            scaling=scaling,
            reference_sets=reference_sets,
            bit_depth=10,
            timing=(1001, 60000),
        )
    )
    assert (sps.profile, sps.tier, sps.level) == ("Main 10", "High", "5.1")
    assert (sps.width, sps.height, sps.bit_depth) == (1920, 1080, 10)
    assert (sps.frame_rate, sps.interlaced) == (Fraction(60000, 1001), True)
    assert sps.chroma_format == "4:2:0"


@pytest.mark.parametrize("timing", [None, (1, 25), (0, 25)])
def test_the_rate_of_an_hevc_vps_is_read(timing: tuple[int, int] | None) -> None:
    rate = hevc.parse_video_parameter_set_rate(written.hevc_vps(timing))
    assert rate == (25 if timing == (1, 25) else None)


@pytest.mark.parametrize("matrices", [False, True])
def test_an_mpeg2_sequence_is_read(matrices: bool) -> None:
    header = mpeg2_video.parse_sequence_header(
        written.mpeg2_sequence(
            matrices=matrices, width=4196, bit_rate=300_000, rate_extension=(1, 0)
        )
    )
    assert (header.width, header.height, header.frame_rate) == (4196, 576, 50)
    assert (header.profile, header.level) == ("Main", "Main")
    assert header.bitrate_bps == 300_000 * 400
    assert not header.progressive_sequence


def test_the_display_size_shapes_the_samples_of_mpeg2() -> None:
    """ISO/IEC 13818-2, 6.3.3"""
    shown = written.mpeg2_sequence(width=720, display=(540, 576))
    plain = written.mpeg2_sequence(width=720)
    assert mpeg2_video.parse_sequence_header(shown).sample_aspect_ratio == Fraction(
        16 * 576, 9 * 540
    )
    assert mpeg2_video.parse_sequence_header(plain).sample_aspect_ratio == Fraction(64, 45)


def test_a_sequence_without_extension_is_mpeg1() -> None:
    header = mpeg2_video.parse_sequence_header(
        written.mpeg2_sequence(width=352, height=288, indication=None, bit_rate=0x3FFFF)
    )
    assert header.profile_and_level_indication is None
    assert (header.profile, header.level, header.bitrate_bps) == (None, None, None)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(
    ("object_type", "profile", "rate", "channels"),
    [(2, "LC", 24000, 1), (5, "HE-AAC", 48000, 1), (29, "HE-AACv2", 48000, 2)],
)
def test_a_latm_configuration_is_read(
    version: int, object_type: int, profile: str, rate: int, channels: int
) -> None:
    config = aac.parse_loas_frame(written.loas_frame(object_type, 6, 1, version=version))
    assert (config.profile, config.sample_rate_hz, config.channels) == (profile, rate, channels)
    assert config.core_sample_rate_hz == 24000


@given(kind=st.integers(0, 3), rate=st.integers(0, 12), channels=st.integers(0, 7))
def test_an_adts_header_is_read(kind: int, rate: int, channels: int) -> None:
    frame = pack("uint:12, bool, uint:2, bool, uint:2, uint:4", 0xFFF, False, 0, True, kind, rate)
    frame += pack("bool, uint:3, uint:4, uint:13, uint:11, uint:2", 0, channels, 0, 300, 2047, 0)
    header = aac.parse_adts_header(frame.tobytes())
    assert header.audio_object_type == kind + 1
    assert header.channels == (None, 1, 2, 3, 4, 5, 6, 8)[channels]
    assert header.frame_length == 300
    assert header.sample_rate_hz == aac.SAMPLE_RATES_HZ[rate]


@given(acmod=st.integers(0, 7), lfeon=st.booleans(), code=st.integers(0, 37))
def test_an_ac3_header_is_read(acmod: int, lfeon: bool, code: int) -> None:
    bits = pack("hex:32, uint:2, uint:6, uint:5, uint:3, uint:3", "0b770000", 1, code, 8, 0, acmod)
    bits += "0b01" if acmod & 1 and acmod != 1 else ""
    bits += "0b01" if acmod & 4 else ""
    bits += "0b10" if acmod == 2 else ""
    header = ac3.parse_ac3_header((bits + pack("bool, uint:16", lfeon, 0)).tobytes())
    assert (header.codec, header.sample_rate_hz) == ("AC-3", 44100)
    assert header.channels == (2, 1, 2, 3, 3, 4, 4, 5)[acmod] + lfeon
    assert header.bitrate_bps == ac3.BITRATES_KBPS[code // 2] * 1000


def test_an_eac3_header_at_half_rate_is_read() -> None:
    bits = pack("hex:16, uint:2, uint:3, uint:11, uint:2, uint:2", "0b77", 0, 0, 383, 3, 0)
    bits += pack("uint:3, bool, uint:5, uint:11", 7, True, 16, 0)
    header = ac3.parse_ac3_header(bits.tobytes())
    assert (header.codec, header.sample_rate_hz, header.channels) == ("E-AC-3", 24000, 6)
    assert header.bitrate_bps == 768 * 8 * 24000 // 1536


PARSERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "h264": (h264.parse_sequence_parameter_set, written.h264_sps(hrd_bit_rates=(64_000,))),
    "hevc": (hevc.parse_sequence_parameter_set, written.hevc_sps(scaling=True)),
    "hevc-vps": (hevc.parse_video_parameter_set_rate, written.hevc_vps((1, 25))),
    "mpeg2": (mpeg2_video.parse_sequence_header, written.mpeg2_sequence(display=(720, 576))),
    "latm": (aac.parse_loas_frame, written.loas_frame(5, 6, 2, version=1)),
    "adts": (aac.parse_adts_header, bytes.fromhex("fff14c80201ffc")),
    "mpeg-audio": (mpeg_audio.parse_mpeg_audio_header, bytes.fromhex("fffda400")),
    "ac3": (ac3.parse_ac3_header, bytes.fromhex("0b77000014404300")),
}


@pytest.mark.parametrize("name", PARSERS)
def test_what_is_cut_short_or_of_another_kind_is_refused(name: str) -> None:
    parse, good = PARSERS[name]
    parse(good)
    for bad in (b"", good[:3], bytes(len(good)), b"\xff" * len(good)):
        with pytest.raises(InputError):
            parse(bad)


def is_value_or_refusal(parse: Callable[[bytes], Any], bytes_: bytes) -> bool:
    """A refusal names the header that it is about."""
    try:
        value = parse(bytes_)
    except InputError as error:
        return bool(error.facts["header"])
    return value is None or hash(value) is not None


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@THOROUGH
def test_any_bytes_give_a_value_or_an_input_error(name: str, data: st.DataObject) -> None:
    parse, good = PARSERS[name]
    harmed = bytearray(good)
    for at in data.draw(st.lists(st.integers(0, len(good) - 1), max_size=6)):
        harmed[at] = data.draw(st.integers(0, 255))
    tail = data.draw(st.binary(max_size=20))
    for bytes_ in (bytes(harmed), good[: data.draw(st.integers(0, len(good)))] + tail, tail):
        assert is_value_or_refusal(parse, bytes_)
