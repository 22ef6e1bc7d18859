"""What the datagrams of a live input are like: times between arrivals, loss, and the Media Delivery
Index of RFC 4445. docs/explanation/ip-measurement.md says how."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tsloom._native.ip_measure import BIN_EDGES_NS

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKET_SIZE = 188


def _words(edge_ns: int) -> str:
    if edge_ns >= 1_000_000_000:
        return f"{edge_ns // 1_000_000_000} s"
    return f"{edge_ns // 1_000_000} ms" if edge_ns >= 1_000_000 else f"{edge_ns // 1000} us"


INTER_ARRIVAL_BINS = (
    *(f"up to {_words(edge)}" for edge in BIN_EDGES_NS),
    f"above {_words(BIN_EDGES_NS[-1])}",
)
"""The histogram's bins; an upper edge belongs to its bin."""


@dataclass(frozen=True, slots=True)
class InterArrival:
    """Times from one datagram's arrival to the next one's, in microseconds; None without any.

    `histogram` counts per bin of `INTER_ARRIVAL_BINS`. `breaks` are silences of more than ten
    seconds and steps backward of the system's clock, which are left out.
    """

    count: int
    min_us: float | None
    max_us: float | None
    mean_us: float | None
    histogram: tuple[int, ...]
    breaks: int


@dataclass(frozen=True, slots=True)
class MdiPoint:
    """Some seconds: the largest delay factor in them, media packets lost a second, and what came.

    `start_s` counts from the first interval. None is what was not measured.
    """

    start_s: float
    seconds: int
    delay_factor_ms: float | None
    media_loss_rate: float | None
    bitrate_bps: float


@dataclass(frozen=True, slots=True)
class MediaDelivery:
    """The Media Delivery Index (RFC 4445) over intervals of a second.

    The delay factor is how much a buffer drained at the nominal media rate has to hold, in ms; that
    rate is the mean of all intervals before, so the first has none. The media loss rate is
    transport packets lost a second, as sequence numbers of RTP tell: None without those.
    """

    intervals: int
    measured_intervals: int
    delay_factor_min_ms: float | None
    delay_factor_max_ms: float | None
    delay_factor_mean_ms: float | None
    delay_factor_last_ms: float | None
    lost_datagrams: int | None
    media_loss_rate_max: float | None
    media_loss_rate_mean: float | None
    loss_intervals: int | None
    points: tuple[MdiPoint, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class IpLeg:
    """The datagrams of one socket, their payloads in bytes."""

    datagrams: int
    payload_bytes: int
    inter_arrival: InterArrival
    media_delivery: MediaDelivery


@dataclass(frozen=True, slots=True)
class IpReport:
    """What the network delivered: of UDP one leg, of RTP one or the two of SMPTE ST 2022-7.

    `kernel_drops` are datagrams that the system dropped as the receive buffer was full, `rtp` the
    counters of `RtpSourceStats`, None with plain UDP.
    """

    protocol: Literal["udp", "rtp"]
    legs: tuple[IpLeg, ...]
    kernel_drops: int
    odd_datagrams: int
    rtp: Mapping[str, int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers."""
        plain = asdict(self)
        for leg in plain["legs"]:
            counts = leg["inter_arrival"]["histogram"]
            leg["inter_arrival"]["histogram"] = dict(zip(INTER_ARRIVAL_BINS, counts, strict=True))
        return plain


def read_leg(raw: Mapping[str, Any], *, has_sequence_numbers: bool) -> IpLeg:
    """The native core's figures as a value."""
    gaps = raw["gaps"]
    return IpLeg(
        datagrams=raw["datagrams"],
        payload_bytes=raw["bytes"],
        inter_arrival=InterArrival(
            count=gaps,
            min_us=raw["gap_min_ns"] / 1e3 if gaps else None,
            max_us=raw["gap_max_ns"] / 1e3 if gaps else None,
            mean_us=raw["gap_sum_ns"] / gaps / 1e3 if gaps else None,
            histogram=raw["bins"],
            breaks=raw["breaks"],
        ),
        media_delivery=_media_delivery(raw, has_sequence_numbers),
    )


def _media_delivery(raw: Mapping[str, Any], has_sequence_numbers: bool) -> MediaDelivery:
    measured, intervals = raw["delay_count"], raw["intervals"]
    mean_size = raw["bytes"] / raw["datagrams"] if raw["datagrams"] else 0.0
    packets = mean_size / PACKET_SIZE if has_sequence_numbers else None
    begin = raw["points"][0][0] if raw["points"] else 0
    lost_in_points = sum(row[4] for row in raw["points"])
    return MediaDelivery(
        intervals=intervals,
        measured_intervals=measured,
        delay_factor_min_ms=raw["delay_min_s"] * 1e3 if measured else None,
        delay_factor_max_ms=raw["delay_max_s"] * 1e3 if measured else None,
        delay_factor_mean_ms=raw["delay_sum_s"] / measured * 1e3 if measured else None,
        delay_factor_last_ms=raw["delay_last_s"] * 1e3 if measured else None,
        lost_datagrams=None if packets is None else raw["lost"],
        media_loss_rate_max=raw["loss_max"] * packets if packets and intervals else None,
        media_loss_rate_mean=lost_in_points * packets / intervals
        if packets and intervals
        else None,
        loss_intervals=None if packets is None else raw["loss_intervals"],
        points=tuple(_point(row, begin, packets) for row in raw["points"]),
    )


def _point(row: tuple[Any, ...], begin_ns: int, packets: float | None) -> MdiPoint:
    start_ns, seconds, measured, delay_s, lost, size = row
    return MdiPoint(
        start_s=(start_ns - begin_ns) / 1e9,
        seconds=seconds,
        delay_factor_ms=delay_s * 1e3 if measured else None,
        media_loss_rate=None if packets is None else lost * packets / seconds,
        bitrate_bps=size * 8 / seconds,
    )
