"""Programmes out of XMLTV, one after the other, as bytes come in."""

from __future__ import annotations

from collections.abc import Callable
from html.entities import html5

from tsloom.dvb.epg.components import TEXT, make_audio, make_subtitles, make_video
from tsloom.dvb.epg.languages import UNDETERMINED, find_long_code
from tsloom.dvb.epg.programme import Programme
from tsloom.dvb.epg.report import ImportDefect, ImportReport
from tsloom.dvb.epg.resuming_parser import ResumingParser, XmlHandlers

# More letters than an event could carry: 16 extended_event_descriptors of at most 249.
TEXT_LIMIT = 8192
# Of the titles, categories, credits, ... of one programme.
PARTS_MOST = 200
ROOT = "tv"
PROGRAMME = "programme"
# The children with text of their own.
TEXTS = {"title", "sub-title", "desc", "category", "language"}
# Those whose children's text is read.
GROUPS = {"credits", "rating", "video", "audio", "subtitles"}
CREDITS = (
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter",
    "commentator", "guest",
)  # fmt: skip
IN_GROUPS = {"value", "aspect", "quality", "stereo", "language", *CREDITS}


class XmltvReader:
    """A machine: fed with bytes, it hands on each programme when it is whole."""

    def __init__(self, take: Callable[[Programme], None], report: ImportReport) -> None:
        self._take = take
        self._report = report
        self._programme: Programme | None = None
        self._parts = 0
        # How deep within the programme: 1 in its children, 2 in theirs.
        self._level = 0
        self._attributes: dict[str, str] = {}
        self._group = ""
        self._facts: dict[str, str] = {}
        self._language = ""
        # The text that is wanted, in pieces; None where none is.
        self._pieces: list[str] | None = None
        self._letters = 0
        self.has_root = False
        handlers = XmlHandlers(
            self._start, self._end, self._data, self._name_entity, self._note_defect
        )
        self._parser = ResumingParser(handlers, ROOT, PROGRAMME)

    def feed(self, data: bytes) -> None:
        self._parser.feed(data)

    def close(self) -> None:
        self._parser.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._programme is None:
            self.has_root = self.has_root or name == ROOT
            if name == PROGRAMME:
                self._begin(attributes)
            return
        self._level += 1
        self._pieces = None
        if self._level == 1:
            self._attributes = attributes
            self._group = name if name in GROUPS else ""
            self._facts = {}
            wanted = name in TEXTS
        else:
            wanted = self._level == 2 and bool(self._group) and name in IN_GROUPS
        if wanted:
            self._parts += 1
            if self._parts <= PARTS_MOST:
                self._pieces = []
                self._letters = 0

    def _begin(self, attributes: dict[str, str]) -> None:
        self._programme = Programme(
            self._parser.line,
            attributes.get("channel", ""),
            attributes.get("start"),
            attributes.get("stop"),
        )
        self._level = self._parts = 0
        self._group = self._language = ""
        self._pieces = None

    def _end(self, name: str) -> None:
        programme = self._programme
        if programme is None:
            return
        self._level -= 1
        if self._level < 0:
            self._programme = None
            programme.cut = programme.cut or self._parts > PARTS_MOST
            self._take(programme)
            return
        if self._pieces is not None:
            text = "".join(self._pieces)
            self._pieces = None
            if self._level == 0:
                self._take_text(programme, name, text)
            elif name in CREDITS:
                programme.credits.append((name, text))
            else:
                self._facts[name] = text
        if self._level == 0 and self._group:
            self._take_group(programme, name)
            self._group = ""

    def _take_text(self, programme: Programme, name: str, text: str) -> None:
        if name == "title":
            programme.titles.append((self._attributes.get("lang"), text))
        elif name == "desc":
            programme.descriptions.append((self._attributes.get("lang"), text))
        elif name == "sub-title":
            programme.sub_titles.append((self._attributes.get("lang"), text))
        elif name == "category":
            programme.categories.append(text)
        else:
            self._language = text

    def _take_group(self, programme: Programme, name: str) -> None:
        """A child whose own children have told what it is."""
        facts = self._facts
        made = None
        if name == "rating":
            programme.ratings.append((self._attributes.get("system"), facts.get("value", "")))
        elif name == "video":
            made = make_video(facts.get("aspect", ""), facts.get("quality", ""))
        elif name == "audio":
            language = find_long_code(self._language.strip()) or UNDETERMINED
            made = make_audio(facts.get("stereo", ""), language)
        elif name == "subtitles":
            before = sum(one.stream_content == TEXT for one in programme.components)
            kind = self._attributes.get("type", "")
            made = make_subtitles(kind, facts.get("language", "").strip(), before)
        if made is not None:
            programme.components.append(made)

    def _data(self, text: str) -> None:
        if self._pieces is None:
            return
        self._letters += len(text)
        if self._letters <= TEXT_LIMIT:
            self._pieces.append(text)
        elif self._programme is not None and not self._programme.cut:
            left = TEXT_LIMIT - self._letters + len(text)
            self._pieces.append(text[: max(0, left)])
            self._programme.cut = True

    def _name_entity(self, name: str) -> None:
        """A name that HTML has; guides use them without declaring them."""
        letters = html5.get(f"{name};")
        if letters is not None:
            self._data(letters)
            return
        self._data("\ufffd")
        channel = "" if self._programme is None else self._programme.channel
        self._report.note(ImportDefect.NO_ENTITY, self._parser.line, channel, name)

    def _note_defect(self, line: int, message: str, is_entity: bool) -> None:
        """The programme that is broken is lost."""
        lost = self._programme
        self._programme = None
        kind = ImportDefect.ENTITY_DECLARATION if is_entity else ImportDefect.BROKEN_XML
        self._report.note(kind, line, "" if lost is None else lost.channel, message)
