"""The EIT of all services of a guide: built once, then kept up with the guide and the clock
(EN 300 468, 5.2.4; TS 101 211, 4.1.4)."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tsloom.dvb.eit import (
    TABLE_ID_PRESENT_FOLLOWING_ACTUAL,
    TABLE_ID_PRESENT_FOLLOWING_OTHER,
    TABLE_IDS_SCHEDULE_ACTUAL,
    TABLE_IDS_SCHEDULE_OTHER,
)
from tsloom.dvb.eit_present_following import PresentFollowingTable, find_present_following
from tsloom.dvb.eit_schedule import (
    SCHEDULE_DAYS_MAX,
    SEGMENT_S,
    SEGMENTS_PER_DAY,
    EventLoss,
    Loss,
    Overflow,
    ServiceSchedule,
    build_segment,
    midnight_segment,
)
from tsloom.dvb.eit_sub_table import EitUpdate, ServiceIds, Versions
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from tsloom.dvb.eit import Event

# The longest duration that an event can have began so long ago: the present event is found.
LOOK_BACK_S = 100 * 3600
# The following event is looked for in so many days at least.
LOOK_AHEAD_DAYS = 8


class EitTables(StrEnum):
    """The four kinds of EIT."""

    PRESENT_FOLLOWING_ACTUAL = "pf_actual"
    PRESENT_FOLLOWING_OTHER = "pf_other"
    SCHEDULE_ACTUAL = "schedule_actual"
    SCHEDULE_OTHER = "schedule_other"


# By whether the service is of the actual stream.
PRESENT_FOLLOWING = {
    True: (EitTables.PRESENT_FOLLOWING_ACTUAL, TABLE_ID_PRESENT_FOLLOWING_ACTUAL),
    False: (EitTables.PRESENT_FOLLOWING_OTHER, TABLE_ID_PRESENT_FOLLOWING_OTHER),
}
SCHEDULE = {
    True: (EitTables.SCHEDULE_ACTUAL, TABLE_IDS_SCHEDULE_ACTUAL.start),
    False: (EitTables.SCHEDULE_OTHER, TABLE_IDS_SCHEDULE_OTHER.start),
}
NO_CHANGE = EitUpdate()
SCHEDULES = {EitTables.SCHEDULE_ACTUAL, EitTables.SCHEDULE_OTHER}
Choice = TypeVar("Choice", bound=StrEnum)


class ServiceKey(Hashable, Protocol):
    """What a guide calls a service by."""

    @property
    def original_network_id(self) -> int: ...
    @property
    def transport_stream_id(self) -> int: ...
    @property
    def service_id(self) -> int: ...


class EventSource(Protocol):
    """A guide, as the generator reads it. Keys are `ServiceKey`s."""

    @property
    def services(self) -> Iterable[Any]:
        """The keys of all services."""

    @property
    def change_count(self) -> int:
        """Another number after each change of anything: while it stays, nothing else is asked."""

    def events(
        self, key: Any, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[Event]:
        """The events that begin from `start` on and before `end`, by start_time; it does no harm if
        there are more."""

    def revision(self, key: Any) -> int:
        """Another number after each change of the service's events."""

    def changed_since(self, key: Any, revision: int) -> Iterable[tuple[datetime, datetime]]:
        """The times that what has changed since then lies in: of each event before and after."""


class _Service:
    """What there is of one service. Events without a start are in no EIT."""

    def __init__(self, key: ServiceKey) -> None:
        self.key = key
        self.ids = ServiceIds(key.original_network_id, key.transport_stream_id, key.service_id)
        self.revision: int | None = None
        self.starts: list[float] = []
        self.events: list[Event] = []
        self.present_following: PresentFollowingTable | None = None
        self.schedule: ServiceSchedule | None = None
        # Of its last entry in the generator's heap of changes.
        self.change_number = 0

    def replace(self, first: float, end: float, events: Iterable[Event]) -> None:
        """The events that begin in these seconds are now these."""
        found = [
            (event.start_time.timestamp(), event)
            for event in events
            if event.start_time is not None
        ]
        inside = [(start, event) for start, event in found if first <= start < end]
        low, high = bisect_left(self.starts, first), bisect_left(self.starts, end)
        self.starts[low:high] = [start for start, _ in inside]
        self.events[low:high] = [event for _, event in inside]

    def forget_before(self, time: float) -> None:
        low = bisect_left(self.starts, time)
        del self.starts[:low], self.events[:low]

    @property
    def sections(self) -> Iterator[bytes]:
        if self.present_following is not None:
            yield from self.present_following.sections
        if self.schedule is not None:
            yield from self.schedule.sections

    @property
    def losses(self) -> Iterator[Loss]:
        """Of the schedule, and of present/following where that does not repeat them."""
        told = set()
        for loss in () if self.schedule is None else self.schedule.losses:
            told.add((loss.event_id, loss.start_time))
            yield loss
        for loss in () if self.present_following is None else self.present_following.losses:
            if (loss.event_id, loss.start_time) not in told:
                yield loss

    def get_events(self, segment: int) -> list[Event]:
        low = bisect_left(self.starts, segment * SEGMENT_S)
        high = bisect_left(self.starts, (segment + 1) * SEGMENT_S)
        return self.events[low:high]


class EitGenerator:
    """All sections of the EIT of a guide, at a time.

    `actual` is (original_network_id, transport_stream_id) of the stream that carries it: services
    of it are in the tables "actual", all others in "other"; `tables` says which kinds there are.
    While it is None there are no sections; `set_actual` says it later.
    The schedule has `schedule_days` days, today with them. `versions` and `overflow` are told at
    `Versions` and `Overflow`. first_version: version_numbers begin there; without it at one that
    depends on `now`, so that a generator that starts again hardly repeats one that receivers know.
    The following event gets running_status 2 `starts_soon` ahead of its start.

    It reads no clock: times are given to it, in UTC, and never go back.
    """

    def __init__(
        self,
        database: EventSource,
        now: datetime,
        *,
        actual: tuple[int, int] | None,
        tables: Collection[EitTables | str] = tuple(EitTables),
        schedule_days: int = 8,
        versions: Versions | str = Versions.TABLE,
        overflow: Overflow | str = Overflow.SHORTEN,
        first_version: int | None = None,
        starts_soon: timedelta = timedelta(seconds=5),
    ) -> None:
        if not 1 <= schedule_days <= SCHEDULE_DAYS_MAX:
            raise UsageError("a schedule has 1 to 64 days", schedule_days=schedule_days)
        self._database = database
        self._actual = actual
        self._tables = frozenset(_choose(EitTables, "tables", one) for one in tables)
        self._days = schedule_days
        self._versions = _choose(Versions, "versions", versions)
        self._overflow = _choose(Overflow, "overflow", overflow)
        self._first_version = int(now.timestamp()) if first_version is None else first_version
        self._soon_s = starts_soon.total_seconds()
        self._services: dict[Hashable, _Service] = {}
        self._midnight = midnight_segment(now)
        # When the present/following of a service changes. Entries of services that have gone, or
        # that have a newer one, do nothing.
        self._changes: list[tuple[float, int, Hashable]] = []
        self._change_count = 0
        # The guide's, up to which it is read.
        self._read_count: int | None = None
        self.update(now)

    @property
    def actual(self) -> tuple[int, int] | None:
        return self._actual

    @property
    def sections(self) -> Iterator[bytes]:
        """All sections as of the last update, service after service."""
        for service in self._services.values():
            yield from service.sections

    @property
    def losses(self) -> list[EventLoss]:
        """The events that are not in the EIT, or not whole."""
        return [
            EventLoss(*service.ids, loss.event_id, loss.start_time, loss.kind, loss.reason)
            for service in self._services.values()
            for loss in service.losses
        ]

    @property
    def next_change(self) -> datetime:
        """When `update` has something to do, if the guide stays as it is. It may be too early."""
        return datetime.fromtimestamp(self._next_change_s, UTC)

    @property
    def _next_change_s(self) -> float:
        midnight = (self._midnight + SEGMENTS_PER_DAY) * SEGMENT_S
        return min(midnight, self._changes[0][0]) if self._changes else midnight

    def set_actual(self, actual: tuple[int, int], now: datetime) -> EitUpdate:
        """The stream that carries it is this one: what is different by that."""
        removed = tuple(self.sections)
        self._actual = actual
        changed: list[bytes] = []
        for service in self._services.values():
            self._make_tables(service)
            if service.schedule is not None:
                changed += service.schedule.write(self._midnight).changed
            changed += self._write_present_following(service, now.timestamp()).changed
        return EitUpdate(tuple(changed), removed)

    def update(self, now: datetime) -> EitUpdate:
        """Takes in what has changed in the guide, and the time; gives what is different since."""
        time, count = now.timestamp(), self._database.change_count
        if count == self._read_count and time < self._next_change_s:
            return NO_CHANGE
        parts: list[EitUpdate] = []
        is_next_day = time >= (self._midnight + SEGMENTS_PER_DAY) * SEGMENT_S
        if count != self._read_count or is_next_day:
            parts += self._match_services()
            shift_from = self._midnight
            self._midnight = max(midnight_segment(now), shift_from)
            for service in self._services.values():
                parts += self._update_service(service, shift_from, time)
        self._read_count = count
        parts += self._roll_over(time)
        return EitUpdate(
            tuple(section for part in parts for section in part.changed),
            tuple(section for part in parts for section in part.removed),
        )

    def _match_services(self) -> Iterator[EitUpdate]:
        """Services that have come to the guide, and sections of those that have gone."""
        keys = list(self._database.services)
        if len(keys) == len(self._services) and all(key in self._services for key in keys):
            return
        for key in set(self._services).difference(keys):
            yield EitUpdate(removed=tuple(self._services.pop(key).sections))
        for key in keys:
            if key not in self._services:
                service = self._services[key] = _Service(key)
                self._make_tables(service)

    def _make_tables(self, service: _Service) -> None:
        """Tables without sections; segments that are built already stay."""
        is_actual = service.ids[:2] == self._actual
        options = (service.ids, self._versions, self._first_version)
        service.present_following = None
        wanted, table_id = PRESENT_FOLLOWING[is_actual]
        if self._actual is not None and wanted in self._tables:
            service.present_following = PresentFollowingTable(table_id, *options, self._overflow)
        segments = {} if service.schedule is None else service.schedule.segments
        service.schedule = None
        wanted, table_id = SCHEDULE[is_actual]
        # Built ahead while it is not known whose it will be: that is most of the work.
        if wanted in self._tables or (self._actual is None and SCHEDULES & self._tables):
            service.schedule = ServiceSchedule(table_id, *options)
            service.schedule.segments = segments

    def _update_service(
        self, service: _Service, shift_from: int, now: float
    ) -> Iterator[EitUpdate]:
        revision = self._database.revision(service.key)
        is_changed = revision != service.revision
        is_shifted = shift_from != self._midnight
        if is_shifted and service.revision is not None:
            service.forget_before(now - LOOK_BACK_S)
            last_known = (shift_from + self._read_days * SEGMENTS_PER_DAY) * SEGMENT_S
            self._read(service, last_known, self._end)
            self._build(service, shift_from + self._days * SEGMENTS_PER_DAY, self._schedule_end)
        if is_changed:
            self._read_changes(service, now)
            service.revision = revision
        if (is_changed or is_shifted) and service.schedule is not None and self._actual is not None:
            yield service.schedule.write(self._midnight)
        if is_changed or is_shifted:
            yield self._write_present_following(service, now)

    @property
    def _read_days(self) -> int:
        return max(self._days, LOOK_AHEAD_DAYS)

    @property
    def _end(self) -> int:
        """Up to where events are read, in seconds."""
        return (self._midnight + self._read_days * SEGMENTS_PER_DAY) * SEGMENT_S

    @property
    def _schedule_end(self) -> int:
        """The first segment that is not in the schedule."""
        return self._midnight + self._days * SEGMENTS_PER_DAY

    def _read_changes(self, service: _Service, now: float) -> None:
        """Reads the segments in which something has changed, all of them the first time."""
        # A service that had gone and came back counts anew.
        if service.revision is None or self._database.revision(service.key) < service.revision:
            self._read(service, now - LOOK_BACK_S, self._end)
            self._build(service, self._midnight, self._schedule_end)
            return
        for start, end in self._database.changed_since(service.key, service.revision):
            first = int(start.timestamp() // SEGMENT_S)
            last = int(end.timestamp() // SEGMENT_S)
            self._read(service, first * SEGMENT_S, min((last + 1) * SEGMENT_S, self._end))
            self._build(service, max(first, self._midnight), min(last + 1, self._schedule_end))

    def _read(self, service: _Service, first: float, end: float) -> None:
        if first < end:
            start, stop = (datetime.fromtimestamp(time, UTC) for time in (first, end))
            service.replace(first, end, self._database.events(service.key, start, stop))

    def _build(self, service: _Service, first: int, end: int) -> None:
        if service.schedule is not None:
            for number in range(first, end):
                segment = build_segment(service.get_events(number), self._overflow)
                service.schedule.set_segment(number, segment)

    def _roll_over(self, now: float) -> Iterator[EitUpdate]:
        """Present/following of the services in which an event has begun, ended, or soon begins."""
        while self._changes and self._changes[0][0] <= now:
            _, number, key = heapq.heappop(self._changes)
            service = self._services.get(key)
            if service is not None and service.change_number == number:
                yield self._write_present_following(service, now)

    def _write_present_following(self, service: _Service, now: float) -> EitUpdate:
        if service.present_following is None:
            return EitUpdate()
        found = find_present_following(service.starts, service.events, now, self._soon_s)
        self._change_count += 1
        service.change_number = self._change_count
        if found.changes_at is not None:
            heapq.heappush(self._changes, (found.changes_at, self._change_count, service.key))
        return service.present_following.write(found)


def _choose(kinds: type[Choice], name: str, wanted: str) -> Choice:
    try:
        return kinds(wanted)
    except ValueError as error:
        raise UsageError("unknown choice", field=name, value=wanted, known=list(kinds)) from error
