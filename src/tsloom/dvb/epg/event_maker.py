"""From programmes to events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, TypeVar

from tsloom._native.xmltv import Programme
from tsloom.dvb.descriptors import (
    Content,
    ContentDescriptor,
    ExtendedEventDescriptor,
    ExtendedEventItem,
    ParentalRating,
    ParentalRatingDescriptor,
)
from tsloom.dvb.eit import ENTRY_SIZE, ROOM
from tsloom.dvb.epg.categories import find_content
from tsloom.dvb.epg.channel_map import ChannelMap
from tsloom.dvb.epg.event_text import (
    NO_PLAN,
    ItemPlan,
    clean,
    clean_line,
    largest_size,
    limit_of_extended,
    make_extended,
    make_short,
    plan_items,
)
from tsloom.dvb.epg.languages import find_long_code
from tsloom.dvb.epg.ratings import find_country, find_rating
from tsloom.dvb.epg.report import ImportDefect, ImportReport
from tsloom.psi.descriptors import Descriptor

# What a section has left for an event's descriptors; descriptors_loop_length could say more.
LOOP_ROOM = ROOM - ENTRY_SIZE
LANGUAGES_MOST = 8
OTHERS_MOST = 8
KEPT_FACTS = 2000

_T = TypeVar("_T")
Texts = Sequence[tuple[str | None, str]]


class Sameness:
    """Gives for equal values one and the same: guides say few things, but say them often."""

    KEPT = 10_000

    def __init__(self) -> None:
        self._values: dict[Any, Any] = {}

    def __call__(self, value: _T) -> _T:
        if len(self._values) >= self.KEPT:
            self._values.clear()
        same: _T = self._values.setdefault(value, value)
        return same


class EventMaker:
    """Makes events of programmes by a map's settings, and notes what they cannot carry."""

    def __init__(self, settings: ChannelMap, report: ImportReport) -> None:
        self._settings = settings
        self._report = report
        self._same = Sameness()
        self._credits: dict[tuple[tuple[str, str], ...], ItemPlan] = {}
        self._facts: dict[tuple[Any, ...], tuple[list[Descriptor], list[str]]] = {}

    def describe(self, programme: Programme) -> tuple[Descriptor, ...]:
        """What an event says of the programme."""
        default = self._settings.language
        titles = self._by_language(programme, programme.titles, clean_line, default)
        if not titles:
            titles[default] = ""
        # A text that names no language is in that of the title.
        default, title = next(iter(titles.items()))
        sub_titles = self._by_language(programme, programme.sub_titles, clean_line, default)
        texts = self._by_language(programme, programme.descriptions, clean, default)
        if len(titles) < len(programme.titles):
            self._note(ImportDefect.SEVERAL_TITLES, programme)
        cut = programme.cut
        shorts: list[Descriptor] = []
        rests: list[tuple[str, str]] = []
        languages = titles if texts.keys() <= titles.keys() else titles | texts
        for language in islice(languages, LANGUAGES_MOST):
            name, text = titles.get(language, title), texts.get(language, "")
            sub_title = sub_titles.get(language)
            if sub_title:
                short, rest = make_short(language, name, self._same(sub_title))
                cut = cut or bool(rest)
                rest = text
            else:
                short, rest = make_short(language, name, text)
            cut = cut or short.event_name != name
            shorts.append(short)
            rests.append((language, rest))
        facts = self._describe_facts(programme)
        items = self._items(programme) if programme.credits else NO_PLAN
        extended, left_out = self._extend(rests, items, [*shorts, *facts])
        if cut or left_out:
            self._note(ImportDefect.TEXT_CUT, programme)
        return (*shorts, *extended, *facts)

    def _extend(
        self,
        rests: list[tuple[str, str]],
        items: ItemPlan,
        beside: list[Descriptor],
    ) -> tuple[list[ExtendedEventDescriptor], bool]:
        """Texts that short_event_descriptors have no room for, items with the first of them; and
        whether there was no room for all."""
        wanting = [one for one in rests if one[1]]
        if items.parts and not rests[0][1]:
            wanting.insert(0, rests[0])
        made: list[ExtendedEventDescriptor] = []
        left_out = False
        if wanting:
            size = items.size + sum([largest_size(rest) for _, rest in wanting])
            most = limit_of_extended(beside, LOOP_ROOM, len(wanting), size)
            for language, rest in wanting:
                parts, cut = make_extended(language, rest, items, most)
                items = NO_PLAN
                made += parts
                left_out = left_out or cut
        return made, left_out

    def _describe_facts(self, programme: Programme) -> list[Descriptor]:
        """What it is about and for whom, which many programmes have in common."""
        said = (*programme.categories, "", *programme.ratings, "", *programme.components)
        known = self._facts.get(said)
        if known is None:
            if len(self._facts) >= KEPT_FACTS:
                self._facts.clear()
            unknown: list[str] = []
            known = self._facts[said] = (self._make_facts(programme, unknown), unknown)
        for category in known[1]:
            self._report.note_unknown_category(category)
        return known[0]

    def _make_facts(self, programme: Programme, unknown: list[str]) -> list[Descriptor]:
        facts: list[Descriptor] = []
        contents = self._contents(programme, unknown)
        if contents:
            facts.append(self._same(ContentDescriptor(contents)))
        ratings = self._ratings(programme)
        if ratings:
            facts.append(self._same(ParentalRatingDescriptor(ratings)))
        facts += [self._same(one) for one in programme.components[:OTHERS_MOST]]
        return facts

    def _contents(self, programme: Programme, unknown: list[str]) -> tuple[Content, ...]:
        found: dict[Content, None] = {}
        for category in programme.categories:
            content = find_content(category, self._settings.categories)
            if content is None:
                unknown.append(category)
            else:
                found[content] = None
        return tuple(found)[:OTHERS_MOST]

    def _ratings(self, programme: Programme) -> tuple[ParentalRating, ...]:
        found: dict[str, ParentalRating] = {}
        for system, value in programme.ratings:
            country = find_country(system) or self._settings.country
            rating = find_rating(value)
            if country is not None and rating is not None:
                found.setdefault(country, ParentalRating(country, rating))
        return tuple(found.values())[:OTHERS_MOST]

    def _items(self, programme: Programme) -> ItemPlan:
        said = tuple(programme.credits)
        known = self._credits.get(said)
        if known is None:
            if len(self._credits) >= KEPT_FACTS:
                self._credits.clear()
            cleaned = ((role, clean_line(name)) for role, name in said)
            named = (ExtendedEventItem(role, name) for role, name in cleaned if name)
            known = plan_items(tuple(named))
            self._credits[said] = known
        return known

    def _by_language(
        self, programme: Programme, texts: Texts, tidy: Callable[[str], str], default: str
    ) -> dict[str, str]:
        """The first text in each language."""
        found: dict[str, str] = {}
        if len(texts) == 1 and (known := find_long_code(texts[0][0])) is not None:
            if tidied := tidy(texts[0][1]):
                found[known] = tidied
            return found
        for lang, text in texts:
            language = find_long_code(lang)
            if language is None:
                language = default
                if lang:
                    self._note(ImportDefect.NO_LANGUAGE, programme, lang)
            tidied = tidy(text)
            if tidied and language not in found:
                found[language] = tidied
        return found

    def _note(self, defect: ImportDefect, programme: Programme, detail: str = "") -> None:
        self._report.note(defect, programme.line, programme.channel, detail)
