"""Parsing, with all that people put around a section taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom._native.scte35 import SpliceInfoSection, parse_section
from tsloom._native.scte35_diagnostics import raise_for
from tsloom.errors import SectionSyntaxError
from tsloom.scte35.text import TABLE_ID, bytes_from_text, section_bytes, without_pointer_field

if TYPE_CHECKING:
    from tsloom.scte35.encryption import KeyRing


def parse(
    data: bytes | bytearray | memoryview | str,
    *,
    strict: bool = False,
    keys: KeyRing | None = None,
) -> SpliceInfoSection:
    """The splice information in bytes, base64 or hexadecimal text.

    A leading pointer_field and trailing stuffing are taken off. A damaged section gives what can
    be read, and `diagnostics` name each field and clause that is broken; with `strict` the first
    of them that is an error raises `SectionLengthError`, `SectionSyntaxError` or `CrcError`.
    With `keys` encrypted sections are read too; without, their clear fields.
    """
    if isinstance(data, str):
        raw = _bytes_of_text(data, strict)
    else:
        raw = data if type(data) is bytes else bytes(data)
        if raw[:1] != b"\xfc":
            raw = section_bytes(raw)
    section = parse_section(raw, keys)
    if strict and section.diagnostics:
        raise_for(section.diagnostics)
    return section


def _bytes_of_text(text: str, strict: bool) -> bytes:
    try:
        raw = bytes_from_text(text)
    except SectionSyntaxError:
        if strict:
            raise
        return b""
    return raw if raw[:1] == bytes((TABLE_ID,)) else without_pointer_field(raw)
