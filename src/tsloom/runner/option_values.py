"""What stands behind the options of a command line and the keys of a channel's file: text to value.

Each parser raises `UsageError` whose message alone says what is wrong.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from tsloom.errors import UsageError
from tsloom.scte35.event_ids import check_event_id

SERVICE_TYPE_MAX = 0xFF
BITRATE_SCALE = {"k": 1e3, "K": 1e3, "M": 1e6}


def parse_pid(text: str) -> int:
    """A PID, decimal or 0x."""
    try:
        pid = int(text, 0)
    except ValueError:
        pid = -1
    if not 0 <= pid <= 0x1FFF:
        raise UsageError(f"{text!r} is no PID (0 to 8191)")
    return pid


def parse_service_id(text: str) -> int:
    """A service_id, decimal or 0x; 0 is none."""
    try:
        number = int(text, 0)
    except ValueError:
        number = 0
    if not 0 < number <= 0xFFFF:
        raise UsageError(f"{text!r} is no service_id (1 to 65535)")
    return number


def parse_event_id(text: str) -> int:
    """An event id, decimal or 0x."""
    try:
        return check_event_id(int(text, 0))
    except ValueError as error:
        raise UsageError(f"{text!r} is no event id (0 to 4294967295)") from error


def parse_pid_pair(text: str) -> tuple[int, int]:
    """OLD=NEW."""
    old, separator, new = text.partition("=")
    if not separator:
        raise UsageError(f"{text!r} is not OLD=NEW")
    return parse_pid(old), parse_pid(new)


def parse_count(text: str) -> int:
    """How many times: 0 or more."""
    if not (text.isdecimal() and len(text) <= 18):
        raise UsageError(f"{text!r} is no count")
    return int(text)


def parse_moment(text: str) -> datetime:
    """A wall-clock time with its zone, in ISO 8601."""
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no ISO 8601 date") from error
    if date.tzinfo is None:
        raise UsageError(f"{text!r} has no time zone")
    return date


def parse_named(text: str) -> tuple[int, str]:
    """ID=NAME."""
    number, separator, name = text.partition("=")
    if not separator:
        raise UsageError(f"{text!r} is not ID=NAME")
    return parse_service_id(number), name


def parse_named_or_all(text: str) -> tuple[int | None, str]:
    """ID=NAME, or a name for all services."""
    number, separator, _ = text.partition("=")
    return parse_named(text) if separator and number.strip().isalnum() else (None, text)


def parse_typed(text: str) -> tuple[int, int]:
    """ID=TYPE, of a service (EN 300 468, table 87)."""
    number, name = parse_named(text)
    try:
        kind = int(name, 0)
    except ValueError:
        kind = -1
    if not 0 <= kind <= SERVICE_TYPE_MAX:
        raise UsageError(f"{text!r} is not ID=TYPE, a type from 0 to 255")
    return number, kind


def parse_country_zone(text: str) -> tuple[str, tzinfo]:
    """CODE=ZONE: a country of ISO 3166 and its time zone."""
    code, _, name = text.partition("=")
    try:
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise ValueError(text)
        return code.upper(), ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise UsageError(f"{text!r} is not CODE=ZONE, such as DEU=Europe/Berlin") from error


def parse_stream_ids(text: str) -> tuple[int, int]:
    """ONID:TSID."""
    try:
        network, stream = (int(part, 0) for part in text.split(":"))
        if not (0 <= network <= 0xFFFF and 0 <= stream <= 0xFFFF):
            raise ValueError(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not ONID:TSID") from error
    return network, stream


def parse_bitrate(text: str) -> float:
    """Bits a second, with an optional k or M."""
    factor = BITRATE_SCALE.get(text[-1:], 1.0)
    try:
        bitrate = float(text[:-1] if factor > 1 else text) * factor
        if not 0 < bitrate < 1e12:
            raise ValueError(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no bitrate") from error
    return bitrate
