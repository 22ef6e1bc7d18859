"""Packets out of bytes: `PacketBatch` and `PacketSync`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tsloom._native.batch import PacketBatch
from tsloom._native.sync import SyncMachine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed import ReadableBuffer

__all__ = ["PacketBatch", "PacketSync", "SyncEvent", "sync_events"]

SyncEventKind = Literal["acquired", "lost", "skipped", "bad_sync_byte"]
_KINDS: tuple[SyncEventKind, ...] = ("acquired", "lost", "skipped", "bad_sync_byte")


@dataclass(frozen=True, slots=True)
class SyncEvent:
    """What happened to packet synchronisation, and where.

    `acquired`: `length` is the packet size. `lost`: two sync bytes in a row were wrong. `skipped`:
    `length` bytes belong to no packet. `bad_sync_byte`: one packet within lock was skipped.
    `packet_index` is that of the next packet handed on.
    """

    kind: SyncEventKind
    offset_bytes: int
    packet_index: int
    length: int


def sync_events(rows: Iterable[tuple[int, int, int, int]]) -> list[SyncEvent]:
    """The native core's rows as values."""
    return [SyncEvent(_KINDS[kind], *rest) for kind, *rest in rows]


class PacketSync:
    """Finds transport packets in bytes that come in any pieces.

    Packet sizes 188, 192 (M2TS; `PacketBatch.arrival_timestamp` keeps the time stamps) and 204 are
    found by themselves. Five sync bytes in a row acquire, two wrong ones lose (ISO/IEC 13818-1,
    annex G.1; TR 101 290, 1.1). The same bytes give the same packets and events however cut.
    """

    def __init__(self) -> None:
        self._machine = SyncMachine()
        self._events: list[SyncEvent] = []

    def feed(self, data: ReadableBuffer) -> PacketBatch:
        """The packets that are complete now. A packet is handed on once the sync byte behind it
        was seen, so the last one of the data waits for the next call or for `flush`."""
        batch = self._machine.feed(memoryview(data).cast("B"))
        self._events += sync_events(self._machine.take_events())
        return batch

    def flush(self) -> PacketBatch:
        """The input has ended: the packets that were waiting for more."""
        batch = self._machine.flush()
        self._events += sync_events(self._machine.take_events())
        return batch

    @property
    def events(self) -> tuple[SyncEvent, ...]:
        """All events so far, in order."""
        return tuple(self._events)

    @property
    def packet_size(self) -> int | None:
        """Bytes from one packet to the next: 188, 192 or 204; None before the first lock."""
        return self._machine.packet_size

    @property
    def locked(self) -> bool:
        return self._machine.locked

    @property
    def skipped_bytes(self) -> int:
        """Bytes that belong to no packet handed on."""
        return self._machine.skipped_bytes

    @property
    def sync_losses(self) -> int:
        return self._machine.sync_losses
