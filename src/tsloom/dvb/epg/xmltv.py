"""XMLTV into a database."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from tsloom._native.xmltv import Programme
from tsloom.dvb.epg.channel_map import ChannelMap, Channels, name_service
from tsloom.dvb.epg.checks import find_overlaps, get_times
from tsloom.dvb.epg.event_maker import EventMaker, Sameness
from tsloom.dvb.epg.files import open_guide
from tsloom.dvb.epg.report import ImportDefect, ImportReport
from tsloom.dvb.epg.service_events import ServiceKey
from tsloom.dvb.epg.xmltv_reader import XmltvReader
from tsloom.dvb.epg.xmltv_time import read_time
from tsloom.errors import InputError, UsageError
from tsloom.psi.descriptors import Descriptor

if TYPE_CHECKING:
    from tsloom.dvb.epg.database import EventDatabase

# A programme without a stop: its start, line and descriptors.
Waiting: TypeAlias = tuple[datetime, int, tuple[Descriptor, ...]]

CHUNK_SIZE = 1 << 16
NO_TIME = timedelta(0)
# What the 16 bits of a date mean where a receiver has no other word (dvb.time).
FIRST_START = datetime(1948, 8, 5, tzinfo=UTC)
START_LIMIT = datetime(2128, 1, 10, tzinfo=UTC)
LONGEST = timedelta(hours=99, minutes=59, seconds=59)


def read_xmltv(
    source: str | os.PathLike[str] | BinaryIO, database: EventDatabase, channels: Channels = None
) -> ImportReport:
    """Puts the programmes of a file, or of an open one, into a database; see
    `EventDatabase.read_xmltv`."""
    importing = XmltvImport(database, ChannelMap.make(channels))
    with open_guide(source) as file, without_collection():
        while data := file.read(CHUNK_SIZE):
            importing.feed(data)
        return importing.close()


@contextmanager
def without_collection() -> Iterator[None]:
    """Holds the search for cycles off: an import makes none, and to look again and again through
    all the events that are there already would take as long as to read them."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            # Into the oldest generation, as if they had been looked through.
            gc.freeze()
            gc.unfreeze()
        gc.enable()


class XmltvImport:
    """A machine: fed with bytes, it fills a database and a report."""

    def __init__(self, database: EventDatabase, settings: ChannelMap) -> None:
        self.report = ImportReport()
        self._database = database
        self._settings = settings
        self._maker = EventMaker(settings, self.report)
        self._same = Sameness()
        self._reader = XmltvReader(self._take, self.report)
        # Programmes that end when the next one of their channel begins.
        self._without_stop: dict[str, list[Waiting]] = {}
        self._touched: set[ServiceKey] = set()
        self._overlapping: set[tuple[ServiceKey, int]] = set()

    def feed(self, data: bytes) -> None:
        self._reader.feed(data)

    def close(self) -> ImportReport:
        """At the end of the input. `InputError` if there was nothing of XMLTV in it."""
        self._reader.close()
        if not self._reader.has_root and not self.report.programmes:
            said = [str(one) for one in self.report.diagnostics[:1]]
            raise InputError("not XMLTV: there is no tv element", defects=said)
        for channel, waiting in self._without_stop.items():
            self._end_by_next(channel, sorted(waiting, key=lambda one: one[:2]))
        names = self._settings.name_channels()
        for key in sorted(self._touched):
            self._note_other_overlaps(key, names.get(key, name_service(key)))
        return self.report

    def _take(self, programme: Programme) -> None:
        self.report.programmes += 1
        channel = programme.channel
        if not self._settings.find(channel):
            self.report.note_unknown_channel(channel, programme.line)
            return
        start = self._read_start(programme)
        if start is None:
            return
        if not programme.titles:
            self._note(ImportDefect.NO_TITLE, programme)
            return
        stop = self._read_time(programme, programme.stop)
        if stop is None:
            waiting = self._without_stop.setdefault(channel, [])
            waiting.append((start, programme.line, self._maker.describe(programme)))
            return
        duration = self._same(stop - start)
        if not NO_TIME < duration <= LONGEST:
            self._note(name_defect(duration), programme, str(duration))
            return
        self._put(channel, programme.line, start, duration, self._maker.describe(programme))

    def _read_start(self, programme: Programme) -> datetime | None:
        if programme.start is None:
            self._note(ImportDefect.NO_START, programme)
            return None
        start = self._read_time(programme, programme.start)
        if start is not None and not FIRST_START <= start < START_LIMIT:
            self._note(ImportDefect.OUT_OF_RANGE, programme, programme.start)
            return None
        return start

    def _read_time(self, programme: Programme, text: str | None) -> datetime | None:
        try:
            return None if text is None else read_time(text, self._settings.zone)
        except ValueError as error:
            self._note(ImportDefect.BAD_TIME, programme, f"{text[:40] if text else ''}: {error}")
            return None

    def _put(
        self,
        channel: str,
        line: int,
        start: datetime,
        duration: timedelta,
        descriptors: tuple[Descriptor, ...],
    ) -> None:
        for key in self._settings.find(channel):
            try:
                beside = self._database.put_free(key, start, duration, descriptors)
            except UsageError as error:
                self.report.note(ImportDefect.NO_EVENT_ID, line, channel, str(error))
                continue
            if beside is None:
                self.report.note(ImportDefect.DUPLICATE, line, channel, start.isoformat())
                continue
            self.report.events += 1
            self._touched.add(key)
            if len(beside) > 1:
                self._overlapping.update((key, event.event_id) for event in beside)
                other = get_times(beside[1])[0].isoformat()
                self.report.note(ImportDefect.OVERLAP, line, channel, f"that of {other}")

    def _end_by_next(self, channel: str, waiting: list[Waiting]) -> None:
        first_key = self._settings.find(channel)[0]
        next_starts: list[datetime | None] = [None] * len(waiting)
        for index in range(len(waiting) - 2, -1, -1):
            following = waiting[index + 1][0]
            same = following == waiting[index][0]
            next_starts[index] = next_starts[index + 1] if same else following
        for (start, line, descriptors), next_start in zip(waiting, next_starts, strict=True):
            _, after = self._database.around(first_key, start)
            starts = [next_start, None if after is None else after.start_time]
            end = min((one for one in starts if one is not None), default=None)
            if end is None:
                self.report.note(ImportDefect.NO_STOP, line, channel)
            elif end - start > LONGEST:
                self.report.note(ImportDefect.OUT_OF_RANGE, line, channel, start.isoformat())
            else:
                self._put(channel, line, start, end - start, descriptors)

    def _note_other_overlaps(self, key: ServiceKey, channel: str) -> None:
        """Those that neighbours do not show, within a programme that runs past several."""
        for overlap in find_overlaps(self._database.events(key)):
            if (key, overlap.second.event_id) not in self._overlapping:
                starts = (get_times(one)[0].isoformat() for one in (overlap.second, overlap.first))
                detail = " in that of ".join(starts)
                self.report.note(ImportDefect.OVERLAP, 0, channel, detail)

    def _note(self, defect: ImportDefect, programme: Programme, detail: str = "") -> None:
        self.report.note(defect, programme.line, programme.channel, detail)


def name_defect(duration: timedelta) -> ImportDefect:
    """Why no event is this long."""
    if duration == NO_TIME:
        return ImportDefect.ZERO_LENGTH
    return ImportDefect.STOP_BEFORE_START if duration < NO_TIME else ImportDefect.OUT_OF_RANGE
