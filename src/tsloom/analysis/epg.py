"""The programme guide that a stream carries: its EIT as a database; and its other SI."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tsloom._native.analyzer import DemuxStage
from tsloom.analysis.cues import read_through
from tsloom.analysis.section_log import SectionLog
from tsloom.dvb.carousel import identify
from tsloom.dvb.eit import PID, TABLE_IDS, Event, EventInformationTable, parse_eit
from tsloom.dvb.epg import EventDatabase, ServiceKey
from tsloom.dvb.si_cycles import CLASSES, PIDS
from tsloom.errors import InputError, UsageError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from tsloom.io import Source

# Bounds what a hostile stream can make us keep.
MAX_SECTIONS = 100_000

# table_id and section_number.
Place = tuple[int, int]


class EventCollector(DemuxStage):
    """A stage that changes nothing, and keeps `database` as the stream's EIT says.

    Of an event in both, present/following says when it is and whether it runs, the schedule what it
    is. What a new version of a section no longer has is removed; what has no time is left out.
    """

    def __init__(self, database: EventDatabase | None = None) -> None:
        self.database = EventDatabase() if database is None else database
        # The event_ids in each section of a service.
        self._sections: dict[ServiceKey, dict[Place, frozenset[int]]] = {}
        self._count = 0
        self.watch(PID)

    def serve(self) -> None:
        for pid, _, reason, crc_ok, *_, data in self.take_records():
            if pid == PID and not reason and crc_ok and data and data[0] in TABLE_IDS:
                self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            table = parse_eit(data)
        except InputError:
            return
        if not table.current_next_indicator:
            return
        key = ServiceKey(table.original_network_id, table.transport_stream_id, table.service_id)
        places = self._sections.setdefault(key, {})
        place = (table.table_id, table.section_number)
        if place not in places:
            if self._count >= MAX_SECTIONS:
                return
            self._count += 1
        self.database.add_service(key)
        before = places.get(place, frozenset())
        places[place] = frozenset(event.event_id for event in table.events)
        for event in table.events:
            self._put(key, event, table)
        gone = before - places[place]
        if gone:
            still = frozenset().union(*places.values())
            for event_id in gone - still:
                if self.database.get(key, event_id) is not None:
                    self.database.remove(key, event_id)

    def _put(self, key: ServiceKey, event: Event, table: EventInformationTable) -> None:
        known = self.database.get(key, event.event_id)
        try:
            if known is None:
                self.database.add(key, event)
            elif table.is_schedule or not known.descriptors:
                self.database.replace(key, event)
            else:
                descriptors = known.descriptors
                self.database.replace(key, replace(event, descriptors=descriptors))
        except UsageError:
            return  # no start, no duration, or one that is malformed


def read_events(
    source: str | os.PathLike[str] | Source,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> EventDatabase:
    """What the EIT of a stream says, present/following and schedule, of all its services.

    `NotATransportStreamError` if the input holds no packet.
    """
    collector = EventCollector()
    for _ in read_through(source, [collector], should_stop):
        pass
    return collector.database


def read_si_sections(source: str | os.PathLike[str] | Source) -> list[bytes]:
    """The sections of NIT, BAT, SDT, TDT and TOT of a stream, each as it came last.

    `NotATransportStreamError` if the input holds no packet.
    """
    log = SectionLog()
    for _ in read_through(source, [log], None):
        pass
    found: dict[bytes, bytes] = {}
    for one in log.sections:
        kind = CLASSES.get(one.table_id)
        if kind is not None and one.crc_ok and one.pid == PIDS[kind] and one.pid != PID:
            found[identify(one.data)] = one.data
    return list(found.values())
