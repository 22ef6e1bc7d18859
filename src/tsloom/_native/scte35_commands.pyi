from collections.abc import Iterable
from typing import ClassVar, final

from tsloom._native.scte35_events import SpliceInsertComponent, SpliceScheduleEvent
from tsloom._native.scte35_times import BreakDuration, SpliceTime
from tsloom._native.scte35_value import SpliceCommand

@final
class SpliceNull(SpliceCommand): ...

@final
class BandwidthReservation(SpliceCommand): ...

@final
class SpliceInsert(SpliceCommand):
    def __init__(
        self,
        splice_event_id: int,
        *,
        splice_event_cancel_indicator: bool = False,
        event_id_compliance_flag: bool = True,
        out_of_network_indicator: bool = False,
        splice_immediate_flag: bool | None = None,
        splice_time: SpliceTime | None = None,
        components: Iterable[SpliceInsertComponent] | None = None,
        break_duration: BreakDuration | None = None,
        unique_program_id: int = 0,
        avail_num: int = 0,
        avails_expected: int = 0,
    ) -> None: ...
    @property
    def splice_event_id(self) -> int: ...
    @property
    def splice_event_cancel_indicator(self) -> bool: ...
    @property
    def event_id_compliance_flag(self) -> bool: ...
    @property
    def out_of_network_indicator(self) -> bool: ...
    @property
    def program_splice_flag(self) -> bool: ...
    @property
    def duration_flag(self) -> bool: ...
    @property
    def splice_immediate_flag(self) -> bool: ...
    @property
    def splice_time(self) -> SpliceTime | None: ...
    @property
    def components(self) -> tuple[SpliceInsertComponent, ...] | None: ...
    @property
    def break_duration(self) -> BreakDuration | None: ...
    @property
    def unique_program_id(self) -> int: ...
    @property
    def avail_num(self) -> int: ...
    @property
    def avails_expected(self) -> int: ...

@final
class SpliceSchedule(SpliceCommand):
    __match_args__: ClassVar[tuple[str, ...]]
    def __init__(self, events: Iterable[SpliceScheduleEvent] = ()) -> None: ...
    @property
    def events(self) -> tuple[SpliceScheduleEvent, ...]: ...

@final
class TimeSignal(SpliceCommand):
    __match_args__: ClassVar[tuple[str, ...]]
    def __init__(self, splice_time: SpliceTime = ...) -> None: ...
    @property
    def splice_time(self) -> SpliceTime: ...

@final
class PrivateCommand(SpliceCommand):
    __match_args__: ClassVar[tuple[str, ...]]
    def __init__(self, identifier: int, private_bytes: bytes = b"") -> None: ...
    @property
    def identifier(self) -> int: ...
    @property
    def private_bytes(self) -> bytes: ...

@final
class ReservedCommand(SpliceCommand):
    __match_args__: ClassVar[tuple[str, ...]]
    def __init__(self, splice_command_type: int, command_bytes: bytes = b"") -> None: ...
    @property
    def command_bytes(self) -> bytes: ...
