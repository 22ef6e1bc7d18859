"""Integers into fields of so many bits, refused when they do not fit."""

from __future__ import annotations

from tsloom.errors import UsageError


def check_range(name: str, value: int, bits: int) -> int:
    """The value, if it is an unsigned number of that many bits; else UsageError."""
    if not 0 <= value < 1 << bits:
        raise UsageError(
            "a field has too few bits for its value", field=name, value=value, bits=bits
        )
    return value


def join_fields(*fields: tuple[str, int, int]) -> bytes:
    """Fields of (name, value, bits), the first the most significant; whole bytes together."""
    joined = 0
    size = 0
    for name, value, bits in fields:
        joined = (joined << bits) | check_range(name, value, bits)
        size += bits
    return joined.to_bytes(size // 8, "big")


class ByteReader:
    """Takes bytes off the front; ValueError where there are too few."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._data):
            raise ValueError("too few bytes")
        taken = self._data[self._position : end]
        self._position = end
        return taken

    def take_number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take_code(self) -> str:
        """The three letters of a language or a country."""
        return self.take(3).decode("latin-1")

    @property
    def has_more(self) -> bool:
        return self._position < len(self._data)

    def take_counted(self) -> bytes:
        """A length byte and what it counts."""
        return self.take(self.take_number(1))

    def take_rest(self) -> bytes:
        return self.take(len(self._data) - self._position)


def join_counted(name: str, data: bytes) -> bytes:
    """A length byte and the bytes; UsageError above 255."""
    check_range(f"{name}_length", len(data), 8)
    return bytes((len(data),)) + data


def join_code(name: str, code: str) -> bytes:
    """The three letters of a language or a country; UsageError if they are not three."""
    if len(code) != 3 or max(code) > "\xff":
        raise UsageError("a code is three letters", field=name, value=code)
    return code.encode("latin-1")
