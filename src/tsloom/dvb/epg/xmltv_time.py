"""Times as XMLTV writes them: "20261123201500 +0100", or the front of that."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?\s*(\S+)?", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)", re.ASCII)
# In minutes east. Abbreviations that more than one zone uses, such as IST, are not known.
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120,
    "MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "NST": -210, "NDT": -150,
    "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420,
    "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "JST": 540,
    "KST": 540, "AWST": 480, "ACST": 570, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
}  # fmt: skip


# Guides name the same times for all their channels.
@lru_cache(maxsize=20_000)
def read_time(text: str, zone: tzinfo) -> datetime:
    """The time in UTC; zone is that of times that name none. ValueError if it cannot be read."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("not YYYYMMDDhhmmss and a zone")
    year, month, day, hour, minute, second, named = match.groups()
    try:
        time = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            # A leap second, which a datetime cannot say, is the second before it.
            59 if second == "60" else int(second or 0),
            tzinfo=zone if named is None else find_zone(named),
        )
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a year that no calendar has") from error


@lru_cache(maxsize=256)
def find_zone(name: str) -> tzinfo:
    """The zone of "+0100", "CET" or "Europe/Berlin". ValueError if there is none."""
    match = _OFFSET.fullmatch(name)
    if match is not None:
        sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)
    east = _ABBREVIATIONS.get(name.upper())
    if east is not None:
        return timezone(timedelta(minutes=east))
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError("no such zone") from error


def write_time(time: datetime) -> str:
    """The time in UTC."""
    return f"{time.astimezone(UTC):%Y%m%d%H%M%S} +0000"
