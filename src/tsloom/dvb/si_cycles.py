"""How often each table is repeated (TS 101 211, 4.4), and which table a section is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from tsloom.clock import parse_seconds
from tsloom.dvb import bat, eit, nit, sdt, tdt, tot
from tsloom.dvb.eit_schedule import SEGMENTS_PER_DAY, SEGMENTS_PER_TABLE
from tsloom.errors import UsageError

# Between the end of a section and the begin of the next of its sub-table.
SPACING_S = 0.025
DAYS_PER_TABLE = SEGMENTS_PER_TABLE // SEGMENTS_PER_DAY


class CycleClass(StrEnum):
    """Sections that are repeated alike. Those of a schedule are in the prime window, or later."""

    PRESENT_FOLLOWING_ACTUAL = "eit_pf_actual"
    PRESENT_FOLLOWING_OTHER = "eit_pf_other"
    SCHEDULE_ACTUAL_PRIME = "eit_schedule_actual_prime"
    SCHEDULE_OTHER_PRIME = "eit_schedule_other_prime"
    SCHEDULE_ACTUAL_LATER = "eit_schedule_actual_later"
    SCHEDULE_OTHER_LATER = "eit_schedule_other_later"
    NIT = "nit"
    BAT = "bat"
    SDT_ACTUAL = "sdt_actual"
    SDT_OTHER = "sdt_other"
    TDT = "tdt"
    TOT = "tot"

    @property
    def is_schedule(self) -> bool:
        return self.value.startswith("eit_schedule")


PIDS = {
    **{kind: eit.PID for kind in CycleClass if kind.value.startswith("eit")},
    CycleClass.NIT: nit.PID,
    CycleClass.BAT: bat.PID,
    CycleClass.SDT_ACTUAL: sdt.PID,
    CycleClass.SDT_OTHER: sdt.PID,
    CycleClass.TDT: tdt.PID,
    CycleClass.TOT: tot.PID,
}
CLASSES = {
    eit.TABLE_ID_PRESENT_FOLLOWING_ACTUAL: CycleClass.PRESENT_FOLLOWING_ACTUAL,
    eit.TABLE_ID_PRESENT_FOLLOWING_OTHER: CycleClass.PRESENT_FOLLOWING_OTHER,
    **dict.fromkeys(nit.TABLE_IDS, CycleClass.NIT),
    bat.TABLE_ID: CycleClass.BAT,
    0x42: CycleClass.SDT_ACTUAL,
    0x46: CycleClass.SDT_OTHER,
    tdt.TABLE_ID: CycleClass.TDT,
    tot.TABLE_ID: CycleClass.TOT,
}


@dataclass(frozen=True, slots=True)
class Cycles:
    """The longest time, in seconds, between two repetitions of a section, by class; and how many
    days of a schedule the prime window has."""

    prime_days: int
    seconds: Mapping[CycleClass, float]

    def replace(self, changed: Mapping[str, str | float | timedelta]) -> Cycles:
        """These with some others. `UsageError` for a class that is not there, or no time."""
        seconds = dict(self.seconds)
        days = self.prime_days
        for name, wanted in changed.items():
            if name == "prime_days":
                days = _check_days(wanted)
                continue
            if name not in list(CycleClass):
                raise UsageError("unknown cycle", cycle=name, known=[*CycleClass, "prime_days"])
            seconds[CycleClass(name)] = parse_seconds(wanted)
            if seconds[CycleClass(name)] < SPACING_S:
                raise UsageError("a cycle is 25 ms or more", cycle=name, wanted=wanted)
        return Cycles(days, MappingProxyType(seconds))

    def classify(self, section: bytes) -> CycleClass:
        """The class of a section of an SI table; `UsageError` if it is of another table."""
        table_id = section[0]
        found = CLASSES.get(table_id)
        if found is not None:
            return found
        if not 0x50 <= table_id <= 0x6F:
            raise UsageError("no table with a cycle", table_id=table_id)
        segment = section[6] // eit.SECTIONS_PER_SEGMENT
        day = (table_id & 15) * DAYS_PER_TABLE + segment // SEGMENTS_PER_DAY
        is_actual, is_prime = table_id < 0x60, day < self.prime_days
        return SCHEDULE_CLASSES[is_actual, is_prime]


SCHEDULE_CLASSES = {
    (True, True): CycleClass.SCHEDULE_ACTUAL_PRIME,
    (True, False): CycleClass.SCHEDULE_ACTUAL_LATER,
    (False, True): CycleClass.SCHEDULE_OTHER_PRIME,
    (False, False): CycleClass.SCHEDULE_OTHER_LATER,
}
_COMMON = {
    CycleClass.NIT: 10.0,
    CycleClass.BAT: 10.0,
    CycleClass.SDT_ACTUAL: 2.0,
    CycleClass.SDT_OTHER: 10.0,
    CycleClass.TDT: 30.0,
    CycleClass.TOT: 30.0,
    CycleClass.PRESENT_FOLLOWING_ACTUAL: 2.0,
    CycleClass.SCHEDULE_ACTUAL_PRIME: 10.0,
    CycleClass.SCHEDULE_ACTUAL_LATER: 30.0,
}
PROFILES: Mapping[str, Cycles] = MappingProxyType(
    {
        "satellite": Cycles(
            8,
            MappingProxyType(
                {
                    **_COMMON,
                    CycleClass.PRESENT_FOLLOWING_OTHER: 10.0,
                    CycleClass.SCHEDULE_OTHER_PRIME: 10.0,
                    CycleClass.SCHEDULE_OTHER_LATER: 30.0,
                }
            ),
        ),
        "terrestrial": Cycles(
            1,
            MappingProxyType(
                {
                    **_COMMON,
                    CycleClass.PRESENT_FOLLOWING_OTHER: 20.0,
                    CycleClass.SCHEDULE_OTHER_PRIME: 60.0,
                    CycleClass.SCHEDULE_OTHER_LATER: 300.0,
                }
            ),
        ),
    }
)


def find_cycles(
    profile: str, changed: Mapping[str, str | float | timedelta] | None = None
) -> Cycles:
    """A profile's cycles, some of them replaced. `UsageError` if there is no such profile."""
    if profile == "cable":
        profile = "satellite"
    if profile not in PROFILES:
        raise UsageError("unknown profile", profile=profile, known=[*PROFILES, "cable"])
    return PROFILES[profile].replace(changed or {})


def _check_days(wanted: str | float | timedelta) -> int:
    try:
        days = int(wanted)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        days = 0
    if not 1 <= days <= 64:
        raise UsageError("a prime window has 1 to 64 days", prime_days=wanted)
    return days
