"""Descriptors whose fields are declared in bitstring's format language.

A format is a list of `dtype=field`, such as "u14=horizontal_size, bool=flag, 0b11, bytes=rest":
literals are reserved bits. A descriptor with fields that come and go has one format for each form;
its form is the one whose fields are all there, the others being None.
"""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import Any, ClassVar, NamedTuple, Self

from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor

BITS_BY_PREFIX = {"0b": 1, "0o": 3, "0x": 4}
TYPES_BY_DTYPE = {
    "u": int,
    "uint": int,
    "i": int,
    "int": int,
    "bool": bool,
    "bytes": bytes,
    "hex": str,
    "bin": str,
}


class Format(NamedTuple):
    """One form: what bitstring reads, what it writes, and the types of the fields in between."""

    reading: str
    writing: str
    types: dict[str, type]


@cache
def compile_format(text: str) -> Format:
    """UsageError if the format has a token that is no `dtype=field`, no literal and no pad."""
    reading, writing = [], []
    types: dict[str, type] = {}
    for token in (part.strip() for part in text.split(",")):
        dtype, has_name, name = (part.strip() for part in token.partition("="))
        base = re.fullmatch(r"([a-z]+)(:?\d+)?", dtype)
        literal = re.fullmatch(r"(0b)[01]+|(0o)[0-7]+|(0x)[0-9a-fA-F]+", dtype)
        if name.isidentifier() and name not in types and base and base[1] in TYPES_BY_DTYPE:
            reading.append(dtype)
            types[name] = TYPES_BY_DTYPE[base[1]]
        elif literal and not has_name:
            reading.append(f"pad{BITS_BY_PREFIX[dtype[:2]] * (len(dtype) - 2)}")
        elif base and base[1] == "pad" and base[2] and not has_name:
            reading.append(dtype)
        else:
            raise UsageError("not a field of a descriptor's format", token=token, format=text)
        writing.append(dtype)
    return Format(", ".join(reading), ", ".join(writing), types)


def read_fields(form: Format, data: bytes) -> dict[str, Any]:
    """The fields by name. ValueError if there are too few bits."""
    from bitstring import Bits

    return dict(zip(form.types, Bits(data).unpack(form.reading), strict=True))


def write_fields(form: Format, values: list[Any]) -> bytes:
    """The bytes of the form. ValueError if a value does not fit its field."""
    from bitstring import pack

    written: bytes = pack(form.writing, *values).tobytes()
    return written


class DeclaredDescriptor(Descriptor):
    """Base of the descriptors that have FORMATS."""

    __slots__ = ()

    FORMATS: ClassVar[tuple[str, ...]]

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        for text in cls.FORMATS:
            form = compile_format(text)
            try:
                value = cls(**cls.fill_missing(read_fields(form, data)))
                if value.encode_data() == data:
                    return value
            except (ValueError, TypeError):
                continue
        raise ValueError("no form fits")

    @classmethod
    def fill_missing(cls, values: dict[str, Any]) -> dict[str, Any]:
        missing = {field.name: None for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        return missing | values

    def encode_data(self) -> bytes:
        present = {
            field.name
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if getattr(self, field.name) is not None
        }
        for text in self.FORMATS:
            form = compile_format(text)
            if present == set(form.types):
                return self._write(form)
        raise UsageError(
            "no form of the descriptor has just these fields",
            descriptor=self.name,
            fields=sorted(present),
        )

    def _write(self, form: Format) -> bytes:
        try:
            return write_fields(form, [getattr(self, name) for name in form.types])
        except (ValueError, TypeError) as error:
            raise UsageError(
                "a field does not fit", descriptor=self.name, cause=str(error)
            ) from error
