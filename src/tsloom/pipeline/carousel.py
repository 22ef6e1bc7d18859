"""The CarouselInserter: sections of SI tables into a running stream, each at its cycle."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.dvb.carousel import Carousel, DueSection, identify
from tsloom.dvb.feasibility import Feasibility, get_sub_table
from tsloom.dvb.si_cycles import SPACING_S
from tsloom.dvb.tdt import PID as TDT_PID
from tsloom.dvb.time import parse_utc_time
from tsloom.errors import SectionSyntaxError
from tsloom.pipeline.inserter import (
    Insertion,
    InsertionFailure,
    Room,
    SectionInserter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from tsloom.dvb.eit_sub_table import EitUpdate

# Whether there is anything new is asked so often.
POLL = PCR_HZ // 4
# Sections are handed to the inserter so long ahead, and again when no more than two polls are left.
AHEAD = 2 * PCR_HZ
# A section waits so long for null packets before one is added: well below the headroom of the
# shortest cycle.
PATIENCE = PCR_HZ // 50
# Where no packet may be added, so long.
LONG_PATIENCE = PCR_HZ // 2
STREAM_ENDED = "the stream ended"
SPACING = round(SPACING_S * PCR_HZ)
# More sub-tables than that share their spacing with others.
GROUPS = 1_000_000
# Further behind than that, sections that were due are left out.
LAG_MAX = PCR_HZ


class CarouselInserter(SectionInserter):
    """Base of the stages that repeat sections at the cycles of TS 101 211, 4.4.

    `profile` and `cycles` say how often (see `tsloom.dvb.find_cycles`), bitrate_limit (bits a
    second) what all together take at most. utc_start is the UTC of the clock's first PCR; without
    it a live relay says what time it is, else TDT and TOT of the stream.
    """

    # How many sections have left, and how many found no room while the stream ran.
    insertion_count: int = 0
    failure_count: int = 0

    def __new__(
        cls,
        *_: Any,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        **__: Any,
    ) -> Self:
        return super().__new__(cls, service_id=service_id, room=room)

    def __init__(
        self,
        *,
        profile: str = "satellite",
        cycles: Mapping[str, str | float | timedelta] | None = None,
        bitrate_limit: float | None = None,
        utc_start: datetime | None = None,
        service_id: int | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        on_insertion: Callable[[Insertion | InsertionFailure], None] | None = None,
    ) -> None:
        super().__init__(service_id=service_id, room=room, on_insertion=on_insertion)
        self._carousel = Carousel(profile=profile, cycles=cycles, bitrate_limit=bitrate_limit)
        self._time = StreamUtc(utc_start)
        self._patience = LONG_PATIENCE if self.room is Room.NULLS else PATIENCE
        # Of sub-tables, whose sections are apart from each other.
        self._groups: dict[bytes, int] = {}
        self.space_groups(SPACING)
        # What was handed over last: its id, and what it is.
        self._handed: deque[tuple[int, DueSection]] = deque()
        self._alarm_id: int | None = None
        # Stream times: up to where all is handed over, and when the tables change by themselves.
        self._sent_until: int | None = None
        self._change_at: int | None = None
        self.follow_si()

    @property
    def plan(self) -> Feasibility:
        """The cycles as they are kept now."""
        with self.lock:
            return self._carousel.plan

    def follow_utc(self, read_utc: Callable[[], datetime]) -> None:
        """Where UTC is read as the stream goes by; unless utc_start was given."""
        with self.lock:
            self._time.read_utc = read_utc

    # -- what subclasses say ------------------------------------------------------------------

    def has_news(self) -> bool:
        """Whether `keep_up` has something new to say, ahead of the time that it named."""
        raise NotImplementedError

    def keep_up(self, now: int, utc: datetime | None) -> tuple[EitUpdate, datetime | None] | None:
        """What is different, and when there will be more; None while nothing can be sent."""
        raise NotImplementedError

    def place_time(self, section: bytes, due_27mhz: int) -> tuple[int, bytes]:
        """When a TDT or TOT that is due then leaves, and as what."""
        return due_27mhz, section

    # -- the stream ---------------------------------------------------------------------------

    def on_event(self, kind: str, packet_index: int) -> None:
        super().on_event(kind, packet_index)
        clock = self.clock
        now = 0 if clock is None else max(clock.stream_time(packet_index), clock.now_27mhz)
        if kind == "utc" and self._time.take_field(self.utc_time, now):
            self._change_at = now
        if clock is not None and self._alarm_id is None:
            self._work(now)

    def on_alarm(self, alarm_id: int, time_27mhz: int) -> None:
        if alarm_id == self._alarm_id:
            self._work(time_27mhz)

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        if isinstance(result, Insertion):
            self.insertion_count += 1
        else:
            self.failure_count += 1

    def _settle(self, result: Insertion | InsertionFailure) -> None:
        # There is always something under way when the stream ends.
        if isinstance(result, Insertion) or result.reason != STREAM_ENDED:
            super()._settle(result)

    def _work(self, now: int) -> None:
        """Takes in what is new, sends what is due until it is called again."""
        change_at, wanted = self._change_at, now + POLL
        if self._is_behind(now) or self.has_news():
            utc = self._time.get(now)
            news = self.keep_up(now, utc)
            if news is not None:
                update, change = news
                change_at = None
                if change is not None and utc is not None:
                    change_at = now + round((change - utc).total_seconds() * PCR_HZ)
                self._change_at = change_at
                self._update(update, now)
                # What changes then is not handed over as it is now.
                until = now + AHEAD
                self._send(now, until if change_at is None else min(until, change_at))
        if change_at is not None and change_at < wanted:
            wanted = change_at if change_at > now else now + 1
        self._alarm_id = self.set_alarm_at(wanted)

    def _is_behind(self, now: int) -> bool:
        sent, change = self._sent_until, self._change_at
        return sent is None or now + 2 * POLL > sent or (change is not None and now >= change)

    def _update(self, update: EitUpdate, now: int) -> None:
        """Also those that wait are as they are now."""
        if not update.changed and not update.removed:
            return
        self._carousel.update(update.changed, update.removed)
        gone = {identify(section) for section in update.removed}
        changed = {identify(section): section for section in update.changed}
        handed, self._handed = self._handed, deque()
        for section_id, due in handed:
            identity = identify(due.section)
            section = changed.get(identity)
            if section is None and identity not in gone:
                self._handed.append((section_id, due))
            elif self.cancel(section_id) and section is not None:
                self._hand_over(due._replace(section=section), now)

    def _send(self, now: int, until: int) -> None:
        next_due = self._carousel.next_due_27mhz
        if self._sent_until is None or (next_due is not None and next_due < now - LAG_MAX):
            self._carousel.skip_to(now)
        self._sent_until = until
        handed = self._handed
        while handed and handed[0][1].due_27mhz < now - self._patience:
            handed.popleft()
        for due in self._carousel.take(until):
            self._hand_over(due, now)

    def _hand_over(self, due: DueSection, now: int) -> None:
        at, pid, section = due
        at = at if at > now else now
        if pid == TDT_PID:
            at, section = self.place_time(section, at)
        table = get_sub_table(section)
        group = self._groups.get(table) or self._add_group(table)
        section_id = self._next_id
        self._next_id = section_id + 1
        self.queue(section_id, pid, section, at, at + self._patience, group=group)
        self._handed.append((section_id, due))

    def _add_group(self, table: bytes) -> int:
        group = self._groups[table] = len(self._groups) % GROUPS + 1
        return group


class StreamUtc:
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

    def take_field(self, field: bytes, now: int) -> bool:
        """A TDT or TOT says it; the first is believed until one says otherwise by seconds. Whether
        that moves the time."""
        try:
            said = parse_utc_time(field)
        except SectionSyntaxError:
            return False
        if said is None:
            return False
        start = said - timedelta(seconds=now / PCR_HZ)
        before = self._from_stream
        moves = before is None or abs((start - before).total_seconds()) > 2
        if moves:
            self._from_stream = start
        return moves and self._start is None and self.read_utc is None
