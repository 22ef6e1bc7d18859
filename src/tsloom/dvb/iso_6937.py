"""ISO/IEC 6937 with the euro sign at 0xA4, the table of text without a selector (EN 300 468, A.2).

Control codes are the same in it and in Unicode.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
# From 0xA0 on; the places of the diacritical marks are in MARKS.
UPPER = (
    "\u00a0¡¢£€¥\ufffd§¤‘“«←↑→↓"
    "°±²³×µ¶·÷’”»¼½¾¿" + REPLACEMENT * 16 + "―¹®©™♪¬¦\ufffd\ufffd\ufffd\ufffd⅛⅜⅝⅞"
    "ΩÆĐªĦ\ufffdĲĿŁØŒºÞŦŊŉ"
    "ĸæđðħıĳŀłøœßþŧŋ\u00ad"
)
# A mark stands before its letter; in Unicode it follows.
MARKS = {
    0xC1: "\u0300",
    0xC2: "\u0301",
    0xC3: "\u0302",
    0xC4: "\u0303",
    0xC5: "\u0304",
    0xC6: "\u0306",
    0xC7: "\u0307",
    0xC8: "\u0308",
    0xCA: "\u030a",
    0xCB: "\u0327",
    0xCD: "\u030b",
    0xCE: "\u0328",
    0xCF: "\u030c",
}
MARKED = {
    (byte, letter): unicodedata.normalize("NFC", chr(letter) + mark)
    for byte, mark in MARKS.items()
    for letter in range(0x20, 0x7F)
}
NOT_ASCII = re.compile("[^\x00-\x7f]")
MARK_BYTES = {mark: byte for byte, mark in MARKS.items()}


class Letters(dict[int, str]):
    """For str.translate: bytes, as letters of Latin-1, by letter. Letters that are not there become
    one that Latin-1 does not have."""

    def __missing__(self, code: int) -> str:
        return REPLACEMENT


LETTERS = Letters({byte: chr(byte) for byte in range(0xA0)})
LETTERS |= {ord(letter): chr(0xA0 + place) for place, letter in enumerate(UPPER)}
LETTERS |= {
    ord(text): chr(mark) + chr(letter) for (mark, letter), text in MARKED.items() if len(text) == 1
}
del LETTERS[ord(REPLACEMENT)]


def decode_6937(data: bytes) -> str:
    text: list[str] = []
    mark = 0
    for byte in data:
        if mark:
            text.append(join_mark(mark, byte))
            mark = 0
        elif byte in MARKS:
            mark = byte
        else:
            text.append(chr(byte) if byte < 0xA0 else UPPER[byte - 0xA0])
    if mark:
        text.append(REPLACEMENT)
    return "".join(text)


def join_mark(mark: int, byte: int) -> str:
    """The letter that a mark and the byte behind it make."""
    known = MARKED.get((mark, byte))
    if known is not None:
        return known
    letter = chr(byte) if byte < 0xA0 else UPPER[byte - 0xA0]
    return unicodedata.normalize("NFC", letter + MARKS[mark])


def fits_6937(text: str, others: set[str], most: int) -> bool:
    """Whether `encode_6937` gives any bytes, and no more than that; others are the letters of the
    text outside of ASCII."""
    if not MARK_BYTES.keys().isdisjoint(others):
        try:
            return len(encode_6937(text)) <= most
        except UnicodeEncodeError:
            return False
    size = len(text)
    for letter in others:
        code = LETTERS.get(ord(letter))
        if code is None:
            return False
        if len(code) > 1:
            size += text.count(letter)
            if size > most:
                return False
    return size <= most


def encode_6937(text: str) -> bytes:
    """The bytes that decode to just this text. UnicodeEncodeError if there are none."""
    # ASCII is the same in both: only what is above costs anything.
    others = "".join(set(NOT_ASCII.findall(text)))
    if MARK_BYTES.keys().isdisjoint(others):
        codes = {letter: LETTERS[ord(letter)] for letter in others}
        return NOT_ASCII.sub(lambda match: codes[match[0]], text).encode("latin-1")
    coded: list[bytes] = []
    before = ""
    for letter in text:
        mark = MARK_BYTES.get(letter)
        # Only a mark that makes no letter with the one before stays one by itself.
        if mark is not None and before and MARKED.get((mark, ord(before))) == before + letter:
            coded[-1] = bytes((mark, ord(before)))
            before = ""
        else:
            coded.append(letter.translate(LETTERS).encode("latin-1"))
            before = letter
    return b"".join(coded)
