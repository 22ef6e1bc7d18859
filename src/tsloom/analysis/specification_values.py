"""What a line of a specification wants, and how values are compared with it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from tsloom.errors import UsageError

# Names that mean the same codec, letters and digits only.
CODEC_NAMES = {
    "avc": "h264",
    "mpeg4avc": "h264",
    "h265": "hevc",
    "mpeg2": "mpeg2video",
    "h262": "mpeg2video",
    "mpeg1": "mpeg1video",
    "mp2": "mpeg1audiolayerii",
    "mp3": "mpeg1audiolayeriii",
    "ec3": "eac3",
}
# 29.97 is what people write for 30000/1001. Whole numbers are compared as they are.
ROUNDING = 1e-5
LIMITS = ("min", "max", "nominal", "tolerance")


@dataclass(frozen=True, slots=True)
class Span:
    """The lowest and the highest of a value that was seen many times."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of these values (`choices`), or a number from `low` to `high`."""

    kind: str
    choices: tuple[Any, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    def allows(self, value: object) -> bool:
        """Of a Span: all of it."""
        if isinstance(value, Span):
            return self.allows(value.low) and self.allows(value.high)
        if self.choices:
            return any(_is_same(self.kind, one, value) for one in self.choices)
        number = _to_number(value)
        return number is not None and self.low <= number <= self.high

    def describe(self) -> str:
        """For people."""
        if self.choices:
            return " or ".join(show(one) for one in self.choices)
        if math.isinf(self.high):
            return f"at least {show(self.low)}"
        if math.isinf(self.low):
            return f"at most {show(self.high)}"
        return f"{show(self.low)} to {show(self.high)}"


def show(value: object) -> str:
    """A value for people."""
    if value is None:
        return "none"
    if isinstance(value, Span):
        both = (show(value.low), show(value.high))
        return both[0] if both[0] == both[1] else " to ".join(both)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e5 else f"{value:.0f}"
    return str(value)


def _to_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _plain(kind: str, value: object) -> str:
    """Letters and digits in lower case; of a codec, its one name."""
    name = re.sub(r"[^a-z0-9]", "", str(value).casefold())
    return CODEC_NAMES.get(name, name) if kind == "codec" else name


def _is_same(kind: str, wanted: object, value: object) -> bool:
    if kind == "flag":
        return wanted is value
    if kind in ("number", "level"):
        left, right = _to_number(wanted), _to_number(value)
        if isinstance(wanted, int) and isinstance(value, int):
            return wanted == value
        if left is not None and right is not None:
            return math.isclose(left, right, rel_tol=ROUNDING)
    return kind != "number" and _plain(kind, wanted) == _plain(kind, value)


def make_wanted(kind: str, value: object, *, key: str, line: int | None) -> Wanted:
    """What a value of TOML wants; `UsageError` if it is none for such a key."""
    facts = {"key": key, "value": value, "line": line}
    if isinstance(value, dict):
        return _make_range(kind, value, facts)
    choices = tuple(value) if isinstance(value, list) else (value,)
    if not choices:
        raise UsageError("an empty list allows nothing", **facts)
    for one in choices:
        _check_choice(kind, one, facts)
    return Wanted(kind, choices)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]  # is_number says so


def _check_choice(kind: str, value: object, facts: dict[str, Any]) -> None:
    if kind == "flag" and not isinstance(value, bool):
        raise UsageError("true or false is wanted", **facts)
    if kind == "number" and not _is_number(value):
        raise UsageError("a number is wanted", **facts)
    if kind in ("text", "codec") and not (isinstance(value, str) and value):
        raise UsageError("a text is wanted", **facts)
    if kind == "level" and not (_is_number(value) or (isinstance(value, str) and value)):
        raise UsageError("a level is wanted, as 4.1 or a text", **facts)
    if kind == "pid":
        _check_pid(value, facts)


def _check_pid(value: object, facts: dict[str, Any]) -> None:
    if isinstance(value, str):
        if value not in ("video", "audio", "pcr", "pmt", "scte35"):
            raise UsageError('a PID is a number, or "video", "audio", "scte35"', **facts)
    elif not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 0x1FFF:
        raise UsageError("a PID is a whole number from 0 to 8191", **facts)


def _make_range(kind: str, table: dict[str, Any], facts: dict[str, Any]) -> Wanted:
    if kind not in ("number", "level"):
        raise UsageError("only numbers have a range", **facts)
    unknown = [name for name in table if name not in LIMITS]
    if unknown or not table or not all(map(_is_number, table.values())):
        raise UsageError("a range has numbers as min and max, or nominal and tolerance", **facts)
    if "nominal" in table or "tolerance" in table:
        if set(table) != {"nominal", "tolerance"} or table["tolerance"] < 0:
            raise UsageError("nominal wants a tolerance, such as 0.1, and nothing else", **facts)
        reach = abs(table["nominal"]) * table["tolerance"]
        return Wanted(kind, (), table["nominal"] - reach, table["nominal"] + reach)
    low, high = table.get("min", -math.inf), table.get("max", math.inf)
    if low > high:
        raise UsageError("min is above max", **facts)
    return Wanted(kind, (), low, high)
