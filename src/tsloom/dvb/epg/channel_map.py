"""Which service a guide's channel is, and what else a guide leaves open: dict or TOML."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Self, TypeAlias
from zoneinfo import ZoneInfo

from tsloom.dvb.epg.languages import UNDETERMINED, find_long_code
from tsloom.dvb.epg.report import fold_names
from tsloom.dvb.epg.service_events import ServiceKey, make_key
from tsloom.errors import OpenError, UsageError

TOML_SIZE_LIMIT = 16 << 20
TOML_NAMES = ("channels", "categories", "zone", "language", "country")


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """What a guide's channel ids stand for, and what holds where it says nothing.

    channels: services by channel id; an id may stand for several. None: an id is its service, as
    "original_network_id.transport_stream_id.service_id". categories: both nibbles of a content,
    such as 0x23, by category, upper or lower case, before those that are known. zone: of times
    that name none. language: of texts that name none, three letters. country: of ratings whose
    system names none, three letters; None leaves them out.
    """

    channels: Mapping[str, tuple[ServiceKey, ...]] | None = None
    categories: Mapping[str, int] = field(default_factory=dict)
    zone: tzinfo = UTC
    language: str = UNDETERMINED
    country: str | None = None

    @classmethod
    def make(cls, channels: Channels) -> Self:
        """A map as it is, a dict of keys or of lists of keys, or the path of a TOML file."""
        if isinstance(channels, cls):
            return channels
        if isinstance(channels, str | os.PathLike):
            return cls.from_toml(channels)
        if channels is None:
            return cls()
        return cls(read_channels(channels))  # type: ignore[arg-type]  # a map was taken above

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """The map in a file. `UsageError` for what is wrong in it, `OpenError` if there is none."""
        try:
            with Path(path).open("rb") as file:
                data = file.read(TOML_SIZE_LIMIT + 1)
        except OSError as error:
            raise OpenError(f"cannot read {path}: {error.strerror}", errno=error.errno) from error
        try:
            if len(data) > TOML_SIZE_LIMIT:
                raise ValueError("too large")
            plain = tomllib.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise UsageError("not TOML", channels=str(path), cause=str(error)) from error
        unknown = sorted(set(plain) - set(TOML_NAMES))
        if unknown:
            raise UsageError("names that a channel map does not have", unknown=unknown)
        return cls(
            read_channels(read_table(plain, "channels")) if "channels" in plain else None,
            read_categories(read_table(plain, "categories")),
            read_zone(plain.get("zone", "UTC")),
            read_language(plain.get("language", UNDETERMINED)),
            read_country(plain.get("country")),
        )

    def find(self, channel: str) -> tuple[ServiceKey, ...]:
        """The services that a channel id stands for; none if it is unknown."""
        if self.channels is not None:
            return self.channels.get(channel, ())
        parts = channel.split(".")
        if len(parts) != 3 or not all(is_number(part) for part in parts):
            return ()
        numbers = [int(part) for part in parts]
        if max(numbers) > 0xFFFF:
            return ()
        return (ServiceKey(*numbers),)

    def name_channels(self) -> dict[ServiceKey, str]:
        """The first channel id of each service."""
        names: dict[ServiceKey, str] = {}
        for channel, keys in (self.channels or {}).items():
            for key in keys:
                names.setdefault(key, channel)
        return names


Channels: TypeAlias = (
    Mapping[str, ServiceKey | tuple[int, int, int] | list[Any]]
    | ChannelMap
    | str
    | os.PathLike[str]
    | None
)


def name_service(key: ServiceKey) -> str:
    """The channel id of a service that no map names."""
    return ".".join(map(str, key))


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5


def read_channels(plain: Mapping[str, Any]) -> dict[str, tuple[ServiceKey, ...]]:
    """Services by channel id, out of [1, 2, 3], {service_id = 3, ...}, or a list of these."""
    return {str(channel): read_services(channel, given) for channel, given in plain.items()}


def read_services(channel: str, given: Any) -> tuple[ServiceKey, ...]:
    several = isinstance(given, list | tuple) and not all(isinstance(one, int) for one in given)
    try:
        return tuple(read_service(one) for one in (given if several else (given,)))
    except (TypeError, UsageError) as error:
        raise UsageError(
            "a channel stands for [original_network_id, transport_stream_id, service_id]",
            channel=channel,
            value=given,
        ) from error


def read_service(given: Any) -> ServiceKey:
    return make_key(ServiceKey(**given) if isinstance(given, Mapping) else given)


def read_table(plain: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = plain.get(name, {})
    if not isinstance(table, Mapping):
        raise UsageError("a table is wanted", name=name, value=table)
    return table


def read_categories(plain: Mapping[str, Any]) -> dict[str, int]:
    for name, code in plain.items():
        if not isinstance(code, int) or not 0 <= code <= 0xFF:
            raise UsageError("a category stands for two nibbles, 0x00 to 0xff", category=name)
    return fold_names(plain)


def read_zone(name: object) -> tzinfo:
    """The zone of a name such as Europe/Berlin. UsageError if there is none."""
    try:
        return UTC if name == "UTC" else ZoneInfo(str(name))
    except (ValueError, KeyError, OSError) as error:
        raise UsageError("no such zone", zone=name) from error


def read_language(code: object) -> str:
    found = find_long_code(str(code))
    if found is None:
        raise UsageError("no code of a language", language=code)
    return found


def read_country(code: object) -> str | None:
    if code is None:
        return None
    text = str(code)
    if not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise UsageError("a country is three letters of ISO 3166", country=code)
    return text.upper()
