from collections.abc import Iterable
from typing import Final, final

NO_ARRIVAL: Final[int]

@final
class DatagramTable:
    """The datagrams that the bytes of a source's last `readinto` came in.

    A source that has one, as its attribute `datagrams`, tells when packets arrived.
    """

    def set(self, rows: Iterable[tuple[int, int]]) -> None:
        """Size in bytes of each datagram, and nanoseconds since 1970 at which it arrived, 0 where
        that is not known. `UsageError` for 4 GiB or more."""
    def __len__(self) -> int: ...
