"""What all values have in common: they go to and from dictionaries that JSON can carry."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Self

from tsloom.errors import UsageError

# metadata of a field that is left out of dictionaries while it has its default.
SILENT = {"silent": True}


class Value:
    """Base of the frozen dataclasses: `to_dict` and `from_dict`.

    Bytes become hexadecimal strings, tuples lists, times "2038-04-23T00:00:00Z", durations
    "01:30:00"; fields that are None, and reserved bits that are as they should be, are left out.
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
    expected = field.name.startswith("reserved") or "silent" in field.metadata
    return value is None or (expected and value == field.default)


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
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return write_duration(value)
    # A str of a type of its own as the letters it has.
    return str(value) if isinstance(value, str) else value


def write_duration(duration: timedelta) -> str:
    """Hours, minutes and seconds: "01:30:00"; hours go on above 99."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def read_duration(text: str) -> timedelta:
    """ValueError if the text is not hours, minutes and seconds."""
    match = re.fullmatch(r"(\d+):([0-5]\d):([0-5]\d)", text, re.ASCII)
    if match is None:
        raise ValueError("not a duration")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


# How the types that JSON has none for are read from their text; enumerations beside them.
TEXT_READERS: dict[type, Callable[[str], Any]] = {
    bytes: bytes.fromhex,
    datetime: datetime.fromisoformat,
    timedelta: read_duration,
}


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
    reader = TEXT_READERS.get(hint, hint if issubclass(hint, Enum) else None)
    if reader is not None:
        check_type(plain, str)
        try:
            return reader(plain)
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
