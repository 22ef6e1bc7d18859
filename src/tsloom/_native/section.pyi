from typing import Self, final

from _typeshed import ReadableBuffer

from tsloom._native.batch import PacketBatch

# Reports are (reason, 0 when complete; bytes; first packet; last packet).

@final
class Assembler:
    def __new__(cls, pid: int | None = None) -> Self: ...
    def feed_batch(self, source: PacketBatch) -> list[tuple[int, bytes, int, int]]: ...
    def feed_bytes(
        self, data: ReadableBuffer, first_index: int | None = None
    ) -> list[tuple[int, bytes, int, int]]: ...
    def flush(self) -> list[tuple[int, bytes, int, int]]: ...

def packetize(section: ReadableBuffer, pid: int, continuity_counter: int) -> bytes: ...
