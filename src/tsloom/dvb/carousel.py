"""A carousel of sections: each comes round at the cycle of its class (TS 101 211, 4.4).

Each class is a ring that turns once in its cycle, each section a place on it. So every section
comes at its cycle exactly, whatever comes and goes beside it, and which is next does not depend on
how many there are: it is that of the ring, of a dozen at most, which is due first. Places are
spread evenly, and those of one sub-table are far apart: what is sent is smooth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from operator import attrgetter, itemgetter
from typing import NamedTuple

from tsloom.clock import PCR_HZ
from tsloom.dvb.feasibility import (
    PACKET_BITS,
    ClassSize,
    Feasibility,
    count_packets,
    get_sub_table,
    plan_cycles,
)
from tsloom.dvb.si_cycles import PIDS, SPACING_S, CycleClass, find_cycles
from tsloom.errors import UsageError

SPACING_TICKS = round(SPACING_S * PCR_HZ)
# Multiples of it, modulo 1, are never close to each other.
GOLDEN_RATIO = (5**0.5 - 1) / 2
# What one packet more of a sub-table's section is taken to last, where no limit says it.
PACKET_TICKS = PCR_HZ // 4000
_by_place = attrgetter("place")
_by_time = itemgetter(0)
# A NamedTuple's own constructor takes as long as all the rest.
_new = tuple.__new__
_REVERSED = [int(f"{number:08b}"[::-1], 2) for number in range(256)]


class DueSection(NamedTuple):
    """A section and the time, in ticks of 27 MHz, from which it is to leave."""

    due_27mhz: int
    pid: int
    section: bytes


class _SubTable:
    """`free_from`: the next of its sections leaves no earlier."""

    __slots__ = ("free_from", "offset", "sections")

    def __init__(self, offset: float) -> None:
        self.free_from = 0
        self.offset = offset
        self.sections = 0


class _Slot:
    __slots__ = ("hold", "packets", "pid", "place", "ring", "section", "table")

    def __init__(self, ring: _Ring, table: _SubTable, section: bytes) -> None:
        self.ring = ring
        self.table = table
        self.place = (_spread(section) + table.offset) % 1
        self.pid = PIDS[ring.kind]
        self.set_section(section)

    def set_section(self, section: bytes) -> None:
        self.section = section
        self.packets = count_packets(section)
        # From its begin to that of the next of its sub-table, where no limit says how long it
        # lasts.
        self.hold = SPACING_TICKS + self.packets * PACKET_TICKS


class _Ring:
    """The slots of one class by their place. It turns in `period`, and began to at `origin`; `at`
    is the slot that comes next, `due` when it does."""

    __slots__ = ("at", "due", "kind", "origin", "packets", "period", "slots", "tables")

    def __init__(self, kind: CycleClass) -> None:
        self.kind = kind
        self.slots: list[_Slot] = []
        self.tables: Counter[_SubTable] = Counter()
        self.at = self.packets = 0
        self.origin = self.due = 0.0
        self.period = float(PCR_HZ)

    def find_due(self) -> None:
        if self.slots:
            self.due = self.origin + self.slots[self.at].place * self.period

    def turn(self, until: int, planned: list[tuple[float, _Slot]]) -> None:
        """Lists what comes by up to that time, with the time of each."""
        slots, at, period, origin = self.slots, self.at, self.period, self.origin
        count = len(slots)
        while True:
            slot = slots[at]
            due = origin + slot.place * period
            if due > until:
                break
            planned.append((due, slot))
            at += 1
            if at == count:
                at = 0
                origin += period
        self.at, self.origin, self.due = at, origin, due

    def set_period(self, period: float, now: int) -> None:
        """Turns faster or slower from now on."""
        self.origin = now - (now - self.origin) * period / self.period
        self.period = period
        self.find_due()

    def add(self, slot: _Slot) -> None:
        at = bisect_left(self.slots, slot.place, key=_by_place)
        self.slots.insert(at, slot)
        if at < self.at:
            self.at += 1
        self.packets += slot.packets
        self.tables[slot.table] += 1
        self.find_due()

    def remove(self, slot: _Slot) -> None:
        at = bisect_left(self.slots, slot.place, key=_by_place)
        while self.slots[at] is not slot:
            at += 1
        del self.slots[at]
        if at < self.at:
            self.at -= 1
        elif self.at == len(self.slots):
            self.at = 0
            self.origin += self.period
        self.packets -= slot.packets
        self.tables[slot.table] -= 1
        if not self.tables[slot.table]:
            del self.tables[slot.table]
        self.find_due()


class Carousel:
    """Sections of EIT, SDT, NIT, BAT, TDT and TOT, repeated for ever.

    `profile` and `cycles` say how often, see `find_cycles`; `bitrate_limit`, in bits a second, what
    all together take at most: where that is too little the cycles are stretched, and `plan` says to
    what. It knows no clock: times are ticks of 27 MHz that never go back.
    """

    def __init__(
        self,
        *,
        profile: str = "satellite",
        cycles: Mapping[str, str | float | timedelta] | None = None,
        bitrate_limit: float | None = None,
        start_27mhz: int = 0,
    ) -> None:
        self._cycles = find_cycles(profile, cycles)
        self._limit = bitrate_limit
        plan_cycles({}, self._cycles, bitrate_limit)
        self._rings = {kind: _Ring(kind) for kind in CycleClass}
        # Those that have sections.
        self._turning: list[_Ring] = []
        self._slots: dict[bytes, _Slot] = {}
        self._tables: dict[bytes, _SubTable] = {}
        self._table_count = 0
        self._now = self._free_from = start_27mhz
        self._plan: Feasibility | None = None

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def plan(self) -> Feasibility:
        """The cycles as they are kept now, and whether they are those that were asked for."""
        if self._plan is None:
            self._plan = self._make_plan()
        return self._plan

    @property
    def next_due_27mhz(self) -> int | None:
        """When the next section leaves; None if there are none."""
        if not self._turning:
            return None
        return max(int(min(ring.due for ring in self._turning)), self._free_from)

    def put(self, section: bytes) -> None:
        """Takes a section in, in the place of the one with the same identity if there is one: of
        the sub-table and section_number. `UsageError` if it has no cycle."""
        identity = identify(section)
        slot = self._slots.get(identity)
        if slot is None:
            self._add(identity, section)
            return
        before = slot.packets
        slot.set_section(section)
        if slot.packets != before:
            slot.ring.packets += slot.packets - before
            self._plan = None

    def remove(self, section: bytes) -> None:
        """Takes out the section with this one's identity, if there is one."""
        slot = self._slots.pop(identify(section), None)
        if slot is None:
            return
        slot.ring.remove(slot)
        slot.table.sections -= 1
        if not slot.table.sections:
            del self._tables[get_sub_table(section)]
        if not slot.ring.slots:
            self._turning.remove(slot.ring)
        self._plan = None

    def update(self, changed: Iterable[bytes], removed: Iterable[bytes] = ()) -> None:
        """Takes out and puts in what an `EitUpdate` says."""
        for section in removed:
            self.remove(section)
        for section in changed:
            self.put(section)

    def take(self, until_27mhz: int) -> list[DueSection]:
        """What is due up to that time, in order. A section that another one holds up may be a
        little later."""
        plan = self.plan
        planned: list[tuple[float, _Slot]] = []
        for ring in self._turning:
            if ring.due <= until_27mhz:
                ring.turn(until_27mhz, planned)
        planned.sort(key=_by_time)
        self._now = max(self._now, until_27mhz)
        if plan.bitrate_limit_bps is None:
            return self._space(planned)
        return self._space_by_rate(planned, PCR_HZ / plan.bitrate_limit_bps)

    def _space(self, planned: list[tuple[float, _Slot]]) -> list[DueSection]:
        """The sections, those of one sub-table apart."""
        due_sections: list[DueSection] = []
        for due, slot in planned:
            table, start = slot.table, int(due)
            if start < table.free_from:
                start = table.free_from
            table.free_from = start + slot.hold
            due_sections.append(_new(DueSection, (start, slot.pid, slot.section)))
        return due_sections

    def _space_by_rate(
        self, planned: list[tuple[float, _Slot]], ticks_per_bit: float
    ) -> list[DueSection]:
        """The sections one behind the other, at the limit at most."""
        due_sections: list[DueSection] = []
        for due, slot in planned:
            table = slot.table
            start = max(int(due), table.free_from, self._free_from)
            self._free_from = start + int(slot.packets * PACKET_BITS * ticks_per_bit)
            table.free_from = self._free_from + SPACING_TICKS
            due_sections.append(_new(DueSection, (start, slot.pid, slot.section)))
        return due_sections

    def skip_to(self, time_27mhz: int) -> None:
        """Leaves out what would have been due before that time."""
        behind = max((time_27mhz - ring.due for ring in self._turning), default=0)
        if behind > 0:
            for ring in self._turning:
                ring.origin += behind
                ring.due += behind
        self._now = max(self._now, time_27mhz)
        self._free_from = max(self._free_from, time_27mhz)

    def _add(self, identity: bytes, section: bytes) -> None:
        ring = self._rings[self._cycles.classify(section)]
        name = get_sub_table(section)
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = _SubTable(self._table_count * GOLDEN_RATIO % 1)
            self._table_count += 1
        slot = self._slots[identity] = _Slot(ring, table, section)
        table.sections += 1
        if not ring.slots:
            ring.origin = float(self._now)
            self._turning.append(ring)
        ring.add(slot)
        self._plan = None

    def _make_plan(self) -> Feasibility:
        sizes = {
            kind: ClassSize(len(ring.slots), ring.packets * PACKET_BITS, max(ring.tables.values()))
            for kind, ring in self._rings.items()
            if ring.slots
        }
        plan = plan_cycles(sizes, self._cycles, self._limit)
        for load in plan.loads:
            self._rings[load.cycle_class].set_period(load.planned_cycle_s * PCR_HZ, self._now)
        return plan


def identify(section: bytes) -> bytes:
    """Of a section: its sub-table and its section_number, if it has one."""
    if len(section) < 8:
        raise UsageError("not a section", size_bytes=len(section))
    has_number = section[1] & 0x80
    return get_sub_table(section) + (section[6:7] if has_number else b"")


def _spread(section: bytes) -> float:
    """Where in a turn the section is, from 0 to 1: for any first so many of a sub-table about
    evenly."""
    number = section[6] if section[1] & 0x80 else 0
    if 0x50 <= section[0] <= 0x6F:
        segment, part = divmod(number, 8)
        return _REVERSED[segment] / 256 + part * GOLDEN_RATIO % 1 / 32
    return _REVERSED[number] / 256
