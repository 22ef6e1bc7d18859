"""Which type a descriptor's bytes are read as.

A tag has one meaning by ISO/IEC 13818-1 and EN 300 468, but a private one only where something
before it says whose it is: a private_data_specifier_descriptor in the same loop (EN 300 468,
6.2.31), or a registration_descriptor in the loop or in the program's (ISO/IEC 13818-1, 2.6.8).
Two tags say with the first byte of their data which descriptor it is: extension_descriptor of
ISO/IEC 13818-1 (2.6.90) and of EN 300 468 (6.2.18).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import BrokenDescriptor, Descriptor, RawDescriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor, compile_format

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TAG_REGISTRATION = 0x05
TAG_PRIVATE_DATA_SPECIFIER = 0x5F
EXTENSION_TAGS = (0x3F, 0x7F)


class TypeKey(NamedTuple):
    tag: int
    private_data_specifier: int | None = None
    format_identifier: int | None = None
    extension_tag: int | None = None


_types_by_key: dict[TypeKey, type[Descriptor]] = {}
_types_by_name: dict[str, type[Descriptor]] = {
    RawDescriptor.NAME: RawDescriptor,
    BrokenDescriptor.NAME: BrokenDescriptor,
}


@dataclass(frozen=True, slots=True)
class DescriptorScope:
    """Who gives private descriptors their meaning at some place in a loop."""

    private_data_specifier: int | None = None
    format_identifiers: tuple[int, ...] = ()

    @classmethod
    def of(cls, descriptors: Iterable[Descriptor]) -> DescriptorScope:
        """What a program's loop says for the loops of its streams: the registrations."""
        scope = cls()
        for descriptor in descriptors:
            if descriptor.descriptor_tag == TAG_REGISTRATION:
                scope = scope.after(TAG_REGISTRATION, descriptor.encode_data())
        return scope

    def after(self, tag: int, data: bytes) -> DescriptorScope:
        """The scope behind a descriptor."""
        if len(data) < 4 or tag not in (TAG_REGISTRATION, TAG_PRIVATE_DATA_SPECIFIER):
            return self
        identifier = int.from_bytes(data[:4], "big")
        if tag == TAG_PRIVATE_DATA_SPECIFIER:
            return dataclasses.replace(self, private_data_specifier=identifier)
        return dataclasses.replace(self, format_identifiers=(identifier, *self.format_identifiers))

    def find_type(self, tag: int, extension_tag: int | None = None) -> type[Descriptor] | None:
        if self.private_data_specifier is not None:
            key = TypeKey(tag, self.private_data_specifier, None, extension_tag)
            found = _types_by_key.get(key)
            if found is not None:
                return found
        for identifier in self.format_identifiers:
            found = _types_by_key.get(TypeKey(tag, None, identifier, extension_tag))
            if found is not None:
                return found
        found = _types_by_key.get(TypeKey(tag, None, None, extension_tag))
        return self.find_type(tag) if found is None and extension_tag is not None else found


def register_descriptor_type(
    cls: type[Descriptor],
    *,
    private_data_specifier: int | None = None,
    format_identifier: int | None = None,
) -> None:
    """Descriptors with the type's TAG, and its EXTENSION_TAG if it has one, are read as this type
    from now on.

    Everywhere, or only behind that private_data_specifier, or only where a registration_descriptor
    has that format_identifier. A type that was there for the same makes way. UsageError if the tag
    is not one, or the name is in use for another tag.
    """
    extension_tag = cls.EXTENSION_TAG
    if not 0 <= cls.TAG <= 0xFF or not 0 <= (extension_tag or 0) <= 0xFF:
        raise UsageError("a descriptor_tag has 8 bits", descriptor_tag=cls.TAG)
    if extension_tag is not None and cls.TAG not in EXTENSION_TAGS:
        raise UsageError("the tag has no second one", descriptor_tag=cls.TAG)
    named = _types_by_name.get(cls.NAME)
    if named is not None and (cls.TAG, extension_tag) != (named.TAG, named.EXTENSION_TAG):
        raise UsageError("the name is in use", name=cls.NAME, descriptor_tag=named.TAG)
    _types_by_name[cls.NAME] = cls
    key = TypeKey(cls.TAG, private_data_specifier, format_identifier, extension_tag)
    _types_by_key[key] = cls


def register_descriptor(
    tag: int,
    format: str,  # noqa: A002 - what bitstring calls it
    private_data_specifier: int | None = None,
    *,
    name: str | None = None,
    extension_tag: int | None = None,
) -> type[Descriptor]:
    """Declares a descriptor of your own and returns its type.

    `format` is in bitstring's language with a name for each field and literals for reserved bits,
    as "u16=service_id, bool=visible, 0b1, u14=channel_number, bytes=rest". Values of the type have
    these fields. `private_data_specifier` restricts it to loops that give one. `extension_tag` is
    the second tag of an extension descriptor (0x3F, 0x7F); the format is what comes behind it.
    UsageError if the format cannot be read.
    """
    title = name or f"private_descriptor_{tag:02x}"
    if extension_tag is not None:
        title = name or f"{title}_{extension_tag:02x}"
        format = f"0x{extension_tag:02x}, {format}"  # noqa: A001 - as above
    form = compile_format(format)
    cls: type[DeclaredDescriptor] = dataclasses.make_dataclass(
        title,
        list(form.types.items()),
        bases=(DeclaredDescriptor,),
        namespace={"TAG": tag, "NAME": title, "EXTENSION_TAG": extension_tag, "FORMATS": (format,)},
        frozen=True,
        slots=True,
    )
    register_descriptor_type(cls, private_data_specifier=private_data_specifier)
    return cls


def find_type_by_name(name: str | None) -> type[Descriptor]:
    found = _types_by_name.get(name or "")
    if found is None:
        raise UsageError("no descriptor of that name is known", name=name)
    return found


def parse_descriptor(tag: int, data: bytes, scope: DescriptorScope) -> Descriptor:
    """The typed value; a RawDescriptor where that would not be written as the same bytes."""
    extension_tag = data[0] if tag in EXTENSION_TAGS and data else None
    found = scope.find_type(tag, extension_tag)
    if found is not None:
        try:
            value = found.parse_data(data)
            if value.encode_data() == data:
                return value
        except (ValueError, IndexError):
            pass
    return RawDescriptor(tag, data)


def parse_descriptors(
    loop: ReadableBuffer, scope: DescriptorScope = DescriptorScope()
) -> tuple[Descriptor, ...]:
    """The descriptors of a loop, in order; encode_descriptors gives the same bytes again.

    `scope` is what stands outside the loop. Where bytes run over, the rest is one BrokenDescriptor.
    """
    content = bytes(loop)
    descriptors: list[Descriptor] = []
    start = 0
    while start < len(content):
        data_start = start + 2
        if data_start > len(content) or data_start + content[start + 1] > len(content):
            descriptors.append(BrokenDescriptor(content[start:]))
            break
        tag = content[start]
        end = data_start + content[start + 1]
        data = content[data_start:end]
        descriptors.append(parse_descriptor(tag, data, scope))
        scope = scope.after(tag, data)
        start = end
    return tuple(descriptors)
