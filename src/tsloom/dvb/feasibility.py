"""Do sections fit into a bitrate at their cycles, and to what are the cycles stretched if not?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tsloom.dvb.si_cycles import SPACING_S, CycleClass, Cycles, find_cycles
from tsloom.errors import UsageError
from tsloom.psi.values import Value

PACKET_BITS = 188 * 8
PAYLOAD_SIZE = 184
# Cycles are planned so much shorter than they may be: where sections wait for each other or for a
# null packet, they are still in time.
HEADROOM = 0.05
# Tables that are no schedule keep their cycles as long as they take no more than this of the
# bitrate; the rest is the schedule's, near and far alike.
SHARE_BEFORE_SCHEDULE = 0.75


@dataclass(frozen=True, slots=True)
class CycleLoad(Value):
    """Sections of one class, as packets. `wanted_bps` is what the cycle takes, `available_bps` what
    there is for it, `planned_cycle_s` how long a repetition takes then: more than `cycle_s` where
    it does not fit."""

    cycle_class: CycleClass
    sections: int
    bits: int
    cycle_s: float
    planned_cycle_s: float

    @property
    def wanted_bps(self) -> float:
        return self.bits / self.cycle_s

    @property
    def available_bps(self) -> float:
        return self.bits / self.planned_cycle_s

    @property
    def fits(self) -> bool:
        return self.planned_cycle_s <= self.cycle_s


@dataclass(frozen=True, slots=True)
class Feasibility(Value):
    """The plan of a carousel, class by class. `bitrate_limit_bps` is None where there is none."""

    loads: tuple[CycleLoad, ...] = ()
    bitrate_limit_bps: float | None = None

    @property
    def wanted_bps(self) -> float:
        return sum(load.wanted_bps for load in self.loads)

    @property
    def planned_bps(self) -> float:
        return sum(load.available_bps for load in self.loads)

    @property
    def fits(self) -> bool:
        """Whether every cycle is kept."""
        return all(load.fits for load in self.loads)

    def get(self, cycle_class: CycleClass | str) -> CycleLoad | None:
        """The load of one class, None if it has no sections."""
        for load in self.loads:
            if load.cycle_class == cycle_class:
                return load
        return None


@dataclass(slots=True)
class ClassSize:
    """What a class has to send in one cycle; `longest_table` is the most sections that one of its
    sub-tables has, which are apart from each other."""

    sections: int = 0
    bits: int = 0
    longest_table: int = 0


def count_packets(section: bytes) -> int:
    """The packets that a section takes by itself, pointer_field with it."""
    return -(-(len(section) + 1) // PAYLOAD_SIZE)


def plan_cycles(
    sizes: Mapping[CycleClass, ClassSize], cycles: Cycles, bitrate_limit: float | None = None
) -> Feasibility:
    """The cycles of all classes under the limit, in bits a second.

    None is shorter than the spacing within its sub-tables allows. Where all together are too much
    the headroom goes first, then the schedule is stretched, then the rest.
    """
    if bitrate_limit is not None and bitrate_limit <= 0:
        raise UsageError("a bitrate limit is above 0", bitrate_limit=bitrate_limit)
    used = {kind: size for kind, size in sizes.items() if size.sections}
    least = {kind: size.longest_table * SPACING_S * 1.2 for kind, size in used.items()}
    wanted = {kind: max(cycles.seconds[kind], least[kind]) for kind in used}
    planned = {kind: max(cycles.seconds[kind] * (1 - HEADROOM), least[kind]) for kind in used}
    if bitrate_limit is not None:
        rates = {kind: size.bits / planned[kind] for kind, size in used.items()}
        if sum(rates.values()) > bitrate_limit:
            rates = {kind: size.bits / wanted[kind] for kind, size in used.items()}
            rates = share_bitrate(rates, bitrate_limit)
            planned = {kind: used[kind].bits / rate for kind, rate in rates.items()}
    loads = tuple(
        CycleLoad(kind, size.sections, size.bits, cycles.seconds[kind], planned[kind])
        for kind, size in used.items()
    )
    return Feasibility(loads, bitrate_limit)


def share_bitrate(wanted: Mapping[CycleClass, float], limit: float) -> dict[CycleClass, float]:
    """What each class gets of the limit, no more than it wants; what is left is shared again."""
    total = sum(wanted.values())
    schedule = sum(rate for kind, rate in wanted.items() if kind.is_schedule)
    first = total - schedule
    if total <= limit:
        # The headroom shrinks alike for all.
        return {kind: rate * limit / total for kind, rate in wanted.items()}
    given_first = min(first, limit * SHARE_BEFORE_SCHEDULE) if schedule else min(first, limit)
    given_first = max(given_first, min(first, limit - schedule))
    given_schedule = limit - given_first
    return {
        kind: rate * (given_schedule / schedule if kind.is_schedule else given_first / first)
        for kind, rate in wanted.items()
    }


def check_cycles(
    sections: Iterable[bytes],
    *,
    profile: str = "satellite",
    cycles: Mapping[str, str | float | timedelta] | None = None,
    bitrate_limit: float | None = None,
) -> Feasibility:
    """Whether these sections of SI tables fit into so many bits a second, before going on air."""
    wanted = find_cycles(profile, cycles)
    sizes: dict[CycleClass, ClassSize] = {}
    tables: Counter[tuple[CycleClass, bytes]] = Counter()
    for section in sections:
        kind = wanted.classify(section)
        size = sizes.setdefault(kind, ClassSize())
        size.sections += 1
        size.bits += count_packets(section) * PACKET_BITS
        tables[kind, get_sub_table(section)] += 1
    for (kind, _), count in tables.items():
        sizes[kind].longest_table = max(sizes[kind].longest_table, count)
    ordered = {kind: sizes[kind] for kind in CycleClass if kind in sizes}
    return plan_cycles(ordered, wanted, bitrate_limit)


def get_sub_table(section: bytes) -> bytes:
    """What sections of one sub-table have alike (EN 300 468, 5.1.1): table_id, extension, and the
    ids of an EIT and an SDT; of a table without the long header its table_id."""
    table_id = section[0]
    if not section[1] & 0x80:
        return section[:1]
    if 0x4E <= table_id <= 0x6F:
        return section[:1] + section[3:5] + section[8:12]
    if table_id in (0x42, 0x46):
        return section[:1] + section[3:5] + section[8:10]
    return section[:1] + section[3:5]
