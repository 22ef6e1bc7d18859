"""Events as entries of an EIT, and entries made shorter (EN 300 468, 5.2.4).

The bytes are those of encode_event, sooner: an EIT of many services has tens of thousands of
events. Texts that remember their bytes (`Text`) cost least.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tsloom.dvb.descriptors import ExtendedEventDescriptor, ShortEventDescriptor
from tsloom.dvb.eit import ENTRY_SIZE, ROOM, encode_times
from tsloom.dvb.text import encode_text
from tsloom.dvb.time import encode_duration, encode_utc_time
from tsloom.psi.descriptors.base import encode_descriptor
from tsloom.psi.fields import check_range

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tsloom.dvb.eit import Event
    from tsloom.psi.descriptors import Descriptor

EXTENDED_EVENT_TAG = ExtendedEventDescriptor.TAG
SHORT_EVENT_TAG = ShortEventDescriptor.TAG
# Of one language, by the 4 bits of descriptor_number.
EXTENDED_DESCRIPTORS_MAX = 16
NAME_AND_TEXT_MAX = 250
EXTENDED_TEXT_MAX = 249
LOOP_SIZE_MAX = ROOM - ENTRY_SIZE

_encode_others = lru_cache(8192)(encode_descriptor)
_encode_duration = lru_cache(4096)(encode_duration)


class EventEntry(NamedTuple):
    """One event as bytes. `front` ends before running_status, `flags` are that and free_CA_mode."""

    event_id: int
    front: bytes
    flags: int
    loop: bytes

    @property
    def size(self) -> int:
        """Of the whole entry; above `ROOM` it fits in no section."""
        return ENTRY_SIZE + len(self.loop)

    def encode(self) -> bytes:
        """The entry; its loop must not be above `LOOP_SIZE_MAX`."""
        loop = self.loop
        size = len(loop)
        return b"%b%c%c%b" % (self.front, self.flags | size >> 8, size & 255, loop)

    def with_running_status(self, running_status: int) -> EventEntry:
        """The same event in another state."""
        return self._replace(flags=running_status << 5 | self.flags & 0x10)


def make_entry(event: Event) -> EventEntry:
    """The event's entry, its loop as long as it comes. `UsageError` if a field does not fit."""
    event_id, running_status = event.event_id, event.running_status
    if not (0 <= event_id <= 0xFFFF and 0 <= running_status <= 7):
        check_range("event_id", event_id, 16)
        check_range("running_status", running_status, 3)
    if event.malformed_start_time is None and event.malformed_duration is None:
        times = encode_utc_time(event.start_time) + _encode_duration(event.duration)
    else:
        times = encode_times(event)
    flags = running_status << 5 | bool(event.free_ca_mode) << 4
    front = event_id.to_bytes(2, "big") + times
    return EventEntry(event_id, front, flags, encode_loop(event.descriptors))


def encode_loop(descriptors: Iterable[Descriptor]) -> bytes:
    """The descriptors one after the other."""
    parts = []
    for descriptor in descriptors:
        if type(descriptor) is ExtendedEventDescriptor:
            parts.append(_encode_extended(descriptor))
        elif type(descriptor) is ShortEventDescriptor:
            parts.append(_encode_short(descriptor))
        else:
            parts.append(_encode_others(descriptor))
    return b"".join(parts)


def _encode_short(descriptor: ShortEventDescriptor) -> bytes:
    code = descriptor.iso_639_language_code.encode("latin-1", "replace")
    name, text = encode_text(descriptor.event_name), encode_text(descriptor.text)
    size = len(name) + len(text)
    if size > NAME_AND_TEXT_MAX or len(code) != 3:
        return encode_descriptor(descriptor)  # says what is wrong
    return b"%c%c%b%c%b%c%b" % (SHORT_EVENT_TAG, size + 5, code, len(name), name, len(text), text)


def _encode_extended(descriptor: ExtendedEventDescriptor) -> bytes:
    number, last = descriptor.descriptor_number, descriptor.last_descriptor_number
    code = descriptor.iso_639_language_code.encode("latin-1", "replace")
    text = encode_text(descriptor.text)
    size = len(text)
    plain = not descriptor.items and 0 <= number <= 15 and 0 <= last <= 15
    if not plain or size > EXTENDED_TEXT_MAX or len(code) != 3:
        return encode_descriptor(descriptor)
    return b"%c%c%c%b\0%c%b" % (EXTENDED_EVENT_TAG, size + 6, number << 4 | last, code, size, text)


def shorten_loop(loop: bytes, most: int) -> bytes:
    """The loop with at most so many extended_event_descriptors of each language, the first ones;
    their last_descriptor_number says so."""
    parts = []
    at = 0
    while at + 2 <= len(loop):
        end = at + 2 + loop[at + 1]
        part = loop[at:end]
        if part[0] == EXTENDED_EVENT_TAG and len(part) > 2:
            number, last = part[2] >> 4, min(part[2] & 15, most - 1)
            part = b"" if number >= most else b"%b%c%b" % (part[:2], number << 4 | last, part[3:])
        parts.append(part)
        at = end
    return b"".join(parts) + loop[at:]


def shorten_entry(entry: EventEntry, most: int) -> EventEntry:
    """The entry with its loop as by `shorten_loop`."""
    if EXTENDED_EVENT_TAG not in entry.loop:
        return entry
    return entry._replace(loop=shorten_loop(entry.loop, most))
