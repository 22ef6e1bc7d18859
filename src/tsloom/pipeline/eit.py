"""The EitInserter: a guide into a running stream, as EIT."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.dvb.carousel import Carousel
from tsloom.dvb.eit_generator import EitGenerator, EitTables
from tsloom.dvb.eit_schedule import EventLoss, Overflow
from tsloom.dvb.eit_sub_table import Versions
from tsloom.dvb.feasibility import Feasibility, get_sub_table
from tsloom.dvb.si_cycles import SPACING_S
from tsloom.dvb.time import parse_utc_time
from tsloom.errors import SectionSyntaxError
from tsloom.pipeline.inserter import (
    Insertion,
    InsertionFailure,
    Room,
    ScheduledSection,
    SectionInserter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Self

    from tsloom.clock import ProgramClock
    from tsloom.dvb.carousel import DueSection
    from tsloom.dvb.eit_generator import EventSource

# Sections are handed to the inserter so long ahead: no longer, so that what has changed since is
# not sent any more.
AHEAD = PCR_HZ // 25
# The guide is asked for changes so often.
POLL = PCR_HZ // 5
# A section waits so long for null packets before one is added: well below the headroom of the
# shortest cycle.
PATIENCE = PCR_HZ // 50
# Where no packet may be added, so long.
LONG_PATIENCE = PCR_HZ // 2
# So long an SDT may take to come; the PAT and the guide say then which stream it is.
SDT_PATIENCE = 4 * PCR_HZ
STREAM_ENDED = "the stream ended"
SPACING = round(SPACING_S * PCR_HZ)
# Further behind than that, sections that were due are left out.
LAG_MAX = PCR_HZ


class EitInserter(SectionInserter):
    """Puts the EIT of a guide into the stream, and keeps it up with the guide and the time.

    `profile` and `cycles` say how often each table is repeated (TS 101 211, 4.4; see
    `tsloom.dvb.find_cycles`), bitrate_limit (bits a second) what it takes at most. `tables`,
    `schedule_days`, `versions` and `overflow` are those of `tsloom.dvb.EitGenerator`.

    actual is (original_network_id, transport_stream_id) of the stream; without it the SDT says it,
    or, where none comes, the PAT together with the guide. utc_start is the UTC of the clock's
    first PCR; without it a live relay says what time it is, else TDT and TOT of the stream. Until
    both are known nothing is sent. What the stream has on PID 0x12 stays: put `DropPids(0x12)` in
    front.

    The guide may be edited from another thread while the stream runs.
    """

    # How many sections have left, and how many found no room while the stream ran.
    insertion_count: int = 0
    failure_count: int = 0

    def __new__(
        cls,
        database: EventSource,
        *,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        **_: Any,
    ) -> Self:
        return super().__new__(cls, service_id=service_id, room=room)

    def __init__(
        self,
        database: EventSource,
        *,
        profile: str = "satellite",
        cycles: Mapping[str, str | float | timedelta] | None = None,
        bitrate_limit: float | None = None,
        utc_start: datetime | None = None,
        actual: tuple[int, int] | None = None,
        tables: Collection[EitTables | str] = tuple(EitTables),
        schedule_days: int = 8,
        versions: Versions | str = Versions.TABLE,
        overflow: Overflow | str = Overflow.SHORTEN,
        first_version: int | None = None,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        on_insertion: Callable[[Insertion | InsertionFailure], None] | None = None,
    ) -> None:
        super().__init__(service_id=service_id, room=room, on_insertion=on_insertion)
        self._database = database
        self._options: dict[str, Any] = {
            "tables": tables,
            "schedule_days": schedule_days,
            "versions": versions,
            "overflow": overflow,
            "first_version": first_version,
        }
        self._carousel = Carousel(profile=profile, cycles=cycles, bitrate_limit=bitrate_limit)
        self._time = _StreamUtc(utc_start)
        self._actual = actual
        self._outlet = _Outlet(self)
        self._alarm_id: int | None = None
        self._poll_at = 0
        self._is_sending = False
        self._generator: EitGenerator | None = None
        self.follow_si()
        if utc_start is not None:
            self._prepare(utc_start)

    @property
    def database(self) -> EventSource:
        return self._database

    @property
    def losses(self) -> list[EventLoss]:
        """The events that are not in the EIT, or not whole."""
        with self.lock:
            return [] if self._generator is None else self._generator.losses

    @property
    def plan(self) -> Feasibility:
        """The cycles as they are kept now."""
        with self.lock:
            return self._carousel.plan

    @property
    def actual(self) -> tuple[int, int] | None:
        """original_network_id and transport_stream_id of the stream, once known."""
        return self._actual

    @property
    def missing(self) -> tuple[str, ...]:
        """What nothing is sent without and is not known: "utc", "actual"."""
        with self.lock:
            clock = self.clock
            utc = None if clock is None else self._time.get(clock.now_27mhz)
            known = {"utc": utc, "actual": self._actual}
            return tuple(name for name, value in known.items() if value is None)

    def follow_utc(self, read_utc: Callable[[], datetime]) -> None:
        """Where UTC is read as the stream goes by; unless utc_start was given."""
        with self.lock:
            self._time.read_utc = read_utc
            if self._generator is None:
                self._prepare(read_utc())

    # -- the stream ---------------------------------------------------------------------------

    def _prepare(self, now: datetime) -> None:
        """Builds the EIT, most of it even while it is not known which stream it is in."""
        self._generator = EitGenerator(self._database, now, actual=self._actual, **self._options)
        self._carousel.update(self._generator.sections)

    def on_event(self, kind: str, packet_index: int) -> None:
        super().on_event(kind, packet_index)
        clock = self.clock
        now = 0 if clock is None else max(clock.stream_time(packet_index), clock.now_27mhz)
        if kind == "utc":
            self._time.take_field(self.utc_time, now)
        if clock is None:
            return
        if kind == "sdt" and self._actual is not None:
            return
        if self._alarm_id is None:
            self._work(now)

    def on_alarm(self, alarm_id: int, time_27mhz: int) -> None:
        if alarm_id == self._alarm_id:
            self._work(time_27mhz)

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        if isinstance(result, Insertion):
            self.insertion_count += 1
        elif result.reason != STREAM_ENDED:
            self.failure_count += 1
        clock = self.clock
        if clock is not None:
            self._outlet.settle(result, clock)

    def _work(self, now: int) -> None:
        """Sends what is due, and has itself called again when more is."""
        self._send(now)
        next_due = self._carousel.next_due_27mhz
        soonest, latest = now + AHEAD // 2, now + POLL
        wanted = latest if next_due is None else min(max(next_due - AHEAD // 4, soonest), latest)
        if self._generator is not None:
            change = self._time.find(self._generator.next_change, now)
            wanted = wanted if change is None else max(min(wanted, change), now + 1)
        self._alarm_id = self.set_alarm_at(wanted)

    def _send(self, now: int) -> None:
        utc = self._time.get(now)
        self._find_actual(now)
        if utc is None:
            return
        if self._generator is None:
            self._prepare(utc)
        generator = self._generator
        if generator is None or self._actual is None:
            return
        if generator.actual is None:
            update = generator.set_actual(self._actual, utc)
            self._carousel.update(update.changed, update.removed)
        if now >= self._poll_at or utc >= generator.next_change:
            self._poll_at = now + POLL
            update = generator.update(utc)
            self._carousel.update(update.changed, update.removed)
        next_due = self._carousel.next_due_27mhz
        if not self._is_sending or (next_due is not None and next_due < now - LAG_MAX):
            self._is_sending = True
            self._carousel.skip_to(now)
        for due in self._carousel.take(now + AHEAD):
            self._outlet.send(due, now)

    def _find_actual(self, now: int) -> None:
        if self._actual is not None:
            return
        self._actual = self.sdt_ids
        transport_stream_id = self.pat_transport_stream_id
        if self._actual is None and now > SDT_PATIENCE and transport_stream_id is not None:
            networks = {
                key.original_network_id
                for key in self._database.services
                if key.transport_stream_id == transport_stream_id
            }
            self._actual = min(networks, default=0), transport_stream_id


class _StreamUtc:
    """What time it is at a time of the stream."""

    def __init__(self, utc_start: datetime | None) -> None:
        self.read_utc: Callable[[], datetime] | None = None
        self._start = utc_start
        self._from_stream: datetime | None = None

    def get(self, now: int) -> datetime | None:
        if self._start is not None:
            return self._start + timedelta(seconds=now / PCR_HZ)
        if self.read_utc is not None:
            return self.read_utc()
        if self._from_stream is not None:
            return self._from_stream + timedelta(seconds=now / PCR_HZ)
        return None

    def find(self, utc: datetime, now: int) -> int | None:
        """The time of the stream at which it is so late."""
        current = self.get(now)
        return None if current is None else now + round((utc - current).total_seconds() * PCR_HZ)

    def take_field(self, field: bytes, now: int) -> None:
        """A TDT or TOT says it; the first is believed until one says otherwise by seconds."""
        try:
            said = parse_utc_time(field)
        except SectionSyntaxError:
            return
        if said is None:
            return
        start = said - timedelta(seconds=now / PCR_HZ)
        before = self._from_stream
        if before is None or abs((start - before).total_seconds()) > 2:
            self._from_stream = start


class _Outlet:
    """Hands sections to the inserter, those of one sub-table one after the other: the next when
    the one before has left, 25 ms behind its end."""

    def __init__(self, inserter: EitInserter) -> None:
        self._inserter = inserter
        self._patience = LONG_PATIENCE if inserter.room is Room.NULLS else PATIENCE
        # By sub-table: what waits for the one under way, and when the last has ended.
        self._waiting: dict[bytes, list[DueSection]] = {}
        self._ended: dict[bytes, int] = {}
        self._tables: dict[int, bytes] = {}

    def send(self, due: DueSection, now: int) -> None:
        table = get_sub_table(due.section)
        waiting = self._waiting.get(table)
        if waiting is None:
            self._waiting[table] = []
            self._insert(table, due, now)
        else:
            waiting[:] = [one for one in waiting if one.section[6] != due.section[6]]
            waiting.append(due)

    def settle(self, result: Insertion | InsertionFailure, clock: ProgramClock) -> None:
        table = self._tables.pop(result.section_id, None)
        if table is None:
            return
        now = clock.now_27mhz
        if isinstance(result, Insertion):
            now = round(result.stream_time_s * PCR_HZ)
            packets = result.last_packet_index - result.packet_index + 1
            if clock.joined_packets:
                now += packets * clock.joined_27mhz // clock.joined_packets
            self._ended[table] = now
        waiting = self._waiting[table]
        if waiting:
            self._insert(table, waiting.pop(0), now)
        else:
            del self._waiting[table]

    def _insert(self, table: bytes, due: DueSection, now: int) -> None:
        ended = self._ended.get(table)
        start = due.due_27mhz if ended is None else max(due.due_27mhz, ended + SPACING)
        start = max(start, now)
        section_id = self._inserter.insert(
            ScheduledSection(due.pid, due.section, start, start + self._patience),
            wants_control=True,
        )
        self._tables[section_id] = table
