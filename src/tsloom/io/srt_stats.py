"""What an SRT connection tells about itself, under libsrt's names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsloom.io.protocols import SinkStats, SourceStats
from tsloom.io.srt_options import Option

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tsloom._native.srt import SrtSocket

# How often the library is asked.
_SAMPLE_S = 0.2
_STATES = {4: "connecting", 5: "connected", 6: "broken", 7: "closing", 8: "closed", 9: "closed"}
_KEY_STATES = {0: "unsecured", 1: "securing", 2: "secured", 3: "no secret", 4: "bad secret"}

TOTALS = (
    "pkt_sent_total",
    "pkt_recv_total",
    "pkt_sent_unique_total",
    "pkt_recv_unique_total",
    "pkt_snd_loss_total",
    "pkt_rcv_loss_total",
    "pkt_retrans_total",
    "pkt_snd_drop_total",
    "pkt_rcv_drop_total",
    "pkt_rcv_belated",
    "pkt_rcv_undecrypt_total",
    "pkt_rcv_filter_supply_total",
    "pkt_rcv_filter_loss_total",
    "byte_sent_total",
    "byte_recv_total",
)
_GAUGES = (
    "ms_rtt",
    "mbps_send_rate",
    "mbps_recv_rate",
    "mbps_bandwidth",
    "pkt_flight_size",
    "ms_snd_buf",
    "ms_rcv_buf",
    "ms_snd_tsb_pd_delay",
    "ms_rcv_tsb_pd_delay",
)


@dataclass(frozen=True, slots=True)
class SrtTotals:
    """Counts of packets and bytes. Those of a source or sink go on over reconnects."""

    pkt_sent_total: int = 0
    pkt_recv_total: int = 0
    pkt_sent_unique_total: int = 0
    pkt_recv_unique_total: int = 0
    pkt_snd_loss_total: int = 0
    pkt_rcv_loss_total: int = 0
    pkt_retrans_total: int = 0
    pkt_snd_drop_total: int = 0
    pkt_rcv_drop_total: int = 0
    pkt_rcv_belated: int = 0
    pkt_rcv_undecrypt_total: int = 0
    pkt_rcv_filter_supply_total: int = 0
    pkt_rcv_filter_loss_total: int = 0
    byte_sent_total: int = 0
    byte_recv_total: int = 0

    def __add__(self, other: SrtTotals) -> SrtTotals:
        return SrtTotals(*(getattr(self, name) + getattr(other, name) for name in TOTALS))


@dataclass(frozen=True, slots=True)
class SrtPeerStats:
    """One connection: rates in Mb/s, delays in ms as negotiated, buffers in ms of stream.

    dropped_messages found the library's send buffer full.
    """

    peer: str
    streamid: str
    state: str
    key_state: str
    totals: SrtTotals
    ms_rtt: float
    mbps_send_rate: float
    mbps_recv_rate: float
    mbps_bandwidth: float
    pkt_flight_size: int
    ms_snd_buf: int
    ms_rcv_buf: int
    ms_snd_tsb_pd_delay: int
    ms_rcv_tsb_pd_delay: int
    dropped_messages: int


@dataclass(frozen=True, slots=True)
class SrtSourceStats(SourceStats):
    """What an SRT source has given so far; odd_messages are not whole 188-byte packets."""

    connections: int
    refused_streamids: int
    refused_full: int
    messages: int
    odd_messages: int
    totals: SrtTotals
    peers: tuple[SrtPeerStats, ...]


@dataclass(frozen=True, slots=True)
class SrtSinkStats(SinkStats):
    """What an SRT sink has sent so far.

    lost_messages: there was nobody to send them to, or everybody's buffer was full.
    """

    connections: int
    refused_streamids: int
    refused_full: int
    messages: int
    lost_messages: int
    totals: SrtTotals
    peers: tuple[SrtPeerStats, ...]


class Tally:
    """Adds up the counts of connections that come and go.

    The library forgets them with the connection, so they are read now and then: of what has ended,
    the last fifth of a second may be missing.
    """

    def __init__(self) -> None:
        self._past = SrtTotals()
        self._last: dict[SrtSocket, SrtTotals] = {}
        self._sampled_s = 0.0

    def sample_if_due(self, sockets: Iterable[SrtSocket], now_s: float) -> None:
        if now_s - self._sampled_s >= _SAMPLE_S:
            self._sampled_s = now_s
            self._sample(sockets)

    def _sample(self, sockets: Iterable[SrtSocket]) -> None:
        for socket in sockets:
            stats = socket.stats()
            if stats is not None:
                self._last[socket] = SrtTotals(*(stats[name] for name in TOTALS))

    def read(self, sockets: Iterable[SrtSocket]) -> SrtTotals:
        """The sum up to now."""
        self._sample(sockets)
        return sum(self._last.values(), self._past)

    def forget(self, socket: SrtSocket) -> None:
        """The connection has ended; what was counted stays."""
        self._sample([socket])
        self._past += self._last.pop(socket, SrtTotals())


def describe_peer(socket: SrtSocket) -> str:
    """Address and port; an IPv4 address is shown as one."""
    address = socket.peer_address
    if address is None:
        return "?"
    host, port = address
    host = host.removeprefix("::ffff:") if "." in host else host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def read_peer(socket: SrtSocket, dropped_messages: int = 0) -> SrtPeerStats:
    stats: dict[str, Any] = socket.stats() or dict.fromkeys((*TOTALS, *_GAUGES), 0)
    return SrtPeerStats(
        peer=describe_peer(socket),
        streamid=socket.streamid,
        state=_STATES.get(socket.state, "closed"),
        key_state=_KEY_STATES.get(socket.get_number(Option.KMSTATE), "unknown"),
        totals=SrtTotals(*(stats[name] for name in TOTALS)),
        dropped_messages=dropped_messages,
        **{name: stats[name] for name in _GAUGES},
    )
