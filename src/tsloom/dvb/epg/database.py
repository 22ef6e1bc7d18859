"""The events of many services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, Self

from tsloom.dvb.eit import Event
from tsloom.dvb.epg.change_log import ChangeCount, ChangedRange
from tsloom.dvb.epg.checks import (
    EventGap,
    EventOverlap,
    find_gaps,
    find_overlaps,
    get_times,
    runs_from,
)
from tsloom.dvb.epg.event_text import spell
from tsloom.dvb.epg.service_events import (
    ServiceEvents,
    ServiceKey,
    check_event,
    check_moment,
    make_key,
    start_of,
)
from tsloom.errors import UsageError

if TYPE_CHECKING:
    import os
    from typing import BinaryIO, TypeAlias

    from tsloom.dvb.epg.channel_map import Channels
    from tsloom.dvb.epg.report import ImportReport
    from tsloom.psi.descriptors import Descriptor
    from tsloom.recurrence import Recurrence

    Key: TypeAlias = ServiceKey | tuple[int, int, int]
    Guide: TypeAlias = str | os.PathLike[str] | BinaryIO

NO_EVENTS = ServiceEvents(ChangeCount())


class FoundEvent(NamedTuple):
    service: ServiceKey
    event: Event


@dataclass(slots=True)
class RecurringEvent:
    """An event that is put in at the times of a rule, up to `until` so far."""

    key: ServiceKey
    event: Event
    recurrence: Recurrence
    until: datetime


class EventDatabase:
    """The schedule: `dvb.Event` values by service, in the order of their start.

    A service is (original_network_id, transport_stream_id, service_id). Each change counts up the
    service's `revision`, and `changed_since` says which times it touched. All threads may use it.
    `UsageError` for what cannot be in a schedule: an event without a start or a duration, a date
    that EN 300 468 cannot say, an event_id twice in a service.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._services: dict[ServiceKey, ServiceEvents] = {}
        self._changes = ChangeCount()
        self._recurring: list[RecurringEvent] = []
        self.import_report: ImportReport | None = None

    @classmethod
    def from_xmltv(cls, source: Guide, channels: Channels = None) -> Self:
        """A database of what an XMLTV file says; its `import_report` tells of what it could not
        take. See `read_xmltv`."""
        database = cls()
        database.read_xmltv(source, channels)
        return database

    def read_xmltv(self, source: Guide, channels: Channels = None) -> ImportReport:
        """Puts in the programmes of an XMLTV file: its path, or the file opened for bytes.

        channels says which service a channel id is: a dict of (original_network_id,
        transport_stream_id, service_id), the path of a TOML file, or a ChannelMap. A programme that
        begins when an event does is left out: to renew a guide, read it into a database of its own
        and use `update_from`. Defects cost the programme that they are in, and are in the report.
        `InputError` if it is not XMLTV at all, `OpenError` if it cannot be opened.
        """
        from tsloom.dvb.epg.xmltv import read_xmltv

        self.import_report = read_xmltv(source, self, channels)
        return self.import_report

    def to_xmltv(self, path: str | os.PathLike[str], channels: Channels = None) -> None:
        """Writes all events as XMLTV. A service that no channel id stands for is
        "original_network_id.transport_stream_id.service_id" there.

        What XMLTV has no elements for is left out. `OpenError` if the file cannot be written.
        """
        from tsloom.dvb.epg.files import write_guide
        from tsloom.dvb.epg.xmltv_writer import list_channels, write_xmltv

        write_guide(path, write_xmltv(list_channels(self, channels)))

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """A database of a JSON file that `to_json` wrote, or that the schema allows.

        `InputError` if it is not of that form, `OpenError` if it cannot be opened.
        """
        from tsloom.dvb.epg.files import open_text
        from tsloom.dvb.epg.json_form import read_json

        database = cls()
        with open_text(path) as file:
            read_json(file, database)
        return database

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Writes all events as JSON, with all that they hold. `OpenError` if it cannot be."""
        from tsloom.dvb.epg.files import write_guide
        from tsloom.dvb.epg.json_form import write_json

        write_guide(path, write_json(self))

    def __len__(self) -> int:
        """How many events there are in all."""
        with self._lock:
            return sum(len(service) for service in self._services.values())

    @property
    def services(self) -> tuple[ServiceKey, ...]:
        """Every service that was added or ever had an event, in order."""
        with self._lock:
            return tuple(sorted(self._services))

    def add_service(self, key: Key) -> None:
        """Makes a service known, so that it has a schedule even while it has no event."""
        with self._lock:
            self._services.setdefault(make_key(key), ServiceEvents(self._changes))
            self._changes.value += 1

    def remove_service(self, key: Key) -> None:
        """Drops a service with its events; what is asked about it then is as if it never was."""
        with self._lock:
            self._services.pop(make_key(key), None)
            self._changes.value += 1
            self._recurring = [one for one in self._recurring if one.key != key]

    def add(self, key: Key, event: Event) -> Event:
        """Puts in an event with the event_id that it has, which must be free."""
        checked = check_event(event)
        with self._lock:
            self._make(key).add(checked)
        return checked

    def add_new(self, key: Key, event: Event) -> Event:
        """Puts in an event with a free event_id of its own, and gives it with that.

        The same guide put in again gets the same ids: they come from the start times.
        """
        checked = check_event(event)
        with self._lock:
            service = self._make(key)
            named = replace(checked, event_id=service.free_id(start_of(checked)))
            service.add(named)
        return named

    def put_free(
        self,
        key: Key,
        start: datetime,
        duration: timedelta,
        descriptors: tuple[Descriptor, ...],
    ) -> list[Event] | None:
        """Puts in an event with a free event_id, unless one begins at that time already.

        It and the events next to it that it overlaps; None if it was not put in. For imports, which
        have looked at the times: a start in UTC that EN 300 468 can say, a duration likewise.
        """
        with self._lock:
            return self._make(key).put_free(start, duration, descriptors)

    def replace(self, key: Key, event: Event) -> Event:
        """Puts an event in the place of the one with its event_id, and gives that one."""
        checked = check_event(event)
        with self._lock:
            return self._find(key).replace(checked)

    def remove(self, key: Key, event_id: int) -> Event:
        """Takes an event out, and gives it."""
        with self._lock:
            return self._find(key).remove(event_id)

    def remove_before(self, end: datetime) -> int:
        """Takes out the events of all services that ended by then; how many they were."""
        check_moment(end)
        with self._lock:
            return sum(service.remove_before(end) for service in self._services.values())

    def get(self, key: Key, event_id: int) -> Event | None:
        with self._lock:
            return self._look(key).get(event_id)

    def events(
        self, key: Key, start: datetime | None = None, end: datetime | None = None
    ) -> Sequence[Event]:
        """The service's events that begin from start on and before end, in order; all without."""
        check_moment(start)
        check_moment(end)
        with self._lock:
            return self._look(key).between(start, end)

    def around(self, key: Key, moment: datetime) -> tuple[Event | None, Event | None]:
        """The last event that begins at the moment or before, and the first that begins after."""
        check_moment(moment)
        with self._lock:
            return self._look(key).around(moment)

    def revision(self, key: Key) -> int:
        """How often the service's schedule has changed."""
        with self._lock:
            return self._look(key).log.revision

    @property
    def change_count(self) -> int:
        """How often anything has changed; it tells at once that nothing has."""
        return self._changes.value

    def changed_since(self, key: Key, revision: int) -> list[ChangedRange]:
        """The times that changed after a revision, as (start, end) in order, none of which touch.

        A change that moves an event touches the old time and the new. Of changes long ago the
        ranges may be wider than they were.
        """
        with self._lock:
            return self._look(key).log.since(revision)

    def overlaps(self, key: Key) -> list[EventOverlap]:
        """Each event of the service that begins before an earlier one ended."""
        return find_overlaps(self.events(key))

    def gaps(
        self, key: Key, start: datetime | None = None, end: datetime | None = None
    ) -> list[EventGap]:
        """The times of the service without an event, from start to end, or between its first and
        last event."""
        check_moment(end)
        return find_gaps(self._running_from(key, start), start, end)

    def shorten_overlaps(self, key: Key) -> list[Event]:
        """Lets each event end where the next begins, if it would run on; gives those shortened.

        Of events that begin together all but the last are without a length then.
        """
        shortened = []
        with self._lock:
            events = self.events(key)
            for event, following in pairwise(events):
                start, end = get_times(event)
                next_start = get_times(following)[0]
                if next_start < end:
                    shortened.append(replace(event, duration=next_start - start))
                    self.replace(key, shortened[-1])
        return shortened

    def search(
        self,
        text: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        services: Iterable[Key] | None = None,
    ) -> list[FoundEvent]:
        """The events that run between start and end and hold the text, upper or lower case, in
        their names, texts or items; of these services, or all."""
        check_moment(end)
        wanted = self.services if services is None else [make_key(key) for key in services]
        folded = None if text is None else text.casefold()
        return [
            FoundEvent(key, event)
            for key in wanted
            for event in self._running_from(key, start)
            if (end is None or get_times(event)[0] < end)
            and (folded is None or folded in spell(event))
        ]

    def add_recurring(
        self, key: Key, event: Event, recurrence: Recurrence, *, until: datetime
    ) -> list[Event]:
        """Puts an event in at each time of the rule before until, each with an event_id of its
        own; `extend_recurring` goes on from there. The event's own start is not looked at."""
        check_moment(until)
        at_first = replace(event, start_time=recurrence.dtstart)
        check_event(replace(at_first, event_id=0))
        made_key = make_key(key)
        with self._lock:
            begin = min(recurrence.dtstart, until)
            series = RecurringEvent(made_key, at_first, recurrence, begin)
            self._make(made_key)
            self._recurring.append(series)
            return self._extend(series, until)

    def extend_recurring(self, until: datetime) -> list[FoundEvent]:
        """Puts in the recurring events whose times have come into reach; gives them."""
        check_moment(until)
        with self._lock:
            return [
                FoundEvent(series.key, event)
                for series in self._recurring
                for event in self._extend(series, until)
            ]

    def update_from(self, newer: EventDatabase) -> int:
        """Takes over what another database says, and counts the events that this changed.

        For each service of it: within the time that its events cover, those it does not have go;
        one that begins when one of its events does takes its content and keeps its event_id.
        """
        with self._lock:
            return sum(self._update(key, newer.events(key)) for key in newer.services)

    def _update(self, key: ServiceKey, events: Sequence[Event]) -> int:
        service = self._make(key)
        if not events:
            return 0
        changed = 0
        start = get_times(events[0])[0]
        # Past the start of the last one too, if that is without a length.
        end = max(
            start_of(events[-1]) + timedelta.resolution, *(get_times(one)[1] for one in events)
        )
        covered = service.between(start, end)
        kept = {get_times(event)[0] for event in events}
        before = {start_of(event): event for event in covered if start_of(event) in kept}
        gone = [event for event in covered if before.get(start_of(event)) is not event]
        for event in gone:
            service.remove(event.event_id)
        for event in events:
            old = before.pop(get_times(event)[0], None)
            if old is None:
                free = service.free_id(get_times(event)[0])
                wanted = free if service.get(event.event_id) else event.event_id
                service.add(replace(event, event_id=wanted))
                changed += 1
            else:
                same_id = replace(event, event_id=old.event_id)
                changed += service.replace(same_id) != same_id
        return changed + len(gone)

    def _extend(self, series: RecurringEvent, until: datetime) -> list[Event]:
        added = []
        for start in series.recurrence.after(series.until):
            if start >= until:
                break
            added.append(self.add_new(series.key, replace(series.event, start_time=start)))
        series.until = max(series.until, until)
        return added

    def _running_from(self, key: Key, start: datetime | None) -> Iterable[Event]:
        """The events that end after start; of those without a length that begin from it on."""
        check_moment(start)
        events = self.events(key)
        if start is None:
            return events
        return [event for event in events if runs_from(event, start)]

    def _make(self, key: Key) -> ServiceEvents:
        found = self._services.get(key)  # type: ignore[arg-type]  # a plain tuple is found too
        if found is None:
            found = self._services.setdefault(make_key(key), ServiceEvents(self._changes))
        return found

    def _look(self, key: Key) -> ServiceEvents:
        found = self._services.get(key)  # type: ignore[arg-type]  # a plain tuple is found too
        return found or self._services.get(make_key(key), NO_EVENTS)

    def _find(self, key: Key) -> ServiceEvents:
        found = self._services.get(make_key(key))
        if found is None:
            raise UsageError("a service without events", service=tuple(key))
        return found
