"""What a channel counts, and the states that it is in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ChannelState(StrEnum):
    NEW = "new"
    OPENING = "opening"
    RUNNING = "running"
    """Input and output are open, packets may come."""
    WAITING = "waiting"
    """It failed, and will be begun again."""
    ENDED = "ended"
    """The input ended, or the duration."""
    STOPPED = "stopped"
    FAILED = "failed"
    """It failed, and will not be begun again."""

    @property
    def is_over(self) -> bool:
        return self in (ChannelState.ENDED, ChannelState.STOPPED, ChannelState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCounters:
    """What a channel has done since its start, over all its runs; none ever falls.

    continuity_errors and transport_errors are those of the input; cues_inserted were confirmed in a
    packet, cues_seen counts the cues in what leaves, inserted or passing. runs_failed of them were
    begun again restarts times. last_error stays after the next run has begun.
    """

    state: ChannelState = ChannelState.NEW
    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    continuity_errors: int = 0
    transport_errors: int = 0
    cues_inserted: int = 0
    cues_failed: int = 0
    cues_seen: int = 0
    restarts: int = 0
    last_error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same by name."""
        return {**asdict(self), "state": self.state.value}
