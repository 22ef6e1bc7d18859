"""Private descriptors that say which button a service is on; each holds behind the
private_data_specifier of those who defined it (registered at dvbservices.com)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import join_fields
from tsloom.psi.values import Value

SPECIFIER_EACEM = 0x28
SPECIFIER_NORDIG = 0x29
SPECIFIER_UK_DTT = 0x233A

ENTRY_SIZE = 4


@dataclass(frozen=True, slots=True)
class LogicalChannel(Value):
    """A service, its number, and whether people find it in the list."""

    service_id: int
    logical_channel_number: int
    visible_service_flag: bool = True
    reserved_bits: int | None = field(default=None, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LogicalChannelList(Descriptor):
    """Base: a loop of service_id, a flag, reserved bits and NUMBER_BITS of number."""

    NUMBER_BITS: ClassVar[int] = 10

    channels: tuple[LogicalChannel, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(cls.parse_channels(data))

    def encode_data(self) -> bytes:
        return b"".join(self.encode_channel(channel) for channel in self.channels)

    @classmethod
    def parse_channels(cls, data: bytes) -> tuple[LogicalChannel, ...]:
        if len(data) % ENTRY_SIZE:
            raise ValueError("no whole number of entries")
        return tuple(
            cls.parse_channel(int.from_bytes(data[at : at + ENTRY_SIZE], "big"))
            for at in range(0, len(data), ENTRY_SIZE)
        )

    @classmethod
    def parse_channel(cls, fields: int) -> LogicalChannel:
        ones = (1 << 15 - cls.NUMBER_BITS) - 1
        reserved = fields >> cls.NUMBER_BITS & ones
        return LogicalChannel(
            fields >> 16,
            fields & (1 << cls.NUMBER_BITS) - 1,
            bool(fields >> 15 & 1),
            reserved_bits=None if reserved == ones else reserved,
        )

    @classmethod
    def encode_channel(cls, channel: LogicalChannel) -> bytes:
        size = 15 - cls.NUMBER_BITS
        reserved = channel.reserved_bits
        return join_fields(
            ("service_id", channel.service_id, 16),
            ("visible_service_flag", channel.visible_service_flag, 1),
            ("reserved_bits", (1 << size) - 1 if reserved is None else reserved, size),
            ("logical_channel_number", channel.logical_channel_number, cls.NUMBER_BITS),
        )


@dataclass(frozen=True, slots=True)
class LogicalChannelDescriptor(LogicalChannelList):
    """IEC 62216 (EACEM), and the British D-Book, where the flag is a reserved 1. `reserved_bits` of
    an entry are None where they are all 1."""

    TAG: ClassVar[int] = 0x83
    NAME: ClassVar[str] = "logical_channel_descriptor"


@dataclass(frozen=True, slots=True)
class HDSimulcastLogicalChannelDescriptor(LogicalChannelList):
    """EACEM: numbers for receivers that know the HD services."""

    TAG: ClassVar[int] = 0x88
    NAME: ClassVar[str] = "HD_simulcast_logical_channel_descriptor"


@dataclass(frozen=True, slots=True)
class NordigLogicalChannelDescriptor(LogicalChannelList):
    """NorDig's first version, with numbers of 14 bits."""

    TAG: ClassVar[int] = 0x83
    NAME: ClassVar[str] = "NorDig_logical_channel_descriptor"
    NUMBER_BITS: ClassVar[int] = 14


TYPES_BY_SPECIFIER: tuple[tuple[type[Descriptor], int], ...] = (
    (LogicalChannelDescriptor, SPECIFIER_EACEM),
    (LogicalChannelDescriptor, SPECIFIER_UK_DTT),
    (HDSimulcastLogicalChannelDescriptor, SPECIFIER_EACEM),
    (NordigLogicalChannelDescriptor, SPECIFIER_NORDIG),
)
