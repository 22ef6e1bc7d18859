"""A database as XMLTV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from tsloom._native.xmltv import CREDITS
from tsloom.dvb.descriptors import (
    ComponentDescriptor,
    ContentDescriptor,
    ExtendedEventDescriptor,
    ParentalRatingDescriptor,
    ShortEventDescriptor,
)
from tsloom.dvb.eit import Event
from tsloom.dvb.epg.categories import name_content
from tsloom.dvb.epg.channel_map import ChannelMap, Channels, name_service
from tsloom.dvb.epg.checks import get_times
from tsloom.dvb.epg.components import name_sound, name_subtitles, name_video
from tsloom.dvb.epg.event_text import is_continued
from tsloom.dvb.epg.languages import find_short_code
from tsloom.dvb.epg.xmltv_time import write_time
from tsloom.dvb.text import join_texts

if TYPE_CHECKING:
    from tsloom.dvb.epg.database import EventDatabase

# What XML 1.0 has no letters for (2.2), and DVB's emphasis.
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
    '<tv generator-info-name="tsloom">\n'
)
TAIL = "</tv>\n"


def list_channels(database: EventDatabase, channels: Channels) -> list[tuple[str, Sequence[Event]]]:
    """Every service's events under its channel id."""
    names = ChannelMap.make(channels).name_channels()
    return [(names.get(key, name_service(key)), database.events(key)) for key in database.services]


def write_xmltv(channels: Iterable[tuple[str, Iterable[Event]]]) -> Iterator[str]:
    """The document in pieces: channel ids, each with its events in order."""
    known = list(channels)
    yield HEAD
    for channel, _ in known:
        yield (
            f"  <channel id={quote(channel)}>\n"
            f"    <display-name>{spell(channel)}</display-name>\n  </channel>\n"
        )
    for channel, events in known:
        for event in events:
            yield write_programme(channel, event)
    yield TAIL


def write_programme(channel: str, event: Event) -> str:
    """One event, its elements in the order that xmltv.dtd has."""
    start, end = get_times(event)
    head = (
        f'  <programme start="{write_time(start)}" stop="{write_time(end)}" '
        f"channel={quote(channel)}>\n"
    )
    inner = (*list_texts(event), *list_facts(event))
    return "".join((head, *(f"    {line}\n" for line in inner), "  </programme>\n"))


def list_texts(event: Event) -> Iterator[str]:
    """Titles, sub-titles, descriptions and credits."""
    shorts = [one for one in event.descriptors if isinstance(one, ShortEventDescriptor)]
    extended = [one for one in event.descriptors if isinstance(one, ExtendedEventDescriptor)]
    sub_titles: list[str] = []
    texts: list[str] = []
    languages = [
        *(one.iso_639_language_code for one in shorts),
        *(one.iso_639_language_code for one in extended),
    ]
    for language in dict.fromkeys(languages):
        short = next((one for one in shorts if one.iso_639_language_code == language), None)
        more = join_texts(one.text for one in extended if one.iso_639_language_code == language)
        sub_title, text = split_texts(short, more)
        lang = write_lang(language)
        sub_titles += [f"<sub-title{lang}>{spell(sub_title)}</sub-title>"] if sub_title else []
        texts += [f"<desc{lang}>{spell(text)}</desc>"] if text else []
    for short in shorts or [ShortEventDescriptor("und", "")]:
        lang = write_lang(short.iso_639_language_code)
        yield f"<title{lang}>{spell(short.event_name)}</title>"
    yield from sub_titles
    yield from texts
    yield from list_credits(extended)


def split_texts(short: ShortEventDescriptor | None, more: str) -> tuple[str, str]:
    """Sub-title and description: what fills the short text and goes on is one description."""
    if short is None or not short.text:
        return "", more
    if not more:
        return "", short.text
    if is_continued(short, more):
        return "", short.text + more
    return short.text, more


def list_credits(extended: Iterable[ExtendedEventDescriptor]) -> Iterator[str]:
    """The items that XMLTV has elements for, in its order."""
    items = [item for one in extended for item in one.items]
    lines = [
        f"<{role}>{spell(item.item)}</{role}>"
        for role in CREDITS
        for item in items
        if item.item_description.strip().rstrip(":").casefold() == role
    ]
    if lines:
        yield f"<credits>{''.join(lines)}</credits>"


def list_facts(event: Event) -> Iterator[str]:
    for one in event.descriptors:
        if isinstance(one, ContentDescriptor):
            for content in one.contents:
                yield f"<category>{spell(name_content(content))}</category>"
    yield from list_components(
        [one for one in event.descriptors if isinstance(one, ComponentDescriptor)]
    )
    for one in event.descriptors:
        if isinstance(one, ParentalRatingDescriptor):
            for rating in one.ratings:
                if rating.minimum_age is not None:
                    system = quote(rating.country_code)
                    value = f"<value>{rating.minimum_age}</value>"
                    yield f"<rating system={system}>{value}</rating>"


def list_components(components: list[ComponentDescriptor]) -> Iterator[str]:
    video = name_video(components)
    if video is not None:
        aspect, quality = video
        inner = f"<quality>{quality}</quality>" if quality else ""
        yield f"<video><aspect>{aspect}</aspect>{inner}</video>"
    sound = name_sound(components)
    if sound is not None:
        yield f"<audio><stereo>{sound}</stereo></audio>"
    for component in components:
        kind = name_subtitles(component)
        if kind is not None:
            language = find_short_code(component.iso_639_language_code)
            inner = f"<language>{spell(language)}</language>" if language else ""
            yield f'<subtitles type="{kind}">{inner}</subtitles>'


def write_lang(language: str) -> str:
    code = find_short_code(language)
    return "" if code is None else f' lang="{code}"'


def spell(text: str) -> str:
    return escape(_NO_CHARACTERS.sub("", text))


def quote(text: str) -> str:
    return quoteattr(_NO_CHARACTERS.sub("", text))
