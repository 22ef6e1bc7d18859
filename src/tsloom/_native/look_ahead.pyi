from typing import Any, Self

from typing_extensions import disjoint_base

from tsloom._native.clock import ProgramClock
from tsloom._native.pipeline import Stage

@disjoint_base
class LookAheadStage(Stage):
    def __new__(
        cls,
        *,
        delay_27mhz: int = ...,
        max_packets: int = ...,
        program_number: int = ...,
        **kwargs: Any,
    ) -> Self: ...
    delay_27mhz: int
    @property
    def held_27mhz(self) -> int:
        """Stream time from the first packet that is held to the last one."""
    @property
    def held_packets(self) -> int: ...
    @property
    def early_packets(self) -> int:
        """Packets that left before their time because no more may be held."""
    @property
    def clock(self) -> ProgramClock | None:
        """The service's clock as of the last packet that came in; None while there is none."""
