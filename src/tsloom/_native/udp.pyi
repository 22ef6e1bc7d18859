from collections.abc import Callable
from typing import Any, Final, final

from typing_extensions import Buffer

from tsloom._native.arrival import DatagramTable
from tsloom._native.datagram_sender import DatagramSender

DATAGRAM_MAX: Final[int]
PKT_SIZE: Final[int]

def find_interface(address: str) -> int: ...
def is_multicast(address: str) -> bool: ...

@final
class UdpReceiver:
    datagrams: Final[DatagramTable]
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
        gather_ns: int = 0,
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
    def ip_figures(self) -> dict[str, Any]: ...

@final
class UdpSender(DatagramSender):
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
        segments: bool = True,
        pace_bitrate_bps: int | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> None: ...
    def fileno(self) -> int: ...
    @property
    def sndbuf_bytes(self) -> int: ...
