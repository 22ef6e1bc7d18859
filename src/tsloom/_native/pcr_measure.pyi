from typing import Any, Literal, Self, final

import numpy as np
import numpy.typing as npt

MGF1_HZ: float
MGF2_HZ: float
MGF3_HZ: float
ACCURACY_LIMIT_NS: int
JITTER_LIMIT_NS: int
NO_ARRIVAL: int
RATE_NAMES: dict[int, Literal["unknown", "constant", "variable"]]
KIND_NAMES: dict[int, Literal["accuracy", "overall_jitter"]]

@final
class PcrMeasure:
    """The measurements of one PID; 0 asks for a default.

    `total` and `interval` are the fields of ts_pcr_figures, with rate and frequency as its
    accessors give them. A verdict is kind, packet index, deviation in ns or None, error.
    """

    def __new__(
        cls,
        *,
        filter_hz: float = ...,
        accuracy_limit_ns: int = ...,
        jitter_limit_ns: int = ...,
        jump_limit_27mhz: int = ...,
    ) -> Self: ...
    def feed(
        self,
        packet_index: int,
        pcr_27mhz: int,
        discontinuity_indicator: bool = ...,
        arrival_27mhz: int | None = ...,
    ) -> list[tuple[Any, ...]]: ...
    def feed_columns(
        self,
        packet_index: npt.NDArray[np.uint64],
        pcr_27mhz: npt.NDArray[np.uint64],
        discontinuity_indicator: npt.NDArray[np.uint8] | None = ...,
        arrival_27mhz: npt.NDArray[np.int64] | None = ...,
    ) -> list[tuple[Any, ...]]: ...
    def finish(self) -> list[tuple[Any, ...]]: ...
    def reset_interval(self) -> None: ...
    @property
    def total(self) -> dict[str, Any]: ...
    @property
    def interval(self) -> dict[str, Any]: ...
    @property
    def filter_hz(self) -> float: ...
