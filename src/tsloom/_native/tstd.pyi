from collections.abc import Sequence
from typing import Any, Literal, Self, final

CODECS: dict[str, int]
KINDS: dict[str, int]
KIND_NAMES: dict[int, str]
ASSUMED_NAMES: dict[int, str]
EVENT_NAMES: dict[int, Literal["overflow", "not_empty", "delay", "underflow"]]

def get_parameters(
    codec: str,
    *,
    profile: int = ...,
    level: int = ...,
    high_tier: bool = ...,
    still: bool = ...,
    channels: int = ...,
    bitrate_bps: int = ...,
    buffer_bits: int = ...,
) -> dict[str, Any]: ...

@final
class DecoderBuffers:
    """The buffers of one stream.

    An event is kind, buffer (0 TB, 1 MB or B, 2 EB), packet index, stream time, amount, limit. A
    unit is its offset in the data and its decode time, None if it has none.
    """

    def __new__(
        cls,
        *,
        kind: str,
        sizes_bytes: tuple[int, int, int],
        rx_bps: int,
        rbx_bps: int,
        delay_limit_27mhz: int,
    ) -> Self: ...
    def feed(
        self,
        packet_index: int,
        time_27mhz: int,
        duration_27mhz: int,
        header_size: int,
        data_size: int,
        units: Sequence[tuple[int, int | None]] = ...,
    ) -> list[tuple[Any, ...]]: ...
    def advance(self, time_27mhz: int) -> list[tuple[Any, ...]]: ...
    def restart(self) -> None: ...
    @property
    def figures(self) -> dict[str, Any]: ...
    @property
    def fills_bytes(self) -> tuple[int, int, int]: ...
