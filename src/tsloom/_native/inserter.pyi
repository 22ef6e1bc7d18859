from typing import Any, Self

from _typeshed import ReadableBuffer
from typing_extensions import disjoint_base

from tsloom._native.clock import ProgramClock
from tsloom._native.pipeline import Stage

ROOMS: dict[str, int]
KINDS: dict[int, str]
REASONS: dict[int, str | None]

@disjoint_base
class InserterStage(Stage):
    def __new__(cls, *, room: str = ..., program_number: int = ..., **kwargs: Any) -> Self: ...
    def announce(self, pid: int, program_info: ReadableBuffer, es_info: ReadableBuffer) -> None: ...
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
    def take_events(
        self,
    ) -> list[tuple[str, str | None, int, bool, int, int, int, int, int]]: ...
    @property
    def clock(self) -> ProgramClock | None: ...
    @property
    def program_number(self) -> int | None: ...
    @property
    def pids_in_use(self) -> set[int]: ...
