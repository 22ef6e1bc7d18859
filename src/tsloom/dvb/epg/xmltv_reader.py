"""Programmes out of XMLTV, one after the other, as bytes come in."""

from __future__ import annotations

from collections.abc import Callable
from html.entities import html5
from typing import NoReturn

from tsloom._native.xmltv import Programme, ProgrammeWalk
from tsloom.dvb.descriptors import ComponentDescriptor
from tsloom.dvb.epg.components import TEXT, make_audio, make_subtitles, make_video
from tsloom.dvb.epg.languages import UNDETERMINED, find_long_code
from tsloom.dvb.epg.report import ImportDefect, ImportReport
from tsloom.dvb.epg.resuming_parser import RefusedError, ResumingParser, XmlHandlers

ROOT = "tv"
PROGRAMME = "programme"


class XmltvReader(ProgrammeWalk):
    """A machine: fed with bytes, it hands on each programme when it is whole."""

    def __init__(self, take: Callable[[Programme], None], report: ImportReport) -> None:
        self._take = take
        self._report = report
        handlers = XmlHandlers(self.start, self.end, self.add, self._name_entity, self._note_defect)
        self._parser = ResumingParser(handlers, ROOT, PROGRAMME)

    def feed(self, data: bytes) -> None:
        self._parser.feed(data)
        self.trim()

    def close(self) -> None:
        self._parser.close()

    def take(self, programme: Programme) -> None:
        self._take(programme)

    def find_line(self) -> int:
        return self._parser.line

    def refuse(self) -> NoReturn:
        raise RefusedError("nested too deep")

    def take_component(
        self,
        programme: Programme,
        name: str,
        attributes: dict[str, str],
        facts: dict[str, str],
        language: str,
    ) -> None:
        made: ComponentDescriptor | None
        if name == "video":
            made = make_video(facts.get("aspect", ""), facts.get("quality", ""))
        elif name == "audio":
            code = find_long_code(language.strip()) or UNDETERMINED
            made = make_audio(facts.get("stereo", ""), code)
        else:
            before = sum(one.stream_content == TEXT for one in programme.components)
            kind = attributes.get("type", "")
            made = make_subtitles(kind, facts.get("language", "").strip(), before)
        if made is not None:
            programme.components.append(made)

    def _name_entity(self, name: str) -> None:
        """A name that HTML has; guides use them without declaring them."""
        letters = html5.get(f"{name};")
        self.add("\ufffd" if letters is None else letters)
        if letters is None:
            channel = "" if self.programme is None else self.programme.channel
            self._report.note(ImportDefect.NO_ENTITY, self.find_line(), channel, name)

    def _note_defect(self, line: int, message: str, is_entity: bool) -> None:
        lost = self.abandon()
        kind = ImportDefect.ENTITY_DECLARATION if is_entity else ImportDefect.BROKEN_XML
        self._report.note(kind, line, "" if lost is None else lost.channel, message)
