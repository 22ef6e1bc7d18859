"""Descriptors of programs and whole streams (ISO/IEC 13818-1, 2.6.8 to 2.6.33)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor
from tsloom.psi.fields import join_code, join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class RegistrationDescriptor(Descriptor):
    """2.6.8. `format_identifier` is 32 bits, mostly four letters."""

    TAG: ClassVar[int] = 0x05
    NAME: ClassVar[str] = "registration_descriptor"

    format_identifier: int
    additional_identification_info: bytes = b""

    @property
    def format_identifier_text(self) -> str:
        """The four bytes as letters, other bytes as dots."""
        letters = self.format_identifier.to_bytes(4, "big")
        return "".join(chr(letter) if 0x20 <= letter < 0x7F else "." for letter in letters)

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(int.from_bytes(data[:4], "big"), data[4:])

    def encode_data(self) -> bytes:
        head = join_fields(("format_identifier", self.format_identifier, 32))
        return head + self.additional_identification_info


@dataclass(frozen=True, slots=True)
class CADescriptor(Descriptor):
    """2.6.16. In the CAT the PID is that of EMMs, in a PMT of ECMs."""

    TAG: ClassVar[int] = 0x09
    NAME: ClassVar[str] = "CA_descriptor"

    ca_system_id: int
    ca_pid: int
    private_data: bytes = b""
    reserved_bits: int = 0b111

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        pid = int.from_bytes(data[2:4], "big")
        return cls(int.from_bytes(data[:2], "big"), pid & 0x1FFF, data[4:], pid >> 13)

    def encode_data(self) -> bytes:
        head = join_fields(
            ("ca_system_id", self.ca_system_id, 16),
            ("reserved_bits", self.reserved_bits, 3),
            ("ca_pid", self.ca_pid, 13),
        )
        return head + self.private_data


def remap_ca_pids(
    descriptors: tuple[Descriptor, ...], new_pids: Mapping[int, int]
) -> tuple[Descriptor, ...]:
    """The descriptors with the PIDs of CA_descriptors replaced by what they lead to."""
    return tuple(
        replace(descriptor, ca_pid=new_pids.get(descriptor.ca_pid, descriptor.ca_pid))
        if isinstance(descriptor, CADescriptor)
        else descriptor
        for descriptor in descriptors
    )


@dataclass(frozen=True, slots=True)
class ISO639Language(Value):
    """One language of an ISO_639_language_descriptor: three letters and what the audio is for
    (table 2-60: 0 undefined, 1 clean effects, 2 hearing impaired, 3 commentary)."""

    iso_639_language_code: str
    audio_type: int = 0


@dataclass(frozen=True, slots=True)
class ISO639LanguageDescriptor(Descriptor):
    """2.6.18."""

    TAG: ClassVar[int] = 0x0A
    NAME: ClassVar[str] = "ISO_639_language_descriptor"

    languages: tuple[ISO639Language, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            tuple(
                ISO639Language(data[start : start + 3].decode("latin-1"), data[start + 3])
                for start in range(0, len(data), 4)
            )
        )

    def encode_data(self) -> bytes:
        return b"".join(encode_language(language) for language in self.languages)


def encode_language(language: ISO639Language) -> bytes:
    code = join_code("iso_639_language_code", language.iso_639_language_code)
    return code + join_fields(("audio_type", language.audio_type, 8))


@dataclass(frozen=True, slots=True)
class MaximumBitrateDescriptor(Descriptor):
    """2.6.26. `maximum_bitrate` counts 50 bytes a second."""

    TAG: ClassVar[int] = 0x0E
    NAME: ClassVar[str] = "maximum_bitrate_descriptor"

    maximum_bitrate: int
    reserved_bits: int = 0b11

    @property
    def maximum_bitrate_bps(self) -> int:
        return self.maximum_bitrate * 50 * 8

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        value = int.from_bytes(data, "big")
        return cls(value & 0x3FFFFF, value >> 22)

    def encode_data(self) -> bytes:
        return join_fields(
            ("reserved_bits", self.reserved_bits, 2),
            ("maximum_bitrate", self.maximum_bitrate, 22),
        )


@dataclass(frozen=True, slots=True)
class PrivateDataIndicatorDescriptor(Descriptor):
    """2.6.28."""

    TAG: ClassVar[int] = 0x0F
    NAME: ClassVar[str] = "private_data_indicator_descriptor"

    private_data_indicator: int

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(int.from_bytes(data, "big"))

    def encode_data(self) -> bytes:
        return join_fields(("private_data_indicator", self.private_data_indicator, 32))


@dataclass(frozen=True, slots=True)
class DataStreamAlignmentDescriptor(Descriptor):
    """2.6.10."""

    TAG: ClassVar[int] = 0x06
    NAME: ClassVar[str] = "data_stream_alignment_descriptor"

    alignment_type: int

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(int.from_bytes(data, "big"))

    def encode_data(self) -> bytes:
        return join_fields(("alignment_type", self.alignment_type, 8))


@dataclass(frozen=True, slots=True)
class HierarchyDescriptor(DeclaredDescriptor):
    """2.6.6."""

    TAG: ClassVar[int] = 0x04
    NAME: ClassVar[str] = "hierarchy_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "bool=no_view_scalability_flag, bool=no_temporal_scalability_flag, "
            "bool=no_spatial_scalability_flag, bool=no_quality_scalability_flag, "
            "u4=hierarchy_type, 0b11, u6=hierarchy_layer_index, bool=tref_present_flag, 0b1, "
            "u6=hierarchy_embedded_layer_index, 0b11, u6=hierarchy_channel"
        ),
    )

    no_view_scalability_flag: bool
    no_temporal_scalability_flag: bool
    no_spatial_scalability_flag: bool
    no_quality_scalability_flag: bool
    hierarchy_type: int
    hierarchy_layer_index: int
    tref_present_flag: bool
    hierarchy_embedded_layer_index: int
    hierarchy_channel: int


@dataclass(frozen=True, slots=True)
class SystemClockDescriptor(DeclaredDescriptor):
    """2.6.20. Accuracy in ppm: integer * 10 ** -exponent, or 30 where the integer is 0."""

    TAG: ClassVar[int] = 0x0B
    NAME: ClassVar[str] = "system_clock_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "bool=external_clock_reference_indicator, 0b1, u6=clock_accuracy_integer, "
            "u3=clock_accuracy_exponent, 0b11111"
        ),
    )

    external_clock_reference_indicator: bool
    clock_accuracy_integer: int
    clock_accuracy_exponent: int


@dataclass(frozen=True, slots=True)
class MultiplexBufferUtilizationDescriptor(DeclaredDescriptor):
    """2.6.22."""

    TAG: ClassVar[int] = 0x0C
    NAME: ClassVar[str] = "multiplex_buffer_utilization_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "bool=bound_valid_flag, u15=ltw_offset_lower_bound, 0b1, u15=ltw_offset_upper_bound",
    )

    bound_valid_flag: bool
    ltw_offset_lower_bound: int
    ltw_offset_upper_bound: int


@dataclass(frozen=True, slots=True)
class CopyrightDescriptor(DeclaredDescriptor):
    """2.6.24."""

    TAG: ClassVar[int] = 0x0D
    NAME: ClassVar[str] = "copyright_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "u32=copyright_identifier, bytes=additional_copyright_info",
    )

    copyright_identifier: int
    additional_copyright_info: bytes = b""


@dataclass(frozen=True, slots=True)
class SmoothingBufferDescriptor(DeclaredDescriptor):
    """2.6.30. `sb_leak_rate` counts 400 bits a second, `sb_size` bytes."""

    TAG: ClassVar[int] = 0x10
    NAME: ClassVar[str] = "smoothing_buffer_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("0b11, u22=sb_leak_rate, 0b11, u22=sb_size",)

    sb_leak_rate: int
    sb_size: int


@dataclass(frozen=True, slots=True)
class STDDescriptor(DeclaredDescriptor):
    """2.6.32."""

    TAG: ClassVar[int] = 0x11
    NAME: ClassVar[str] = "STD_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("0b1111111, bool=leak_valid_flag",)

    leak_valid_flag: bool


@dataclass(frozen=True, slots=True)
class ExtensionDescriptor(DeclaredDescriptor):
    """2.6.90: a second tag byte, and what it announces as bytes."""

    TAG: ClassVar[int] = 0x3F
    NAME: ClassVar[str] = "extension_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u8=extension_descriptor_tag, bytes=data",)

    extension_descriptor_tag: int
    data: bytes = b""


TYPES: tuple[type[Descriptor], ...] = (
    HierarchyDescriptor,
    RegistrationDescriptor,
    DataStreamAlignmentDescriptor,
    CADescriptor,
    ISO639LanguageDescriptor,
    SystemClockDescriptor,
    MultiplexBufferUtilizationDescriptor,
    CopyrightDescriptor,
    MaximumBitrateDescriptor,
    PrivateDataIndicatorDescriptor,
    SmoothingBufferDescriptor,
    STDDescriptor,
    ExtensionDescriptor,
)
