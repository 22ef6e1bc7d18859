"""Text fields: EN 300 468, annex A."""

from __future__ import annotations

import unicodedata

# The default table is ISO/IEC 6937 with the euro sign at 0xA4 (annex A, figure A.1).
_UPPER = (
    "\u00a0¡¢£€¥\ufffd§¤‘“«←↑→↓"
    "°±²³×µ¶·÷’”»¼½¾¿" + "\ufffd" * 16 + "―¹®©™♪¬¦\ufffd\ufffd\ufffd\ufffd⅛⅜⅝⅞"
    "ΩÆĐªĦ\ufffdĲĿŁØŒºÞŦŊŉ"
    "ĸæđðħıĳŀłøœßþŧŋ\u00ad"
)
# A diacritical mark stands before its letter.
_MARKS = {
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
_TWO_BYTE = {0x11: "utf-16-be", 0x12: "euc_kr", 0x13: "gb2312", 0x14: "big5"}
_REPLACEMENT = "\ufffd"


def decode_text(data: bytes) -> str:
    """The text of a DVB text field, without its selector bytes.

    Emphasis controls are taken out, 0x8A becomes a new line, and what no table knows U+FFFD.
    """
    if not data:
        return ""
    first = data[0]
    if first >= 0x20:
        return _decode_6937(data)
    if 1 <= first <= 0x0B and first != 0x08:
        return _decode_8859(data[1:], first + 4)
    if first == 0x10 and len(data) >= 3 and data[1] == 0 and 1 <= data[2] <= 15 and data[2] != 12:
        return _decode_8859(data[3:], data[2])
    if first == 0x15:
        return _clean(data[1:].decode("utf-8", "replace"))
    if first in _TWO_BYTE:
        return _clean(data[1:].decode(_TWO_BYTE[first], "replace"))
    # A reserved selector, or 0x1F with an encoding of its own: plain ASCII can still be read.
    return _clean(data[2 if first == 0x1F else 1 :].decode("ascii", "replace"))


def _decode_8859(data: bytes, part: int) -> str:
    return _clean(data.decode(f"iso8859_{part}", "replace"))


def _decode_6937(data: bytes) -> str:
    text: list[str] = []
    mark = ""
    for byte in data:
        if byte in _MARKS and not mark:
            mark = _MARKS[byte]
            continue
        letter = chr(byte) if byte < 0xA0 else _UPPER[byte - 0xA0]
        text.append(unicodedata.normalize("NFC", letter + mark))
        mark = ""
    if mark:
        text.append(_REPLACEMENT)
    return _clean("".join(text))


def _is_high(code: int) -> bool:
    return code >= 0xA0 and not 0xE080 <= code <= 0xE09F


def _clean(text: str) -> str:
    """Control codes of tables A.1 and A.2 taken out, CR/LF turned into a new line."""
    kept: list[str] = []
    for letter in text:
        code = ord(letter)
        if code in (0x8A, 0xE08A):
            kept.append("\n")
        elif code in (0x0A, 0x0D) or 0x20 <= code < 0x7F or _is_high(code):
            kept.append(letter)
    return "".join(kept)
