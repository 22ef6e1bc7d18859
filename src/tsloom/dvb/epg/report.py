"""What an import found: counts, and the defects by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tsloom.psi.values import Value

# More than these are counted but not kept.
KEPT_DIAGNOSTICS = 1000
KEPT_NAMES = 1000


class ImportDefect(StrEnum):
    """What can be wrong with a guide. From ENTITY_DECLARATION on, none costs the programme."""

    UNKNOWN_CHANNEL = "unknown channel"
    BAD_TIME = "a time that cannot be read"
    NO_START = "no start"
    NO_STOP = "no stop, and no programme after it"
    ZERO_LENGTH = "no length"
    STOP_BEFORE_START = "stop before start"
    OUT_OF_RANGE = "a date or a duration that an EIT cannot carry"
    NO_TITLE = "no title"
    DUPLICATE = "another programme begins at the same time"
    NO_EVENT_ID = "the service has no event_id left"
    MALFORMED = "not as the form wants it"
    BROKEN_XML = "not well-formed XML"
    ENTITY_DECLARATION = "declares entities, which are not read"
    OVERLAP = "begins while another runs"
    TEXT_CUT = "more text than an event can carry"
    NO_LANGUAGE = "a language that is unknown"
    NO_ENTITY = "an entity that is unknown"
    SEVERAL_TITLES = "more than one title in a language"


@dataclass(frozen=True, slots=True)
class ImportDiagnostic(Value):
    """A defect and the line that it is on, from 1; 0 where that is unknown."""

    defect: ImportDefect
    line: int
    channel: str = ""
    detail: str = ""

    def __str__(self) -> str:
        facts = ", ".join(filter(None, (self.channel and f"channel {self.channel}", self.detail)))
        return f"line {self.line}: {self.defect.value}" + (f" ({facts})" if facts else "")


@dataclass(slots=True)
class ImportReport:
    """What became of a guide.

    `programmes` were read, `events` went in (more, where a channel goes to several services).
    `diagnostics` are the first thousand, `counts` all of them by kind. `unknown_channels` and
    `unknown_categories` count programmes by the name that no map knows.
    """

    programmes: int = 0
    events: int = 0
    diagnostics: list[ImportDiagnostic] = field(default_factory=list)
    counts: Counter[ImportDefect] = field(default_factory=Counter)
    unknown_channels: Counter[str] = field(default_factory=Counter)
    unknown_categories: Counter[str] = field(default_factory=Counter)

    def note(self, defect: ImportDefect, line: int, channel: str = "", detail: str = "") -> None:
        self.counts[defect] += 1
        if len(self.diagnostics) < KEPT_DIAGNOSTICS:
            self.diagnostics.append(ImportDiagnostic(defect, line, channel[:100], detail[:200]))

    def note_unknown_channel(self, channel: str, line: int) -> None:
        """The first programme of each channel is a diagnostic, the others are counted."""
        if count_name(self.unknown_channels, channel) == 1:
            self.note(ImportDefect.UNKNOWN_CHANNEL, line, channel)
        else:
            self.counts[ImportDefect.UNKNOWN_CHANNEL] += 1

    def note_unknown_category(self, category: str) -> None:
        count_name(self.unknown_categories, category)

    def to_dict(self) -> dict[str, Any]:
        return {
            "programmes": self.programmes,
            "events": self.events,
            "counts": {defect.name.lower(): count for defect, count in self.counts.items()},
            "unknown_channels": dict(self.unknown_channels),
            "unknown_categories": dict(self.unknown_categories),
            "diagnostics": [str(diagnostic) for diagnostic in self.diagnostics],
        }


def count_name(counts: Counter[str], name: str) -> int:
    """Counts a name, and gives its count; 0 if there are too many names to keep it."""
    kept = name[:100]
    if kept not in counts and len(counts) >= KEPT_NAMES:
        return 0
    counts[kept] += 1
    return counts[kept]


def fold_names(codes: Mapping[str, int]) -> dict[str, int]:
    """The names as they are looked up."""
    return {" ".join(name.casefold().split()): code for name, code in codes.items()}
