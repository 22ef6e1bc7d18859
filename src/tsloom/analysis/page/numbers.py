"""Figures in the words of people."""

from __future__ import annotations

NOT_MEASURED = "–"


def rate(bps: float | None) -> str:
    """Bits a second, with the unit that fits."""
    if bps is None:
        return NOT_MEASURED
    if bps >= 1e6:
        return f"{bps / 1e6:.3f} Mb/s"
    return f"{bps / 1e3:.1f} kb/s" if bps >= 1e3 else f"{bps:.0f} b/s"


def seconds(value: float | None) -> str:
    if value is None:
        return NOT_MEASURED
    if abs(value) < 1:
        return f"{value * 1000:.1f} ms"
    return f"{value:.3f} s" if abs(value) < 600 else clock(value)


def clock(value: float) -> str:
    """Hours, minutes, seconds."""
    whole = round(abs(value))
    sign = "-" if value < 0 else ""
    if whole < 3600:
        return f"{sign}{whole // 60}:{whole % 60:02}"
    return f"{sign}{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def amount(value: float | None, unit: str) -> str:
    """A figure in an indicator's unit."""
    if value is None:
        return NOT_MEASURED
    return seconds(value) if unit == "s" else f"{value:,.0f} {unit}"


def steps(end: float, *, begin: float = 0.0, most: int = 6) -> list[float]:
    """Round numbers from begin to end, at most so many, evenly spaced: where an axis has labels."""
    span = end - begin
    if span <= 0:
        return [begin]
    step = 10.0**-6
    factors = (2.0, 2.5, 2.0)
    turn = 0
    while span / step > most - 1:
        step *= factors[turn % 3]
        turn += 1
    first = -(-begin // step)
    count = int((end - first * step) / step + 1e-9) + 1
    return [(first + number) * step for number in range(count)]
