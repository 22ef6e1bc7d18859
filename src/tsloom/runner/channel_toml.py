"""A channel's file: read, with all that is wrong in it at once, each with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from tsloom.errors import ConfigError, TsloomError, UsageError
from tsloom.io.url import redact
from tsloom.runner.channel_check import check_sinks, check_sources, check_stages
from tsloom.runner.channel_keys import CHANNEL, FAILOVER, TABLES, Key, Shape
from tsloom.runner.stage_options import GivenCue, StageOptions
from tsloom.runner.toml_lines import Path, find_line, find_lines
from tsloom.scte35.break_text import parse_break

_TOLD_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_LONGEST_SHOWN: Final = 100
_WANTED: Final = ("input", "output")


def read_channel(text: str, file_name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of `ChannelConfig`, those of its `Redundancy` as "failover", and of `StageOptions`;
    `ConfigError` if anything is wrong."""
    reader = _Reader(text, file_name)
    if not reader.problems:
        reader.read()
    if reader.problems:
        raise make_error(reader.problems)
    return reader.fields, reader.options


def make_error(problems: Iterable[str]) -> ConfigError:
    """One error of all that is wrong."""
    told = tuple(problems)
    error = ConfigError("\n".join(told))
    error.problems = told
    return error


class _Reader:
    def __init__(self, text: str, file_name: str) -> None:
        self.problems: list[str] = []
        self.fields: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self._file_name = file_name
        self._lines: dict[Path, int] = {}
        self._plain: dict[str, Any] = {}
        try:
            self._plain = tomllib.loads(text)
            self._lines = find_lines(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            told = _TOLD_LINE.search(str(error))
            line = int(told.group(1)) if told else text.count("\n") + 1
            reason = str(error) or "nested too deeply"
            self.problems.append(f"{file_name}:{line}: not TOML: {_TOLD_LINE.sub('', reason)}")

    def read(self) -> None:
        self._read_table(
            (), self._plain, CHANNEL, self.fields, known=(*CHANNEL, "failover", *TABLES)
        )
        for name in _WANTED:
            if name not in self._plain:
                self.problems.append(f"{self._file_name}:1: {name} is wanted")
        failover = self.fields.setdefault("failover", {})
        tables = [("failover", FAILOVER, failover)]
        tables += [(name, keys, self.options) for name, keys in TABLES.items()]
        for name, keys, into in tables:
            table = self._plain.get(name, {})
            if isinstance(table, Mapping):
                self._read_table((name,), table, keys, into, known=tuple(keys))
            else:
                self._refuse((name,), table, "a table is wanted")
        self._check_urls()
        if not self.problems:
            for name, reason in check_stages(StageOptions(**self.options)):
                self._refuse_table(name, reason)

    def _read_table(
        self,
        path: Path,
        table: Mapping[str, Any],
        keys: Mapping[str, Key],
        into: dict[str, Any],
        known: tuple[str, ...],
    ) -> None:
        for name, value in table.items():
            if name in keys:
                key = keys[name]
                found = self._read(key, (*path, name), value)
                if found is not None:
                    into[key.field] = found
            elif name not in known:
                self._refuse((*path, name), value, _describe_unknown(name, known))

    def _read(self, key: Key, path: Path, value: Any) -> Any:
        """The value of one key; None if it is wrong, which has been noted."""
        match key.shape:
            case Shape.ONE:
                return self._parse(key, path, value, value)
            case Shape.SWITCH:
                if isinstance(value, bool):
                    return value
                self._refuse(path, value, "true or false is wanted")
                return None
            case Shape.MANY:
                return self._read_many(key, path, value)
            case Shape.PAIRS | Shape.PAIRS_OR_ONE:
                return self._read_pairs(key, path, value)
            case Shape.BREAKS:
                return self._read_entries(path, value, self._read_break)
            case Shape.CUES:
                return self._read_entries(path, value, self._read_cue)

    def _parse(self, key: Key, path: Path, text: Any, shown: Any) -> Any:
        plain = _to_text(text)
        if plain is None:
            self._refuse(path, shown, "a single value is wanted")
            return None
        try:
            return key.parse(plain)
        except (TsloomError, ValueError) as error:
            self._refuse(path, shown, str(error))
            return None

    def _read_many(self, key: Key, path: Path, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            found = self._parse(key, path, value, value)
            return () if found is None else (found,)
        if not value:
            self._refuse(path, value, "at least one value is wanted")
        found = [self._parse(key, (*path, index), one, one) for index, one in enumerate(value)]
        return tuple(one for one in found if one is not None)

    def _read_pairs(self, key: Key, path: Path, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, Mapping):
            if key.shape is Shape.PAIRS_OR_ONE:
                found = self._parse(key, path, value, value)
                return () if found is None else (found,)
            self._refuse(path, value, "a table is wanted")
            return ()
        pairs = []
        for name, one in value.items():
            text = _to_text(one)
            joined = None if text is None else f"{name}={text}"
            pairs.append(self._parse(key, (*path, name), joined, one))
        return tuple(pair for pair in pairs if pair is not None)

    def _read_entries(self, path: Path, value: Any, read: Any) -> tuple[Any, ...]:
        """Tables of an array, [[splice.break]], or one table."""
        entries = value if isinstance(value, list) else [value]
        found = []
        for index, entry in enumerate(entries):
            place = (*path, index) if isinstance(value, list) else path
            if isinstance(entry, Mapping):
                found.append(read(place, entry))
            else:
                self._refuse(place, entry, "a table is wanted")
        return tuple(one for one in found if one is not None)

    def _read_break(self, path: Path, entry: Mapping[str, Any]) -> str | None:
        """A break as --splice takes it; each of its keys is tried by itself, to say which it is."""
        parts = []
        for name, value in entry.items():
            text = _to_text(value)
            if text is None or '"' in text:
                self._refuse((*path, name), value, "a single value is wanted")
                return None
            part = f'{name}="{text}"'
            parts.append(part)
            alone = part if name == "start" else f"start=now,{part}"
            try:
                parse_break(alone)
            except UsageError as error:
                # Some keys say something only together with others.
                if not _is_sound_with(entry, name):
                    self._refuse((*path, name), value, str(error))
                    return None
        try:
            parse_break(",".join(parts))
        except UsageError as error:
            self._refuse(path, dict(entry), str(error))
            return None
        return ",".join(parts)

    def _read_cue(self, path: Path, entry: Mapping[str, Any]) -> GivenCue | None:
        for name, value in entry.items():
            if name not in ("text", "at"):
                self._refuse((*path, name), value, _describe_unknown(name, ("text", "at")))
                return None
            if not isinstance(value, str | datetime):
                self._refuse((*path, name), value, "a text is wanted")
                return None
        if "text" not in entry:
            self._refuse(path, dict(entry), "text is wanted")
            return None
        at = entry.get("at")
        return GivenCue(str(entry["text"]), None if at is None else _to_text(at))

    def _check_urls(self) -> None:
        for name, check in (("input", check_sources), ("output", check_sinks)):
            urls = self.fields.get(f"{name}s", ())
            value = self._plain.get(name)
            for index, reason in check(urls):
                path: Path = (name, index) if isinstance(value, list) else (name,)
                self._refuse(path, urls[index], reason)

    def _refuse_table(self, name: str, reason: str) -> None:
        line = find_line(self._lines, (name,))
        self.problems.append(f"{self._file_name}:{line}: [{name}]: {reason}")

    def _refuse(self, path: Path, value: Any, reason: str) -> None:
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
        shown = repr(redact(value)) if isinstance(value, str) else redact(str(value))
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[:_LONGEST_SHOWN]}..."
        line = find_line(self._lines, path)
        self.problems.append(f"{self._file_name}:{line}: {key[1:]} = {shown}: {reason}")


def _is_sound_with(entry: Mapping[str, Any], name: str) -> bool:
    """Whether a key that is refused alone is not so in a break of all the other keys."""
    parts = [f'{key}="{_to_text(value)}"' for key, value in entry.items()]
    try:
        parse_break(",".join(parts))
    except UsageError:
        return False
    return True


def _to_text(value: Any) -> str | None:
    """A single value as the command line would have it; None if it is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, str | int | float):
        return str(value)
    return None


def _describe_unknown(name: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = difflib.get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"unknown key; {meant}Known are {', '.join(names)}"
