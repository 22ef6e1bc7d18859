"""Audio streams: EN 300 468, annexes D and H, and 6.4.11."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from tsloom.dvb.descriptors.extension import ExtendedDescriptor
from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_code, join_fields

AC3_FIELDS = ("component_type", "bsid", "mainid", "asvc")
SUBSTREAMS = ("substream1", "substream2", "substream3")


def take_flagged(reader: ByteReader, flags: int, names: tuple[str, ...]) -> dict[str, Any]:
    """A byte for each name whose flag is set, from the first of 8 bits on; None for the others."""
    return {
        name: reader.take_number(1) if flags & 0x80 >> place else None
        for place, name in enumerate(names)
    }


def join_flagged(fields: list[tuple[str, int | None]], low_bits: int) -> bytes:
    """Flags, what is in the bits below them, and the bytes that are there."""
    flags = low_bits
    joined = b""
    for place, (name, value) in enumerate(fields):
        if value is not None:
            flags |= 0x80 >> place
            check_range(name, value, 8)
            joined += bytes((value,))
    return bytes((flags,)) + joined


@dataclass(frozen=True, slots=True)
class AC3Descriptor(Descriptor):
    """D.3. Fields whose flag is 0 are None."""

    TAG: ClassVar[int] = 0x6A
    NAME: ClassVar[str] = "AC-3_descriptor"

    component_type: int | None = None
    bsid: int | None = None
    mainid: int | None = None
    asvc: int | None = None
    additional_info: bytes = b""
    reserved_bits: int = 0

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        flags = reader.take_number(1)
        fields = take_flagged(reader, flags, AC3_FIELDS)
        return cls(**fields, additional_info=reader.take_rest(), reserved_bits=flags & 0xF)

    def encode_data(self) -> bytes:
        check_range("reserved_bits", self.reserved_bits, 4)
        fields = [(name, getattr(self, name)) for name in AC3_FIELDS]
        return join_flagged(fields, self.reserved_bits) + self.additional_info


@dataclass(frozen=True, slots=True)
class EnhancedAC3Descriptor(Descriptor):
    """D.5. Fields whose flag is 0 are None."""

    TAG: ClassVar[int] = 0x7A
    NAME: ClassVar[str] = "enhanced_AC-3_descriptor"

    component_type: int | None = None
    bsid: int | None = None
    mainid: int | None = None
    asvc: int | None = None
    substream1: int | None = None
    substream2: int | None = None
    substream3: int | None = None
    mixinfoexists: bool = False
    additional_info: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        flags = reader.take_number(1)
        fields = take_flagged(reader, flags, AC3_FIELDS)
        streams = take_flagged(reader, flags << 5 & 0xFF, SUBSTREAMS)
        info = reader.take_rest()
        return cls(**fields, **streams, mixinfoexists=bool(flags & 8), additional_info=info)

    def encode_data(self) -> bytes:
        streams = join_flagged([(name, getattr(self, name)) for name in SUBSTREAMS], 0)
        low_bits = bool(self.mixinfoexists) << 3 | streams[0] >> 5
        fields = [(name, getattr(self, name)) for name in AC3_FIELDS]
        return join_flagged(fields, low_bits) + streams[1:] + self.additional_info


@dataclass(frozen=True, slots=True)
class AACDescriptor(Descriptor):
    """H.2.1. The short form has `profile_and_level` only: the other fields are None then.

    `aac_type` is None where AAC_type_flag is 0.
    """

    TAG: ClassVar[int] = 0x7C
    NAME: ClassVar[str] = "AAC_descriptor"

    profile_and_level: int
    saoc_de_flag: bool | None = None
    aac_type: int | None = None
    additional_info: bytes = b""
    reserved_bits: int = 0b111111

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        profile = reader.take_number(1)
        if not reader.has_more:
            return cls(profile)
        flags = reader.take_number(1)
        aac_type = reader.take_number(1) if flags & 0x80 else None
        return cls(profile, bool(flags & 0x40), aac_type, reader.take_rest(), flags & 0x3F)

    def encode_data(self) -> bytes:
        head = join_fields(("profile_and_level", self.profile_and_level, 8))
        if self.saoc_de_flag is None:
            if self.aac_type is not None or self.additional_info:
                raise UsageError("the short form has the profile only", aac_type=self.aac_type)
            return head
        head += join_fields(
            ("aac_type_flag", self.aac_type is not None, 1),
            ("saoc_de_flag", self.saoc_de_flag, 1),
            ("reserved_bits", self.reserved_bits, 6),
        )
        if self.aac_type is not None:
            head += join_fields(("aac_type", self.aac_type, 8))
        return head + self.additional_info


@dataclass(frozen=True, slots=True)
class SupplementaryAudioDescriptor(ExtendedDescriptor):
    """6.4.11. `iso_639_language_code` is None where language_code_present is 0."""

    EXTENSION_TAG: ClassVar[int | None] = 0x06
    NAME: ClassVar[str] = "supplementary_audio_descriptor"

    mix_type: int
    editorial_classification: int
    iso_639_language_code: str | None = None
    private_data: bytes = b""
    reserved_bits: int = 1

    @classmethod
    def parse_selector(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        flags = reader.take_number(1)
        code = reader.take_code() if flags & 1 else None
        return cls(flags >> 7, flags >> 2 & 0x1F, code, reader.take_rest(), flags >> 1 & 1)

    def encode_selector(self) -> bytes:
        code = self.iso_639_language_code
        head = join_fields(
            ("mix_type", self.mix_type, 1),
            ("editorial_classification", self.editorial_classification, 5),
            ("reserved_bits", self.reserved_bits, 1),
            ("language_code_present", code is not None, 1),
        )
        if code is not None:
            head += join_code("iso_639_language_code", code)
        return head + self.private_data


TYPES: tuple[type[Descriptor], ...] = (
    AC3Descriptor,
    EnhancedAC3Descriptor,
    AACDescriptor,
    SupplementaryAudioDescriptor,
)
