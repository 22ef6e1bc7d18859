"""Descriptors that lead to services: lists, links, references (EN 300 468, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from tsloom.dvb.descriptors.event import encode_latin
from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_code, join_fields
from tsloom.psi.values import Value

LINKAGE_MOBILE_HAND_OVER = 0x08
LINKAGE_EVENT = 0x0D
HAND_OVERS_WITH_NETWORK = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class ListedService(Value):
    """One entry of a service_list_descriptor; `service_type` as in the service_descriptor."""

    service_id: int
    service_type: int


@dataclass(frozen=True, slots=True)
class ServiceListDescriptor(Descriptor):
    """6.2.35."""

    TAG: ClassVar[int] = 0x41
    NAME: ClassVar[str] = "service_list_descriptor"

    services: tuple[ListedService, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            tuple(
                ListedService(data[at] << 8 | data[at + 1], data[at + 2])
                for at in range(0, len(data), 3)
            )
        )

    def encode_data(self) -> bytes:
        return b"".join(
            join_fields(
                ("service_id", service.service_id, 16), ("service_type", service.service_type, 8)
            )
            for service in self.services
        )


@dataclass(frozen=True, slots=True)
class MobileHandOverInfo(Value):
    """What a linkage of type 0x08 adds: `network_id` for hand-over types 1 to 3, and
    `initial_service_id` where origin_type is 0, the NIT."""

    hand_over_type: int
    origin_type: int
    network_id: int | None = None
    initial_service_id: int | None = None
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class EventLinkageInfo(Value):
    """What a linkage of type 0x0D adds."""

    target_event_id: int
    target_listed: bool
    event_simulcast: bool
    reserved_bits: int = field(default=0b111111, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LinkageDescriptor(Descriptor):
    """6.2.19. `linkage_type` is of table 58; types 0x08 and 0x0D have information of their own,
    that of others is in `private_data`."""

    TAG: ClassVar[int] = 0x4A
    NAME: ClassVar[str] = "linkage_descriptor"

    transport_stream_id: int
    original_network_id: int
    service_id: int
    linkage_type: int
    mobile_hand_over_info: MobileHandOverInfo | None = None
    event_linkage_info: EventLinkageInfo | None = None
    private_data: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        ids = (reader.take_number(2), reader.take_number(2), reader.take_number(2))
        linkage_type = reader.take_number(1)
        hand_over = take_hand_over(reader) if linkage_type == LINKAGE_MOBILE_HAND_OVER else None
        event = take_event_linkage(reader) if linkage_type == LINKAGE_EVENT else None
        return cls(*ids, linkage_type, hand_over, event, reader.take_rest())

    def encode_data(self) -> bytes:
        hand_over, event = self.mobile_hand_over_info, self.event_linkage_info
        if (hand_over is not None) != (self.linkage_type == LINKAGE_MOBILE_HAND_OVER) or (
            event is not None
        ) != (self.linkage_type == LINKAGE_EVENT):
            raise UsageError("information of another type", linkage_type=self.linkage_type)
        head = join_fields(
            ("transport_stream_id", self.transport_stream_id, 16),
            ("original_network_id", self.original_network_id, 16),
            ("service_id", self.service_id, 16),
            ("linkage_type", self.linkage_type, 8),
        )
        if hand_over is not None:
            head += encode_hand_over(hand_over)
        if event is not None:
            head += join_fields(
                ("target_event_id", event.target_event_id, 16),
                ("target_listed", event.target_listed, 1),
                ("event_simulcast", event.event_simulcast, 1),
                ("reserved_bits", event.reserved_bits, 6),
            )
        return head + self.private_data


def take_hand_over(reader: ByteReader) -> MobileHandOverInfo:
    first = reader.take_number(1)
    hand_over_type, origin_type = first >> 4, first & 1
    return MobileHandOverInfo(
        hand_over_type,
        origin_type,
        reader.take_number(2) if hand_over_type in HAND_OVERS_WITH_NETWORK else None,
        reader.take_number(2) if origin_type == 0 else None,
        reserved_bits=first >> 1 & 7,
    )


def encode_hand_over(info: MobileHandOverInfo) -> bytes:
    wants_network = info.hand_over_type in HAND_OVERS_WITH_NETWORK
    if (info.network_id is not None) != wants_network or (info.initial_service_id is not None) != (
        info.origin_type == 0
    ):
        raise UsageError("fields that contradict each other", mobile_hand_over_info=info)
    joined = join_fields(
        ("hand_over_type", info.hand_over_type, 4),
        ("reserved_bits", info.reserved_bits, 3),
        ("origin_type", info.origin_type, 1),
    )
    for name in ("network_id", "initial_service_id"):
        number = getattr(info, name)
        joined += b"" if number is None else join_fields((name, number, 16))
    return joined


def take_event_linkage(reader: ByteReader) -> EventLinkageInfo:
    event_id, flags = reader.take_number(2), reader.take_number(1)
    return EventLinkageInfo(
        event_id, bool(flags & 0x80), bool(flags & 0x40), reserved_bits=flags & 0x3F
    )


@dataclass(frozen=True, slots=True)
class ServiceReference(Value):
    """Where a service is."""

    transport_stream_id: int
    original_network_id: int
    service_id: int


@dataclass(frozen=True, slots=True)
class NVODReferenceDescriptor(Descriptor):
    """6.2.27: the services on which an event begins at different times."""

    TAG: ClassVar[int] = 0x4B
    NAME: ClassVar[str] = "NVOD_reference_descriptor"

    services: tuple[ServiceReference, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        services = []
        while reader.has_more:
            services.append(
                ServiceReference(
                    reader.take_number(2), reader.take_number(2), reader.take_number(2)
                )
            )
        return cls(tuple(services))

    def encode_data(self) -> bytes:
        return b"".join(
            join_fields(
                ("transport_stream_id", service.transport_stream_id, 16),
                ("original_network_id", service.original_network_id, 16),
                ("service_id", service.service_id, 16),
            )
            for service in self.services
        )


@dataclass(frozen=True, slots=True)
class CountryAvailabilityDescriptor(Descriptor):
    """6.2.10: the countries where a service may be received, or where it may not."""

    TAG: ClassVar[int] = 0x49
    NAME: ClassVar[str] = "country_availability_descriptor"

    country_availability_flag: bool
    country_codes: tuple[str, ...] = ()
    reserved_bits: int = 0b1111111

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        first = reader.take_number(1)
        codes = []
        while reader.has_more:
            codes.append(reader.take_code())
        return cls(bool(first & 0x80), tuple(codes), first & 0x7F)

    def encode_data(self) -> bytes:
        head = join_fields(
            ("country_availability_flag", self.country_availability_flag, 1),
            ("reserved_bits", self.reserved_bits, 7),
        )
        return head + b"".join(join_code("country_code", code) for code in self.country_codes)


@dataclass(frozen=True, slots=True)
class CAIdentifierDescriptor(Descriptor):
    """6.2.5: the CA_system_ids with which a bouquet, a service or an event is scrambled."""

    TAG: ClassVar[int] = 0x53
    NAME: ClassVar[str] = "CA_identifier_descriptor"

    ca_system_ids: tuple[int, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(tuple(data[at] << 8 | data[at + 1] for at in range(0, len(data), 2)))

    def encode_data(self) -> bytes:
        return join_fields(*(("ca_system_id", number, 16) for number in self.ca_system_ids))


@dataclass(frozen=True, slots=True)
class DefaultAuthorityDescriptor(Descriptor):
    """ETSI TS 102 323, 6.3.3: the authority that CRIDs without one have."""

    TAG: ClassVar[int] = 0x73
    NAME: ClassVar[str] = "default_authority_descriptor"

    default_authority: str

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(data.decode("latin-1"))

    def encode_data(self) -> bytes:
        return encode_latin("default_authority", self.default_authority)


@dataclass(frozen=True, slots=True)
class PrivateDataSpecifierDescriptor(Descriptor):
    """6.2.31: whose the private descriptors are that follow it in the loop."""

    TAG: ClassVar[int] = 0x5F
    NAME: ClassVar[str] = "private_data_specifier_descriptor"

    private_data_specifier: int

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(int.from_bytes(data, "big"))

    def encode_data(self) -> bytes:
        check_range("private_data_specifier", self.private_data_specifier, 32)
        return self.private_data_specifier.to_bytes(4, "big")


TYPES: tuple[type[Descriptor], ...] = (
    ServiceListDescriptor,
    LinkageDescriptor,
    NVODReferenceDescriptor,
    CountryAvailabilityDescriptor,
    CAIdentifierDescriptor,
    DefaultAuthorityDescriptor,
    PrivateDataSpecifierDescriptor,
)
