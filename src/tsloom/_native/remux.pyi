from typing import Any, Self

from typing_extensions import disjoint_base

from tsloom._native.pipeline import Stage

MODES: dict[str, int]
OVERFLOWS: dict[str, int]
KINDS: dict[int, str]

@disjoint_base
class RemuxStage(Stage):
    def __new__(
        cls,
        *,
        mode: str = ...,
        overflow: str = ...,
        bitrate: int = ...,
        program_number: int = ...,
        max_delay_27mhz: int = ...,
        max_hold_27mhz: int = ...,
        pcr_interval_27mhz: int = ...,
        psi_leak_bps: int = ...,
        si_leak_bps: int = ...,
        max_held: int = ...,
        max_fill: int = ...,
        **kwargs: Any,
    ) -> Self: ...
    def take_events(self) -> list[tuple[str, int | None, int, int, int]]: ...
    def get_counters(self) -> dict[str, int]: ...
    @property
    def bitrate_bps(self) -> int | None:
        """Bits a second of the output; None until it is known, and of a variable one."""
    @property
    def reference_pid(self) -> int | None:
        """The PID whose PCRs say what time it is; None while there is none."""
    @property
    def held_packets(self) -> int:
        """Packets that wait for a PCR behind them, or for their transport buffer."""
