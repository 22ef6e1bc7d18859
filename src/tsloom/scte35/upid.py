"""UPIDs as people read them: ANSI/SCTE 35 2023r1, table 22."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from enum import IntEnum

from tsloom._native.scte35_segmentation import SegmentationUpid
from tsloom.errors import UsageError


class UpidType(IntEnum):
    """segmentation_upid_type."""

    NOT_USED = 0x00
    USER_DEFINED = 0x01
    ISCI = 0x02
    AD_ID = 0x03
    UMID = 0x04
    ISAN_DEPRECATED = 0x05
    ISAN = 0x06
    TID = 0x07
    TI = 0x08
    ADI = 0x09
    EIDR = 0x0A
    ATSC = 0x0B
    MPU = 0x0C
    MID = 0x0D
    ADS = 0x0E
    URI = 0x0F
    UUID = 0x10
    SCR = 0x11


_TEXT_TYPES = frozenset(
    {
        UpidType.USER_DEFINED,
        UpidType.ISCI,
        UpidType.AD_ID,
        UpidType.TID,
        UpidType.ADI,
        UpidType.ADS,
        UpidType.URI,
        UpidType.SCR,
    }
)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def mpu(format_identifier: int, private_data: bytes) -> SegmentationUpid:
    """A managed private UPID: the registered owner's identifier and its bytes (10.3.3.3)."""
    return SegmentationUpid(UpidType.MPU, format_identifier.to_bytes(4, "big") + private_data)


def mid(upids: Iterable[SegmentationUpid]) -> SegmentationUpid:
    """Several UPIDs in one (10.3.3.4)."""
    parts = []
    for upid in upids:
        if len(upid.segmentation_upid) > 0xFF:
            raise UsageError("does not fit its field", field="length", upid=upid)
        head = bytes((upid.segmentation_upid_type, len(upid.segmentation_upid)))
        parts.append(head + upid.segmentation_upid)
    return SegmentationUpid(UpidType.MID, b"".join(parts))


def upid_to_text(upid: SegmentationUpid) -> str | None:
    """The UPID in its type's notation, or None where its bytes have none.

    EIDR, ISAN and UMID are in their canonical notation (EIDR without its check character), TI is
    decimal, UUID with hyphens, and the types that are text are that text.
    """
    data = upid.segmentation_upid
    if upid.segmentation_upid_type in _TEXT_TYPES:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return None
    notation = _NOTATIONS.get(upid.segmentation_upid_type)
    if notation is None or len(data) != notation[0]:
        return None
    return notation[1](data)


def upid_from_text(segmentation_upid_type: int, text: str) -> SegmentationUpid:
    """The UPID that a text in its type's notation stands for.

    Raises `UsageError` where the type has no notation or the text does not follow it.
    """
    if segmentation_upid_type in _TEXT_TYPES:
        return SegmentationUpid(segmentation_upid_type, text.encode("utf-8"))
    notation = _NOTATIONS.get(segmentation_upid_type)
    if notation is None:
        raise UsageError("a UPID type without a text form", upid_type=segmentation_upid_type)
    try:
        data = notation[2](text.strip())
    except (ValueError, OverflowError):
        data = b""
    if len(data) != notation[0]:
        raise UsageError("not in the UPID type's notation", text=text)
    return SegmentationUpid(segmentation_upid_type, data)


def _check_character(digits: str) -> str:
    """ISO 7064, MOD 37,36, over hexadecimal digits."""
    product = 36
    for digit in digits:
        product = ((product + _DIGITS.index(digit)) % 36 or 36) * 2 % 37
    return _DIGITS[(37 - product) % 36]


def _hex_groups(data: bytes) -> list[str]:
    digits = data.hex().upper()
    return [digits[at : at + 4] for at in range(0, len(digits), 4)]


def _isan_to_text(data: bytes) -> str:
    digits = data.hex().upper()
    groups = _hex_groups(data)
    root = [*groups[:4], _check_character(digits[:16])]
    if len(data) == 8:
        return "-".join(root)
    return "-".join([*root, *groups[4:], _check_character(digits)])


def _isan_from_text(text: str) -> bytes:
    groups = text.removeprefix("ISAN").strip().split("-")
    data = bytes.fromhex("".join(group for group in groups if len(group) == 4))
    if len(data) in (8, 12) and len(groups) > len(data) // 2 and _isan_to_text(data) != text:
        raise ValueError(text)
    return data


def _eidr_to_text(data: bytes) -> str:
    return f"10.{int.from_bytes(data[:2], 'big')}/{'-'.join(_hex_groups(data[2:]))}"


def _eidr_from_text(text: str) -> bytes:
    match = re.fullmatch(r"10\.(\d{1,5})/((?:[0-9A-Fa-f]{4}-){4}[0-9A-Fa-f]{4})(?:-(\w))?", text)
    if match is None:
        raise ValueError(text)
    digits = match[2].replace("-", "").upper()
    if match[3] is not None and match[3].upper() != _check_character(digits):
        raise ValueError(text)
    return int(match[1]).to_bytes(2, "big") + bytes.fromhex(digits)


def _umid_to_text(data: bytes) -> str:
    digits = data.hex().upper()
    return ".".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def _ti_from_text(text: str) -> bytes:
    return int(text, 16 if text[:2].lower() == "0x" else 10).to_bytes(8, "big")


def _uuid_to_text(data: bytes) -> str:
    return str(uuid.UUID(bytes=data))


_NOTATIONS: dict[int, tuple[int, Callable[[bytes], str], Callable[[str], bytes]]] = {
    UpidType.UMID: (32, _umid_to_text, lambda text: bytes.fromhex(text.replace(".", ""))),
    UpidType.ISAN_DEPRECATED: (8, _isan_to_text, _isan_from_text),
    UpidType.ISAN: (12, _isan_to_text, _isan_from_text),
    UpidType.TI: (8, lambda data: str(int.from_bytes(data, "big")), _ti_from_text),
    UpidType.EIDR: (12, _eidr_to_text, _eidr_from_text),
    UpidType.UUID: (
        16,
        lambda data: str(uuid.UUID(bytes=data)),
        lambda text: uuid.UUID(text).bytes,
    ),
}
