from typing import TypedDict, type_check_only

from typing_extensions import Buffer, disjoint_base

@type_check_only
class _PaceCounters(TypedDict):
    pcr_pid: int | None
    timed: int
    untimed: int
    late_anchors: int
    leaps: int
    discontinuities: int
    pid_changes: int
    late_max_ns: int
    early_max_ns: int
    error_us: list[int]

@disjoint_base
class DatagramSender:
    def close(self) -> None: ...
    @property
    def is_paced(self) -> bool:
        """Whether packets leave at their times, rather than at once."""
    def counters(self) -> dict[str, int]: ...
    def pace_counters(self) -> _PaceCounters | None: ...
    def write(self, packets: Buffer) -> None: ...
    def flush(self) -> None: ...
