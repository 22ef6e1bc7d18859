"""The keys of a channel's file, and the parsers that they share with the command line's options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from tsloom.clock import parse_seconds
from tsloom.dvb import EitTables, Overflow, Versions
from tsloom.errors import UsageError
from tsloom.io import Triggers
from tsloom.io.quantities import parse_backoff
from tsloom.pipeline import Room
from tsloom.runner.option_values import (
    parse_bitrate,
    parse_count,
    parse_country_zone,
    parse_event_id,
    parse_moment,
    parse_named,
    parse_named_or_all,
    parse_pid,
    parse_pid_pair,
    parse_service_id,
    parse_stream_ids,
    parse_typed,
)
from tsloom.runner.stage_options import EIT_PROFILES
from tsloom.scte35.event_ids import EventIdPolicy


class Shape(Enum):
    """What stands behind a key."""

    ONE = auto()
    MANY = auto()
    """One value, or an array."""
    SWITCH = auto()
    PAIRS = auto()
    """A table: each of its entries is KEY=VALUE to the parser."""
    PAIRS_OR_ONE = auto()
    BREAKS = auto()
    CUES = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """Which field a key is, and how its text becomes a value."""

    field: str
    shape: Shape = Shape.ONE
    parse: Callable[[str], Any] = str


def parse_name(text: str) -> str:
    """Of a channel: it stands in every line that is told of it."""
    if not text.strip() or not text.isprintable() or len(text) > 100:
        raise UsageError(f"{text!r} is no name: 1 to 100 printable characters")
    return text


def parse_interval(text: str) -> float:
    """Seconds, more than none."""
    seconds = parse_seconds(text)
    if seconds == 0:
        raise UsageError(f"{text!r} is no interval")
    return seconds


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise UsageError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return parse


def parse_trigger(text: str) -> Triggers:
    """p1: TR 101 290's first priority and no data; no-data: that alone."""
    return Triggers(frozenset()) if _choice("p1", "no-data")(text) == "no-data" else Triggers()


def _cycle(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, parse_seconds(value)


def _days(text: str) -> int:
    days = parse_count(text)
    if not 1 <= days <= 64:
        raise UsageError(f"{text!r} is not 1 to 64 days")
    return days


CHANNEL: Final = {
    "name": Key("name", parse=parse_name),
    "input": Key("inputs", Shape.MANY),
    "output": Key("outputs", Shape.MANY),
    "duration": Key("duration", parse=parse_interval),
    "max_retries": Key("max_retries", parse=parse_count),
    "exit_on_eof": Key("exit_on_eof", Shape.SWITCH),
    "restart": Key("restart", parse=parse_backoff),
    "max_restarts": Key("max_restarts", parse=parse_count),
    "stats_interval": Key("stats_interval", parse=parse_interval),
}
FAILOVER: Final = {
    "data_timeout": Key("data_timeout_s", parse=parse_interval),
    "back_after": Key("back_after_s", parse=parse_seconds),
    "trigger": Key("trigger", parse=parse_trigger),
    "when_lost": Key("when_lost", parse=_choice("stop", "fill")),
}
FILTER: Final = {
    "keep_service": Key("keep_service", Shape.MANY, parse_service_id),
    "keep_pid": Key("keep_pid", Shape.MANY, parse_pid),
    "drop_pid": Key("drop_pid", Shape.MANY, parse_pid),
    "drop_nulls": Key("drop_nulls", Shape.SWITCH),
    "remap": Key("remap", Shape.PAIRS, parse_pid_pair),
    "fix_continuity": Key("fix_continuity", Shape.SWITCH),
    "bitrate": Key("bitrate"),
}
SI: Final = {
    "service_name": Key("service_name", Shape.PAIRS, parse_named),
    "service_provider": Key("service_provider", Shape.PAIRS_OR_ONE, parse_named_or_all),
    "service_type": Key("service_type", Shape.PAIRS, parse_typed),
    "network_name": Key("network_name"),
    "tdt": Key("tdt", Shape.SWITCH),
    "tot": Key("tot", Shape.PAIRS, parse_country_zone),
}
SPLICE: Final = {
    "break": Key("splice", Shape.BREAKS),
    "cue": Key("cue", Shape.CUES),
    "on_demand": Key("on_demand", Shape.SWITCH),
    "heartbeat": Key("heartbeat", parse=parse_interval),
    "service": Key("service", parse=parse_service_id),
    "pid": Key("pid", parse=parse_pid),
    "room": Key("room", parse=_choice(*(room.value for room in Room))),
    "utc_start": Key("utc_start", parse=parse_moment),
    "look_ahead": Key("look_ahead", parse=parse_seconds),
    "event_ids": Key("event_ids", parse=Path),
    "first_event_id": Key("first_event_id", parse=parse_event_id),
    "event_id_policy": Key(
        "event_id_policy", parse=_choice(*(policy.value for policy in EventIdPolicy))
    ),
}
GUIDE: Final = {
    "epg": Key("epg", parse=Path),
    "map": Key("epg_map"),
    "actual": Key("actual", parse=parse_stream_ids),
    "profile": Key("eit_profile", parse=_choice(*EIT_PROFILES)),
    "cycle": Key("eit_cycle", Shape.PAIRS, _cycle),
    "bitrate": Key("eit_bitrate", parse=parse_bitrate),
    "tables": Key("eit_tables", Shape.MANY, _choice(*EitTables)),
    "days": Key("eit_days", parse=_days),
    "versions": Key("eit_versions", parse=_choice(*Versions)),
    "overflow": Key("eit_overflow", parse=_choice(*Overflow)),
}
# The tables whose keys are those of StageOptions.
TABLES: Final = {"filter": FILTER, "si": SI, "splice": SPLICE, "guide": GUIDE}
