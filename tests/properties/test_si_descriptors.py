"""Descriptors of EN 300 468 against the same written with bitstring."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bitstring import pack
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.psi_reference import write_descriptor
from tests.properties.si_cases import CASES, SPECIFIERS, descriptors
from tsloom import dvb
from tsloom.dvb import descriptors as package
from tsloom.dvb.descriptors.declared import DECLARATIONS, Declaration
from tsloom.psi import (
    BrokenDescriptor,
    Descriptor,
    DescriptorScope,
    encode_descriptor,
    encode_descriptors,
    parse_descriptors,
)


def scope_of(cls: type[Descriptor]) -> DescriptorScope:
    return DescriptorScope(private_data_specifier=SPECIFIERS.get(cls))


@pytest.mark.parametrize("cls", CASES, ids=lambda cls: cls.__name__)
@given(data=st.data())
def test_a_descriptor_is_written_and_read_as_the_syntax_says(
    cls: type[Descriptor], data: st.DataObject
) -> None:
    value = data.draw(CASES[cls].values)
    written = write_descriptor(cls.TAG, CASES[cls].write(value))
    assert encode_descriptor(value) == written
    assert parse_descriptors(written, scope_of(cls)) == (value,)
    assert Descriptor.from_dict(json.loads(json.dumps(value.to_dict()))) == value


def test_every_typed_descriptor_has_a_case() -> None:
    types = {getattr(package, name) for name in package.__all__}
    described = {one for one in types if issubclass(one, Descriptor) and hasattr(one, "NAME")}
    assert described == set(CASES)


@given(descriptors, st.data())
def test_a_truncated_descriptor_comes_back_as_it_was(
    value: Descriptor, data: st.DataObject
) -> None:
    content = encode_descriptor(value)
    cut = data.draw(st.integers(0, len(content)))
    assert encode_descriptors(parse_descriptors(content[:cut])) == content[:cut]
    # The same with a length that agrees.
    short = write_descriptor(content[0], content[2 : max(cut, 2)])
    (read,) = parse_descriptors(short)
    assert not isinstance(read, BrokenDescriptor)
    assert encode_descriptor(read) == short


@given(st.integers(0, 255), st.binary(max_size=40), st.none() | st.sampled_from((0x28, 0x29)))
def test_any_bytes_come_back_as_they_were(tag: int, data: bytes, specifier: int | None) -> None:
    content = write_descriptor(tag, data)
    (read,) = parse_descriptors(content, DescriptorScope(private_data_specifier=specifier))
    assert encode_descriptor(read) == content
    assert Descriptor.from_dict(json.loads(json.dumps(read.to_dict()))) == read


def values_of(token: str) -> tuple[str, st.SearchStrategy[Any]]:
    """A field of a declaration and what it may be."""
    dtype, _, name = token.partition("=")
    kind, size = dtype.rstrip("0123456789"), int(dtype.lstrip("abcdefghijklmnopqrstuvwxyz") or 0)
    if kind == "bool":
        return name, st.booleans()
    if kind == "bytes":
        return name, st.binary(min_size=size, max_size=size or 20)
    assert kind == "u"
    return name, st.integers(0, (1 << size) - 1)


@pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda one: one.name)
@given(data=st.data())
def test_a_declared_descriptor_is_read_and_written_by_its_declaration(
    declaration: Declaration, data: st.DataObject
) -> None:
    cls = DescriptorScope().find_type(declaration.tag, declaration.extension_tag)
    assert cls is not None
    tokens = [token.strip() for token in declaration.format.split(",")]
    fields = dict(values_of(token) for token in tokens if "=" in token)
    drawn = data.draw(st.fixed_dictionaries(fields))
    value = cls(**drawn)
    literal = [token for token in tokens if "=" not in token]
    assert all(set(token[2:]) in ({"0"}, {"1"}) for token in literal)
    layout = ", ".join(token.partition("=")[0] for token in tokens)
    start = b"" if declaration.extension_tag is None else bytes((declaration.extension_tag,))
    written = start + pack(layout, *(drawn[name] for name in fields)).tobytes()
    content = write_descriptor(declaration.tag, written)
    assert encode_descriptor(value) == content
    assert parse_descriptors(content) == (value,)
    assert value.name == declaration.name


def test_every_tag_of_the_standard_has_a_type() -> None:
    """0x40 to 0x7F: table 12; by name, as TSDuck and the standard have them."""
    unknown = [tag for tag in range(0x40, 0x7F) if DescriptorScope().find_type(tag) is None]
    assert unknown == []
    extensions = [
        tag
        for tag in (*range(0x12), *range(0x13, 0x1A), *range(0x20, 0x25))
        if DescriptorScope().find_type(0x7F, tag) is dvb.DVBExtensionDescriptor
    ]
    assert extensions == []
