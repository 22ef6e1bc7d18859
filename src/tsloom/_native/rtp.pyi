from typing import Any, Final, TypedDict, final, type_check_only

from typing_extensions import Buffer

from tsloom._native.arrival import DatagramTable
from tsloom._native.datagram_sender import DatagramSender
from tsloom._native.udp import UdpReceiver

PAYLOAD_TYPE_MP2T: Final[int]
FEC_SIZE_MAX: Final[int]

@type_check_only
class _RtpCounters(TypedDict):
    received: tuple[int, int]
    malformed: int
    lost: int
    duplicate: int
    reordered: int
    late: int
    resyncs: int
    odd: int
    repaired: int
    fec_received: int

@final
class RtpReceiver:
    datagrams: Final[DatagramTable]
    def __init__(
        self,
        first: UdpReceiver,
        second: UdpReceiver | None,
        *,
        window: int,
        wait_ns: int,
        payload_type: int,
    ) -> None: ...
    def add_fec(self, columns: UdpReceiver, rows: UdpReceiver) -> None: ...
    def close(self) -> None: ...
    @property
    def ssrc(self) -> int | None: ...
    def ip_figures(self) -> list[dict[str, Any]]: ...
    def counters(self) -> _RtpCounters: ...
    def receive_into(self, buffer: Buffer, timeout_ns: int) -> int: ...

@final
class RtpPacketizer:
    def __init__(
        self,
        first: DatagramSender,
        second: DatagramSender | None,
        *,
        payload_type: int,
        ssrc: int | None = None,
    ) -> None: ...
    def add_fec(
        self,
        columns: int,
        rows: int,
        column_sender: DatagramSender,
        row_sender: DatagramSender,
    ) -> None: ...
    def flush_fec(self) -> None: ...
    @property
    def fec_sent(self) -> int: ...
    @property
    def fec_lost(self) -> int: ...
    @property
    def ssrc(self) -> int: ...
    @property
    def second_leg_lost(self) -> int: ...
