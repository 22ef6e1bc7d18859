"""A page as html.parser reads it."""

from __future__ import annotations

from html.parser import HTMLParser

# Elements that end without a tag of their own.
VOID = {"meta", "wbr"}


class Page(HTMLParser):
    """The text of each section, and every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.sections: dict[str, str] = {}
        self.title = ""
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self._section = ""
        self.feed(text)
        self.close()
        assert self._open == [], "elements that were not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "section":
            self._section = attributes["id"] or ""
            self.sections[self._section] = ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "head" in self._open:
            self.title += data
        if self._section:
            self.sections[self._section] += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}
