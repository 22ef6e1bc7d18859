"""Descriptors of audio (ISO/IEC 13818-1, 2.6.4, 2.6.38, 2.6.68, 2.6.72)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor
from tsloom.psi.fields import join_fields


@dataclass(frozen=True, slots=True)
class AudioStreamDescriptor(DeclaredDescriptor):
    """2.6.4."""

    TAG: ClassVar[int] = 0x03
    NAME: ClassVar[str] = "audio_stream_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "bool=free_format_flag, u1=id, u2=layer, bool=variable_rate_audio_indicator, 0b111",
    )

    free_format_flag: bool
    id: int
    layer: int
    variable_rate_audio_indicator: bool


@dataclass(frozen=True, slots=True)
class MPEG4AudioDescriptor(DeclaredDescriptor):
    """2.6.38."""

    TAG: ClassVar[int] = 0x1C
    NAME: ClassVar[str] = "MPEG-4_audio_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u8=mpeg_4_audio_profile_and_level",)

    mpeg_4_audio_profile_and_level: int


@dataclass(frozen=True, slots=True)
class MPEG2AACAudioDescriptor(DeclaredDescriptor):
    """2.6.68."""

    TAG: ClassVar[int] = 0x2B
    NAME: ClassVar[str] = "MPEG-2_AAC_audio_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "u8=mpeg_2_aac_profile, u8=mpeg_2_aac_channel_configuration, "
            "u8=mpeg_2_aac_additional_information"
        ),
    )

    mpeg_2_aac_profile: int
    mpeg_2_aac_channel_configuration: int
    mpeg_2_aac_additional_information: int


@dataclass(frozen=True, slots=True)
class MPEG4AudioExtensionDescriptor(Descriptor):
    """2.6.72. `audio_specific_config` is None where ASC_flag is 0."""

    TAG: ClassVar[int] = 0x2E
    NAME: ClassVar[str] = "MPEG-4_audio_extension_descriptor"

    audio_profile_level_indications: tuple[int, ...]
    audio_specific_config: bytes | None = None

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        loop_end = 1 + (data[0] & 0xF)
        levels = tuple(data[1:loop_end])
        return cls(levels, data[loop_end + 1 :] if data[0] & 0x80 else None)

    def encode_data(self) -> bytes:
        config = self.audio_specific_config
        head = join_fields(
            ("asc_flag", config is not None, 1),
            ("reserved", 0b111, 3),
            ("num_of_loops", len(self.audio_profile_level_indications), 4),
            *(
                ("audio_profile_level_indication", level, 8)
                for level in self.audio_profile_level_indications
            ),
        )
        return head if config is None else head + join_fields(("asc_size", len(config), 8)) + config


TYPES: tuple[type[Descriptor], ...] = (
    AudioStreamDescriptor,
    MPEG4AudioDescriptor,
    MPEG2AACAudioDescriptor,
    MPEG4AudioExtensionDescriptor,
)
