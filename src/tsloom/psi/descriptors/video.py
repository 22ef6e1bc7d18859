"""Descriptors of video (ISO/IEC 13818-1, 2.6.2, 2.6.12, 2.6.14, 2.6.34, 2.6.36, 2.6.64 on)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor


@dataclass(frozen=True, slots=True)
class VideoStreamDescriptor(DeclaredDescriptor):
    """2.6.2. The last three fields are None where MPEG_1_only_flag is 1."""

    TAG: ClassVar[int] = 0x02
    NAME: ClassVar[str] = "video_stream_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "bool=multiple_frame_rate_flag, u4=frame_rate_code, 0b1, "
            "bool=constrained_parameter_flag, bool=still_picture_flag"
        ),
        (
            "bool=multiple_frame_rate_flag, u4=frame_rate_code, 0b0, "
            "bool=constrained_parameter_flag, bool=still_picture_flag, "
            "u8=profile_and_level_indication, u2=chroma_format, "
            "bool=frame_rate_extension_flag, 0b11111"
        ),
    )

    multiple_frame_rate_flag: bool
    frame_rate_code: int
    constrained_parameter_flag: bool
    still_picture_flag: bool
    profile_and_level_indication: int | None = None
    chroma_format: int | None = None
    frame_rate_extension_flag: bool | None = None

    @property
    def mpeg_1_only_flag(self) -> bool:
        return self.profile_and_level_indication is None


@dataclass(frozen=True, slots=True)
class TargetBackgroundGridDescriptor(DeclaredDescriptor):
    """2.6.12. Sizes in pixels."""

    TAG: ClassVar[int] = 0x07
    NAME: ClassVar[str] = "target_background_grid_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "u14=horizontal_size, u14=vertical_size, u4=aspect_ratio_information",
    )

    horizontal_size: int
    vertical_size: int
    aspect_ratio_information: int


@dataclass(frozen=True, slots=True)
class VideoWindowDescriptor(DeclaredDescriptor):
    """2.6.14. Offsets in pixels of the target background grid."""

    TAG: ClassVar[int] = 0x08
    NAME: ClassVar[str] = "video_window_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "u14=horizontal_offset, u14=vertical_offset, u4=window_priority",
    )

    horizontal_offset: int
    vertical_offset: int
    window_priority: int


@dataclass(frozen=True, slots=True)
class IBPDescriptor(DeclaredDescriptor):
    """2.6.34."""

    TAG: ClassVar[int] = 0x12
    NAME: ClassVar[str] = "IBP_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "bool=closed_gop_flag, bool=identical_gop_flag, u14=max_gop_length",
    )

    closed_gop_flag: bool
    identical_gop_flag: bool
    max_gop_length: int


@dataclass(frozen=True, slots=True)
class MPEG4VideoDescriptor(DeclaredDescriptor):
    """2.6.36."""

    TAG: ClassVar[int] = 0x1B
    NAME: ClassVar[str] = "MPEG-4_video_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u8=mpeg_4_visual_profile_and_level",)

    mpeg_4_visual_profile_and_level: int


@dataclass(frozen=True, slots=True)
class AVCVideoDescriptor(DeclaredDescriptor):
    """2.6.64."""

    TAG: ClassVar[int] = 0x28
    NAME: ClassVar[str] = "AVC_video_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "u8=profile_idc, bool=constraint_set0_flag, bool=constraint_set1_flag, "
            "bool=constraint_set2_flag, bool=constraint_set3_flag, bool=constraint_set4_flag, "
            "bool=constraint_set5_flag, u2=avc_compatible_flags, u8=level_idc, "
            "bool=avc_still_present, bool=avc_24_hour_picture_flag, "
            "bool=frame_packing_sei_not_present_flag, 0b11111"
        ),
    )

    profile_idc: int
    constraint_set0_flag: bool
    constraint_set1_flag: bool
    constraint_set2_flag: bool
    constraint_set3_flag: bool
    constraint_set4_flag: bool
    constraint_set5_flag: bool
    avc_compatible_flags: int
    level_idc: int
    avc_still_present: bool
    avc_24_hour_picture_flag: bool
    frame_packing_sei_not_present_flag: bool


AVC_TIMING_END = (
    "bool=fixed_frame_rate_flag, bool=temporal_poc_flag, "
    "bool=picture_to_display_conversion_flag, 0b11111"
)


@dataclass(frozen=True, slots=True)
class AVCTimingAndHRDDescriptor(DeclaredDescriptor):
    """2.6.66. Without picture and timing info num_units_in_tick is None; n and k are there where
    that is and 90kHz_flag is 0."""

    TAG: ClassVar[int] = 0x2A
    NAME: ClassVar[str] = "AVC_timing_and_HRD_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        f"bool=hrd_management_valid_flag, 0b1111110, {AVC_TIMING_END}",
        (
            "bool=hrd_management_valid_flag, 0b1111111, 0b11111111, u32=num_units_in_tick, "
            f"{AVC_TIMING_END}"
        ),
        (
            "bool=hrd_management_valid_flag, 0b1111111, 0b01111111, u32=n, u32=k, "
            f"u32=num_units_in_tick, {AVC_TIMING_END}"
        ),
    )

    hrd_management_valid_flag: bool
    fixed_frame_rate_flag: bool
    temporal_poc_flag: bool
    picture_to_display_conversion_flag: bool
    num_units_in_tick: int | None = None
    n: int | None = None
    k: int | None = None


HEVC_START = (
    "u2=profile_space, bool=tier_flag, u5=profile_idc, u32=profile_compatibility_indication, "
    "bool=progressive_source_flag, bool=interlaced_source_flag, bool=non_packed_constraint_flag, "
    "bool=frame_only_constraint_flag, u44=copied_44bits, u8=level_idc, "
)
HEVC_END = (
    "bool=hevc_still_present_flag, bool=hevc_24hr_picture_present_flag, "
    "bool=sub_pic_hrd_params_not_present_flag, 0b11, u2=hdr_wcg_idc"
)


@dataclass(frozen=True, slots=True)
class HEVCVideoDescriptor(DeclaredDescriptor):
    """2.6.95. The temporal ids are there where temporal_layer_subset_flag is 1."""

    TAG: ClassVar[int] = 0x38
    NAME: ClassVar[str] = "HEVC_video_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        f"{HEVC_START}0b0, {HEVC_END}",
        f"{HEVC_START}0b1, {HEVC_END}, u3=temporal_id_min, 0b11111, u3=temporal_id_max, 0b11111",
    )

    profile_space: int
    tier_flag: bool
    profile_idc: int
    profile_compatibility_indication: int
    progressive_source_flag: bool
    interlaced_source_flag: bool
    non_packed_constraint_flag: bool
    frame_only_constraint_flag: bool
    copied_44bits: int
    level_idc: int
    hevc_still_present_flag: bool
    hevc_24hr_picture_present_flag: bool
    sub_pic_hrd_params_not_present_flag: bool = True
    hdr_wcg_idc: int = 3
    temporal_id_min: int | None = None
    temporal_id_max: int | None = None


TYPES: tuple[type[Descriptor], ...] = (
    VideoStreamDescriptor,
    TargetBackgroundGridDescriptor,
    VideoWindowDescriptor,
    IBPDescriptor,
    MPEG4VideoDescriptor,
    AVCVideoDescriptor,
    AVCTimingAndHRDDescriptor,
    HEVCVideoDescriptor,
)
