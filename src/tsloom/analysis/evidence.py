"""Analysis in pieces: each piece's evidence is collected by itself, and all are joined exactly.

What an analysis needs of a piece is small (the packet headers, and the few packets that say more
than their header), and collecting it needs nothing of what came before. Joining replays the
evidence in order through one `Analyzer`: the same machine that analyses a stream in one pass, so
that the report is the same to the byte, wherever the stream was cut.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

from tsloom._native.evidence import LockFinder, PieceCollector, Replayer
from tsloom.analysis.analyzer import Analyzer
from tsloom.errors import InputError, NotATransportStreamError
from tsloom.packets import SyncEvent, sync_events
from tsloom.pipeline import RunResult
from tsloom.pipeline.pipeline import MAX_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report

# So many packets at the front of a piece are kept as they are, for what comes before to lock on.
HEAD_PACKETS = 64
HEAD_READ = 64 * 1024
# The sync byte is the fifth of a 192-byte packet.
SYNC_PLACES = {188: 0, 192: 4, 204: 0}


@dataclass(frozen=True, slots=True)
class PieceEvidence:
    """The evidence of one piece: `size_bytes` of the stream.

    `head` are its first bytes, all of them where no packets were found; `body` is what the packets
    behind them say, `tail` the bytes at the end that wait for the next piece.
    """

    size_bytes: int
    head: bytes = field(repr=False)
    unit: int = 0
    state: tuple[Any, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    tail: bytes = field(default=b"", repr=False)
    peek: bytes = field(default=b"", repr=False)


class EvidenceMismatchError(InputError):
    """The pieces cannot be joined: one has to be read together with what comes before it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence of consecutive pieces of a stream.

    `a + b` is the evidence of both, `b` following `a`: in whatever order they are joined, the
    report is that of the whole. Small enough to be sent: it pickles.
    """

    pieces: tuple[PieceEvidence, ...] = ()

    def __add__(self, other: Evidence) -> Evidence:
        return Evidence(self.pieces + other.pieces)

    @property
    def size_bytes(self) -> int:
        """Bytes of the stream."""
        return sum(piece.size_bytes for piece in self.pieces)

    def report(self, *, limits: Limits | None = None, buffer_model: bool = False) -> Report:
        """The report of the pieces, as of one stream.

        `NotATransportStreamError` if they hold no packet. `EvidenceMismatchError` if a piece was
        read otherwise than it is to be read behind the ones before: `analyze` then reads the whole
        in one pass.
        """
        joiner = Joiner(Analyzer(limits=limits, buffer_model=buffer_model))
        for piece in self.pieces:
            joiner.add(piece)
        return joiner.report()

    @classmethod
    def collect(cls, blocks: Iterable[bytes | bytearray | memoryview]) -> Self:
        """Of one piece that comes in blocks of bytes, in whatever sizes."""
        return cls((collect_piece(iter(blocks)),))


class _Head:
    """The front of a piece, up to where its packets are found."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self._finder = LockFinder()

    def take(self, block: bytes | bytearray | memoryview) -> bool:
        """True once there are packets."""
        self.bytes += block
        self._finder.feed(block)
        return bool(self._finder.unit) and self._finder.packets >= HEAD_PACKETS

    def begin(self) -> PieceCollector:
        collector = PieceCollector(self._finder.unit)
        collector.feed(self.bytes[self._finder.offset_bytes :])
        return collector

    def end(self, collector: PieceCollector, size: int) -> PieceEvidence:
        start, unit = self._finder.offset_bytes, self._finder.unit
        peek = bytes(self.bytes[start : start + SYNC_PLACES[unit] + 1])
        body, tail = collector.finish()
        head = bytes(self.bytes[:start])
        return PieceEvidence(size, head, unit, collector.state(), body, tail, peek)


def collect_piece(blocks: Iterator[bytes | bytearray | memoryview]) -> PieceEvidence:
    """Reads to the end of the blocks."""
    head = _Head()
    for block in blocks:
        if head.take(block):
            break
    else:
        return PieceEvidence(len(head.bytes), bytes(head.bytes))
    collector = head.begin()
    size = len(head.bytes)
    for block in blocks:
        size += len(block)
        collector.feed(block)
    return head.end(collector, size)


def collect_range(descriptor: int, size: int) -> PieceEvidence:
    """Of so many bytes of an open file, fewer at its end."""
    head = _Head()
    while block := os.read(descriptor, min(HEAD_READ, size - len(head.bytes))):
        if head.take(block):
            break
    else:
        return PieceEvidence(len(head.bytes), bytes(head.bytes))
    collector = head.begin()
    begun = len(head.bytes)
    return head.end(collector, begun + collector.read(descriptor, size - begun))


class Joiner:
    """Takes the evidence of pieces in order into a new analyzer, and lets go of each."""

    def __init__(self, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self._replayer = Replayer(self.analyzer)
        self._events: list[SyncEvent] = []
        self._not_listed = 0
        self._size = 0

    def add(self, piece: PieceEvidence) -> None:
        """`EvidenceMismatchError` leaves the joiner of no more use."""
        replayer = self._replayer
        start = self._size
        self.feed([piece.head])
        if piece.unit:
            replayer.feed(piece.peek)
            self._note(sync_events(replayer.take_events()))
            begin = start + len(piece.head)
            if replayer.unit != piece.unit or replayer.offset_bytes != begin:
                raise EvidenceMismatchError(
                    "a piece begins within packets of another place", offset_bytes=start
                )
            replayer.forget(len(piece.peek))
            self._replay(piece)
        self._size = start + piece.size_bytes

    def feed(self, blocks: Iterable[bytes | bytearray | memoryview]) -> None:
        """The stream itself, where there is no evidence of it."""
        for block in blocks:
            self._replayer.feed(block)
            self._note(sync_events(self._replayer.take_events()))
            self._size += len(block)

    def _replay(self, piece: PieceEvidence) -> None:
        replayer = self._replayer
        offset, packets = replayer.offset_bytes, replayer.packets
        if not replayer.replay(piece.body):
            raise EvidenceMismatchError(
                "a piece lacks packets that tables before it ask for", offset_bytes=self._size
            )
        self._note(
            replace(
                event,
                offset_bytes=event.offset_bytes + offset,
                packet_index=event.packet_index + packets,
            )
            for event in sync_events(piece.state[-1])
        )
        replayer.go_on(piece.state, piece.tail)

    def _note(self, events: Iterable[SyncEvent]) -> None:
        for event in events:
            if len(self._events) < MAX_EVENTS:
                self._events.append(event)
            else:
                self._not_listed += 1

    def report(self, *, stopped: bool = False) -> Report:
        """At the end of the stream, or where it was stopped."""
        self._replayer.finish()
        unit, _, _, packets, _, _, skipped, losses, bad, events = self._replayer.state()
        self._note(sync_events(events))
        if packets == 0:
            raise NotATransportStreamError(
                "no transport packets in the input", bytes_read=self._size
            )
        return self.analyzer.report(
            RunResult(
                packets_in=packets,
                packets_out=packets,
                bytes_read=self._size,
                packet_size=unit,
                sync_losses=losses,
                skipped_bytes=skipped,
                bad_sync_bytes=bad,
                stopped=stopped,
                sync_events=tuple(self._events),
                sync_events_not_listed=self._not_listed,
            )
        )
