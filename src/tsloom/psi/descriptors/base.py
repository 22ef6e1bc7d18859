"""Descriptors: tag, length, data (ISO/IEC 13818-1, 2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from tsloom.errors import UsageError
from tsloom.psi.values import Value

DATA_SIZE_MAX = 255


class Descriptor(Value):
    """Base of all descriptors.

    A type of its own is a frozen dataclass with TAG, NAME and the two methods, made known with
    `register_descriptor_type`. `parse_data` raises ValueError for data that it cannot read.
    EXTENSION_TAG is the second tag of extension descriptors, which stands first in their data.
    """

    __slots__ = ()

    TAG: ClassVar[int]
    EXTENSION_TAG: ClassVar[int | None] = None
    NAME: ClassVar[str]

    @property
    def descriptor_tag(self) -> int:
        return self.TAG

    @property
    def name(self) -> str:
        """The standard's name, such as "registration_descriptor"."""
        return self.NAME

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        """The value of the bytes behind descriptor_length."""
        raise NotImplementedError

    def encode_data(self) -> bytes:
        """The bytes behind descriptor_length. UsageError for a value that does not fit."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The fields, led in by `descriptor`, the name, and `descriptor_tag`."""
        head = {"descriptor": self.name, "descriptor_tag": self.descriptor_tag}
        return head | Value.to_dict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The descriptor that `to_dict` was called on, of the type that its name tells."""
        from tsloom.psi.descriptors.registry import find_type_by_name

        found = find_type_by_name(plain.get("descriptor"))
        if not issubclass(found, cls):
            raise UsageError("another descriptor", wanted=cls.__name__, found=found.__name__)
        return found._from_fields(plain)

    @classmethod
    def _from_fields(cls, plain: Mapping[str, Any]) -> Self:
        fields = {
            name: item
            for name, item in plain.items()
            if name not in ("descriptor", "descriptor_tag")
        }
        return super().from_dict(fields)


DescriptorType = TypeVar("DescriptorType", bound=Descriptor)


@dataclass(frozen=True, slots=True)
class RawDescriptor(Descriptor):
    """A descriptor as its bytes: of a tag that is not known, or not written as its type would."""

    NAME: ClassVar[str] = "raw_descriptor"

    tag: int
    data: bytes = b""

    @property
    def descriptor_tag(self) -> int:
        return self.tag

    def encode_data(self) -> bytes:
        return self.data


@dataclass(frozen=True, slots=True)
class BrokenDescriptor(Descriptor):
    """Bytes at the end of a loop that are no descriptor: too few for what they promise."""

    NAME: ClassVar[str] = "broken_descriptor"

    data: bytes

    @property
    def descriptor_tag(self) -> int:
        return self.data[0]

    def encode_data(self) -> bytes:
        return self.data


def encode_descriptor(descriptor: Descriptor) -> bytes:
    """Tag, length and data. UsageError if a field or the data does not fit."""
    data = descriptor.encode_data()
    if isinstance(descriptor, BrokenDescriptor):
        return data
    tag = descriptor.descriptor_tag
    if not 0 <= tag <= 0xFF or len(data) > DATA_SIZE_MAX:
        raise UsageError("no descriptor can be like this", descriptor_tag=tag, size_bytes=len(data))
    return bytes((tag, len(data))) + data


def encode_descriptors(descriptors: tuple[Descriptor, ...]) -> bytes:
    """A loop of descriptors, without its length field."""
    return b"".join(encode_descriptor(descriptor) for descriptor in descriptors)


def first_of_type(
    descriptors: Iterable[Descriptor], wanted: type[DescriptorType]
) -> DescriptorType | None:
    """The first descriptor of the type; None if there is none."""
    for descriptor in descriptors:
        if isinstance(descriptor, wanted):
            return descriptor
    return None
