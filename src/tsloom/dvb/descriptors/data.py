"""Data broadcasting and applications: EN 300 468, 6.2.11 and 6.2.12; ETSI TS 102 809, 5.3.5.1."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from tsloom.dvb.text import decode_text, encode_text
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, join_code, join_counted, join_fields
from tsloom.psi.values import Value


@dataclass(frozen=True, slots=True)
class DataBroadcastDescriptor(Descriptor):
    """6.2.11. What the selector says depends on the `data_broadcast_id`."""

    TAG: ClassVar[int] = 0x64
    NAME: ClassVar[str] = "data_broadcast_descriptor"

    data_broadcast_id: int
    component_tag: int
    iso_639_language_code: str
    text: str = ""
    selector: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        broadcast_id, tag = reader.take_number(2), reader.take_number(1)
        selector = reader.take_counted()
        code = reader.take_code()
        return cls(broadcast_id, tag, code, decode_text(reader.take_counted()), selector)

    def encode_data(self) -> bytes:
        head = join_fields(
            ("data_broadcast_id", self.data_broadcast_id, 16),
            ("component_tag", self.component_tag, 8),
        )
        return b"".join(
            (
                head,
                join_counted("selector", self.selector),
                join_code("iso_639_language_code", self.iso_639_language_code),
                join_counted("text", encode_text(self.text)),
            )
        )


@dataclass(frozen=True, slots=True)
class DataBroadcastIdDescriptor(Descriptor):
    """6.2.12. What the selector says depends on the `data_broadcast_id`."""

    TAG: ClassVar[int] = 0x66
    NAME: ClassVar[str] = "data_broadcast_id_descriptor"

    data_broadcast_id: int
    selector: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        return cls(reader.take_number(2), reader.take_rest())

    def encode_data(self) -> bytes:
        return join_fields(("data_broadcast_id", self.data_broadcast_id, 16)) + self.selector


@dataclass(frozen=True, slots=True)
class ApplicationSignalling(Value):
    """What kind of applications the AIT of this stream has (0x0010 is HbbTV), and its version."""

    application_type: int
    ait_version_number: int
    reserved_bits: int = field(default=0b1111, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ApplicationSignallingDescriptor(Descriptor):
    """TS 102 809, 5.3.5.1. `reserved_bits` of an entry are the one and the three in their order."""

    TAG: ClassVar[int] = 0x6F
    NAME: ClassVar[str] = "application_signalling_descriptor"

    applications: tuple[ApplicationSignalling, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        applications = []
        while reader.has_more:
            fields = reader.take_number(3)
            applications.append(
                ApplicationSignalling(
                    fields >> 8 & 0x7FFF,
                    fields & 0x1F,
                    reserved_bits=fields >> 23 << 3 | fields >> 5 & 7,
                )
            )
        return cls(tuple(applications))

    def encode_data(self) -> bytes:
        return b"".join(
            join_fields(
                ("reserved_bits", one.reserved_bits >> 3, 1),
                ("application_type", one.application_type, 15),
                ("reserved_bits", one.reserved_bits & 7, 3),
                ("ait_version_number", one.ait_version_number, 5),
            )
            for one in self.applications
        )


TYPES: tuple[type[Descriptor], ...] = (
    DataBroadcastDescriptor,
    DataBroadcastIdDescriptor,
    ApplicationSignallingDescriptor,
)
