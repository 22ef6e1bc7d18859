"""RTP that carries transport packets, on one leg or on two (SMPTE ST 2022-7)."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from tsloom._native.rtp import PAYLOAD_TYPE_MP2T, RtpPacketizer, RtpReceiver
from tsloom.errors import SystemRefusedError
from tsloom.io.direction import check_source_url
from tsloom.io.ip import IpReport, read_leg
from tsloom.io.protocols import SourceStats
from tsloom.io.refusals import read_error
from tsloom.io.udp import (
    UdpSink,
    UdpSinkStats,
    open_receiver,
    open_sender,
    warn_of_small_buffer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from tsloom._native.arrival import DatagramTable
    from tsloom._native.udp import UdpSender
    from tsloom.io.url import RtpUrl

# So many datagrams behind a missing one end the wait for it, and so does this time.
_REORDER = 32
_WAIT_US = 50_000
# With two legs only the time counts; the ring has room for 20 ms at 1 Gb/s and half a second at 50.
_TWO_LEG_REORDER = 4_096
# The largest matrix of SMPTE ST 2022-1 twice, at 2 Mb/s.
_FEC_WAIT_US = 1_000_000
_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class RtpSourceStats(SourceStats):
    """What an RTP source has given so far.

    received: datagrams of the stream by leg; lost: sequence numbers that came on no leg in time;
    late came after they had been given up; duplicate came before, as on two legs all do; reordered
    came behind a later one and were put back; resyncs: the SSRC changed or the sequence jumped;
    malformed: no RTP, or another payload type; odd: payloads that are not whole packets of 188
    bytes; repaired by FEC, of which there were fec_received datagrams. kernel_drops and
    rcvbuf_bytes as with UDP, the drops of all sockets.
    """

    received: tuple[int, int]
    lost: int
    late: int
    duplicate: int
    reordered: int
    resyncs: int
    malformed: int
    odd: int
    repaired: int
    fec_received: int
    ssrc: int | None
    kernel_drops: int
    rcvbuf_bytes: int


@dataclass(frozen=True, slots=True)
class RtpSinkStats(UdpSinkStats):
    """What an RTP sink has sent so far, headers not counted.

    second_leg_lost the system would not take on the second leg; fec_sent counts the FEC datagrams
    of columns and rows, fec_lost those that the system would not take.
    """

    ssrc: int
    second_leg_lost: int
    fec_sent: int
    fec_lost: int


def _second_leg(url: RtpUrl) -> RtpUrl | None:
    if url.alt is None:
        return None
    host, port = url.alt
    return replace(url, host=host, port=port, alt=None)


def _choose_wait(url: RtpUrl) -> tuple[int, int]:
    """Microseconds and later datagrams for which a missing one is waited for."""
    wait_us, window = _WAIT_US, _REORDER
    if url.fec is not None:
        # A matrix is complete, and repaired, when the next one has been sent.
        columns, rows = url.fec
        wait_us, window = _FEC_WAIT_US, 2 * columns * rows + columns + _REORDER
    if url.alt is not None:
        window = _TWO_LEG_REORDER
    return (
        wait_us if url.skew_us is None else url.skew_us,
        window if url.reorder is None else url.reorder,
    )


class RtpSource:
    """The payloads of RTP datagrams in the order of their sequence numbers.

    One that is missing is waited for until reorder= later ones have come, or for skew=; with alt=
    until skew= alone. fec=LxD makes good what it can by the FEC of SMPTE ST 2022-1, which comes two
    and four ports further up, and waits for two matrices of L columns and D rows. Input ends only
    where the URL says timeout=, after so much silence.
    """

    is_live = True
    size_bytes = None

    def __init__(self, url: RtpUrl, *, timeout: float) -> None:
        check_source_url(url)
        self.url = url
        second = _second_leg(url)
        self._legs = [open_receiver(leg) for leg in (url, second) if leg is not None]
        wait_us, window = _choose_wait(url)
        self._receiver = RtpReceiver(
            self._legs[0],
            self._legs[1] if second is not None else None,
            window=window,
            wait_ns=wait_us * 1000,
            payload_type=PAYLOAD_TYPE_MP2T if url.pt is None else url.pt,
        )
        if url.fec is not None:
            self._legs += [open_receiver(replace(url, port=self._port + up)) for up in (2, 4)]
            self._receiver.add_fec(*self._legs[-2:])
        for leg in self._legs:
            warn_of_small_buffer(leg, url)
        self._timeout_ns = max(0, round(timeout * 1e9))
        self._silence_ns = None if url.timeout_us is None else url.timeout_us * 1000
        self._heard_ns: int | None = None
        self._bytes_read = 0

    @property
    def _port(self) -> int:
        return self.local_address[1]

    @property
    def local_address(self) -> tuple[str, int]:
        """Address and port of the first leg."""
        return self._legs[0].local_address

    @property
    def datagrams(self) -> DatagramTable:
        """The payloads of the last `readinto`, and when they arrived; not those that FEC made."""
        return self._receiver.datagrams

    @property
    def second_local_address(self) -> tuple[str, int] | None:
        return None if self.url.alt is None else self._legs[1].local_address

    @property
    def stats(self) -> RtpSourceStats:
        counters = self._receiver.counters()
        legs = [leg.counters() for leg in self._legs]
        return RtpSourceStats(
            bytes_read=self._bytes_read,
            **counters,
            ssrc=self._receiver.ssrc,
            kernel_drops=sum(leg["kernel_drops"] for leg in legs),
            rcvbuf_bytes=self._legs[0].rcvbuf_bytes,
        )

    def ip_report(self) -> IpReport:
        """What arrived so far, and when."""
        stats = self.stats
        names = ("lost", "late", "duplicate", "reordered", "resyncs", "malformed", "repaired")
        figures = self._receiver.ip_figures()
        return IpReport(
            protocol="rtp",
            legs=tuple(read_leg(one, has_sequence_numbers=True) for one in figures),
            kernel_drops=stats.kernel_drops,
            odd_datagrams=stats.odd,
            rtp={name: getattr(stats, name) for name in names},
        )

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            size = self._receiver.receive_into(buffer, self._timeout_ns)
        except SystemRefusedError as error:
            raise read_error(self.url, error.errno or 0) from None
        now_ns = time.monotonic_ns()
        if size or self._heard_ns is None:
            self._heard_ns = now_ns
        if size:
            self._bytes_read += size
            return size
        is_over = self._silence_ns is not None and now_ns - self._heard_ns >= self._silence_ns
        return 0 if is_over else None

    def close(self) -> None:
        self._receiver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class RtpSink(UdpSink):
    """RTP datagrams of seven packets, or as many as pkt_size= says, each at its time as with UDP.

    With alt= each leaves on both legs with the same header. fec=LxD adds the FEC of SMPTE ST 2022-1
    for matrices of L columns and D rows, two ports further up for columns and four for rows, on the
    first leg; rows of fewer than four datagrams have none.
    """

    def __init__(
        self,
        url: RtpUrl,
        *,
        source_is_live: bool,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        super().__init__(url, source_is_live=source_is_live, should_stop=should_stop)
        second = _second_leg(url)
        self._second = None if second is None else open_sender(second, None, None)
        self._packetizer = RtpPacketizer(
            self._sender,
            self._second,
            payload_type=PAYLOAD_TYPE_MP2T if url.pt is None else url.pt,
            ssrc=url.ssrc,
        )
        self._fec: list[UdpSender] = []
        if url.fec is not None:
            self._fec = [open_sender(replace(url, port=url.port + up), None, None) for up in (2, 4)]
            self._packetizer.add_fec(*url.fec, *self._fec)

    @property
    def stats(self) -> RtpSinkStats:
        udp = super().stats
        return RtpSinkStats(
            **{name: getattr(udp, name) for name in UdpSinkStats.__dataclass_fields__},
            ssrc=self._packetizer.ssrc,
            second_leg_lost=self._packetizer.second_leg_lost,
            fec_sent=self._packetizer.fec_sent,
            fec_lost=self._packetizer.fec_lost,
        )

    def abort(self) -> None:
        super().abort()
        self._close_others()

    def close(self) -> None:
        """Sends what waits, the FEC of the last matrix that is complete too, and closes."""
        try:
            super().close()
        finally:
            self._packetizer.flush_fec()
            self._close_others()

    def _close_others(self) -> None:
        for sender in (self._second, *self._fec):
            if sender is not None:
                sender.close()
