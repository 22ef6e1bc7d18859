"""Descriptors of events: what they are called, what they are about (EN 300 468, 6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.dvb.text import decode_text, encode_text
from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import DATA_SIZE_MAX, Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_code, join_counted, join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class ShortEventDescriptor(Descriptor):
    """6.2.37. Name and text together have at most 250 bytes."""

    TAG: ClassVar[int] = 0x4D
    NAME: ClassVar[str] = "short_event_descriptor"

    iso_639_language_code: str
    event_name: str
    text: str = ""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        name_end = 4 + data[3]
        text_start = name_end + 1
        if text_start + data[name_end] != len(data):
            raise ValueError("lengths that contradict each other")
        return cls(
            data[:3].decode("latin-1"),
            decode_text(data[4:name_end]),
            decode_text(data[text_start:]),
        )

    def encode_data(self) -> bytes:
        name, text = encode_text(self.event_name), encode_text(self.text)
        if len(name) + len(text) > DATA_SIZE_MAX - 5:
            raise UsageError(
                "name and text together have at most 250 bytes",
                event_name_bytes=len(name),
                text_bytes=len(text),
            )
        code = join_code("iso_639_language_code", self.iso_639_language_code)
        return b"".join((code, bytes((len(name),)), name, bytes((len(text),)), text))


@dataclass(frozen=True, slots=True)
class ExtendedEventItem(Value):
    """One line of a list, such as "Director" and the name."""

    item_description: str
    item: str


@dataclass(frozen=True, slots=True)
class ExtendedEventDescriptor(Descriptor):
    """6.2.15. A longer text goes over up to 16 of them, `descriptor_number` from 0 to
    `last_descriptor_number`."""

    TAG: ClassVar[int] = 0x4E
    NAME: ClassVar[str] = "extended_event_descriptor"

    iso_639_language_code: str
    text: str = ""
    items: tuple[ExtendedEventItem, ...] = ()
    descriptor_number: int = 0
    last_descriptor_number: int = 0

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        numbers = reader.take_number(1)
        code = reader.take_code()
        loop = ByteReader(reader.take_counted())
        items = []
        while loop.has_more:
            description = decode_text(loop.take_counted())
            items.append(ExtendedEventItem(description, decode_text(loop.take_counted())))
        text = decode_text(reader.take_counted())
        return cls(code, text, tuple(items), numbers >> 4, numbers & 0xF)

    def encode_data(self) -> bytes:
        check_range("descriptor_number", self.descriptor_number, 4)
        check_range("last_descriptor_number", self.last_descriptor_number, 4)
        items = b"".join(
            join_counted("item_description", encode_text(item.item_description))
            + join_counted("item", encode_text(item.item))
            for item in self.items
        )
        return b"".join(
            (
                bytes((self.descriptor_number << 4 | self.last_descriptor_number,)),
                join_code("iso_639_language_code", self.iso_639_language_code),
                join_counted("items", items),
                join_counted("text", encode_text(self.text)),
            )
        )


@dataclass(frozen=True, slots=True)
class ComponentDescriptor(Descriptor):
    """6.2.8. Table 26 says what stream_content, its extension and component_type mean together."""

    TAG: ClassVar[int] = 0x50
    NAME: ClassVar[str] = "component_descriptor"

    stream_content: int
    component_type: int
    component_tag: int
    iso_639_language_code: str
    text: str = ""
    stream_content_ext: int = 0xF

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            data[0] & 0xF,
            data[1],
            data[2],
            ByteReader(data[3:6]).take_code(),
            decode_text(data[6:]),
            data[0] >> 4,
        )

    def encode_data(self) -> bytes:
        head = join_fields(
            ("stream_content_ext", self.stream_content_ext, 4),
            ("stream_content", self.stream_content, 4),
            ("component_type", self.component_type, 8),
            ("component_tag", self.component_tag, 8),
        )
        code = join_code("iso_639_language_code", self.iso_639_language_code)
        return head + code + encode_text(self.text)


CONTENT_NAMES = {
    0x1: "movie/drama",
    0x2: "news/current affairs",
    0x3: "show/game show",
    0x4: "sports",
    0x5: "children's/youth",
    0x6: "music/ballet/dance",
    0x7: "arts/culture",
    0x8: "social/political/economics",
    0x9: "education/science/factual",
    0xA: "leisure hobbies",
    0xB: "special characteristics",
    0xC: "adult",
    0xF: "user defined",
}


@dataclass(frozen=True, slots=True)
class Content(Value):
    """One classification of an event: two nibbles of table 28, and a byte of the broadcaster's."""

    content_nibble_level_1: int
    content_nibble_level_2: int = 0
    user_byte: int = 0

    @property
    def content_name(self) -> str:
        """What table 28 calls the first nibble's group."""
        return CONTENT_NAMES.get(self.content_nibble_level_1, "reserved")


@dataclass(frozen=True, slots=True)
class ContentDescriptor(Descriptor):
    """6.2.9."""

    TAG: ClassVar[int] = 0x54
    NAME: ClassVar[str] = "content_descriptor"

    contents: tuple[Content, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            tuple(
                Content(data[at] >> 4, data[at] & 0xF, data[at + 1])
                for at in range(0, len(data), 2)
            )
        )

    def encode_data(self) -> bytes:
        return b"".join(
            join_fields(
                ("content_nibble_level_1", content.content_nibble_level_1, 4),
                ("content_nibble_level_2", content.content_nibble_level_2, 4),
                ("user_byte", content.user_byte, 8),
            )
            for content in self.contents
        )


@dataclass(frozen=True, slots=True)
class ParentalRating(Value):
    """The rating of one country, three letters of ISO 3166."""

    country_code: str
    rating: int

    @property
    def minimum_age(self) -> int | None:
        """In years; None where the rating is undefined (0) or the broadcaster's own (above 15)."""
        return self.rating + 3 if 1 <= self.rating <= 0x0F else None


@dataclass(frozen=True, slots=True)
class ParentalRatingDescriptor(Descriptor):
    """6.2.30."""

    TAG: ClassVar[int] = 0x55
    NAME: ClassVar[str] = "parental_rating_descriptor"

    ratings: tuple[ParentalRating, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(
            tuple(
                ParentalRating(data[at : at + 3].decode("latin-1"), data[at + 3])
                for at in range(0, len(data), 4)
            )
        )

    def encode_data(self) -> bytes:
        return b"".join(
            join_code("country_code", rating.country_code)
            + join_fields(("rating", rating.rating, 8))
            for rating in self.ratings
        )


@dataclass(frozen=True, slots=True)
class ContentIdentifier(Value):
    """One CRID: `crid` itself, or `crid_ref`, which leads to it in the content identifier table.

    `crid_type`: 1 an item of content, 2 a series, 3 a recommendation; 0x31 to 0x33 in Britain.
    """

    crid_type: int
    crid: str | None = None
    crid_ref: int | None = None


@dataclass(frozen=True, slots=True)
class ContentIdentifierDescriptor(Descriptor):
    """ETSI TS 102 323, 12.1."""

    TAG: ClassVar[int] = 0x76
    NAME: ClassVar[str] = "content_identifier_descriptor"

    crids: tuple[ContentIdentifier, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        crids = []
        while reader.has_more:
            first = reader.take_number(1)
            location = first & 3
            if location == 0:
                crid = reader.take_counted().decode("latin-1")
                crids.append(ContentIdentifier(first >> 2, crid))
            elif location == 1:
                crids.append(ContentIdentifier(first >> 2, None, reader.take_number(2)))
            else:
                raise ValueError("a location that is reserved")
        return cls(tuple(crids))

    def encode_data(self) -> bytes:
        return b"".join(encode_crid(crid) for crid in self.crids)


def encode_crid(one: ContentIdentifier) -> bytes:
    if (one.crid is None) == (one.crid_ref is None):
        raise UsageError("either crid or crid_ref is wanted", crid=one.crid, crid_ref=one.crid_ref)
    head = join_fields(
        ("crid_type", one.crid_type, 6),
        ("crid_location", one.crid_ref is not None, 2),
    )
    if one.crid_ref is not None:
        return head + join_fields(("crid_ref", one.crid_ref, 16))
    return head + join_counted("crid", encode_latin("crid", one.crid or ""))


def encode_latin(name: str, text: str) -> bytes:
    """Bytes for the letters; UsageError if they are not Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise UsageError("a letter of more than a byte", field=name, value=text) from error


@dataclass(frozen=True, slots=True)
class PDCDescriptor(Descriptor):
    """6.2.29: the programme identification label, the announced start of a programme in local
    time."""

    TAG: ClassVar[int] = 0x69
    NAME: ClassVar[str] = "PDC_descriptor"

    day: int
    month: int
    hour: int
    minute: int
    reserved_bits: int = 0b1111

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        label = int.from_bytes(data, "big")
        return cls(
            label >> 15 & 0x1F, label >> 11 & 0xF, label >> 6 & 0x1F, label & 0x3F, label >> 20
        )

    def encode_data(self) -> bytes:
        return join_fields(
            ("reserved_bits", self.reserved_bits, 4),
            ("day", self.day, 5),
            ("month", self.month, 4),
            ("hour", self.hour, 5),
            ("minute", self.minute, 6),
        )


TYPES: tuple[type[Descriptor], ...] = (
    ShortEventDescriptor,
    ExtendedEventDescriptor,
    ComponentDescriptor,
    ContentDescriptor,
    ParentalRatingDescriptor,
    ContentIdentifierDescriptor,
    PDCDescriptor,
)
