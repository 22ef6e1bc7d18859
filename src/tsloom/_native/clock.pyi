from typing import Literal, Self, final

EVENT_NAMES: dict[int, Literal["started", "continued", "discontinuity", "jumped"]]

@final
class ProgramClock:
    """The PCRs of one program on one time line, stream time: ticks of 27 MHz from the first PCR.

    Wraps are undone. Over a discontinuity, flagged or a jump beyond jump_limit_27mhz (one second
    unless told), stream time goes on at the last rate and the relation to PCR and PTS is anchored
    anew. Between PCRs time is interpolated by packet index, from what came before only, so that a
    live stream and a file give the same times (ISO/IEC 13818-1, 2.4.2.2).
    """

    def __new__(cls, jump_limit_27mhz: int = ...) -> Self: ...
    def feed(
        self, packet_index: int, pcr_27mhz: int, discontinuity_indicator: bool = ...
    ) -> Literal["started", "continued", "discontinuity", "jumped"]:
        """One PCR, and what it was to the clock."""
    def stream_time(self, packet_index: int) -> int:
        """Stream time of a packet; 0 before the clock has started."""
    def pcr_at(self, stream_time_27mhz: int) -> int:
        """The PCR at a stream time, below 2^33 * 300."""
    def pts_at(self, stream_time_27mhz: int) -> int:
        """The PTS at a stream time, below 2^33."""
    def time_of_pts(self, pts_90khz: int) -> int:
        """The stream time, nearest to the last PCR, at which the program's PTS is reached."""
    @property
    def started(self) -> bool: ...
    @property
    def now_27mhz(self) -> int:
        """Stream time of the last PCR."""
    @property
    def pcr_27mhz(self) -> int | None:
        """The last PCR."""
    @property
    def packet_index(self) -> int:
        """Where the last PCR stood."""
    @property
    def pcr_count(self) -> int: ...
    @property
    def discontinuities(self) -> int:
        """How many were announced by discontinuity_indicator."""
    @property
    def jumps(self) -> int:
        """How many were not announced."""
    @property
    def joined_27mhz(self) -> int:
        """Ticks of all intervals between two PCRs without a break."""
    @property
    def joined_packets(self) -> int:
        """Packets in these intervals."""
    @property
    def bitrate_bps(self) -> float | None:
        """Bits of 188-byte packets a second: all joined packets over all joined time."""
