"""Limits of the TR 101 290 indicators: the guideline's by default, others from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError

if TYPE_CHECKING:
    import os

# No interval of a table is longer.
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds; 0 switches a check off.

    The defaults are those of ETSI TR 101 290, 5.2; of BAT and TOT EN 300 468, 5.1.4. `pid_s` is the
    user's to set. EIT schedule has no limit there.
    """

    pat_s: float = 0.5
    pmt_s: float = 0.5
    pid_s: float = 5.0
    pcr_repetition_s: float = 0.1
    pcr_discontinuity_s: float = 0.1
    pts_s: float = 0.7
    cat_s: float = 0.5
    nit_actual_s: float = 10.0
    nit_other_s: float = 10.0
    bat_s: float = 10.0
    sdt_actual_s: float = 2.0
    sdt_other_s: float = 10.0
    eit_actual_s: float = 2.0
    eit_other_s: float = 10.0
    eit_schedule_s: float = 0.0
    tdt_s: float = 30.0
    tot_s: float = 30.0
    section_gap_s: float = 0.025
    unreferenced_s: float = 0.5
    # The 25 ms between two sections of one number only, rather than of one sub-table.
    section_gap_of_same_number: bool = False

    def __post_init__(self) -> None:
        for name, value in self._times():
            if not 0 <= value <= LONGEST_S:
                raise UsageError(
                    f"{name} is 0 to {LONGEST_S:g} seconds, and 0 is off", **{name: value}
                )

    def _times(self) -> list[tuple[str, float]]:
        return [
            (item.name, getattr(self, item.name)) for item in fields(self) if item.type != "bool"
        ]

    def ticks(self) -> list[int]:
        """In 27 MHz ticks, in the order of the native core."""
        return [round(value * PCR_HZ) for _, value in self._times()]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """`UsageError` names a key that is none, or a value of the wrong kind."""
        known = {item.name: item.type for item in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise UsageError(f"{name} is no limit; there are {', '.join(known)}")
            wanted = bool if known[name] == "bool" else (int, float)
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                raise UsageError(f"{name} wants {known[name]}", **{name: value})
        return cls(**values)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """From a file with a line `name = value` for each limit that is not the default."""
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}") from None
        try:
            return cls.from_dict(values)
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from None
