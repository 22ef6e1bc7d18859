"""Descriptors for MPEG-4 systems (ISO/IEC 13818-1, 2.6.40 to 2.6.54, 2.6.70)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor
from tsloom.psi.fields import join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class IODDescriptor(DeclaredDescriptor):
    """2.6.40. The InitialObjectDescriptor of ISO/IEC 14496-1 stays bytes."""

    TAG: ClassVar[int] = 0x1D
    NAME: ClassVar[str] = "IOD_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "u8=scope_of_iod_label, u8=iod_label, bytes=initial_object_descriptor",
    )

    scope_of_iod_label: int
    iod_label: int
    initial_object_descriptor: bytes = b""


@dataclass(frozen=True, slots=True)
class SLDescriptor(DeclaredDescriptor):
    """2.6.42."""

    TAG: ClassVar[int] = 0x1E
    NAME: ClassVar[str] = "SL_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u16=es_id",)

    es_id: int


@dataclass(frozen=True, slots=True)
class FMCEntry(Value):
    """One channel of an FMC_descriptor."""

    es_id: int
    flex_mux_channel: int


@dataclass(frozen=True, slots=True)
class FMCDescriptor(Descriptor):
    """2.6.44."""

    TAG: ClassVar[int] = 0x1F
    NAME: ClassVar[str] = "FMC_descriptor"

    channels: tuple[FMCEntry, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            tuple(
                FMCEntry(int.from_bytes(data[start : start + 2], "big"), data[start + 2])
                for start in range(0, len(data), 3)
            )
        )

    def encode_data(self) -> bytes:
        return b"".join(
            join_fields(("es_id", entry.es_id, 16), ("flex_mux_channel", entry.flex_mux_channel, 8))
            for entry in self.channels
        )


@dataclass(frozen=True, slots=True)
class ExternalESIDDescriptor(DeclaredDescriptor):
    """2.6.46."""

    TAG: ClassVar[int] = 0x20
    NAME: ClassVar[str] = "external_ES_ID_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u16=external_es_id",)

    external_es_id: int


@dataclass(frozen=True, slots=True)
class MuxcodeDescriptor(DeclaredDescriptor):
    """2.6.48. The MuxCodeTableEntry structures of ISO/IEC 14496-1 stay bytes."""

    TAG: ClassVar[int] = 0x21
    NAME: ClassVar[str] = "muxcode_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("bytes=mux_code_table_entries",)

    mux_code_table_entries: bytes


@dataclass(frozen=True, slots=True)
class MultiplexBufferDescriptor(DeclaredDescriptor):
    """2.6.52. `mb_buffer_size` in bytes, `tb_leak_rate` in 400 bits a second."""

    TAG: ClassVar[int] = 0x23
    NAME: ClassVar[str] = "multiplexbuffer_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("u24=mb_buffer_size, u24=tb_leak_rate",)

    mb_buffer_size: int
    tb_leak_rate: int


@dataclass(frozen=True, slots=True)
class IPMPDescriptor(DeclaredDescriptor):
    """Its data is defined by ISO/IEC 13818-11 and stays bytes."""

    TAG: ClassVar[int] = 0x29
    NAME: ClassVar[str] = "IPMP_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("bytes=ipmp_data",)

    ipmp_data: bytes


@dataclass(frozen=True, slots=True)
class FlexMuxTimingDescriptor(DeclaredDescriptor):
    """2.6.54."""

    TAG: ClassVar[int] = 0x2C
    NAME: ClassVar[str] = "FlexMuxTiming_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        "u16=fcr_es_id, u32=fcr_resolution, u8=fcr_length, u8=fmx_rate_length",
    )

    fcr_es_id: int
    fcr_resolution: int
    fcr_length: int
    fmx_rate_length: int


@dataclass(frozen=True, slots=True)
class MPEG4TextDescriptor(DeclaredDescriptor):
    """2.6.70. The TextConfig of ISO/IEC 14496-17 stays bytes."""

    TAG: ClassVar[int] = 0x2D
    NAME: ClassVar[str] = "MPEG-4_text_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = ("bytes=text_config",)

    text_config: bytes


TYPES: tuple[type[Descriptor], ...] = (
    IODDescriptor,
    SLDescriptor,
    FMCDescriptor,
    ExternalESIDDescriptor,
    MuxcodeDescriptor,
    MultiplexBufferDescriptor,
    IPMPDescriptor,
    FlexMuxTimingDescriptor,
    MPEG4TextDescriptor,
)
