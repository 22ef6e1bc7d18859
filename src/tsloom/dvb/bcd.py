"""Decimal digits of 4 bits each, as EN 300 468 writes times, frequencies and symbol rates."""

from __future__ import annotations

from tsloom.errors import SectionSyntaxError, UsageError


def parse_bcd(digits: int, count: int) -> int:
    """The number that `count` digits, 4 bits each, spell. SectionSyntaxError if one is above 9."""
    try:
        return int(f"{digits:0{count}x}")
    except ValueError as error:
        raise SectionSyntaxError("a digit is above 9", digits=f"{digits:0{count}x}") from error


def encode_bcd(name: str, number: int, count: int) -> int:
    """The digits of the number, 4 bits each. UsageError if it has more than `count`."""
    if not 0 <= number < 10**count:
        raise UsageError("a field has too few digits", field=name, value=number, digits=count)
    return int(str(number), 16)
