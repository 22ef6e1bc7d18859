"""Charts: shapes in SVG that stretch with the page, and words beside them in HTML that do not.

Coordinates of shapes are thousandths of the width and hundredths of the height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.page.markup import Markup, element, escape
from tsloom.analysis.page.numbers import clock, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

WIDTH, HEIGHT = 1000, 100
# Of the colours in style.css.
LAYER_COLOURS = 7


def drawing(*shapes: str, label: str, kind: str) -> Markup:
    """An SVG image of its own coordinates, described for those who cannot see it."""
    return element(
        "svg",
        *shapes,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_label=label,
        class_=kind,
    )


def rectangle(x: float, width: float, colour: str, tip: str = "", *, top: float = 0) -> Markup:
    """From `top` down to the bottom."""
    return element(
        "rect",
        *([element("title", tip)] if tip else []),
        x=f"{x:.1f}",
        y=f"{top:.1f}",
        width=f"{width:.1f}",
        height=f"{HEIGHT - top:.1f}",
        class_=colour,
    )


def time_labels(begin: float, end: float) -> Markup:
    """The words under a time axis; those at its ends stay within it."""
    fine = end - begin < 10
    shown = []
    for place in steps(end, begin=begin):
        percent = (place - begin) / (end - begin) * 100 if end > begin else 0
        side = "start" if percent < 4 else "end" if percent > 94 else None
        words = f"{place:.3g} s" if fine else clock(place)
        shown.append(element("span", words, class_=side, style=f"left:{percent:.2f}%"))
    return element("div", *shown, class_="x")


def stacked_steps(
    windows: Sequence[tuple[float, float]],
    layers: Sequence[tuple[str, Sequence[float]]],
    tips: Sequence[str],
    *,
    label: str,
    words: Callable[[float], str],
) -> Markup:
    """Layers upon each other over time. `layers` are colour and heights; `words` says a height."""
    begin, end = windows[0][0], windows[-1][1]
    sums = [sum(heights) for heights in zip(*(row for _, row in layers), strict=True)]
    marks = steps(max([*sums, 1.0]) * 1.02, most=5)
    top = max([*sums, marks[-1]]) * 1.02
    floor = [0.0] * len(windows)
    shapes = []
    for (colour, heights), tip in zip(layers, tips, strict=True):
        ceiling = [low + height for low, height in zip(floor, heights, strict=True)]
        path = _area(windows, floor, ceiling, (begin, end, top))
        shapes.append(element("path", element("title", tip), d=path, class_=colour))
        floor = ceiling
    lines = [
        element("path", d=f"M0 {(1 - mark / top) * HEIGHT:.2f}H{WIDTH}", class_="grid")
        for mark in marks
    ]
    side = [element("span", words(mark), style=f"bottom:{mark / top * 100:.2f}%") for mark in marks]
    return element(
        "div",
        element("div", *side, class_="y"),
        drawing(*shapes, *lines, label=label, kind="stack"),
        time_labels(begin, end),
        class_="plot",
    )


def _area(
    windows: Sequence[tuple[float, float]],
    floor: Sequence[float],
    ceiling: Sequence[float],
    scale: tuple[float, float, float],
) -> str:
    """A path around each run of windows that follow one another."""
    begin, end, top = scale
    span = end - begin

    def x(time: float) -> str:
        return f"{(time - begin) / span * WIDTH:.1f}"

    def y(value: float) -> str:
        return f"{(1 - value / top) * HEIGHT:.2f}"

    parts: list[str] = []
    first = 0
    for at in range(1, len(windows) + 1):
        if at < len(windows) and windows[at][0] - windows[at - 1][1] < span / WIDTH:
            continue
        run = range(first, at)
        over = "".join(f"V{y(ceiling[n])}H{x(windows[n][1])}" for n in run)
        under = "".join(f"V{y(floor[n])}H{x(windows[n][0])}" for n in reversed(run))
        parts.append(f"M{x(windows[first][0])} {y(floor[first])}{over}{under}Z")
        first = at
    return "".join(parts)


def legend(entries: Sequence[tuple[str, str]]) -> Markup:
    """Colours and their words."""
    return element(
        "ul",
        *(element("li", element("i", class_=colour), text) for colour, text in entries),
        class_="legend",
    )


def bars(rows: Sequence[tuple[str, int, str]], *, label: str) -> Markup:
    """A histogram that lies on its side: words, count, colour."""
    most = max([count for _, count, _ in rows] + [1])
    lines = [
        element(
            "tr",
            element("th", words),
            element("td", _bar(count / most, colour) if count else ""),
            element("td", f"{count:,}", class_="number"),
        )
        for words, count, colour in rows
    ]
    return element("table", *lines, class_="bars", aria_label=label)


def _bar(share: float, colour: str) -> Markup:
    return element("b", class_=colour, style=f"width:{share * 100:.2f}%")


def swatch(colour: str, text: str) -> Markup:
    """Words in a coloured frame, such as a state."""
    return element("span", escape(text), class_=f"tag {colour}")
