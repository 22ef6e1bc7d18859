"""Null packets at the rate of what came before them."""

from __future__ import annotations

from collections import deque

PACKET_BITS = 188 * 8
_MEASURED_S = 5.0
_BUCKET_S = 0.1
# PAT and PMTs are wanted every 100 ms (TR 101 290 allows 500), but not in every packet.
_TABLES_EVERY_S = 0.1
_LEAST_PACKETS_BETWEEN = 20


class RateMeter:
    """The bitrate of the last seconds, by the times at which packets came."""

    def __init__(self) -> None:
        self._buckets: deque[list[float]] = deque()

    def note(self, packets: int, now_s: float) -> None:
        if self._buckets and now_s - self._buckets[-1][0] < _BUCKET_S:
            self._buckets[-1][1] += packets
            self._buckets[-1][2] = now_s
        else:
            self._buckets.append([now_s, packets, now_s])
        while now_s - self._buckets[0][0] > _MEASURED_S:
            self._buckets.popleft()

    @property
    def bitrate_bps(self) -> float | None:
        """None where too little has come to say."""
        if len(self._buckets) < 2:
            return None
        span_s = self._buckets[-1][0] - self._buckets[0][0]
        # What came in the last bucket belongs to the time behind its begin.
        packets = sum(bucket[1] for bucket in self._buckets) - self._buckets[-1][1]
        return packets * PACKET_BITS / span_s if packets else None


class NullFill:
    """How many null packets are due, at a constant bitrate from a moment on."""

    def __init__(self, bitrate_bps: float, now_s: float) -> None:
        self.bitrate_bps = bitrate_bps
        self._began_s = now_s
        self._given = 0

    @property
    def tables_every(self) -> int:
        """Packets from one repetition of PAT and PMTs to the next."""
        wanted = round(self.bitrate_bps * _TABLES_EVERY_S / PACKET_BITS)
        return max(_LEAST_PACKETS_BETWEEN, wanted)

    def take_due(self, now_s: float, most: int) -> int:
        """So many packets, which count as given; what a slow reader missed is not made up."""
        due = int((now_s - self._began_s) * self.bitrate_bps / PACKET_BITS)
        count = min(due - self._given, most)
        self._given = due
        return max(0, count)
