"""A delay by stream time: stages in front of it know what those behind it are about to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom._native.look_ahead import LookAheadStage
from tsloom.clock import to_27mhz
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta
    from typing import Any, Self

PACKET_SIZE = 188
# Ten seconds at 100 Mbit/s.
MAX_BYTES = 128 << 20


class LookAhead(LookAheadStage):
    """Holds every packet back until the service's clock has run on by so many seconds.

    Packets, their order and their indices stay as they are; what is held comes out when the stream
    ends. service_id names the program whose clock it goes by; None takes the first. Until that
    clock has started everything is held. Once max_bytes are held the oldest packets leave before
    their time, and `early_packets` counts them: it stays 0 where the bound is wide enough.
    """

    def __new__(
        cls,
        seconds: str | float | timedelta,
        *,
        service_id: int | None = None,
        max_bytes: int = MAX_BYTES,
        **_: Any,
    ) -> Self:
        if service_id is not None and not 0 < service_id <= 0xFFFF:
            raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        if max_bytes < PACKET_SIZE:
            raise UsageError("at least one packet is to be held", max_bytes=max_bytes)
        return super().__new__(
            cls,
            delay_27mhz=to_27mhz(seconds),
            max_packets=max_bytes // PACKET_SIZE,
            program_number=service_id or 0,
        )

    def __init__(
        self,
        seconds: str | float | timedelta,
        *,
        service_id: int | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.service_id = service_id
        self.max_bytes = max_bytes

    def set_delay(self, seconds: str | float | timedelta) -> None:
        """Another delay, from the next packet on; may be called while the stream runs."""
        self.delay_27mhz = to_27mhz(seconds)
