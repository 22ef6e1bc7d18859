"""Local time: EN 300 468, 6.2.20."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Self

from tsloom.dvb.time import encode_offset, encode_utc_time, parse_offset, parse_utc_time
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, join_code, join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class LocalTimeOffset(Value):
    """One region: the offsets are amounts, `local_time_offset_polarity` is their sign: 0 ahead of
    UTC, 1 behind. `time_of_change` is in UTC, None where its bits are all 1."""

    country_code: str
    local_time_offset: timedelta
    next_time_offset: timedelta
    time_of_change: datetime | None = None
    country_region_id: int = 0
    local_time_offset_polarity: int = 0
    reserved_bits: int = field(default=1, repr=False, kw_only=True)

    @property
    def utc_offset(self) -> timedelta:
        """Local time minus UTC, until time_of_change."""
        offset = self.local_time_offset
        return -offset if self.local_time_offset_polarity else offset

    @property
    def next_utc_offset(self) -> timedelta:
        """Local time minus UTC, from time_of_change on."""
        offset = self.next_time_offset
        return -offset if self.local_time_offset_polarity else offset


@dataclass(frozen=True, slots=True)
class LocalTimeOffsetDescriptor(Descriptor):
    """6.2.20."""

    TAG: ClassVar[int] = 0x58
    NAME: ClassVar[str] = "local_time_offset_descriptor"

    offsets: tuple[LocalTimeOffset, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        offsets = []
        while reader.has_more:
            code, flags = reader.take_code(), reader.take_number(1)
            offset = parse_offset(reader.take_number(2))
            time_of_change = parse_utc_time(reader.take(5))
            offsets.append(
                LocalTimeOffset(
                    code,
                    offset,
                    parse_offset(reader.take_number(2)),
                    time_of_change,
                    flags >> 2,
                    flags & 1,
                    reserved_bits=flags >> 1 & 1,
                )
            )
        return cls(tuple(offsets))

    def encode_data(self) -> bytes:
        return b"".join(encode_local_time_offset(offset) for offset in self.offsets)


def encode_local_time_offset(offset: LocalTimeOffset) -> bytes:
    flags = join_fields(
        ("country_region_id", offset.country_region_id, 6),
        ("reserved_bits", offset.reserved_bits, 1),
        ("local_time_offset_polarity", offset.local_time_offset_polarity, 1),
    )
    now = encode_offset("local_time_offset", offset.local_time_offset)
    then = encode_offset("next_time_offset", offset.next_time_offset)
    return b"".join(
        (
            join_code("country_code", offset.country_code),
            flags,
            now.to_bytes(2, "big"),
            encode_utc_time(offset.time_of_change),
            then.to_bytes(2, "big"),
        )
    )


TYPES: tuple[type[Descriptor], ...] = (LocalTimeOffsetDescriptor,)
