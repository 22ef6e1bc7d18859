from collections.abc import Callable
from typing import Final, TypedDict, final, type_check_only

from typing_extensions import Buffer

DATAGRAM_MAX: Final[int]
PKT_SIZE: Final[int]

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

def find_interface(address: str) -> int: ...
def is_multicast(address: str) -> bool: ...

@final
class UdpReceiver:
    def __init__(
        self,
        address: str,
        port: int,
        *,
        scope_id: int = 0,
        source: str | None = None,
        interface: int = 0,
        rcvbuf_bytes: int = 0,
        reuse: bool = False,
        dual_stack: bool = False,
    ) -> None: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
    @property
    def local_address(self) -> tuple[str, int]: ...
    @property
    def rcvbuf_bytes(self) -> int: ...
    @property
    def arrival_ns(self) -> int: ...
    def counters(self) -> dict[str, int]: ...
    def receive_into(self, buffer: Buffer, timeout_ns: int) -> int: ...

@final
class UdpSender:
    def __init__(
        self,
        address: str,
        port: int,
        *,
        scope_id: int = 0,
        local: str | None = None,
        interface: int = 0,
        ttl: int = -1,
        tos: int = -1,
        loop: int = -1,
        sndbuf_bytes: int = 0,
        pkt_size: int = 1316,
        drop_null: bool = False,
        pace_bitrate_bps: int | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
    @property
    def sndbuf_bytes(self) -> int: ...
    def counters(self) -> dict[str, int]: ...
    def pace_counters(self) -> _PaceCounters | None: ...
    def write(self, packets: Buffer) -> None: ...
    def flush(self) -> None: ...
