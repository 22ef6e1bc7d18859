"""Splice information out of the forms in which people pass it on: base64, hexadecimal, bytes."""

from __future__ import annotations

import base64
import binascii
import re

from tsloom.errors import SectionSyntaxError

TABLE_ID = 0xFC
_POINTER_FIELD_LIMIT = 183  # the pointer_field names a byte of the same packet's payload
_HEX = re.compile(r"(?:0[xX])?(?:[0-9a-fA-F]{2})+")
_SPACE = re.compile(r"\s+")


def bytes_from_text(text: str) -> bytes:
    """The bytes of a base64 (also URL-safe, padded or not) or hexadecimal literal.

    Text that could be either is hexadecimal. Raises `SectionSyntaxError` where it is neither.
    """
    compact = _SPACE.sub("", text)
    if _HEX.fullmatch(compact):
        return bytes.fromhex(compact[2:] if compact[1:2] in ("x", "X") else compact)
    padded = compact.rstrip("=").translate({0x2D: "+", 0x5F: "/"})
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SectionSyntaxError(
            "neither base64 nor hexadecimal", field="table_id", clause="9.6", text=text[:40]
        ) from error


def without_pointer_field(data: bytes) -> bytes:
    """The section behind a pointer_field that was copied along with it, else the same bytes."""
    if not data or data[0] == TABLE_ID or data[0] > _POINTER_FIELD_LIMIT:
        return data
    begin = 1 + data[0]
    return data[begin:] if data[begin : begin + 1] == bytes((TABLE_ID,)) else data


def section_bytes(data: bytes) -> bytes:
    """The section out of bytes that do not begin with one: text, or behind a pointer_field."""
    found = without_pointer_field(data)
    if found is not data or not data.isascii():
        return found
    try:
        return without_pointer_field(bytes_from_text(data.decode("ascii")))
    except SectionSyntaxError:
        return data
