"""Elementary streams in the PMT: tags, teletext, subtitles, VBI data (EN 300 468, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_code, join_counted, join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class StreamIdentifierDescriptor(Descriptor):
    """6.2.39."""

    TAG: ClassVar[int] = 0x52
    NAME: ClassVar[str] = "stream_identifier_descriptor"

    component_tag: int

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(int.from_bytes(data, "big"))

    def encode_data(self) -> bytes:
        return join_fields(("component_tag", self.component_tag, 8))


@dataclass(frozen=True, slots=True)
class TeletextPage(Value):
    """One page: `teletext_type` 1 is the initial page, 2 subtitles, 3 additional information, 4 a
    programme schedule, 5 subtitles for the hearing impaired."""

    iso_639_language_code: str
    teletext_type: int
    teletext_magazine_number: int
    teletext_page_number: int

    @property
    def page(self) -> str:
        """The page as viewers know it, such as "888"; magazine 0 is 8."""
        return f"{self.teletext_magazine_number or 8}{self.teletext_page_number:02X}"


def parse_pages(data: bytes) -> tuple[TeletextPage, ...]:
    reader = ByteReader(data)
    pages = []
    while reader.has_more:
        code, number = reader.take_code(), reader.take_number(2)
        pages.append(TeletextPage(code, number >> 11, number >> 8 & 7, number & 0xFF))
    return tuple(pages)


def encode_pages(pages: tuple[TeletextPage, ...]) -> bytes:
    return b"".join(
        join_code("iso_639_language_code", page.iso_639_language_code)
        + join_fields(
            ("teletext_type", page.teletext_type, 5),
            ("teletext_magazine_number", page.teletext_magazine_number, 3),
            ("teletext_page_number", page.teletext_page_number, 8),
        )
        for page in pages
    )


@dataclass(frozen=True, slots=True)
class TeletextDescriptor(Descriptor):
    """6.2.43."""

    TAG: ClassVar[int] = 0x56
    NAME: ClassVar[str] = "teletext_descriptor"

    pages: tuple[TeletextPage, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(parse_pages(data))

    def encode_data(self) -> bytes:
        return encode_pages(self.pages)


@dataclass(frozen=True, slots=True)
class VBITeletextDescriptor(Descriptor):
    """6.2.48: teletext in a stream of VBI data."""

    TAG: ClassVar[int] = 0x46
    NAME: ClassVar[str] = "VBI_teletext_descriptor"

    pages: tuple[TeletextPage, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(parse_pages(data))

    def encode_data(self) -> bytes:
        return encode_pages(self.pages)


@dataclass(frozen=True, slots=True)
class Subtitling(Value):
    """One language of a subtitle stream; `subtitling_type` is of table 26, stream_content 3."""

    iso_639_language_code: str
    subtitling_type: int
    composition_page_id: int
    ancillary_page_id: int


@dataclass(frozen=True, slots=True)
class SubtitlingDescriptor(Descriptor):
    """6.2.41."""

    TAG: ClassVar[int] = 0x59
    NAME: ClassVar[str] = "subtitling_descriptor"

    subtitles: tuple[Subtitling, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        subtitles = []
        while reader.has_more:
            subtitles.append(
                Subtitling(
                    reader.take_code(),
                    reader.take_number(1),
                    reader.take_number(2),
                    reader.take_number(2),
                )
            )
        return cls(tuple(subtitles))

    def encode_data(self) -> bytes:
        return b"".join(
            join_code("iso_639_language_code", one.iso_639_language_code)
            + join_fields(
                ("subtitling_type", one.subtitling_type, 8),
                ("composition_page_id", one.composition_page_id, 16),
                ("ancillary_page_id", one.ancillary_page_id, 16),
            )
            for one in self.subtitles
        )


@dataclass(frozen=True, slots=True)
class VBIDataService(Value):
    """One service; `data` is its lines as bytes, of table 106 for the known data_service_ids."""

    data_service_id: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class VBIDataDescriptor(Descriptor):
    """6.2.47."""

    TAG: ClassVar[int] = 0x45
    NAME: ClassVar[str] = "VBI_data_descriptor"

    services: tuple[VBIDataService, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        services = []
        while reader.has_more:
            services.append(VBIDataService(reader.take_number(1), reader.take_counted()))
        return cls(tuple(services))

    def encode_data(self) -> bytes:
        for service in self.services:
            check_range("data_service_id", service.data_service_id, 8)
        return b"".join(
            bytes((service.data_service_id,)) + join_counted("data", service.data)
            for service in self.services
        )


TYPES: tuple[type[Descriptor], ...] = (
    StreamIdentifierDescriptor,
    TeletextDescriptor,
    VBITeletextDescriptor,
    SubtitlingDescriptor,
    VBIDataDescriptor,
)
