from typing import Any, Self

from _typeshed import ReadableBuffer
from typing_extensions import disjoint_base

from tsloom._native.carousel import CarouselRings
from tsloom._native.clock import ProgramClock
from tsloom._native.pipeline import Stage

ROOMS: dict[str, int]
KINDS: dict[int, str]
REASONS: dict[int, str | None]

Event = tuple[str, str | None, int, bool, int, int, int, int, int]

@disjoint_base
class InserterStage(Stage):
    def __new__(cls, *, room: str = ..., program_number: int = ..., **kwargs: Any) -> Self: ...
    def announce(self, pid: int, program_info: ReadableBuffer, es_info: ReadableBuffer) -> None: ...
    def replace(self, pid: int) -> None: ...
    def follow_sdt(self) -> None: ...
    def follow_time(self) -> None: ...
    def queue(
        self,
        section_id: int,
        pid: int,
        section: ReadableBuffer,
        due: int,
        deadline: int,
        interval: int = ...,
        *,
        wants_control: bool = ...,
    ) -> None: ...
    def set_alarm(self, alarm_id: int, time: int) -> None: ...
    def cancel(self, section_id: int) -> bool: ...
    def set_spacing(self, pid: int, ticks: int) -> None: ...
    def space_groups(self, ticks: int) -> None: ...
    def take_events(self) -> list[Event]: ...
    def set_carousel(
        self, rings: CarouselRings, patience: int, kept: int, *, tells: bool
    ) -> None:
        """Before the first packet. What comes by is taken up to `set_until`, nothing at first, and
        waits so long for null packets. Each is an event, or the last so many are kept."""
    def set_until(self, until: int | None) -> None:
        """Also called after each change of the carousel, holding the lock; None: for ever."""
    @property
    def kept_events(self) -> list[Event]: ...
    @property
    def carousel_counts(self) -> tuple[int, int]:
        """Of sections of the carousel that are not told of: how many have left, and failed."""
    @property
    def clock(self) -> ProgramClock | None: ...
    @property
    def program_number(self) -> int | None: ...
    @property
    def pat_transport_stream_id(self) -> int | None: ...
    @property
    def sdt_ids(self) -> tuple[int, int] | None: ...
    @property
    def utc_time(self) -> bytes: ...
    @property
    def time_offset_section(self) -> bytes | None: ...
    @property
    def pids_in_use(self) -> set[int]: ...
