"""A distributor's specification: what a feed has to be, checked line by line.

A TOML file with the tables of `KEYS`. A value is what is wanted, a list of values any of which will
do, or for numbers a table: `{min = ...}`, `{max = ...}`, both, or `{nominal = ..., tolerance =
0.1}`, a tenth to either side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tsloom.analysis.specification_file import find_lines, read_toml
from tsloom.analysis.specification_values import Span, Wanted, make_wanted, show
from tsloom.errors import UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import Self

# What a value is compared as.
KEYS: dict[str, str] = {
    "service.service_id": "number",
    "service.name": "text",
    "service.provider": "text",
    "video.codec": "codec",
    "video.profile": "text",
    "video.level": "level",
    "video.width": "number",
    "video.height": "number",
    "video.frame_rate": "number",
    "video.interlaced": "flag",
    "video.chroma_format": "text",
    "video.bit_depth": "number",
    "video.gop_length": "number",
    "video.gop_structure": "text",
    "video.open_gop": "flag",
    "video.idr_interval_s": "number",
    "video.closed_captions": "flag",
    "video.bitrate_bps": "number",
    "video.declared_bitrate_bps": "number",
    "audio.codec": "codec",
    "audio.profile": "text",
    "audio.sample_rate_hz": "number",
    "audio.channels": "number",
    "audio.bitrate_bps": "number",
    "audio.pid_bitrate_bps": "number",
    "audio.language": "text",
    "pids.pmt": "pid",
    "pids.pcr": "pid",
    "pids.video": "pid",
    "pids.audio": "pid",
    "pids.scte35": "pid",
    "pids.null": "pid",
    "bitrate.total_bps": "number",
    "bitrate.null_share": "number",
    "errors.continuity": "number",
    "errors.transport": "number",
    "errors.section_crc": "number",
    "scte35.preroll_s": "number",
    "scte35.break_duration_s": "number",
    "srt.latency_ms": "number",
}
NOTHING_SAID = "this analysis does not measure it"


class Verdict(StrEnum):
    """What became of a line of a specification."""

    PASS = "pass"
    FAIL = "fail"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Measured:
    """Plain facts about a feed, by the keys of `KEYS`.

    A value is a number, a text, a flag, a PID, a `Span` of what was seen over time, or None: there
    is no such thing in the feed. What is not in `values` was not measured; `reasons` says why.
    """

    values: Mapping[str, int | float | str | bool | Span | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpecificationResult:
    """One line of a specification: what it wants, what was found, and the verdict.

    `reason` says why something was not measured. `line` is that of the file, from 1.
    """

    key: str
    wanted: str
    found: str | None
    verdict: Verdict
    reason: str | None = None
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Keys and values for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"verdict": self.verdict.value}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One key of a specification, with what it wants, and the line that it stands on."""

    key: str
    wanted: Wanted
    line: int | None = None

    def check(self, measured: Measured) -> SpecificationResult:
        """The verdict on what was measured."""
        shown = self.wanted.describe()
        if self.key not in measured.values:
            reason = measured.reasons.get(self.key, NOTHING_SAID)
            return SpecificationResult(
                self.key, shown, None, Verdict.NOT_MEASURED, reason, self.line
            )
        value = measured.values[self.key]
        if KEYS[self.key] == "pid":
            passes = self._is_pid(value, measured)
        else:
            passes = value is not None and self.wanted.allows(value)
        verdict = Verdict.PASS if passes else Verdict.FAIL
        return SpecificationResult(self.key, shown, show(value), verdict, None, self.line)

    def _is_pid(self, value: object, measured: Measured) -> bool:
        """A PID is a number, or the name of what it shall be the same as: pcr = "video"."""
        return value is not None and any(
            value == (measured.values.get(f"pids.{one}") if isinstance(one, str) else one)
            for one in self.wanted.choices
        )


@dataclass(frozen=True, slots=True)
class Specification:
    """What a feed has to be, key by key."""

    requirements: tuple[Requirement, ...]
    name: str = "specification"

    @classmethod
    def from_toml(cls, text: str, *, name: str = "specification") -> Self:
        """Out of a TOML document. `UsageError` names the key, the value and the line."""
        document = read_toml(text, name)
        lines = find_lines(text)
        requirements = []
        for table, entries in document.items():
            if not isinstance(entries, dict):
                raise UsageError("a key stands in no table", key=table, line=lines.get(table))
            for entry, value in entries.items():
                key = f"{table}.{entry}"
                line = lines.get(key)
                _check_key(key, value, line)
                wanted = make_wanted(KEYS[key], value, key=key, line=line)
                requirements.append(Requirement(key, wanted, line))
        if not requirements:
            raise UsageError("a specification wants nothing", file=name)
        return cls(tuple(requirements), name)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Out of a file."""
        with open(path, "rb") as file:
            raw = file.read()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise UsageError("a TOML file is UTF-8", file=str(path), line=line) from error
        return cls.from_toml(text, name=str(path))

    @property
    def service_id(self) -> int | None:
        """The service that is to be checked, if a single one is named."""
        for one in self.requirements:
            if one.key == "service.service_id" and len(one.wanted.choices) == 1:
                return int(one.wanted.choices[0])
        return None

    def check(self, measured: Measured) -> tuple[SpecificationResult, ...]:
        """A result for each line, in the file's order."""
        return tuple(one.check(measured) for one in self.requirements)


def _check_key(key: str, value: object, line: int | None) -> None:
    if key in KEYS:
        return
    table = key.split(".", 1)[0]
    known = [one.split(".", 1)[1] for one in KEYS if one.startswith(f"{table}.")]
    if known:
        raise UsageError("no such key", key=key, value=value, line=line, keys=", ".join(known))
    tables = dict.fromkeys(one.split(".", 1)[0] for one in KEYS)
    raise UsageError("no such table", key=key, value=value, line=line, tables=", ".join(tables))
