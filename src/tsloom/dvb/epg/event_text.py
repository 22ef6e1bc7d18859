"""Names and texts of any length as short_event and extended_event descriptors (EN 300 468, 6.2.15
and 6.2.37)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from tsloom._native.xmltv import is_plain
from tsloom.dvb.descriptors import (
    ExtendedEventDescriptor,
    ExtendedEventItem,
    ShortEventDescriptor,
)
from tsloom.dvb.eit import Event
from tsloom.dvb.iso_6937 import MARK_BYTES, MARKS
from tsloom.dvb.text import (
    CODECS,
    UNICODE_TABLES,
    CharacterTable,
    encode_letters,
    encode_text,
    find_table,
)
from tsloom.psi.descriptors import Descriptor

SHORT_ROOM = 250
# descriptor_number and last_descriptor_number, the language, and two lengths.
EXTENDED_ROOM = 249
EXTENDED_SIZE = 2 + 6 + EXTENDED_ROOM
EXTENDED_MOST = 16
ITEM_LENGTHS = 2
# For descriptors behind those that have items.
NO_ITEMS: tuple[tuple[ExtendedEventItem, ...], int] = ((), EXTENDED_ROOM)
DESCRIPTOR_SIZE_MAX = 257

MARK_CODES = bytes(MARKS)

_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINES = re.compile(r" ?\n ?")
_NO_LETTERS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ue080-\ue09f]")


def clean(text: str) -> str:
    """The text without what a DVB text cannot have, its white space as people mean it: single
    spaces, new lines where they are."""
    if is_plain(text):
        return text.strip()
    # What is printable has no control codes, no letters of private use, and one kind of space.
    if text.isprintable() and "  " not in text:
        return text.strip()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    spaced = _SPACES.sub(" ", _NO_LETTERS.sub("", lines))
    return _AROUND_LINES.sub("\n", spaced).strip()


def clean_line(text: str) -> str:
    """The same in one line, as names are."""
    cleaned = clean(text)
    return cleaned.replace("\n", " ") if "\n" in cleaned else cleaned


def count_fitting_letters(text: str, room: int) -> int:
    """How many letters of the text, from the first on, an encoded field of so many bytes takes.

    No letter is parted from the marks that combine with it.
    """
    if text.isascii():
        return min(len(text), max(room, 0))
    # No table takes less than a byte a letter.
    if len(text) < room and largest_size(text) <= room:
        return len(text)
    front = text[: max(room, 0)]
    field = encode_text(front)
    if len(field) <= room:
        count = len(front)
    else:
        count = count_in_table(front, field, room)
    whole = count
    while 0 < whole < len(text) and unicodedata.combining(text[whole]):
        whole -= 1
    return whole or count


def count_in_table(front: str, field: bytes, room: int) -> int:
    """The same for a front that does not fit, in the table that its field is in."""
    table, selector_size = find_table(field)
    assert table is not None
    content = field[selector_size:room]
    if table in UNICODE_TABLES:
        return len(content.decode(CODECS[table], "ignore"))
    if table is not CharacterTable.ISO_6937:
        return len(content)
    if MARK_BYTES.keys().isdisjoint(front):
        # A mark and the letter behind it are one.
        return len(content.translate(None, MARK_CODES))
    return search_in_table(front, table, room - selector_size)


def search_in_table(front: str, table: CharacterTable, room: int) -> int:
    least, too_many = 0, len(front)
    while too_many - least > 1:
        middle = (least + too_many) // 2
        if len(encode_letters(front[:middle], table)) <= room:
            least = middle
        else:
            too_many = middle
    return least


def field_size(text: str) -> int:
    """The bytes of an encoded field."""
    return len(text) if text.isascii() else len(encode_text(text))


def largest_size(text: str) -> int:
    """No fewer bytes than its encoded field has: UTF-8 is one of the tables, with a selector, and
    new lines are three bytes there."""
    return len(text) if text.isascii() else 1 + len(text.encode()) + 2 * text.count("\n")


def make_short(language: str, name: str, text: str) -> tuple[ShortEventDescriptor, str]:
    """The descriptor, and what of the text does not fit."""
    size = len(name) + len(text)
    if size <= SHORT_ROOM and largest_size(name) + largest_size(text) <= SHORT_ROOM:
        return ShortEventDescriptor(language, name, text), ""
    shown = name[: count_fitting_letters(name, SHORT_ROOM)]
    room = SHORT_ROOM - field_size(shown)
    count = count_fitting_letters(text, room)
    return ShortEventDescriptor(language, shown, text[:count]), text[count:]


def is_continued(short: ShortEventDescriptor, more: str) -> bool:
    """Whether more goes on where the short text had no room left, as `make_short` leaves it."""
    if not short.text or not more:
        return False
    room = SHORT_ROOM - field_size(short.event_name)
    text = short.text + more
    return count_fitting_letters(text, room) == len(short.text)


class ItemPlan(NamedTuple):
    """Items by descriptors, each with the bytes it leaves for text, none but in the last of them;
    whether an item was cut, for want of room in any; and how many bytes they have in all."""

    parts: tuple[tuple[tuple[ExtendedEventItem, ...], int], ...] = ()
    cut: bool = False
    size: int = 0


NO_PLAN = ItemPlan()


def make_extended(
    language: str, text: str, items: ItemPlan = NO_PLAN, most: int = EXTENDED_MOST
) -> tuple[list[ExtendedEventDescriptor], bool]:
    """As many descriptors as it takes, but no more than that, and whether something was left out.

    Items come first.
    """
    plan, cut, _ = items
    plain = text.isascii()
    parts: list[tuple[str, tuple[ExtendedEventItem, ...]]] = []
    for number in range(most):
        taken, room = plan[number] if number < len(plan) else NO_ITEMS
        if not (taken or text):
            break
        count = room if plain else count_fitting_letters(text, room)
        parts.append((text[:count], taken))
        text = text[count:]
    last = len(parts) - 1
    made = [
        ExtendedEventDescriptor(language, part, taken, number, last)
        for number, (part, taken) in enumerate(parts)
    ]
    return made, cut or len(plan) > most or bool(text)


def plan_items(items: tuple[ExtendedEventItem, ...]) -> ItemPlan:
    """One that is larger than a descriptor is cut."""
    if not items:
        return NO_PLAN
    size = sum(map(item_size, items))
    cut = max(map(item_size, items)) > EXTENDED_ROOM
    plan: list[tuple[tuple[ExtendedEventItem, ...], int]] = []
    taken: list[ExtendedEventItem] = []
    room = EXTENDED_ROOM
    for item in map(cut_item, items):
        if item_size(item) > room:
            plan.append((tuple(taken), 0))
            taken, room = [], EXTENDED_ROOM
        taken.append(item)
        room -= item_size(item)
    return ItemPlan((*plan, (tuple(taken), room)), cut, size)


def item_size(item: ExtendedEventItem) -> int:
    return ITEM_LENGTHS + field_size(item.item_description) + field_size(item.item)


def cut_item(item: ExtendedEventItem) -> ExtendedEventItem:
    """The item, cut to what one descriptor can take."""
    if item_size(item) <= EXTENDED_ROOM:
        return item
    half = (EXTENDED_ROOM - ITEM_LENGTHS) // 2
    description = item.item_description[: count_fitting_letters(item.item_description, half)]
    return ExtendedEventItem(description, item.item[: count_fitting_letters(item.item, half)])


def limit_of_extended(beside: Sequence[Descriptor], room: int, languages: int, size: int) -> int:
    """How many extended_event descriptors each of the languages may have beside these; size is
    how many bytes their items and texts have in all at most, if the texts are not cut."""
    surely = (room - len(beside) * DESCRIPTOR_SIZE_MAX) // EXTENDED_SIZE
    # Two that follow each other have more than one could take, and a selector each.
    if languages == 1 and size <= surely // 2 * (EXTENDED_ROOM - 2):
        return EXTENDED_MOST
    used = sum(2 + len(descriptor.encode_data()) for descriptor in beside)
    return max(0, min(EXTENDED_MOST, (room - used) // (languages * EXTENDED_SIZE)))


def spell(event: Event) -> str:
    """All that an event says in words, in folded letters."""
    words: list[str] = []
    for descriptor in event.descriptors:
        if isinstance(descriptor, ShortEventDescriptor):
            words += (descriptor.event_name, descriptor.text)
        elif isinstance(descriptor, ExtendedEventDescriptor):
            words += (descriptor.text, *(item.item for item in descriptor.items))
    return "\n".join(words).casefold()
