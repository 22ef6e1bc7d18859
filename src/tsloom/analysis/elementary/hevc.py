"""HEVC: the sequence parameter set, and the timing of the video parameter set."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tsloom.analysis.elementary.bit_reader import BitReader, remove_emulation_prevention
from tsloom.analysis.elementary.hevc_reference_sets import (
    skip_scaling_list_data,
    skip_short_term_reference_sets,
)
from tsloom.analysis.elementary.sample_aspect import (
    CHROMA_FORMATS,
    make_rate,
    read_sample_aspect_ratio,
    skip_signal_type,
)

VPS = 32
SPS = 33
# general_profile_idc (ISO/IEC 23008-2, A.3)
PROFILES = {
    1: "Main",
    2: "Main 10",
    3: "Main Still Picture",
    4: "Format Range Extensions",
    5: "High Throughput",
    6: "Multiview Main",
    7: "Scalable Main",
    8: "3D Main",
    9: "Screen-Extended Main",
    10: "Scalable Format Range Extensions",
    11: "High Throughput Screen-Extended",
}
MAX_SIZE = 0xFFFF


@dataclass(frozen=True, slots=True)
class ProfileTierLevel:
    """profile_tier_level() of the whole stream (ISO/IEC 23008-2, 7.3.3)."""

    general_profile_idc: int
    general_tier_flag: bool
    general_level_idc: int
    general_progressive_source_flag: bool
    general_interlaced_source_flag: bool


@dataclass(frozen=True, slots=True)
class SequenceParameterSet:
    """A sequence parameter set of the base layer (ISO/IEC 23008-2, 7.3.2.2) with its VUI (E.2.1).

    Width and height are those of the conformance window. `frame_rate` is vui_time_scale /
    vui_num_units_in_tick; None without timing information.
    """

    profile_tier_level: ProfileTierLevel
    sps_seq_parameter_set_id: int
    width: int
    height: int
    chroma_format: str
    bit_depth: int
    sample_aspect_ratio: Fraction | None = None
    frame_rate: Fraction | None = None
    field_seq_flag: bool = False

    @property
    def profile(self) -> str | None:
        return PROFILES.get(self.profile_tier_level.general_profile_idc)

    @property
    def tier(self) -> str:
        return "High" if self.profile_tier_level.general_tier_flag else "Main"

    @property
    def level(self) -> str:
        """general_level_idc / 30 (A.4.1): "4", "4.1"."""
        whole, thirtieths = divmod(self.profile_tier_level.general_level_idc, 30)
        return f"{whole}.{thirtieths // 3}" if thirtieths else str(whole)

    @property
    def interlaced(self) -> bool:
        """The source is said to be interlaced, or each picture to be a field."""
        told = self.profile_tier_level
        is_source = told.general_interlaced_source_flag and not told.general_progressive_source_flag
        return is_source or self.field_seq_flag


def _begin(nal_unit: bytes, nal_unit_type: int, name: str) -> BitReader:
    reader = BitReader(remove_emulation_prevention(nal_unit), name)
    if reader.bits(16) >> 9 != nal_unit_type:
        raise reader.fail("another NAL unit than was promised", nal_unit_type=nal_unit_type)
    return reader


def parse_sequence_parameter_set(nal_unit: bytes) -> SequenceParameterSet:
    """The value of an SPS NAL unit, from its header's two bytes on, escaped as it is sent.

    `InputError` if it is none, ends early, or has a value out of its range.
    """
    reader = _begin(nal_unit, SPS, "sequence_parameter_set")
    reader.skip(4)
    sub_layers = reader.bits(3)
    reader.skip(1)
    told = _read_profile_tier_level(reader, sub_layers)
    sps_id = reader.ue_at_most(15, "sps_seq_parameter_set_id")
    chroma_format_idc = reader.ue_at_most(3, "chroma_format_idc")
    separate = chroma_format_idc == 3 and reader.flag()
    width, height = _read_size(reader, 0 if separate else chroma_format_idc)
    bit_depth = 8 + reader.ue_at_most(8, "bit_depth_luma_minus8")
    reader.ue_at_most(8, "bit_depth_chroma_minus8")
    _skip_coding_tools(reader, sub_layers)
    aspect, rate, field_seq_flag = _read_vui(reader) if reader.flag() else (None, None, False)
    return SequenceParameterSet(
        profile_tier_level=told,
        sps_seq_parameter_set_id=sps_id,
        width=width,
        height=height,
        chroma_format=CHROMA_FORMATS[chroma_format_idc],
        bit_depth=bit_depth,
        sample_aspect_ratio=aspect,
        frame_rate=rate,
        field_seq_flag=field_seq_flag,
    )


def parse_video_parameter_set_rate(nal_unit: bytes) -> Fraction | None:
    """The frame rate by vps_timing_info (7.3.2.1); None where there is none."""
    reader = _begin(nal_unit, VPS, "video_parameter_set")
    reader.skip(12)
    sub_layers = reader.bits(3)
    reader.skip(17)
    _read_profile_tier_level(reader, sub_layers)
    reader.skip_ue(3 * (sub_layers + 1 if reader.flag() else 1))
    layers = reader.bits(6) + 1
    sets = reader.ue_at_most(1023, "vps_num_layer_sets_minus1")
    reader.skip(sets * layers)
    if not reader.flag():
        return None
    units = reader.bits(32)
    return make_rate(reader.bits(32), units)


def _read_profile_tier_level(reader: BitReader, sub_layers: int) -> ProfileTierLevel:
    reader.skip(2)
    tier_flag, profile_idc = reader.flag(), reader.bits(5)
    reader.skip(32)
    progressive, interlaced = reader.flag(), reader.flag()
    reader.skip(46)
    level_idc = reader.bits(8)
    present = [(reader.flag(), reader.flag()) for _ in range(sub_layers)]
    if sub_layers:
        reader.skip(2 * (8 - sub_layers))
    for has_profile, has_level in present:
        reader.skip(88 * has_profile + 8 * has_level)
    return ProfileTierLevel(profile_idc, tier_flag, level_idc, progressive, interlaced)


def _read_size(reader: BitReader, chroma: int) -> tuple[int, int]:
    width = reader.ue_at_most(MAX_SIZE, "pic_width_in_luma_samples")
    height = reader.ue_at_most(MAX_SIZE, "pic_height_in_luma_samples")
    if reader.flag():  # conformance_window_flag
        left, right, top, bottom = (reader.ue() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1)
    if width <= 0 or height <= 0:
        raise reader.fail("the conformance window is empty", width=width, height=height)
    return width, height


def _skip_coding_tools(reader: BitReader, sub_layers: int) -> None:
    """From log2_max_pic_order_cnt_lsb_minus4 to strong_intra_smoothing_enabled_flag."""
    order_bits = reader.ue_at_most(12, "log2_max_pic_order_cnt_lsb_minus4") + 4
    reader.skip_ue(3 * (sub_layers + 1 if reader.flag() else 1))
    reader.skip_ue(6)
    if reader.flag() and reader.flag():  # scaling_list_enabled_flag, ..._data_present_flag
        skip_scaling_list_data(reader)
    reader.skip(2)
    if reader.flag():  # pcm_enabled_flag
        reader.skip(8)
        reader.skip_ue(2)
        reader.skip(1)
    skip_short_term_reference_sets(reader)
    if reader.flag():  # long_term_ref_pics_present_flag
        count = reader.ue_at_most(32, "num_long_term_ref_pics_sps")
        reader.skip(count * (order_bits + 1))
    reader.skip(2)


def _read_vui(reader: BitReader) -> tuple[Fraction | None, Fraction | None, bool]:
    """Sample aspect ratio, frame rate, field_seq_flag."""
    aspect = read_sample_aspect_ratio(reader)
    skip_signal_type(reader)
    reader.skip(1)
    field_seq_flag = reader.flag()
    reader.skip(1)
    if reader.flag():  # default_display_window_flag
        reader.skip_ue(4)
    if not reader.flag():  # vui_timing_info_present_flag
        return aspect, None, field_seq_flag
    units = reader.bits(32)
    return aspect, make_rate(reader.bits(32), units), field_seq_flag
