"""Splice information in MPEG-DASH: EventStream elements of an MPD and emsg boxes of segments.

SCTE 214-1; ISO/IEC 23009-1, 5.10.2 and 5.10.3.3. Scheme 2013:xml carries a SpliceInfoSection
element, scheme 2014:xml+bin a Signal with the section's bytes in base64.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from xml.etree.ElementTree import Element, SubElement, tostring

from tsloom._native.scte35 import SpliceInfoSection
from tsloom.errors import SectionLengthError, SectionSyntaxError, UsageError
from tsloom.scte35.codec import parse
from tsloom.scte35.xml_form import section_element, section_of
from tsloom.scte35.xml_reader import children, get_int, read_xml, tag

MPD_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
DURATION_UNKNOWN = 0xFFFFFFFF
_BOX_HEADER = struct.Struct(">I4s")
_VERSION_0 = struct.Struct(">IIII")  # timescale, presentation_time_delta, event_duration, id
_VERSION_1 = struct.Struct(">IQII")  # timescale, presentation_time, event_duration, id


class Scheme(Enum):
    """schemeIdUri of the two forms that both an MPD and a segment can carry."""

    XML = "urn:scte:scte35:2013:xml"
    XML_BINARY = "urn:scte:scte35:2014:xml+bin"


@dataclass(frozen=True, slots=True)
class DashEvent:
    """A cue at a time of the presentation; times are in units of 1 / timescale second.

    In an emsg box of version 0 the time counts from the segment's start
    (`is_delta`), elsewhere from the period's.
    """

    section: SpliceInfoSection
    presentation_time: int = 0
    duration: int | None = None
    id: int | None = None
    timescale: int = 90_000
    is_delta: bool = False


def to_event_stream(events: Iterable[DashEvent], scheme: Scheme, timescale: int = 90_000) -> str:
    """An EventStream element with one Event a cue. All events are given in its timescale."""
    stream = Element(
        f"{{{MPD_NAMESPACE}}}EventStream", schemeIdUri=scheme.value, timescale=str(timescale)
    )
    for event in events:
        if event.timescale != timescale:
            raise UsageError("another timescale", field="timescale", value=event.timescale)
        element = SubElement(
            stream,
            f"{{{MPD_NAMESPACE}}}Event",
            presentationTime=str(event.presentation_time),
        )
        if event.duration is not None:
            element.set("duration", str(event.duration))
        if event.id is not None:
            element.set("id", str(event.id))
        element.append(_signal(event.section, scheme))
    return tostring(stream, encoding="unicode")


def from_event_stream(text: str | bytes) -> tuple[DashEvent, ...]:
    """The cues of an EventStream element. Raises `SectionSyntaxError` for another scheme."""
    stream = read_xml(text)
    if stream.tag.rpartition("}")[2] != "EventStream":
        raise _dash_error("not an EventStream", "EventStream", stream.tag)
    _scheme(stream.get("schemeIdUri", ""))
    timescale = get_int(stream, "timescale", 1)
    return tuple(
        DashEvent(
            _section_in(event),
            presentation_time=get_int(event, "presentationTime", 0),
            duration=None if event.get("duration") is None else get_int(event, "duration"),
            id=None if event.get("id") is None else get_int(event, "id"),
            timescale=timescale,
        )
        for event in stream
        if event.tag.rpartition("}")[2] == "Event"
    )


def _dash_error(message: str, field: str, value: object) -> SectionSyntaxError:
    return SectionSyntaxError(message, field=field, clause="ISO/IEC 23009-1 5.10", value=value)


def _scheme(uri: str) -> Scheme:
    try:
        return Scheme(uri)
    except ValueError as error:
        raise _dash_error("not a scheme of splice information", "schemeIdUri", uri[:80]) from error


def _signal(section: SpliceInfoSection, scheme: Scheme) -> Element:
    """What an Event or a message holds. What XML cannot say goes as bytes in either scheme."""
    element = section_element(section) if scheme is Scheme.XML else None
    if element is not None:
        return element
    signal = Element(tag("Signal"))
    data = base64.b64encode(section.encode(strict=False)).decode("ascii")
    SubElement(signal, tag("Binary")).text = data
    return signal


def _section_in(event: Element) -> SpliceInfoSection:
    found = children(event, "SpliceInfoSection", "Signal", "Binary")
    if len(found) != 1:
        raise _dash_error("needs one cue", "Event", len(found))
    return section_of(found[0])


def to_emsg(event: DashEvent, scheme: Scheme) -> bytes:
    """An emsg box: of version 0 where the time counts from the segment, else of version 1."""
    duration = DURATION_UNKNOWN if event.duration is None else event.duration
    numbers = (event.timescale, event.presentation_time, duration, event.id or 0)
    strings = scheme.value.encode("ascii") + b"\0" + b"\0"  # scheme_id_uri and an empty value
    try:
        if event.is_delta:
            body = b"\0\0\0\0" + strings + _VERSION_0.pack(*numbers)
        else:
            body = b"\1\0\0\0" + _VERSION_1.pack(*numbers) + strings
    except struct.error as error:
        raise UsageError("does not fit its field", field="emsg", value=numbers) from error
    message: bytes = tostring(
        _signal(event.section, scheme), encoding="utf-8", xml_declaration=True
    )
    return _BOX_HEADER.pack(_BOX_HEADER.size + len(body) + len(message), b"emsg") + body + message


def from_emsg(box: bytes) -> DashEvent:
    """The cue in an emsg box, of version 0 or 1. Raises `SectionLengthError` where it is cut."""
    body = _box_body(bytes(box))
    if len(body) < 4 or body[0] > 1:
        raise _dash_error("not version 0 or 1", "emsg", body[:1].hex())
    numbers = _VERSION_1 if body[0] else _VERSION_0
    rest = body[4:]
    if body[0] == 1:
        values, rest = _take_numbers(rest, numbers)
        uri, rest = _take_string(rest)
        _, rest = _take_string(rest)
    else:
        uri, rest = _take_string(rest)
        _, rest = _take_string(rest)
        values, rest = _take_numbers(rest, numbers)
    timescale, time, duration, identity = values
    event = DashEvent(
        _section_of_message(uri, rest),
        presentation_time=time,
        duration=None if duration == DURATION_UNKNOWN else duration,
        id=identity,
        timescale=timescale,
    )
    return replace(event, is_delta=body[0] == 0)


def _section_of_message(uri: str, message: bytes) -> SpliceInfoSection:
    if uri == "urn:scte:scte35:2013:bin":  # the section itself, as older packagers send it
        return parse(message)
    _scheme(uri)
    return section_of(read_xml(message))


def _box_body(box: bytes) -> bytes:
    if len(box) < _BOX_HEADER.size:
        raise SectionLengthError("too short for a box", field="emsg", size=len(box))
    size, kind = _BOX_HEADER.unpack_from(box)
    if kind != b"emsg":
        raise _dash_error("not an emsg box", "type", kind)
    if not _BOX_HEADER.size <= size <= len(box):
        raise SectionLengthError("a size that the bytes contradict", field="size", size=size)
    return box[_BOX_HEADER.size : size]


def _take_string(data: bytes) -> tuple[str, bytes]:
    text, end, rest = data.partition(b"\0")
    if not end:
        raise SectionLengthError("a string without its end", field="scheme_id_uri")
    return text.decode("utf-8", "replace"), rest


def _take_numbers(data: bytes, numbers: struct.Struct) -> tuple[tuple[int, ...], bytes]:
    if len(data) < numbers.size:
        raise SectionLengthError("too short for its fields", field="emsg", size=len(data))
    return numbers.unpack_from(data), data[numbers.size :]
