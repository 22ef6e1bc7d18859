"""Text fields: EN 300 468, annex A.

`decode_text` gives a `Text`: a str that remembers the bytes it came from, so `encode_text` gives
these bytes again, whatever table and control codes they use. Any other str is encoded by a table
that carries it exactly, decoding gives the same str again: the table asked for, or the one that
takes the fewest bytes. "\\n" is CR/LF (0x8A); "\\x86" and "\\x87" switch emphasis on and off, and
are not part of what `decode_text` gives but of `Text.marked`.

What no table carries is refused: other control characters, and surrogates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from tsloom.dvb.iso_6937 import decode_6937, encode_6937, fits_6937
from tsloom.errors import UsageError

EMPHASIS_ON = "\x86"
EMPHASIS_OFF = "\x87"
NEW_LINE = "\n"
SELECTOR_PRINTABLE = 0x20

# Control codes within one-byte tables, and in the private use area of ISO/IEC 10646, which stands
# for them in two-byte tables and in UTF-8 (tables A.1 and A.2).
TO_PRIVATE_USE = {NEW_LINE: 0xE08A, EMPHASIS_ON: 0xE086, EMPHASIS_OFF: 0xE087}
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ue080-\ue09f]")
FROM_CODES: dict[int, int | None] = dict.fromkeys(
    (*range(0x20), 0x7F, *range(0x80, 0xA0), *range(0xE080, 0xE0A0))
)
FROM_CODES |= {0x0A: 0x0A, 0x0D: 0x0A, 0x8A: 0x0A, 0xE08A: 0x0A}
KEEPING_EMPHASIS = FROM_CODES | dict.fromkeys((0x86, 0xE086), 0x86)
KEEPING_EMPHASIS |= dict.fromkeys((0x87, 0xE087), 0x87)
NO_TABLE_HAS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x85\x88-\x9f\ud800-\udfff\ue080-\ue09f]")
CONTROL = re.compile("([\n\x86\x87])")
TWO_BYTE_CONTROL = re.compile(rb"\xe0([\x80-\x9f])")


class CharacterTable(StrEnum):
    """The tables of annex A, by the standard behind each. The first is that of no selector."""

    ISO_6937 = "ISO/IEC 6937"
    ISO_8859_1 = "ISO/IEC 8859-1"
    ISO_8859_2 = "ISO/IEC 8859-2"
    ISO_8859_3 = "ISO/IEC 8859-3"
    ISO_8859_4 = "ISO/IEC 8859-4"
    ISO_8859_5 = "ISO/IEC 8859-5"
    ISO_8859_6 = "ISO/IEC 8859-6"
    ISO_8859_7 = "ISO/IEC 8859-7"
    ISO_8859_8 = "ISO/IEC 8859-8"
    ISO_8859_9 = "ISO/IEC 8859-9"
    ISO_8859_10 = "ISO/IEC 8859-10"
    ISO_8859_11 = "ISO/IEC 8859-11"
    ISO_8859_13 = "ISO/IEC 8859-13"
    ISO_8859_14 = "ISO/IEC 8859-14"
    ISO_8859_15 = "ISO/IEC 8859-15"
    UTF_16BE = "UTF-16BE"
    KS_X_1001 = "KS X 1001"
    GB_2312 = "GB-2312"
    BIG5 = "Big5"
    UTF_8 = "UTF-8"


ONE_BYTE_SELECTORS = {
    part - 4: CharacterTable(f"ISO/IEC 8859-{part}") for part in (5, 6, 7, 8, 9, 10, 11, 13, 14, 15)
} | {
    0x11: CharacterTable.UTF_16BE,
    0x12: CharacterTable.KS_X_1001,
    0x13: CharacterTable.GB_2312,
    0x14: CharacterTable.BIG5,
    0x15: CharacterTable.UTF_8,
}
THREE_BYTE_SELECTORS = {
    part: CharacterTable(f"ISO/IEC 8859-{part}") for part in range(1, 16) if part != 12
}
# The first that is found for a table: one byte where there is one.
SELECTORS: dict[CharacterTable, bytes] = {
    CharacterTable.ISO_6937: b"",
    **{table: bytes((0x10, 0, part)) for part, table in THREE_BYTE_SELECTORS.items()},
    **{table: bytes((selector,)) for selector, table in ONE_BYTE_SELECTORS.items()},
}
CODECS = {
    **{table: f"iso8859_{part}" for part, table in THREE_BYTE_SELECTORS.items()},
    CharacterTable.UTF_16BE: "utf_16_be",
    CharacterTable.KS_X_1001: "euc_kr",
    CharacterTable.GB_2312: "gb2312",
    CharacterTable.BIG5: "big5",
    CharacterTable.UTF_8: "utf_8",
}
ENCODED_TABLES = (CharacterTable.KS_X_1001, CharacterTable.GB_2312, CharacterTable.BIG5)
UNICODE_TABLES = (CharacterTable.UTF_8, CharacterTable.UTF_16BE)
# The tables that encode_text tries beside that of no selector, best known to receivers first, for
# where two are equal. Those of one country are left to be asked for.
SHORT_TABLES = tuple(table for selector, table in ONE_BYTE_SELECTORS.items() if selector <= 0x0B)
LONG_TABLES = tuple(table for part, table in THREE_BYTE_SELECTORS.items() if part <= 4)
ALL_TABLES = frozenset((*SHORT_TABLES, *UNICODE_TABLES, *LONG_TABLES))
ASCII = frozenset(map(chr, range(0x80)))


class Text(str):
    """A text as it was read: a str like any other, and `coded`, the field's bytes.

    Where it is written again these bytes are, not those that encode_text would choose. A str made
    from it, by slicing or joining, is a plain one.
    """

    __slots__ = ("coded",)
    coded: bytes

    def __new__(cls, text: str, coded: bytes) -> Self:
        made = super().__new__(cls, text)
        made.coded = coded
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.coded)

    @property
    def character_table(self) -> CharacterTable | None:
        """The table that the selector names; None where that is reserved or private."""
        return find_table(self.coded)[0]

    @property
    def marked(self) -> str:
        """The text with "\\x86" and "\\x87" where emphasis is switched on and off."""
        return replace_controls(decode_letters(self.coded), KEEPING_EMPHASIS)


def decode_text(data: bytes) -> Text:
    """The text of a field, without its selector.

    Control codes are taken out, but CR/LF becomes "\\n"; what a table does not know becomes U+FFFD.
    A text behind a selector that is reserved, or names a private encoding (0x1F), is read as ASCII.
    """
    if data.isascii():
        text = data.decode("ascii")
        if text.isprintable():  # no selector, no control codes
            return Text(text, data)
    return Text(replace_controls(decode_letters(data), FROM_CODES), data)


def join_texts(parts: Iterable[str]) -> str:
    """One text of parts that belong together, such as those of extended_event_descriptors.

    Parts that were read with one selector are read again as one: a letter that was cut in two is
    whole then.
    """
    texts = [part for part in parts if part]
    fields = [part.coded for part in texts if isinstance(part, Text)]
    selectors = {field[: find_table(field)[1]] for field in fields}
    if len(fields) < len(texts) or len(selectors) != 1:
        return "".join(texts)
    (selector,) = selectors
    return decode_text(selector + b"".join(field[len(selector) :] for field in fields))


def replace_controls(text: str, replacements: dict[int, int | None]) -> str:
    if CONTROLS.search(text) is None:
        return text
    return text.replace("\r\n", NEW_LINE).translate(replacements)


def find_table(data: bytes) -> tuple[CharacterTable | None, int]:
    """The table of a field, and where its text starts."""
    if not data or data[0] >= SELECTOR_PRINTABLE:
        return CharacterTable.ISO_6937, 0
    first = data[0]
    if first == 0x10:
        part = data[2] if len(data) >= 3 and data[1] == 0 else 0
        return THREE_BYTE_SELECTORS.get(part), 3
    return ONE_BYTE_SELECTORS.get(first), 2 if first == 0x1F else 1


def decode_letters(data: bytes) -> str:
    """The text with its control codes."""
    table, start = find_table(data)
    if table is CharacterTable.ISO_6937:
        return decode_6937(data)
    if table is None:
        return data[start:].decode("ascii", "replace")
    content = data[start:]
    if table in ENCODED_TABLES:
        # No letter of these has a byte between 0x80 and 0x9F.
        pieces = TWO_BYTE_CONTROL.split(content)
        return "".join(
            chr(0xE000 + piece[0]) if index % 2 else piece.decode(CODECS[table], "replace")
            for index, piece in enumerate(pieces)
        )
    return content.decode(CODECS[table], "replace")


def encode_text(text: str, table: CharacterTable | None = None) -> bytes:
    """The field of a text, selector first: by the table, or the one that takes the fewest bytes.

    A Text without a table gives the bytes it has. UsageError if the table, or none, carries it.
    """
    if table is None:
        if type(text) is Text:
            return text.coded
        if text.isascii() and text.isprintable():
            return text.encode("ascii")
    plain = re.sub("\r\n?", NEW_LINE, text) if "\r" in text else str(text)
    field = None
    if plain.isprintable() or NO_TABLE_HAS.search(plain) is None:
        field = encode_shortest(plain) if table is None else try_table(plain, table)
    if field is None:
        raise UsageError("the table does not carry the text", text=str(text), table=table)
    return field


def encode_shortest(text: str) -> bytes:
    """The field by the first of the tables that takes no more bytes than any other."""
    # All tables have ASCII.
    others = set(text).difference(ASCII)
    shortest_possible = 1 + len(text)
    if fits_6937(text, others, shortest_possible):
        return encode_letters(text, CharacterTable.ISO_6937)
    carrying = ALL_TABLES.intersection(*map(find_tables_with, others))
    for table in SHORT_TABLES:
        if table in carrying:
            return SELECTORS[table] + encode_letters(text, table)
    field = encode_long(text, carrying)
    if fits_6937(text, others, len(field)):
        return encode_letters(text, CharacterTable.ISO_6937)
    return field


def encode_long(text: str, carrying: frozenset[CharacterTable]) -> bytes:
    """By the shortest of the other tables; UTF-8 and UTF-16 carry what any does."""
    # The long ones that carry it all take the same.
    table = next((table for table in LONG_TABLES if table in carrying), None)
    fields = []
    if table is not None:
        fields.append(SELECTORS[table] + encode_letters(text, table))
        # Control codes take more there, not less.
        if len(fields[0]) < 1 + min(len(text.encode()), 2 * len(text)):
            return fields[0]
    tried = (try_table(text, table) for table in UNICODE_TABLES)
    return min([*(found for found in tried if found is not None), *fields], key=len)


@lru_cache(maxsize=4096)
def find_tables_with(letter: str) -> frozenset[CharacterTable]:
    return frozenset(table for table in ALL_TABLES if try_table(letter, table) is not None)


def try_table(text: str, table: CharacterTable) -> bytes | None:
    """The field, if the table has all the letters: decoding it gives the text again."""
    if not text:
        return b""
    try:
        return SELECTORS[table] + encode_letters(text, table)
    except UnicodeEncodeError:
        return None


def encode_letters(text: str, table: CharacterTable) -> bytes:
    """The text by the table; UnicodeEncodeError if it does not have a letter."""
    if table is CharacterTable.ISO_6937:
        return encode_6937(text.replace(NEW_LINE, "\x8a"))
    if table in UNICODE_TABLES:
        for control, code in TO_PRIVATE_USE.items():
            text = text.replace(control, chr(code))
        return text.encode(CODECS[table])
    if table in ENCODED_TABLES:
        pieces = CONTROL.split(text)
        return b"".join(
            TO_PRIVATE_USE[piece].to_bytes(2, "big") if index % 2 else piece.encode(CODECS[table])
            for index, piece in enumerate(pieces)
        )
    return text.replace(NEW_LINE, "\x8a").encode(CODECS[table])
