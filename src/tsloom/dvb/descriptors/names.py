"""Descriptors that name networks, bouquets, services and components (EN 300 468, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.dvb.text import decode_text, encode_text
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_code, join_counted
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class NetworkNameDescriptor(Descriptor):
    """6.2.28."""

    TAG: ClassVar[int] = 0x40
    NAME: ClassVar[str] = "network_name_descriptor"

    network_name: str

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(decode_text(data))

    def encode_data(self) -> bytes:
        return encode_text(self.network_name)


@dataclass(frozen=True, slots=True)
class BouquetNameDescriptor(Descriptor):
    """6.2.4."""

    TAG: ClassVar[int] = 0x47
    NAME: ClassVar[str] = "bouquet_name_descriptor"

    bouquet_name: str

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(decode_text(data))

    def encode_data(self) -> bytes:
        return encode_text(self.bouquet_name)


@dataclass(frozen=True, slots=True)
class ServiceDescriptor(Descriptor):
    """6.2.33. `service_type` is of table 87: 0x01 digital television, 0x02 digital radio, 0x19
    advanced codec HD television, 0x1F HEVC television, and so on."""

    TAG: ClassVar[int] = 0x48
    NAME: ClassVar[str] = "service_descriptor"

    service_type: int
    service_provider_name: str
    service_name: str

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        return cls(
            reader.take_number(1),
            decode_text(reader.take_counted()),
            decode_text(reader.take_counted()),
        )

    def encode_data(self) -> bytes:
        check_range("service_type", self.service_type, 8)
        return b"".join(
            (
                bytes((self.service_type,)),
                join_counted("service_provider_name", encode_text(self.service_provider_name)),
                join_counted("service_name", encode_text(self.service_name)),
            )
        )


@dataclass(frozen=True, slots=True)
class LanguageName(Value):
    """A name in one language."""

    iso_639_language_code: str
    text: str


def parse_names(data: bytes) -> tuple[LanguageName, ...]:
    reader = ByteReader(data)
    names = []
    while reader.has_more:
        names.append(LanguageName(reader.take_code(), decode_text(reader.take_counted())))
    return tuple(names)


def encode_names(names: tuple[LanguageName, ...]) -> bytes:
    return b"".join(
        join_code("iso_639_language_code", name.iso_639_language_code)
        + join_counted("text", encode_text(name.text))
        for name in names
    )


@dataclass(frozen=True, slots=True)
class MultilingualNetworkNameDescriptor(Descriptor):
    """6.2.25."""

    TAG: ClassVar[int] = 0x5B
    NAME: ClassVar[str] = "multilingual_network_name_descriptor"

    names: tuple[LanguageName, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(parse_names(data))

    def encode_data(self) -> bytes:
        return encode_names(self.names)


@dataclass(frozen=True, slots=True)
class MultilingualBouquetNameDescriptor(Descriptor):
    """6.2.23."""

    TAG: ClassVar[int] = 0x5C
    NAME: ClassVar[str] = "multilingual_bouquet_name_descriptor"

    names: tuple[LanguageName, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(parse_names(data))

    def encode_data(self) -> bytes:
        return encode_names(self.names)


@dataclass(frozen=True, slots=True)
class ServiceLanguageName(Value):
    """The names of a service in one language."""

    iso_639_language_code: str
    service_provider_name: str
    service_name: str


@dataclass(frozen=True, slots=True)
class MultilingualServiceNameDescriptor(Descriptor):
    """6.2.26."""

    TAG: ClassVar[int] = 0x5D
    NAME: ClassVar[str] = "multilingual_service_name_descriptor"

    names: tuple[ServiceLanguageName, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        names = []
        while reader.has_more:
            code = reader.take_code()
            provider = decode_text(reader.take_counted())
            names.append(ServiceLanguageName(code, provider, decode_text(reader.take_counted())))
        return cls(tuple(names))

    def encode_data(self) -> bytes:
        return b"".join(
            join_code("iso_639_language_code", name.iso_639_language_code)
            + join_counted("service_provider_name", encode_text(name.service_provider_name))
            + join_counted("service_name", encode_text(name.service_name))
            for name in self.names
        )


@dataclass(frozen=True, slots=True)
class MultilingualComponentDescriptor(Descriptor):
    """6.2.24."""

    TAG: ClassVar[int] = 0x5E
    NAME: ClassVar[str] = "multilingual_component_descriptor"

    component_tag: int
    names: tuple[LanguageName, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(data[0], parse_names(data[1:]))

    def encode_data(self) -> bytes:
        check_range("component_tag", self.component_tag, 8)
        return bytes((self.component_tag,)) + encode_names(self.names)


TYPES: tuple[type[Descriptor], ...] = (
    NetworkNameDescriptor,
    BouquetNameDescriptor,
    ServiceDescriptor,
    MultilingualNetworkNameDescriptor,
    MultilingualBouquetNameDescriptor,
    MultilingualServiceNameDescriptor,
    MultilingualComponentDescriptor,
)
