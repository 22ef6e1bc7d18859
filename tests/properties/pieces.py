"""A source that gives its bytes in the pieces it is told, and a sink that keeps them."""

from __future__ import annotations

from typing import Self

from tsloom.io.protocols import SinkStats, SourceStats
from tsloom.io.url import FileUrl


class PieceSource:
    """Each read gives one piece, or as much of it as there is room for."""

    is_live = False
    size_bytes = None
    url = FileUrl("pieces")

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]
        self._next = 0
        self._given = 0

    @property
    def stats(self) -> SourceStats:
        return SourceStats(self._given)

    def readinto(self, buffer: memoryview) -> int | None:
        if self._next == len(self._pieces):
            return 0
        piece = self._pieces[self._next]
        size = min(len(piece), len(buffer))
        buffer[:size] = piece[:size]
        if size < len(piece):
            self._pieces[self._next] = piece[size:]
        else:
            self._next += 1
        self._given += size
        return size

    def sink(self, to: bytearray) -> KeepingSink:
        return KeepingSink(to)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None: ...


class KeepingSink:
    """Keeps what is written in a bytearray."""

    url = FileUrl("kept")

    def __init__(self, kept: bytearray) -> None:
        self._kept = kept

    @property
    def stats(self) -> SinkStats:
        return SinkStats(len(self._kept))

    def write(self, packets: memoryview) -> None:
        self._kept += packets

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None: ...
