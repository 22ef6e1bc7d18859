"""The values that stand behind a URL's keys: durations, rates, sizes, switches, secrets.

Every parser here takes the text of one value and raises `ValueError` with the reason alone; the
URL parser adds the key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

# Bare numbers above this are refused: other programs take microseconds in the same place.
LONGEST_GATHER_US = 10_000
LONGEST_BARE_MS = 20_000

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s)?", re.ASCII)
_DURATION_US = {"us": 1, "ms": 1_000, "s": 1_000_000}
_SCALED = re.compile(r"(\d+(?:\.\d+)?)([kMG]i?)?", re.ASCII)
_SCALE = {
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
}
_SWITCH = {
    "": True,
    **dict.fromkeys(("1", "yes", "true", "on"), True),
    **dict.fromkeys(("0", "no", "false", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that shows itself only to who asks: `reveal()`."""

    _text: str

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Pace:
    """When packets leave: by PCR, at a constant rate, or at once."""

    mode: Literal["pcr", "cbr", "off"]
    bitrate_bps: int | None = None

    def __str__(self) -> str:
        return self.mode if self.bitrate_bps is None else f"{self.mode}:{self.bitrate_bps}"


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before trying again: from the first wait, doubling, to the longest."""

    first_us: int
    longest_us: int


def parse_duration(text: str) -> int:
    """Microseconds out of `120`, `120ms`, `1.5s` or `800us`; a bare number is milliseconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number with us, ms or s, such as 120ms")
    number = Decimal(match[1])
    if match[2] is None and number > LONGEST_BARE_MS:
        raise ValueError(
            f"a bare number is milliseconds; write {text}us or {text}ms if you mean that"
        )
    return int(number * _DURATION_US[match[2] or "ms"])


def parse_gather(text: str) -> int:
    """Microseconds; no longer than receive buffers surely hold what comes meanwhile."""
    duration = parse_duration(text)
    if duration > LONGEST_GATHER_US:
        raise ValueError("datagrams wait for others for 10ms at the most")
    return duration


def parse_rate(text: str) -> int:
    """Bits a second out of `20M`, `5.2M`, `800k` or a bare number."""
    match = _SCALED.fullmatch(text)
    if match is None or (match[2] or "").endswith("i"):
        raise ValueError("a rate is a number of bits a second, such as 800k, 5.2M or 20M")
    rate = int(Decimal(match[1]) * _SCALE.get(match[2], 1))
    if not 1 <= rate <= 10 * _SCALE["G"]:
        raise ValueError("a rate is 1 bit to 10G a second")
    return rate


def parse_bandwidth(text: str) -> int:
    """A rate with its unit, or 0 or -1, which have a meaning of their own to SRT.

    SRT's own options count bytes, so a bare number may mean either and is refused.
    """
    if text in ("0", "-1"):
        return int(text)
    if text.isdecimal():
        raise ValueError("write the rate in bits a second with k, M or G, such as 20M")
    return parse_rate(text)


def parse_size(text: str) -> int:
    """Bytes out of `262144`, `8M` (decimal) or `8Mi` (binary)."""
    match = _SCALED.fullmatch(text)
    if match is None:
        raise ValueError("a size is a number of bytes, such as 262144, 8M or 8Mi")
    size = int(Decimal(match[1]) * _SCALE.get(match[2], 1))
    if not 1 <= size <= 2**30:
        raise ValueError("a buffer has 1 byte to 1 GiB")
    return size


def parse_switch(text: str) -> bool:
    """True out of `1`, `yes`, `true`, `on` or nothing, False out of `0`, `no`, `false`, `off`."""
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError("a switch is 1 or 0") from None


def parse_text(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    if "\0" in text:
        raise ValueError("has a NUL in it")
    return text


def parse_pace(text: str) -> Pace:
    """`pcr`, `off` or `cbr:RATE`."""
    mode, _, rate = text.partition(":")
    if mode == "cbr":
        return Pace("cbr", parse_rate(rate))
    if text == "pcr":
        return Pace("pcr")
    if text == "off":
        return Pace("off")
    raise ValueError("a pace is pcr, cbr:RATE or off")


def parse_pkt_size(text: str) -> int:
    """Bytes of a datagram: 1 to 348 whole packets."""
    size = parse_integer(188, 65_424)(text)
    if size % 188:
        nearest = max(1, size // 188) * 188
        raise ValueError(f"a datagram holds whole packets of 188 bytes; {nearest} would be")
    return size


def parse_dscp(text: str) -> int:
    """The TOS byte that carries this DSCP (RFC 2474: its upper six bits)."""
    return parse_integer(0, 63)(text) << 2


def parse_fec(text: str) -> tuple[int, int]:
    """Columns and rows of a SMPTE 2022-1 matrix out of `10x5`."""
    match = re.fullmatch(r"(\d{1,2})x(\d{1,2})", text, re.ASCII)
    if match is None:
        raise ValueError("a FEC matrix is columns x rows, such as 10x5")
    columns, rows = int(match[1]), int(match[2])
    if not (1 <= columns <= 20 and 4 <= rows <= 20 and columns * rows <= 100):
        raise ValueError("SMPTE 2022-1 allows 1-20 columns, 4-20 rows, 100 packets in all")
    return columns, rows


def parse_passphrase(text: str) -> Secret:
    if not 10 <= len(text.encode()) <= 79:
        raise ValueError("a passphrase has 10 to 79 bytes")
    return Secret(text)


def parse_streamid(text: str) -> str:
    if len(text.encode()) > 512:
        raise ValueError("a streamid has 512 bytes at most")
    return parse_text(text)


def parse_version(text: str) -> int:
    """An SRT version out of `1.5.0`, as 0x010500."""
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{1,2})", text, re.ASCII)
    if match is None:
        raise ValueError("a version is three numbers, such as 1.5.0")
    return int(match[1]) << 16 | int(match[2]) << 8 | int(match[3])


def parse_backoff(text: str) -> Backoff:
    """`500ms..10s`, or one duration for a constant wait."""
    first, dots, longest = text.partition("..")
    backoff = Backoff(parse_duration(first), parse_duration(longest if dots else first))
    if backoff.longest_us < backoff.first_us:
        raise ValueError("the longest wait comes second")
    return backoff


def parse_integer(lowest: int, highest: int) -> Callable[[str], int]:
    """A parser of decimal or 0x numbers within bounds."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,10}|0x[0-9a-fA-F]{1,8}", text, re.ASCII):
            raise ValueError("is not a number")
        number = int(text, 16 if text.startswith("0x") else 10)
        if not lowest <= number <= highest:
            raise ValueError(f"is not within {lowest} to {highest}")
        return number

    return parse


def parse_choice(*choices: str) -> Callable[[str], str]:
    """A parser of one of these words."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"is not one of {', '.join(choices)}")
        return text

    return parse
