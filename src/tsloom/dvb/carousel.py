"""A carousel of sections: each comes round at the cycle of its class (TS 101 211, 4.4).

Each class is a ring that turns once in its cycle, each section a place on it. So every section
comes at its cycle exactly, whatever comes and goes beside it, and which is next does not depend on
how many there are: it is that of the ring, of a dozen at most, which is due first. Places are
spread evenly, and those of one sub-table are far apart: what is sent is smooth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from math import ceil
from typing import NamedTuple

from tsloom._native.carousel import CarouselRings
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
# Parts of a turn, in which places on a ring are told.
TURN = 1 << 32
# A NamedTuple's own constructor takes as long as all the rest.
_new = tuple.__new__
_REVERSED = [int(f"{number:08b}"[::-1], 2) for number in range(256)]


class DueSection(NamedTuple):
    """A section and the time, in ticks of 27 MHz, from which it is to leave."""

    due_27mhz: int
    pid: int
    section: bytes


class _SubTable:
    """`group`: what the rings call it."""

    __slots__ = ("group", "offset", "sections")

    def __init__(self, group: int, offset: float) -> None:
        self.group = group
        self.offset = offset
        self.sections = 0


class _Ring:
    """What there is of one class. `number`: what the rings call it."""

    __slots__ = ("kind", "number", "packets", "sections", "tables")

    def __init__(self, number: int, kind: CycleClass) -> None:
        self.number = number
        self.kind = kind
        self.sections = self.packets = 0
        self.tables: Counter[_SubTable] = Counter()

    def count(self, table: _SubTable, sections: int, packets: int) -> None:
        self.sections += sections
        self.packets += packets
        self.tables[table] += sections
        if not self.tables[table]:
            del self.tables[table]


class _Slot(NamedTuple):
    """A section on its ring. `place`: what the rings call it."""

    place: int
    ring: _Ring
    table: _SubTable
    packets: int


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
        packet_ticks = 0 if bitrate_limit is None else ceil(PACKET_BITS * PCR_HZ / bitrate_limit)
        self.rings = CarouselRings(spacing=SPACING_TICKS, packet_ticks=packet_ticks)
        self.rings.skip_to(start_27mhz)
        self._classes = {kind: _Ring(number, kind) for number, kind in enumerate(CycleClass)}
        self._slots: dict[bytes, _Slot] = {}
        self._tables: dict[bytes, _SubTable] = {}
        self._table_count = 0
        # Of sub-tables that have gone.
        self._free_groups: list[int] = []
        self._now = start_27mhz
        self._plan: Feasibility | None = None

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def plan(self) -> Feasibility:
        """The cycles as they are kept now, and whether they are those that were asked for."""
        return self.keep_cycles()

    @property
    def next_due_27mhz(self) -> int | None:
        """When the next section leaves; None if there are none."""
        due = self.rings.due
        return None if due is None else max(due, self.rings.free_from)

    def put(self, section: bytes) -> None:
        """Takes a section in, in the place of the one with the same identity if there is one: of
        the sub-table and section_number. `UsageError` if it has no cycle."""
        identity = identify(section)
        slot = self._slots.get(identity)
        if slot is None:
            self._add(identity, section)
            return
        self.rings.replace(slot.place, section)
        packets = count_packets(section)
        if packets != slot.packets:
            slot.ring.count(slot.table, 0, packets - slot.packets)
            self._slots[identity] = slot._replace(packets=packets)
            self._plan = None

    def remove(self, section: bytes) -> None:
        """Takes out the section with this one's identity, if there is one."""
        slot = self._slots.pop(identify(section), None)
        if slot is None:
            return
        table = slot.table
        self.rings.remove(slot.place)
        slot.ring.count(table, -1, -slot.packets)
        table.sections -= 1
        if not table.sections:
            del self._tables[get_sub_table(section)]
            self._free_groups.append(table.group)
        self._plan = None

    def update(self, changed: Iterable[bytes], removed: Iterable[bytes] = ()) -> None:
        """Takes out and puts in what an `EitUpdate` says."""
        for section in removed:
            self.remove(section)
        for section in changed:
            self.put(section)

    def take(self, until_27mhz: int) -> list[DueSection]:
        """What is due up to that time, in the order in which it comes by. A section that another
        one holds up may be a little later."""
        self.keep_cycles()
        self.go_on_to(until_27mhz)
        return [_new(DueSection, due) for due in self.rings.take(until_27mhz)]

    def keep_cycles(self) -> Feasibility:
        """The rings turn as the plan says, also after sections have come or gone."""
        if self._plan is None:
            self._plan = self._make_plan()
        return self._plan

    def go_on_to(self, time_27mhz: int) -> None:
        """It is that time: cycles that change do so from then on."""
        self._now = max(self._now, time_27mhz)

    def skip_to(self, time_27mhz: int) -> None:
        """Goes on at that time as if none had passed since the next section was due."""
        due = self.rings.due
        if due is not None and due < time_27mhz:
            for ring in self._classes.values():
                origin, period = self.rings.get_turn(ring.number)
                self.rings.set_turn(ring.number, origin + time_27mhz - due, period)
        self.rings.skip_to(time_27mhz)
        self.go_on_to(time_27mhz)

    def _add(self, identity: bytes, section: bytes) -> None:
        ring = self._classes[self._cycles.classify(section)]
        name = get_sub_table(section)
        table = self._tables.get(name) or self._add_table(name)
        if not ring.sections:
            self.rings.set_turn(ring.number, self._now, self.rings.get_turn(ring.number)[1])
        turn = int((_spread(section) + table.offset) % 1 * TURN)
        place = self.rings.put(ring.number, turn, table.group, PIDS[ring.kind], section)
        packets = count_packets(section)
        self._slots[identity] = _Slot(place, ring, table, packets)
        ring.count(table, 1, packets)
        table.sections += 1
        self._plan = None

    def _add_table(self, name: bytes) -> _SubTable:
        group = self._free_groups.pop() if self._free_groups else len(self._tables) + 1
        table = self._tables[name] = _SubTable(group, self._table_count * GOLDEN_RATIO % 1)
        self._table_count += 1
        return table

    def _make_plan(self) -> Feasibility:
        sizes = {
            kind: ClassSize(ring.sections, ring.packets * PACKET_BITS, max(ring.tables.values()))
            for kind, ring in self._classes.items()
            if ring.sections
        }
        plan = plan_cycles(sizes, self._cycles, self._limit)
        for load in plan.loads:
            self._set_period(self._classes[load.cycle_class].number, load.planned_cycle_s)
        return plan

    def _set_period(self, number: int, seconds: float) -> None:
        """Turns faster or slower from now on."""
        origin, before = self.rings.get_turn(number)
        period = round(seconds * PCR_HZ)
        if period != before:
            passed = (self._now - origin) * period // before
            self.rings.set_turn(number, self._now - passed, period)


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
