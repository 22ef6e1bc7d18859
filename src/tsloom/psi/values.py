"""What all values have in common: they go to and from dictionaries that JSON can carry."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Self

from tsloom.errors import UsageError


class Value:
    """Base of the frozen dataclasses: `to_dict` and `from_dict`.

    Bytes become hexadecimal strings, tuples lists; fields that are None, and reserved bits that
    are as they should be, are left out.
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, ready for `json.dumps`."""
        return {
            field.name: to_plain(value)
            for field in dataclasses.fields(typing.cast(Any, self))
            if not is_silent(field, value := getattr(self, field.name))
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The value that `to_dict` was called on. UsageError if it does not fit the fields."""
        types_by_field = get_field_types(typing.cast(Any, cls))
        unknown = set(plain) - set(types_by_field)
        if unknown:
            raise UsageError(
                "fields that are not there", value=cls.__name__, unknown=sorted(unknown)
            )
        fields = {name: from_plain(types_by_field[name], item) for name, item in plain.items()}
        try:
            return cls(**fields)
        except TypeError as error:
            raise UsageError("fields are missing", value=cls.__name__, cause=str(error)) from error


def is_silent(field: dataclasses.Field[Any], value: object) -> bool:
    return value is None or (field.name.startswith("reserved") and value == field.default)


@cache
def get_field_types(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def to_plain(value: object) -> Any:
    """The value as JSON can carry it."""
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(hint: Any, plain: Any) -> Any:
    """What `to_plain` was called on, by the type that its field is declared with."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return from_optional(hint, plain)
    if origin is tuple:
        check_type(plain, list | tuple)
        return tuple(from_plain(typing.get_args(hint)[0], item) for item in plain)
    if issubclass(hint, Value):
        check_type(plain, Mapping)
        return hint.from_dict(plain)
    if hint is bytes or issubclass(hint, Enum):
        check_type(plain, str)
        try:
            return bytes.fromhex(plain) if hint is bytes else hint(plain)
        except ValueError as error:
            raise UsageError("a field's text cannot be read", value=plain) from error
    check_type(plain, hint)
    return plain


def check_type(plain: Any, wanted: Any) -> None:
    if not isinstance(plain, wanted):
        raise UsageError("a field is of another type", wanted=str(wanted), value=plain)


def from_optional(hint: Any, plain: Any) -> Any:
    if plain is None:
        return None
    (inner,) = (item for item in typing.get_args(hint) if item is not type(None))
    return from_plain(inner, plain)
