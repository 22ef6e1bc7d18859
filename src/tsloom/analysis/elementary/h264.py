"""H.264: the sequence parameter set."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tsloom.analysis.elementary.bit_reader import BitReader, remove_emulation_prevention
from tsloom.analysis.elementary.sample_aspect import (
    CHROMA_FORMATS,
    make_rate,
    read_sample_aspect_ratio,
    skip_signal_type,
)

SPS = 7
# profile_idc whose SPS has chroma_format_idc (ISO/IEC 14496-10, 7.3.2.1.1)
WITH_CHROMA_FORMAT = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
PROFILES = {
    44: "CAVLC 4:4:4 Intra",
    66: "Baseline",
    77: "Main",
    83: "Scalable Baseline",
    86: "Scalable High",
    88: "Extended",
    100: "High",
    110: "High 10",
    118: "Multiview High",
    122: "High 4:2:2",
    128: "Stereo High",
    244: "High 4:4:4 Predictive",
}
# With constraint_set3_flag (A.2.8 to A.2.11)
INTRA_PROFILES = {110: "High 10 Intra", 122: "High 4:2:2 Intra", 244: "High 4:4:4 Intra"}
LEVEL_1B_IDC = 9
LEVEL_11_IDC = 11
MACROBLOCK = 16
MAX_MACROBLOCKS = 0xFFFF
MAX_HRD_CPB = 32


@dataclass(frozen=True, slots=True)
class SequenceParameterSet:
    """A sequence parameter set (ISO/IEC 14496-10, 7.3.2.1.1) with its VUI (E.1.1).

    Width and height are what is left when frame_crop_*_offset is taken off. `frame_rate` is
    time_scale / (2 num_units_in_tick); None without timing information. `bitrate_bps` is the
    highest that the hypothetical reference decoder is told; None without HRD parameters.
    """

    profile_idc: int
    constraint_set_flags: int
    level_idc: int
    seq_parameter_set_id: int
    width: int
    height: int
    frame_mbs_only_flag: bool
    chroma_format: str = "4:2:0"
    bit_depth: int = 8
    max_num_ref_frames: int = 0
    sample_aspect_ratio: Fraction | None = None
    frame_rate: Fraction | None = None
    fixed_frame_rate_flag: bool = False
    bitrate_bps: int | None = None

    def has_constraint(self, number: int) -> bool:
        """constraint_setN_flag."""
        return bool(self.constraint_set_flags & 0x80 >> number)

    @property
    def profile(self) -> str | None:
        """By annex A; None of a profile_idc that is not there."""
        if self.profile_idc == 66 and self.has_constraint(1):
            return "Constrained Baseline"
        if self.has_constraint(3) and self.profile_idc in INTRA_PROFILES:
            return INTRA_PROFILES[self.profile_idc]
        return PROFILES.get(self.profile_idc)

    @property
    def level(self) -> str:
        """Table A-1: "4", "4.1", "1b"."""
        is_1b = self.level_idc == LEVEL_11_IDC and self.profile_idc in (66, 77, 88)
        if self.level_idc == LEVEL_1B_IDC or (is_1b and self.has_constraint(3)):
            return "1b"
        whole, tenth = divmod(self.level_idc, 10)
        return f"{whole}.{tenth}" if tenth else str(whole)


def parse_sequence_parameter_set(nal_unit: bytes) -> SequenceParameterSet:
    """The value of an SPS NAL unit, from its header byte on, escaped as it is sent.

    `InputError` if it is none, ends early, or has a value out of its range.
    """
    reader = BitReader(remove_emulation_prevention(nal_unit), "sequence_parameter_set")
    if reader.bits(8) & 0x9F != SPS:
        raise reader.fail("not a sequence parameter set")
    profile_idc = reader.bits(8)
    constraint_set_flags = reader.bits(8)
    level_idc = reader.bits(8)
    seq_parameter_set_id = reader.ue_at_most(31, "seq_parameter_set_id")
    chroma, depth = 1, 8
    if profile_idc in WITH_CHROMA_FORMAT:
        chroma, separate, depth = _read_chroma(reader)
        chroma = 0 if separate else chroma
    reader.ue_at_most(12, "log2_max_frame_num_minus4")
    _skip_order_count(reader)
    max_num_ref_frames = reader.ue()
    reader.skip(1)
    width, height, frame_mbs_only_flag = _read_size(reader, chroma)
    aspect, rate, fixed, bitrate = _read_vui(reader) if reader.flag() else (None, None, False, None)
    return SequenceParameterSet(
        profile_idc=profile_idc,
        constraint_set_flags=constraint_set_flags,
        level_idc=level_idc,
        seq_parameter_set_id=seq_parameter_set_id,
        width=width,
        height=height,
        frame_mbs_only_flag=frame_mbs_only_flag,
        chroma_format=CHROMA_FORMATS[chroma],
        bit_depth=depth,
        max_num_ref_frames=max_num_ref_frames,
        sample_aspect_ratio=aspect,
        frame_rate=rate,
        fixed_frame_rate_flag=fixed,
        bitrate_bps=bitrate,
    )


def _read_chroma(reader: BitReader) -> tuple[int, bool, int]:
    """chroma_format_idc, separate_colour_plane_flag, luma's bit depth."""
    chroma_format_idc = reader.ue_at_most(3, "chroma_format_idc")
    separate = chroma_format_idc == 3 and reader.flag()
    depth = 8 + reader.ue_at_most(6, "bit_depth_luma_minus8")
    reader.ue_at_most(6, "bit_depth_chroma_minus8")
    reader.skip(1)
    if reader.flag():  # seq_scaling_matrix_present_flag
        for number in range(12 if chroma_format_idc == 3 else 8):
            if reader.flag():
                _skip_scaling_list(reader, 16 if number < 6 else 64)
    return chroma_format_idc, separate, depth


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    """scaling_list() (7.3.2.1.1.1)."""
    last = scale = 8
    for _ in range(size):
        if scale:
            scale = (last + reader.se()) % 256
            last = scale or last


def _skip_order_count(reader: BitReader) -> None:
    order_count_type = reader.ue_at_most(2, "pic_order_cnt_type")
    if order_count_type == 0:
        reader.ue()
    elif order_count_type == 1:
        reader.skip(1)
        reader.skip_ue(2)
        reader.skip_ue(reader.ue_at_most(255, "num_ref_frames_in_pic_order_cnt_cycle"))


def _read_size(reader: BitReader, chroma: int) -> tuple[int, int, bool]:
    width = (reader.ue_at_most(MAX_MACROBLOCKS, "pic_width_in_mbs_minus1") + 1) * MACROBLOCK
    units = reader.ue_at_most(MAX_MACROBLOCKS, "pic_height_in_map_units_minus1") + 1
    frame_mbs_only_flag = reader.flag()
    fields = 1 if frame_mbs_only_flag else 2
    height = units * MACROBLOCK * fields
    if not frame_mbs_only_flag:
        reader.skip(1)
    reader.skip(1)
    if reader.flag():  # frame_cropping_flag; equations 7-19 to 7-22
        left, right, top, bottom = (reader.ue() for _ in range(4))
        width -= (left + right) * (2 if chroma in (1, 2) else 1)
        height -= (top + bottom) * (2 if chroma == 1 else 1) * fields
    if width <= 0 or height <= 0:
        raise reader.fail("cropping leaves no picture", width=width, height=height)
    return width, height, frame_mbs_only_flag


def _read_vui(reader: BitReader) -> tuple[Fraction | None, Fraction | None, bool, int | None]:
    """Sample aspect ratio, frame rate, fixed_frame_rate_flag and bit rate."""
    aspect = read_sample_aspect_ratio(reader)
    skip_signal_type(reader)
    rate, fixed = None, False
    if reader.flag():  # timing_info_present_flag
        units, time_scale = reader.bits(32), reader.bits(32)
        rate, fixed = make_rate(time_scale, 2 * units), reader.flag()
    # NAL first, then VCL: the larger counts headers too.
    bitrates = [_read_hrd(reader) for _ in range(2) if reader.flag()]
    return aspect, rate, fixed, max(bitrates, default=None)


def _read_hrd(reader: BitReader) -> int:
    """The highest BitRate of hrd_parameters() (E.1.2, E.2.2)."""
    count = reader.ue_at_most(MAX_HRD_CPB - 1, "cpb_cnt_minus1") + 1
    bit_rate_scale = reader.bits(4)
    reader.skip(4)
    highest = 0
    for _ in range(count):
        highest = max(highest, (reader.ue() + 1) << (6 + bit_rate_scale))
        reader.ue()
        reader.skip(1)
    reader.skip(20)
    return highest
