"""What a source and a sink are to whoever reads and writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

    from tsloom.io.url import Url

# The least room for `Source.readinto`: more than any UDP datagram.
LEAST_READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class SourceStats:
    """What a source has given so far."""

    bytes_read: int


@dataclass(frozen=True, slots=True)
class SinkStats:
    """What a sink has passed on so far."""

    bytes_written: int


class Source(Protocol):
    """Bytes of a transport stream, in whatever pieces they come."""

    @property
    def url(self) -> Url:
        """Where the bytes come from; `str()` of it shows no secret."""

    @property
    def is_live(self) -> bool:
        """Whether the bytes come at a time of their own, which waits for nobody."""

    @property
    def size_bytes(self) -> int | None:
        """How many bytes there are in all, where that is known."""

    @property
    def stats(self) -> SourceStats: ...

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """How many bytes were written to the front of the buffer.

        0 is the end of the input. None says that nothing came for the timeout the source was
        opened with, or that a signal did. The buffer has room for `LEAST_READ_BYTES` or more.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...


class Sink(Protocol):
    """Takes whole transport packets."""

    @property
    def url(self) -> Url:
        """Where the packets go; `str()` of it shows no secret."""

    @property
    def stats(self) -> SinkStats: ...

    def write(self, packets: ReadableBuffer) -> None:
        """Takes all packets; returns when their buffer may be used anew.

        `ClosedByPeerError` says that nobody reads any more.
        """

    def flush(self) -> None:
        """Passes on what waits for more to come."""

    def close(self) -> None:
        """Flushes and closes; may be called again."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
