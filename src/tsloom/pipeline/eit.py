"""The EitInserter: a guide into a running stream, as EIT."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.dvb.eit_generator import EitGenerator, EitTables
from tsloom.dvb.eit_schedule import EventLoss, Overflow
from tsloom.dvb.eit_sub_table import EitUpdate, Versions
from tsloom.pipeline.carousel import CarouselInserter
from tsloom.pipeline.inserter import Insertion, InsertionFailure, Room

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from tsloom.dvb.eit_generator import EventSource

# So long an SDT may take to come; the PAT and the guide say then which stream it is.
SDT_PATIENCE = 4 * PCR_HZ
# UTC that goes back by more begins anew; by less, what is on air waits for it.
STEP_BACK_MAX = timedelta(minutes=1)


class EitInserter(CarouselInserter):
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

    _generator: EitGenerator | None = None
    # Up to which change of the guide it is read, and when that was.
    _read_count: int = 0
    _last_utc: datetime | None = None

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
        super().__init__(
            profile=profile,
            cycles=cycles,
            bitrate_limit=bitrate_limit,
            utc_start=utc_start,
            service_id=service_id,
            room=room,
            on_insertion=on_insertion,
        )
        self._database = database
        self._options: dict[str, Any] = {
            "tables": tables,
            "schedule_days": schedule_days,
            "versions": versions,
            "overflow": overflow,
            "first_version": first_version,
        }
        self._actual = actual
        self._begin(utc_start)

    def _begin(self, utc_start: datetime | None) -> None:
        """Of the stream only that is read which is not known."""
        if self._actual is None:
            self.follow_sdt()
        if utc_start is None:
            self.follow_time()
        else:
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
        with self.lock:
            super().follow_utc(read_utc)
            if self._generator is None:
                self._prepare(read_utc())

    # -- the stream ---------------------------------------------------------------------------

    def _prepare(self, now: datetime) -> EitGenerator:
        """Builds the EIT, most of it even while it is not known which stream it is in."""
        self._generator = EitGenerator(self._database, now, actual=self._actual, **self._options)
        self._carousel.update(self._generator.sections)
        return self._generator

    def has_news(self) -> bool:
        return self._database.change_count != self._read_count

    def keep_up(self, now: int, utc: datetime | None) -> tuple[EitUpdate, datetime | None] | None:
        self._find_actual(now)
        if utc is None or self._actual is None:
            return None
        before, self._last_utc = self._last_utc, utc
        if before is not None and utc < before - STEP_BACK_MAX:
            return self._begin_anew(utc)
        generator = self._generator or self._prepare(utc)
        self._read_count = self._database.change_count
        if generator.actual is None:
            update = generator.set_actual(self._actual, utc)
            self._carousel.update(update.changed, update.removed)
        update = generator.update(utc)
        return update, generator.next_change

    def _begin_anew(self, utc: datetime) -> tuple[EitUpdate, datetime]:
        """A generator knows no way back: the time before was wrong."""
        assert self._generator is not None
        removed = tuple(self._generator.sections)
        generator = self._prepare(utc)
        return EitUpdate(tuple(generator.sections), removed), generator.next_change

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
