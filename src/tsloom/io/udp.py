"""UDP, unicast and multicast, IPv4 and IPv6."""

from __future__ import annotations

import errno
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tsloom._native.udp import PKT_SIZE, UdpReceiver, UdpSender
from tsloom.errors import OpenError, SystemRefusedError
from tsloom.io.direction import check_sink_url, check_source_url
from tsloom.io.ip import IpReport, read_leg
from tsloom.io.pacing import PaceStats, read_pace
from tsloom.io.protocols import SinkStats, SourceStats
from tsloom.io.quantities import Pace
from tsloom.io.refusals import open_error, read_error, write_error
from tsloom.io.resolve import Endpoint, find_interface, resolve_host
from tsloom.io.url import RtpUrl, UdpUrl

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import ReadableBuffer, WriteableBuffer

    from tsloom._native.arrival import DatagramTable

_log = logging.getLogger(__name__)

_RCVBUF_BYTES = 8 << 20
_GATHER_US = 300


@dataclass(frozen=True, slots=True)
class UdpSourceStats(SourceStats):
    """What a UDP source has given so far.

    odd_datagrams are not whole packets of 188 bytes, each with its sync byte; their bytes are
    given all the same. kernel_drops are datagrams that the system dropped because the receive
    buffer was full; rcvbuf_bytes is its size.
    """

    datagrams: int
    odd_datagrams: int
    kernel_drops: int
    rcvbuf_bytes: int


@dataclass(frozen=True, slots=True)
class UdpSinkStats(SinkStats):
    """What a UDP sink has sent so far.

    refused counts the notices that nobody listens at the other end; lost_datagrams the system
    would not take (no route, link down, buffers full), the last of them for last_errno;
    null_packets were left out by drop_null=1. pace is None where packets leave at once.
    """

    datagrams: int
    refused: int
    lost_datagrams: int
    last_errno: int
    null_packets: int
    pace: PaceStats | None


class UdpSource:
    """Datagrams, their payloads one after the other.

    Where they follow each other within gather= (300 us), they are taken so often, several at once:
    to wake up for each costs more than all that is done with it. gather=0 takes each as it comes.

    Input ends only where the URL says timeout=, after so much silence. `local_address` is the
    address and port it listens on, `arrival_ns` the system's time (CLOCK_REALTIME) at which the
    first datagram of the last `readinto` arrived, `datagrams` all of them.
    """

    is_live = True
    size_bytes = None

    def __init__(self, url: UdpUrl, *, timeout: float) -> None:
        check_source_url(url)
        self.url = url
        self._receiver = open_receiver(url)
        self._timeout_ns = max(0, round(timeout * 1e9))
        self._silence_ns: int | None = None
        if url.timeout_us is not None:
            self._silence_ns = url.timeout_us * 1000
            self._timeout_ns = min(self._timeout_ns, self._silence_ns)
        self._silent_since_ns: int | None = None
        warn_of_small_buffer(self._receiver, url)

    @property
    def local_address(self) -> tuple[str, int]:
        return self._receiver.local_address

    @property
    def datagrams(self) -> DatagramTable:
        return self._receiver.datagrams

    @property
    def arrival_ns(self) -> int:
        return self._receiver.arrival_ns

    @property
    def stats(self) -> UdpSourceStats:
        counters = self._receiver.counters()
        return UdpSourceStats(
            bytes_read=counters["bytes"],
            datagrams=counters["datagrams"],
            odd_datagrams=counters["odd_datagrams"],
            kernel_drops=counters["kernel_drops"],
            rcvbuf_bytes=self._receiver.rcvbuf_bytes,
        )

    def ip_report(self) -> IpReport:
        """What arrived so far, and when."""
        counters = self._receiver.counters()
        return IpReport(
            protocol="udp",
            legs=(read_leg(self._receiver.ip_figures(), has_sequence_numbers=False),),
            kernel_drops=counters["kernel_drops"],
            odd_datagrams=counters["odd_datagrams"],
        )

    @property
    def native_receiver(self) -> UdpReceiver:
        """What a pipeline may read past `readinto`; it calls `note_data` for what came."""
        return self._receiver

    def note_data(self) -> None:
        """The input is not silent."""
        self._silent_since_ns = None

    def fail(self, error: int) -> OSError:
        """The exception for the errno of a receive that was refused."""
        return read_error(self.url, error)

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        try:
            size = self._receiver.receive_into(buffer, self._timeout_ns)
        except SystemRefusedError as error:
            raise read_error(self.url, error.errno or 0) from None
        if size:
            self._silent_since_ns = None
            return size
        return None if self._silence_ns is None else self._note_silence(self._silence_ns)

    def _note_silence(self, longest_ns: int) -> int | None:
        now_ns = time.monotonic_ns()
        if self._silent_since_ns is None:
            self._silent_since_ns = now_ns - self._timeout_ns
        return 0 if now_ns - self._silent_since_ns >= longest_ns else None

    def fileno(self) -> int:
        return self._receiver.fileno()

    def close(self) -> None:
        self._receiver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class UdpSink:
    """Datagrams of seven packets, or as many as pkt_size= says, each at its time.

    pace=pcr sends at the times of the first PCR PID there is; at the start, up to 4 MiB are held
    back for a second at the most until a second PCR tells the rate, and without one packets leave
    at once. pace=cbr:RATE counts the packets written, null ones included. `write` sleeps until
    all but the last few packets have left. A delay of more than 10 ms is made up at no more than
    twice the stream's rate, one of more than a second not at all.

    Datagrams that leave together are one message, which the system cuts (generic segmentation
    offload), where it can; gso=0 hands over each of them.
    """

    def __init__(
        self,
        url: UdpUrl | RtpUrl,
        *,
        source_is_live: bool,
        should_stop: Callable[[], bool] | None = None,
    ) -> None:
        check_sink_url(url)
        self.url = url
        self._sender = open_sender(url, _choose_pace(url, source_is_live), should_stop)
        self._closed = False

    @property
    def stats(self) -> UdpSinkStats:
        counters, pace = self._sender.counters(), self._sender.pace_counters()
        return UdpSinkStats(
            bytes_written=counters["bytes"],
            datagrams=counters["datagrams"],
            refused=counters["refused"],
            lost_datagrams=counters["lost_datagrams"],
            last_errno=counters["last_errno"],
            null_packets=counters["null_packets"],
            pace=None if pace is None else read_pace(pace),
        )

    @property
    def native_sender(self) -> UdpSender:
        """What a pipeline may write to past `write`."""
        return self._sender

    def fail(self, error: int) -> OSError:
        """The exception for the errno of a send that was refused."""
        return write_error(self.url, error)

    def write(self, packets: ReadableBuffer) -> None:
        try:
            self._sender.write(packets)
        except SystemRefusedError as error:
            raise write_error(self.url, error.errno or 0) from None

    def flush(self) -> None:
        try:
            self._sender.flush()
        except SystemRefusedError as error:
            raise write_error(self.url, error.errno or 0) from None

    def fileno(self) -> int:
        return self._sender.fileno()

    def abort(self) -> None:
        """Closes without sending what waits, and ends the write that another thread is in."""
        self._closed = True
        self._sender.close()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self.flush()
        finally:
            self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def warn_of_small_buffer(receiver: UdpReceiver, url: UdpUrl | RtpUrl) -> None:
    given, asked = receiver.rcvbuf_bytes, url.rcvbuf_bytes or _RCVBUF_BYTES
    if given < asked:
        _log.warning(
            "%s: the receive buffer has %d bytes, not the %d asked for; "
            "the system's limit is net.core.rmem_max",
            url,
            given,
            asked,
        )


def open_receiver(url: UdpUrl | RtpUrl) -> UdpReceiver:
    interface = find_interface(url)
    host = url.host
    if not host and url.localaddr is not None:
        host = url.localaddr
    if host:
        endpoint = resolve_host(host, url.port, url)
        candidates = [(endpoint, False)]
    else:
        # Everything that comes to the port: both IP versions, or IPv4 where there is no other.
        candidates = [
            (Endpoint("::", url.port, 0), True),
            (Endpoint("0.0.0.0", url.port, 0), False),
        ]
    for endpoint, dual_stack in candidates:
        try:
            return UdpReceiver(
                endpoint.address,
                endpoint.port,
                scope_id=endpoint.scope_id,
                source=url.source,
                interface=interface if endpoint.is_multicast or url.iface else 0,
                rcvbuf_bytes=url.rcvbuf_bytes or _RCVBUF_BYTES,
                # Many may receive a group; of two sockets on a unicast port one gets nothing.
                reuse=endpoint.is_multicast if url.reuse is None else url.reuse,
                dual_stack=dual_stack,
                gather_ns=(_GATHER_US if url.gather_us is None else url.gather_us) * 1000,
            )
        except OpenError as error:
            if dual_stack and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                continue
            raise _explain_refusal(url, endpoint, error) from None
    raise open_error("open", url, errno.EAFNOSUPPORT)


def _choose_pace(url: UdpUrl | RtpUrl, source_is_live: bool) -> int | None:
    """The native sender's way to say it: None at once, 0 by PCR, else bits a second."""
    pace = url.pace or Pace("off" if source_is_live else "pcr")
    return {"off": None, "pcr": 0, "cbr": pace.bitrate_bps}[pace.mode]


def open_sender(
    url: UdpUrl | RtpUrl, pace_bitrate_bps: int | None, should_stop: Callable[[], bool] | None
) -> UdpSender:
    interface = find_interface(url)
    endpoint = resolve_host(url.host, url.port, url)
    try:
        return UdpSender(
            endpoint.address,
            endpoint.port,
            scope_id=endpoint.scope_id,
            local=url.localaddr,
            interface=interface if endpoint.is_multicast or url.iface else 0,
            ttl=-1 if url.ttl is None else url.ttl,
            tos=-1 if url.tos is None else url.tos,
            loop=-1 if url.loop is None else int(url.loop),
            sndbuf_bytes=url.sndbuf_bytes or 0,
            pkt_size=url.pkt_size or PKT_SIZE,
            drop_null=bool(url.drop_null),
            segments=url.gso is not False,
            pace_bitrate_bps=pace_bitrate_bps,
            should_stop=should_stop,
        )
    except OpenError as error:
        raise _explain_refusal(url, endpoint, error) from None


def _explain_refusal(url: UdpUrl | RtpUrl, endpoint: Endpoint, error: OpenError) -> OpenError:
    number = error.errno or 0
    reasons = {
        ("bind", errno.EADDRINUSE): f"port {endpoint.port} is in use",
        ("bind", errno.EADDRNOTAVAIL): f"{endpoint.address} is no address of this machine",
        ("bind", errno.EACCES): f"port {endpoint.port} needs privileges",
        ("join", errno.ENODEV): "no interface has a route for multicast; name one with iface=",
        ("join", errno.EADDRNOTAVAIL): "the interface does not take part in multicast",
        ("connect", errno.ENETUNREACH): f"there is no route to {endpoint.address}",
        ("connect", errno.EACCES): f"{endpoint.address} is a broadcast address",
    }
    return open_error("open", url, number, reasons.get((str(error.facts["step"]), number)))
