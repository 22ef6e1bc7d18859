"""Splice information as JSON in the standard's field names, and back.

`splice_info_section.schema.json` beside this file describes the form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, TypeVar

from tsloom._native.scte35 import SpliceInfoSection
from tsloom._native.scte35_commands import (
    BandwidthReservation,
    PrivateCommand,
    ReservedCommand,
    SpliceInsert,
    SpliceNull,
    SpliceSchedule,
    TimeSignal,
)
from tsloom._native.scte35_descriptors import (
    AudioChannel,
    AudioDescriptor,
    AvailDescriptor,
    DtmfDescriptor,
    PrivateDescriptor,
    TimeDescriptor,
    UnreadableDescriptor,
)
from tsloom._native.scte35_events import (
    SpliceInsertComponent,
    SpliceScheduleComponent,
    SpliceScheduleEvent,
)
from tsloom._native.scte35_segmentation import SegmentationComponent, SegmentationDescriptor
from tsloom._native.scte35_times import BreakDuration, SpliceTime
from tsloom._native.scte35_value import SpliceCommand, SpliceDescriptor
from tsloom.errors import SectionSyntaxError, UsageError
from tsloom.scte35.codec import parse

Fields = Mapping[str, Any]
_Value = TypeVar("_Value")
IDENTIFIER_CUEI = 0x43554549
# Keys that tell what follows from others; they are read past.
_DERIVED = frozenset(
    {
        "CRC_32",
        "E_CRC_32",
        "alignment_stuffing",
        "crc_ok",
        "delivery_not_restricted_flag",
        "descriptor_loop_length",
        "diagnostics",
        "duration_flag",
        "mid",
        "private_indicator",
        "program_segmentation_flag",
        "program_splice_flag",
        "section_length",
        "section_syntax_indicator",
        "segmentation_duration_flag",
        "segmentation_upid_length",
        "splice_command_length",
        "splice_count",
        "table_id",
        "time_specified_flag",
    }
)


def to_json(section: SpliceInfoSection, *, indent: int | None = None) -> str:
    """The section as a JSON object: `to_dict`, and `diagnostics` where there are any.

    Where the command cannot be read, `section_hex` holds the bytes.
    """
    shown = section.to_dict()
    if section.diagnostics:
        shown["diagnostics"] = [diagnostic.to_dict() for diagnostic in section.diagnostics]
    if section.splice_command is None:
        shown["section_hex"] = section.encode(strict=False).hex()
    return json.dumps(shown, indent=indent)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the form (draft 2020-12)."""
    text = files("tsloom.scte35").joinpath("splice_info_section.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def from_json(text: str | bytes) -> SpliceInfoSection:
    """The section that a JSON object stands for.

    What can be derived may be left out; a key that is not known is an error, as a misspelt one
    would be lost. Raises `SectionSyntaxError` that names the field.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _json_error("not JSON", "json", str(error)) from error
    return from_dict(fields)


def from_dict(fields: Fields) -> SpliceInfoSection:
    """The section in the form of `SpliceInfoSection.to_dict`."""
    try:
        return _read_section(_fields(fields, "splice_info_section"))
    except UsageError as error:  # what a caller must not give, a document must not hold
        field, value = str(error.facts.get("field")), error.facts.get("value")
        raise _json_error("does not fit its field", field, value) from error


def _read_section(given: dict[str, Any]) -> SpliceInfoSection:
    if "section_hex" in given:
        return parse(_hex(given["section_hex"], "section_hex"))
    kind = given.pop("splice_command_type", None)
    command = _read_command(kind, given.pop("splice_command", {}))
    descriptors = [
        _read_descriptor(one)
        for one in _list(given.pop("splice_descriptors", []), "splice_descriptors")
    ]
    return _make(SpliceInfoSection, given, splice_command=command, splice_descriptors=descriptors)


def _json_error(message: str, field: str, value: object) -> SectionSyntaxError:
    return SectionSyntaxError(message, field=field, clause="9.6", value=value)


def _fields(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _json_error("not an object", name, type(value).__name__)
    return dict(value)


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _json_error("not a list", name, type(value).__name__)
    return list(value)


def _hex(value: object, name: str) -> bytes:
    if not isinstance(value, str):
        raise _json_error("not hexadecimal text", name, value)
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise _json_error("not hexadecimal text", name, value[:40]) from error


def _make(cls: Callable[..., _Value], fields: Fields, **read: object) -> _Value:
    """The value out of the fields as they are and those that were read already."""
    names = getattr(cls, "_fields", ())
    arguments = dict(read)
    for name, value in fields.items():
        if name in names:
            arguments[name] = value
        elif name not in _DERIVED:
            raise _json_error("no such field", name, value)
    try:
        return cls(**arguments)
    except (AttributeError, TypeError) as error:
        raise _json_error("misses a field or has a wrong type", _name(cls), str(error)) from error


def _name(cls: object) -> str:
    return str(getattr(cls, "__name__", cls))


def _splice_time(value: object) -> SpliceTime:
    fields = _fields(value, "splice_time")
    return SpliceTime(fields.get("pts_time"))


def _event_parts(fields: dict[str, Any], component: Callable[[Any], object]) -> dict[str, object]:
    read: dict[str, object] = {}
    if (duration := fields.pop("break_duration", None)) is not None:
        read["break_duration"] = _make(BreakDuration, _fields(duration, "break_duration"))
    if (components := fields.pop("components", None)) is not None:
        read["components"] = [component(one) for one in _list(components, "components")]
    return read


def _insert_component(value: object) -> SpliceInsertComponent:
    fields = _fields(value, "components")
    time = fields.pop("splice_time", None)
    return _make(
        SpliceInsertComponent, fields, splice_time=None if time is None else _splice_time(time)
    )


def _read_insert(fields: dict[str, Any]) -> SpliceInsert:
    read = _event_parts(fields, _insert_component)
    if (time := fields.pop("splice_time", None)) is not None:
        read["splice_time"] = _splice_time(time)
    return _make(SpliceInsert, fields, **read)


def _read_event(value: object) -> SpliceScheduleEvent:
    fields = _fields(value, "events")
    read = _event_parts(
        fields, lambda one: _make(SpliceScheduleComponent, _fields(one, "components"))
    )
    return _make(SpliceScheduleEvent, fields, **read)


def _read_schedule(fields: dict[str, Any]) -> SpliceSchedule:
    events = [_read_event(one) for one in _list(fields.pop("events", []), "events")]
    return _make(SpliceSchedule, fields, events=events)


def _read_private_command(fields: dict[str, Any]) -> PrivateCommand:
    data = _hex(fields.pop("private_bytes", ""), "private_bytes")
    return _make(PrivateCommand, fields, private_bytes=data)


_COMMANDS: dict[int, Callable[[dict[str, Any]], SpliceCommand]] = {
    0x00: lambda fields: _make(SpliceNull, fields),
    0x04: _read_schedule,
    0x05: _read_insert,
    0x06: lambda fields: _make(
        TimeSignal,
        {key: value for key, value in fields.items() if key != "splice_time"},
        splice_time=_splice_time(fields.get("splice_time", {})),
    ),
    0x07: lambda fields: _make(BandwidthReservation, fields),
    0xFF: _read_private_command,
}


def _read_command(kind: object, value: object) -> SpliceCommand:
    if not isinstance(kind, int):
        raise _json_error("missing or not a number", "splice_command_type", kind)
    fields = _fields(value, "splice_command")
    if kind in _COMMANDS:
        return _COMMANDS[kind](fields)
    data = _hex(fields.pop("command_bytes", ""), "command_bytes")
    return _make(ReservedCommand, fields, splice_command_type=kind, command_bytes=data)


def _read_segmentation(fields: dict[str, Any]) -> SegmentationDescriptor:
    read: dict[str, object] = {
        "segmentation_upid": _hex(fields.pop("segmentation_upid_hex", ""), "segmentation_upid_hex")
    }
    if (components := fields.pop("components", None)) is not None:
        read["components"] = [
            _make(SegmentationComponent, _fields(one, "components"))
            for one in _list(components, "components")
        ]
    return _make(SegmentationDescriptor, fields, **read)


def _lower(fields: Fields) -> dict[str, Any]:
    """Field names that the standard writes with capitals, as the values have them."""
    return {key.lower(): value for key, value in fields.items()}


def _read_audio(fields: dict[str, Any]) -> AudioDescriptor:
    channels = [
        _make(AudioChannel, _lower(_fields(one, "audio")))
        for one in _list(fields.pop("audio", []), "audio")
    ]
    return _make(AudioDescriptor, fields, audio=channels)


_DESCRIPTORS: dict[int, Callable[[dict[str, Any]], SpliceDescriptor]] = {
    0x00: lambda fields: _make(AvailDescriptor, fields),
    0x01: lambda fields: _make(DtmfDescriptor, fields),
    0x02: _read_segmentation,
    0x03: lambda fields: _make(TimeDescriptor, _lower(fields)),
    0x04: _read_audio,
}


def _read_descriptor(value: object) -> SpliceDescriptor:
    fields = _fields(value, "splice_descriptors")
    splice_descriptor_tag = fields.pop("splice_descriptor_tag", None)
    if "raw" in fields:
        data = _hex(fields["raw"], "raw")
        return UnreadableDescriptor(splice_descriptor_tag, data)
    identifier = fields.pop("identifier", IDENTIFIER_CUEI)
    if "private_bytes" in fields:
        data = _hex(fields.pop("private_bytes"), "private_bytes")
        return PrivateDescriptor(splice_descriptor_tag, identifier, data)
    if splice_descriptor_tag not in _DESCRIPTORS or identifier != IDENTIFIER_CUEI:
        raise _json_error("needs private_bytes", "splice_descriptor_tag", splice_descriptor_tag)
    return _DESCRIPTORS[splice_descriptor_tag](fields)
