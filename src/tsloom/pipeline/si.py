"""Stages that put SI tables into the stream: any as they are given, TDT and TOT by the clock."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ
from tsloom.dvb import tdt
from tsloom.dvb.carousel import DueSection, identify
from tsloom.dvb.descriptors import LocalTimeOffsetDescriptor
from tsloom.dvb.eit_sub_table import EitUpdate
from tsloom.dvb.local_times import make_local_time_offset
from tsloom.dvb.sdt import ServiceDescriptionTable
from tsloom.dvb.si_edits import ServiceEdit, edit_sdt
from tsloom.dvb.tables import SiTable, encode_table
from tsloom.dvb.tdt import TimeAndDateTable, encode_tdt
from tsloom.dvb.tot import TimeOffsetTable, encode_tot, parse_tot
from tsloom.errors import InputError
from tsloom.pipeline.carousel import CarouselInserter
from tsloom.pipeline.inserter import Insertion, InsertionFailure, Room, ScheduledSection
from tsloom.pipeline.stages import check_pid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import tzinfo

    from tsloom.psi.descriptors import Descriptor

# So long an SDT may take to come.
SDT_PATIENCE = 4 * PCR_HZ
# TDT and TOT are handed to the inserter so long ahead.
AHEAD = 2 * PCR_HZ
# For one's own use (TS 101 162).
PRIVATE_NETWORK_ID = 0xFF01
SECOND = timedelta(seconds=1)


class SiInserter(CarouselInserter):
    """Puts SI tables into the stream, each at its cycle (TS 101 211, 4.4): NIT, SDT and BAT.

    tables are values, or sections as bytes. What the stream has on the PIDs in `replaced_pids`
    becomes null packets; without them the tables join what is there. `profile`, `cycles`,
    `bitrate_limit` are those of `EitInserter`.
    """

    def __init__(
        self,
        *tables: SiTable | bytes,
        replaced_pids: Iterable[int] = (),
        profile: str = "satellite",
        cycles: Mapping[str, str | float | timedelta] | None = None,
        bitrate_limit: float | None = None,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        on_insertion: Callable[[Insertion | InsertionFailure], None] | None = None,
    ) -> None:
        super().__init__(
            profile=profile,
            cycles=cycles,
            bitrate_limit=bitrate_limit,
            service_id=service_id,
            room=room,
            on_insertion=on_insertion,
        )
        for pid in replaced_pids:
            self.replace(check_pid(pid))
        # By their identities; and those of them that are on the carousel.
        self._sections: dict[bytes, bytes] = {}
        self._turning: dict[bytes, bytes] = {}
        self.set_tables(*tables)

    def set_tables(self, *tables: SiTable | bytes) -> None:
        """Other tables, in the place of those before; from any thread."""
        sections: dict[bytes, bytes] = {}
        for table in tables:
            for section in (table,) if isinstance(table, bytes) else encode_table(table):
                sections[identify(section)] = section
        with self.lock:
            self._sections = sections

    def has_news(self) -> bool:
        return self._sections is not self._turning

    def keep_up(self, now: int, utc: datetime | None) -> tuple[EitUpdate, datetime | None] | None:
        before, after = self._turning, self._sections
        self._turning = after
        gone = (section for name, section in before.items() if name not in after)
        changed = (section for name, section in after.items() if before.get(name) != section)
        return EitUpdate(tuple(changed), tuple(gone)), None


class SdtInserter(SiInserter):
    """Gives a stream that has no SDT one of these services; where one comes within 4 s it does
    nothing. transport_stream_id is the PAT's."""

    def __init__(
        self,
        services: Mapping[int, ServiceEdit],
        *,
        original_network_id: int = PRIVATE_NETWORK_ID,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
    ) -> None:
        super().__init__(service_id=service_id, room=room)
        self.follow_sdt()
        self._services = services
        self._original_network_id = original_network_id
        self._is_made = False

    def keep_up(self, now: int, utc: datetime | None) -> tuple[EitUpdate, datetime | None] | None:
        stream_id = self.pat_transport_stream_id
        if not self._is_made:
            if now < SDT_PATIENCE or self.sdt_ids is not None or stream_id is None:
                return None
            self._is_made = True
            empty = ServiceDescriptionTable(stream_id, self._original_network_id)
            self.set_tables(edit_sdt(empty, self._services))
        return super().keep_up(now, utc)


class TimeInserter(CarouselInserter):
    """Makes TDT and TOT by the stream's clock, in the place of those that it has.

    UTC is utc_start at the clock's first PCR; without it a live relay says what time it is, else
    the stream's own TDT or TOT does once, and the clock goes on from there. Each is sent at the
    begin of a second. A TOT is sent where the stream has one, whose offsets stay, or where zones
    says of which country (three letters) it tells the local time.
    """

    def __init__(
        self,
        zones: Mapping[str, tzinfo] | None = None,
        *,
        utc_start: datetime | None = None,
        profile: str = "satellite",
        cycles: Mapping[str, str | float | timedelta] | None = None,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        on_insertion: Callable[[Insertion | InsertionFailure], None] | None = None,
    ) -> None:
        super().__init__(
            profile=profile,
            cycles=cycles,
            utc_start=utc_start,
            service_id=service_id,
            room=room,
            on_insertion=on_insertion,
        )
        self.replace(tdt.PID)
        self.follow_time()
        self._zones = dict(zones or {})
        self._read_tot: bytes | None = None
        self._descriptors: tuple[Descriptor, ...] | None = None
        # The time at which the tables were handed over last: of the stream, and UTC.
        self._anchor: tuple[int, datetime] | None = None
        # What was handed over last: its id, and what it is.
        self._handed: deque[tuple[int, DueSection]] = deque()

    @property
    def missing(self) -> tuple[str, ...]:
        """What nothing is sent without and is not known: "utc"."""
        return () if self._anchor is not None else ("utc",)

    def has_news(self) -> bool:
        return self.time_offset_section != self._read_tot

    def keep_up(self, now: int, utc: datetime | None) -> tuple[EitUpdate, datetime | None] | None:
        if utc is None:
            return None
        before, self._anchor = self._anchor, (now, utc)
        moved = before is not None and abs(self._find_utc(now, before) - utc) > SECOND
        if before is not None and not moved and not self.has_news():
            return EitUpdate(), None
        self._read_tot = self.time_offset_section
        self._descriptors = self._find_descriptors(utc)
        sections = [encode_tdt(TimeAndDateTable(utc))]
        if self._descriptors is not None:
            sections.append(encode_tot(TimeOffsetTable(utc, self._descriptors)))
        return EitUpdate(tuple(sections)), None

    def _find_descriptors(self, utc: datetime) -> tuple[Descriptor, ...] | None:
        if self._zones:
            offsets = [
                make_local_time_offset(country, zone, utc) for country, zone in self._zones.items()
            ]
            return (LocalTimeOffsetDescriptor(tuple(offsets)),)
        try:
            return None if self._read_tot is None else parse_tot(self._read_tot).descriptors
        except InputError:
            return self._descriptors

    @staticmethod
    def _find_utc(at: int, anchor: tuple[int, datetime]) -> datetime:
        return anchor[1] + timedelta(seconds=(at - anchor[0]) / PCR_HZ)

    def send(self, update: EitUpdate, now: int, change: int | None) -> int | None:
        """What is due soon, each as it is to be when it leaves."""
        handed, self._handed = self._handed, deque()
        is_first = not self._carousel
        self._carousel.update(update.changed, update.removed)
        if is_first:
            self._carousel.skip_to(now)
        for section_id, due in handed:
            if not update.changed and due.due_27mhz > now - PCR_HZ:
                self._handed.append((section_id, due))
            elif update.changed and self.cancel(section_id):
                self._hand_over(due, now)
        for due in self._carousel.take(now + AHEAD):
            self._hand_over(due, now)
        return now + AHEAD // 2

    def _hand_over(self, due: DueSection, now: int) -> None:
        at, section = self._place_time(due.section, max(due.due_27mhz, now))
        scheduled = ScheduledSection(tdt.PID, section, at, at + self._patience)
        self._handed.append((self._queue(scheduled), due))

    def _place_time(self, section: bytes, due_27mhz: int) -> tuple[int, bytes]:
        """At the next begin of a second."""
        assert self._anchor is not None
        utc = self._find_utc(due_27mhz, self._anchor)
        second = utc.replace(microsecond=0)
        if second < utc:
            second += SECOND
        at = due_27mhz + round((second - utc).total_seconds() * PCR_HZ)
        if section[0] == tdt.TABLE_ID:
            return at, encode_tdt(TimeAndDateTable(second))
        if self._zones:
            self._descriptors = self._find_descriptors(second)
        return at, encode_tot(TimeOffsetTable(second, self._descriptors or ()))
