"""A break on a command line: "start=+10s,duration=30s,preroll=5s,service=1,pid=500"."""

from __future__ import annotations

import shlex
from typing import Final

from tsloom.errors import UsageError
from tsloom.scte35.breaks import Break, Segment

_KEYS: Final = {
    "start": "start",
    "duration": "duration",
    "preroll": "preroll",
    "repeats": "repeats",
    "repeat_interval": "repeat_interval",
    "event_id": "splice_event_id",
    "auto_return": "auto_return",
    "explicit_return": "explicit_return",
    "unique_program_id": "unique_program_id",
    "avail_num": "avail_num",
    "avails_expected": "avails_expected",
    "command": "command",
    "late": "late",
    "snap": "snap",
    "segmentation_type": "segments",
    "upid": "upid",
}
_WHOLE: Final = frozenset(
    {"repeats", "event_id", "unique_program_id", "avail_num", "avails_expected"}
)
_SWITCHES: Final = frozenset({"auto_return", "explicit_return", "snap"})
_SWITCH: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def parse_break(text: str) -> tuple[Break, dict[str, int]]:
    """A break from key=value pairs parted by commas; a value with commas stands in quotes.

    segmentation_type is that of the OUT, such as 0x34, or several with a + between; upid is
    TYPE:HEX. Gives the break, and service and pid where they are named. `UsageError` names the key.
    """
    fields: dict[str, object] = {}
    place: dict[str, int] = {}
    for part in _split(text):
        key, separator, value = part.strip().partition("=")
        if not separator or not value:
            raise UsageError("a break is key=value,key=value,...", part=part)
        if key in place:
            raise UsageError("the key is given twice", key=key)
        if key in ("service", "pid"):
            place[key] = _whole(key, value)
        elif _KEYS.get(key) in fields:
            raise UsageError("the key is given twice", key=key)
        elif key in _KEYS:
            fields[_KEYS[key]] = _read(key, value)
        else:
            raise UsageError("unknown key", key=key, known=", ".join([*_KEYS, "service", "pid"]))
    if "start" not in fields:
        raise UsageError("a break wants start=", text=text)
    _describe_segments(fields)
    return Break(**fields), place  # type: ignore[arg-type]  # each key has its type above


def _split(text: str) -> list[str]:
    parts = shlex.shlex(text, posix=True)
    parts.whitespace = ","
    parts.whitespace_split = True
    parts.commenters = ""
    parts.escape = ""
    try:
        return list(parts)
    except ValueError as error:
        raise UsageError("a quotation mark stands alone", text=text) from error


def _read(key: str, value: str) -> object:
    if key in _WHOLE:
        return _whole(key, value)
    if key in _SWITCHES:
        if value.lower() not in _SWITCH:
            raise UsageError("the key is yes or no", **{key: value})
        return _SWITCH[value.lower()]
    if key == "segmentation_type":
        return [_whole(key, part) for part in value.split("+")]
    if key == "upid":
        kind, _, data = value.partition(":")
        try:
            return _whole(key, kind), bytes.fromhex(data)
        except ValueError as error:
            raise UsageError("a upid is TYPE:HEX", upid=value) from error
    return value


def _describe_segments(fields: dict[str, object]) -> None:
    types = fields.pop("segments", None)
    upid = fields.pop("upid", (0, b""))
    if types is None and upid == (0, b""):
        return
    assert isinstance(upid, tuple)
    kinds = types if isinstance(types, list) else [0x34]
    fields.setdefault("command", "time_signal")
    fields["segments"] = tuple(
        Segment(
            segmentation_type_id=kind, segmentation_upid_type=upid[0], segmentation_upid=upid[1]
        )
        for kind in kinds
    )


def _whole(key: str, value: str) -> int:
    try:
        return int(value, 0)
    except ValueError as error:
        raise UsageError("not a whole number", key=key, value=value) from error
