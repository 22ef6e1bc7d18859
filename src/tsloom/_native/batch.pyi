from collections.abc import Iterable
from typing import Any, final

import numpy as np
from _typeshed import ReadableBuffer
from numpy.typing import NDArray

@final
class PacketBatch:
    """Packets in one buffer, with the columns of their headers as numpy arrays.

    Made from any buffer of N * 188 bytes without copying it: `UsageError` if that is no whole
    number of packets, `SyncLostError` with the packet_index of one that does not begin with 0x47.
    Each column has N elements, in the names of ISO/IEC 13818-1, 2.4.3.2.
    """

    def __init__(self, data: ReadableBuffer = ..., *, first_index: int = ...) -> None: ...
    data: NDArray[np.uint8]
    """(N, 188) bytes."""
    first_index: int
    """Input packet index that `packet_index` counts from."""
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __getitem__(self, key: Any, /) -> Any:
        """A packet's bytes for a whole number; else a batch, as numpy selects: a slice, a mask, an
        array of indices."""
    def select(self, pids: Iterable[int]) -> PacketBatch:
        """The packets of these PIDs."""
    @staticmethod
    def concatenate(batches: Iterable[PacketBatch]) -> PacketBatch:
        """One batch after the other, in the order of the stream."""
    @property
    def header(self) -> NDArray[np.uint32]:
        """The first four bytes of each packet as one big-endian number."""
    @property
    def packet_index(self) -> NDArray[np.uint64]:
        """Each packet's index in the input."""
    @property
    def arrival_timestamp(self) -> NDArray[np.uint32] | None:
        """The four bytes before each packet of an M2TS input; None for other packet sizes."""
    @property
    def arrival_27mhz(self) -> NDArray[np.int64] | None:
        """When each packet arrived, in ticks of 27 MHz: of an M2TS input by the time stamps,
        unwrapped; of a network's by the system's clock, since 1970. The least number there is
        where a packet has none; None where the input does not tell."""
    @property
    def pid(self) -> NDArray[np.uint16]: ...
    @property
    def transport_error_indicator(self) -> NDArray[np.bool_]: ...
    @property
    def payload_unit_start_indicator(self) -> NDArray[np.bool_]: ...
    @property
    def transport_priority(self) -> NDArray[np.bool_]: ...
    @property
    def scrambling_control(self) -> NDArray[np.uint8]: ...
    @property
    def adaptation_field_control(self) -> NDArray[np.uint8]: ...
    @property
    def continuity_counter(self) -> NDArray[np.uint8]: ...
    @property
    def pcr_index(self) -> NDArray[np.uint32]:
        """Indices in the batch of the packets with a PCR."""
    @property
    def pcr_27mhz(self) -> NDArray[np.uint64]:
        """Their PCRs in ticks of 27 MHz (2.4.3.5)."""
    @property
    def opcr_index(self) -> NDArray[np.uint32]: ...
    @property
    def opcr_27mhz(self) -> NDArray[np.uint64]: ...
