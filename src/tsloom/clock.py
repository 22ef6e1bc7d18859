"""90 kHz and 27 MHz arithmetic, and the clock of a program (ISO/IEC 13818-1, 2.4.2.2)."""

from __future__ import annotations

import re
from datetime import timedelta

from tsloom._native.clock import ProgramClock
from tsloom.errors import UsageError

__all__ = [
    "PCR_HZ",
    "PCR_MODULUS",
    "PTS_HZ",
    "PTS_MODULUS",
    "ProgramClock",
    "parse_seconds",
    "pts_difference",
    "to_27mhz",
]

PTS_HZ = 90_000
PCR_HZ = 27_000_000
PTS_MODULUS = 1 << 33
PCR_MODULUS = PTS_MODULUS * 300

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h)?")
_UNIT_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


def pts_difference(later: int, earlier: int) -> int:
    """Ticks of 90 kHz from one PTS to another, the short way round the 33-bit wrap."""
    difference = (later - earlier) % PTS_MODULUS
    return difference - PTS_MODULUS if difference >= PTS_MODULUS // 2 else difference


def parse_seconds(value: str | float | timedelta) -> float:
    """Seconds from "30s", "1.5m", "500ms", a number of seconds or a timedelta; `UsageError`."""
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, (int, float)):
        seconds = float(value)
    else:
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise UsageError("not a duration such as 30s, 500ms or 1.5m", duration=value)
        seconds = float(match[1]) * _UNIT_SECONDS[match[2]]
    if not 0 <= seconds < 1e9:
        raise UsageError("a duration is 0 s or more and finite", duration=value)
    return seconds


def to_27mhz(value: str | float | timedelta) -> int:
    """A duration in ticks of 27 MHz."""
    return round(parse_seconds(value) * PCR_HZ)
