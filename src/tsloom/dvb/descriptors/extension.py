"""The descriptor that has a second tag: EN 300 468, 6.2.18 and 6.4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import check_range

TAG_EXTENSION = 0x7F


class ExtendedDescriptor(Descriptor):
    """Base of those that descriptor_tag_extension tells apart: the two methods have to do with what
    comes behind it."""

    __slots__ = ()

    TAG: ClassVar[int] = TAG_EXTENSION

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls.parse_selector(data[1:])

    def encode_data(self) -> bytes:
        return bytes((self.EXTENSION_TAG or 0,)) + self.encode_selector()

    @classmethod
    def parse_selector(cls, data: bytes) -> Self:
        """The value of the bytes behind descriptor_tag_extension."""
        raise NotImplementedError

    def encode_selector(self) -> bytes:
        """The bytes behind descriptor_tag_extension. UsageError for a value that does not fit."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class DVBExtensionDescriptor(Descriptor):
    """6.2.18: one whose descriptor_tag_extension is not known, its selector as bytes."""

    TAG: ClassVar[int] = TAG_EXTENSION
    NAME: ClassVar[str] = "DVB_extension_descriptor"

    descriptor_tag_extension: int
    selector: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(data[0], data[1:])

    def encode_data(self) -> bytes:
        check_range("descriptor_tag_extension", self.descriptor_tag_extension, 8)
        return bytes((self.descriptor_tag_extension,)) + self.selector


TYPES: tuple[type[Descriptor], ...] = (DVBExtensionDescriptor,)
