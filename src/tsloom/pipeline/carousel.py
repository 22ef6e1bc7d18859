"""The CarouselInserter: sections of SI tables into a running stream, each at its cycle."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tsloom.clock import PCR_HZ
from tsloom.dvb.carousel import Carousel
from tsloom.dvb.feasibility import Feasibility
from tsloom.dvb.si_cycles import SPACING_S
from tsloom.pipeline.inserter import (
    KEPT_INSERTIONS,
    Insertion,
    InsertionFailure,
    Room,
    SectionInserter,
    make_result,
)
from tsloom.pipeline.stream_utc import StreamUtc, TimeStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Self

    from tsloom.dvb.eit_sub_table import EitUpdate

# While it is not known what to send, that is asked so often.
POLL = PCR_HZ // 4
# Where UTC is another clock's than the stream's, it is compared so often.
DRIFT = 3 * PCR_HZ // 2
# A section waits so long for null packets before one is added: well below the headroom of the
# shortest cycle.
PATIENCE = PCR_HZ // 50
# Where no packet may be added, so long.
LONG_PATIENCE = PCR_HZ // 2
STREAM_ENDED = "the stream ended"
SPACING = round(SPACING_S * PCR_HZ)


class CarouselInserter(SectionInserter):
    """Base of the stages that repeat sections at the cycles of TS 101 211, 4.4.

    `profile` and `cycles` say how often (see `tsloom.dvb.find_cycles`), bitrate_limit (bits a
    second) what all together take at most. utc_start is the UTC of the clock's first PCR; without
    it a live relay says what time it is, else TDT and TOT of the stream. Where these jump, the time
    follows when a second one says the same; `time_steps` and the log tell of it.
    """

    # Of sections that were told of one by one.
    _insertion_count: int = 0
    _failure_count: int = 0

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
        self.space_groups(SPACING)
        self.set_carousel(
            self._carousel.rings,
            self._patience,
            KEPT_INSERTIONS,
            tells=on_insertion is not None,
        )
        self._alarm_id: int | None = None
        # It has been asked what to send; it is being sent.
        self._has_begun = self._is_running = False

    @property
    def plan(self) -> Feasibility:
        """The cycles as they are kept now."""
        with self.lock:
            return self._carousel.plan

    @property
    def insertion_count(self) -> int:
        """How many sections have left."""
        return self.carousel_counts[0] + self._insertion_count

    @property
    def failure_count(self) -> int:
        """How many found no room while the stream ran."""
        return self.carousel_counts[1] + self._failure_count

    @property
    def insertions(self) -> Sequence[Insertion]:
        results = [make_result(event) for event in self.kept_events]
        left = [result for result in results if isinstance(result, Insertion)]
        return sorted((*left, *self._insertions), key=attrgetter("packet_index"))

    @property
    def failures(self) -> Sequence[InsertionFailure]:
        results = [make_result(event) for event in self.kept_events]
        failed = [result for result in results if isinstance(result, InsertionFailure)]
        return [*failed, *self._failures]

    @property
    def time_steps(self) -> Sequence[TimeStep]:
        """Where TDT and TOT said another time than the stream's clock."""
        return tuple(self._time.steps)

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

    def send(self, update: EitUpdate, now: int, change: int | None) -> int | None:
        """Takes in what is different, ahead of the stream time at which there will be more; gives
        the time of the next alarm."""
        if not self._is_running:
            self._carousel.skip_to(now)
            self._is_running = True
        self._carousel.go_on_to(now)
        self._carousel.update(update.changed, update.removed)
        self._carousel.keep_cycles()
        self.set_until(change)
        if self._time.may_drift:
            return now + DRIFT if change is None else min(change, now + DRIFT)
        return change

    # -- the stream ---------------------------------------------------------------------------

    def poll(self) -> None:
        if self._is_running and self.has_news():
            self._ring_at(0)

    def on_event(self, kind: str, packet_index: int) -> None:
        super().on_event(kind, packet_index)
        clock = self.clock
        now = 0 if clock is None else max(clock.stream_time(packet_index), clock.now_27mhz)
        moves = kind == "utc" and self._time.take_field(self.utc_time, now, packet_index)
        is_new = moves or not self._has_begun or (kind == "utc" and self.has_news())
        if is_new and clock is not None:
            self._work(now)

    def on_alarm(self, alarm_id: int, time_27mhz: int) -> None:
        if alarm_id == self._alarm_id:
            self._alarm_id = None
            self._work(time_27mhz)

    def on_settled(self, result: Insertion | InsertionFailure) -> None:
        if isinstance(result, Insertion):
            self._insertion_count += 1
        else:
            self._failure_count += 1

    def _settle(self, result: Insertion | InsertionFailure) -> None:
        # There is always something under way when the stream ends.
        if isinstance(result, Insertion) or result.reason != STREAM_ENDED:
            super()._settle(result)

    def _work(self, now: int) -> None:
        """Takes in what is new."""
        self._has_begun = True
        utc = self._time.get(now)
        news = self.keep_up(now, utc)
        if news is None:
            self._ring_at(now + POLL)
            return
        update, change = news
        change_at = None
        if change is not None and utc is not None:
            change_at = now + max(1, round((change - utc).total_seconds() * PCR_HZ))
        self._ring_at(self.send(update, now, change_at))

    def _ring_at(self, time: int | None) -> None:
        if self._alarm_id is not None:
            self.cancel(self._alarm_id)
        self._alarm_id = None if time is None else self.set_alarm_at(time)
