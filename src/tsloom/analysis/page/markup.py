"""HTML and SVG that is escaped unless it says that it is markup: a stream's texts are anybody's."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# C0, C1 and DEL; the bidirectional overrides, which would reorder what stands beside them; and
# surrogates, which no file can hold.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Markup(str):
    """Text that is markup already, and is not escaped again."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """Markup stays as it is; of other text nothing is left that markup or a terminal would obey."""
    if isinstance(text, Markup):
        return text
    return Markup(html.escape(_UNPRINTABLE.sub("\ufffd", text)))


def join(*parts: str) -> Markup:
    """One after the other, each escaped."""
    return Markup("".join(map(escape, parts)))


def element(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """`element("td", "1", class_="number")`; an attribute that is None is left out."""
    shown = "".join(
        f' {_attribute(key)}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{shown}>{join(*children)}</{name}>")


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def table(
    heads: tuple[str, ...],
    rows: Sequence[tuple[str, ...] | Markup],
    *,
    classes: tuple[str, ...] = (),
) -> Markup:
    """A table that scrolls by itself where the page is too narrow; `classes` are the columns'.

    A row that is markup is a `tr` already.
    """
    classes = classes or ("",) * len(heads)
    head = element(
        "tr", *(element("th", text, class_=name) for text, name in zip(heads, classes, strict=True))
    )
    body = [
        row
        if isinstance(row, Markup)
        else element(
            "tr",
            *(element("td", text, class_=name) for text, name in zip(row, classes, strict=True)),
        )
        for row in rows
    ]
    whole = element("table", element("thead", head), element("tbody", *body))
    return element("div", whole, class_="scroll")


def title_row(text: str, columns: int) -> Markup:
    """A row of a table that tells what the rows below it have in common."""
    return element("tr", element("th", text, colspan=columns), class_="title")


def section(name: str, title: str, *parts: str) -> Markup:
    """A part of the page with its heading, which links lead to."""
    return element("section", element("h2", title), *parts, id=name)
