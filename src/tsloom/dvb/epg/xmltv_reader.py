"""Programmes out of XMLTV, one after the other, as bytes come in."""

from __future__ import annotations

from collections.abc import Callable
from html.entities import html5

from tsloom.dvb.epg.components import TEXT, make_audio, make_subtitles, make_video
from tsloom.dvb.epg.languages import UNDETERMINED, find_long_code
from tsloom.dvb.epg.programme import Programme
from tsloom.dvb.epg.report import ImportDefect, ImportReport
from tsloom.dvb.epg.resuming_parser import RefusedError, ResumingParser, XmlHandlers

# More letters than an event could carry: 16 extended_event_descriptors of at most 249.
TEXT_LIMIT = 8192
# Of the titles, categories, credits, ... of one programme.
PARTS_MOST = 200
DEPTH_MOST = 64
NOWHERE = -1
ROOT = "tv"
PROGRAMME = "programme"
# The children with text of their own.
TEXTS = {"title", "sub-title", "desc", "category", "language"}
# Those whose children's text is read.
GROUPS = {"credits", "rating", "video", "audio", "subtitles"}
CREDITS = {
    "director", "actor", "writer", "adapter", "producer", "composer", "editor", "presenter",
    "commentator", "guest",
}  # fmt: skip
IN_GROUPS = {"value", "aspect", "quality", "stereo", "language", *CREDITS}


class XmltvReader:
    """A machine: fed with bytes, it hands on each programme when it is whole."""

    def __init__(self, take: Callable[[Programme], None], report: ImportReport) -> None:
        self._take = take
        self._report = report
        self._programme: Programme | None = None
        self._parts = 0
        # Of open elements in the document, and of a programme's children.
        self._depth = 0
        self._child_depth = NOWHERE
        self._attributes: dict[str, str] = {}
        self._group = ""
        self._facts: dict[str, str] = {}
        self._language = ""
        self._wanted = False
        # The text since the last tag whose text is wanted.
        self._pieces: list[str] = []
        self.has_root = False
        handlers = XmlHandlers(
            self._start, self._end, self._pieces.append, self._name_entity, self._note_defect
        )
        self._parser = ResumingParser(handlers, ROOT, PROGRAMME)

    def feed(self, data: bytes) -> None:
        self._parser.feed(data)
        if len(self._pieces) > 1:
            # One letter more tells that there were more.
            self._pieces[:] = ["".join(self._pieces)[: TEXT_LIMIT + 1]]

    def close(self) -> None:
        self._parser.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self._depth = self._depth + 1
        self._wanted = False
        if depth == self._child_depth:
            self._attributes = attributes
            if name in TEXTS:
                # As _want does it: most that is read comes by here.
                parts = self._parts = self._parts + 1
                self._wanted = parts <= PARTS_MOST
                self._pieces.clear()
            elif name in GROUPS:
                self._group = name
                self._facts = {}
        elif self._group:
            if name in IN_GROUPS:
                self._want()
        elif self._programme is None:
            self.has_root = self.has_root or name == ROOT
            if name == PROGRAMME:
                self._begin(attributes)
        if depth > DEPTH_MOST:
            raise RefusedError("nested too deep")

    def _want(self) -> None:
        self._parts += 1
        self._wanted = self._parts <= PARTS_MOST
        self._pieces.clear()

    def _begin(self, attributes: dict[str, str]) -> None:
        get = attributes.get
        self._programme = Programme(
            self._parser.line, get("channel", ""), get("start"), get("stop")
        )
        self._child_depth = self._depth + 1
        self._parts = 0
        self._language = ""

    def _end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        programme = self._programme
        if programme is None:
            return
        if self._wanted:
            self._wanted = False
            pieces = self._pieces
            text = pieces[0] if len(pieces) == 1 else "".join(pieces)
            if len(text) > TEXT_LIMIT:
                text = text[:TEXT_LIMIT]
                programme.cut = True
            if depth == self._child_depth:
                self._take_text(programme, name, text)
            elif name in CREDITS:
                programme.credits.append((name, text))
            else:
                self._facts[name] = text
        elif depth == self._child_depth:
            if self._group:
                self._take_group(programme, name)
                self._group = ""
        elif depth < self._child_depth:
            self._leave()
            programme.cut = programme.cut or self._parts > PARTS_MOST
            self._take(programme)

    def _leave(self) -> None:
        """No programme is open any more."""
        self._programme = None
        self._child_depth = NOWHERE
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

    def _name_entity(self, name: str) -> None:
        """A name that HTML has; guides use them without declaring them."""
        letters = html5.get(f"{name};")
        if letters is not None:
            self._pieces.append(letters)
            return
        self._pieces.append("\ufffd")
        channel = "" if self._programme is None else self._programme.channel
        self._report.note(ImportDefect.NO_ENTITY, self._parser.line, channel, name)

    def _note_defect(self, line: int, message: str, is_entity: bool) -> None:
        """The programme that is broken is lost."""
        lost = self._programme
        self._leave()
        self._depth = 0
        self._wanted = False
        kind = ImportDefect.ENTITY_DECLARATION if is_entity else ImportDefect.BROKEN_XML
        self._report.note(kind, line, "" if lost is None else lost.channel, message)
