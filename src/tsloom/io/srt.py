"""SRT as caller, listener and rendezvous, through libsrt."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Self

from tsloom._native.srt import SrtSender
from tsloom.errors import OpenError, PeerLostError
from tsloom.io.direction import check_sink_url, check_source_url
from tsloom.io.srt_library import load_library
from tsloom.io.srt_link import AccessRule, ListenerLink, open_link
from tsloom.io.srt_options import longest_latency_us
from tsloom.io.srt_stats import (
    SrtSinkStats,
    SrtSourceStats,
    Tally,
    describe_peer,
    read_peer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _typeshed import ReadableBuffer, WriteableBuffer

    from tsloom._native.srt import SrtSocket
    from tsloom.io.url import SrtUrl

_log = logging.getLogger(__name__)

# A caller that has been silent for so long makes room for the next one.
_TAKEOVER_S = 1.0
# How often a sink looks whether somebody has come or gone.
_TEND_S = 0.05
_LONGEST_DRAIN_S = 1.0
_DEFAULT_CLIENTS = 32


class SrtSource:
    """The payloads of SRT messages, one after the other, over all connections there will be.

    A connection that is lost, or silent for data_timeout=, is made anew: `readinto` answers None
    meanwhile. The input ends only with exit_on_eof, when the first connection ends, or after
    max_retries attempts in a row; `end_error` tells then. Where nothing has come before,
    `readinto` raises it.
    """

    is_live = True
    size_bytes = None

    def __init__(
        self,
        url: SrtUrl,
        *,
        timeout: float,
        max_retries: int | None = None,
        exit_on_eof: bool = False,
        access: Sequence[AccessRule] = (),
    ) -> None:
        check_source_url(url)
        self.url = url
        self.end_error: PeerLostError | None = None
        self._timeout_s = timeout
        self._exit_on_eof = exit_on_eof
        self._link = open_link(url, gives=False, room=1, max_retries=max_retries, access=access)
        self._socket: SrtSocket | None = None
        self._last_data_s = 0.0
        self._is_new = False
        self._connections = 0
        self._past = {"bytes": 0, "messages": 0, "odd_messages": 0}
        self._tally = Tally()

    @property
    def local_address(self) -> tuple[str, int] | None:
        """Address and port of this end, as far as it has one."""
        return self._link.local_address

    @property
    def stats(self) -> SrtSourceStats:
        counts = dict(self._past)
        sockets = [] if self._socket is None else [self._socket]
        if self._socket is not None:
            counts = {name: counts[name] + n for name, n in self._socket.counters().items()}
        streamids, full = _count_refused(self._link)
        return SrtSourceStats(
            bytes_read=counts["bytes"],
            connections=self._connections,
            refused_streamids=streamids,
            refused_full=full,
            messages=counts["messages"],
            odd_messages=counts["odd_messages"],
            totals=self._tally.read(sockets),
            peers=tuple(map(read_peer, sockets)),
        )

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self.end_error is not None:
            return 0
        try:
            if self._socket is None:
                if isinstance(self._link, ListenerLink):
                    self._link.set_room(1)
                self._take(self._link.poll(self._timeout_s))
            return None if self._socket is None else self._receive(self._socket, buffer)
        except PeerLostError as error:
            return self._end(error)

    def _end(self, error: PeerLostError) -> int:
        self.end_error = error
        if self.stats.bytes_read == 0:
            raise error
        return 0

    def _take(self, socket: SrtSocket | None) -> None:
        if socket is None:
            return
        self._socket = socket
        self._connections += 1
        self._last_data_s = time.monotonic()
        self._is_new = True
        if isinstance(self._link, ListenerLink):
            self._link.set_room(0)
        _log.info("%s: connected to %s", self.url, describe_peer(socket))

    def _receive(self, socket: SrtSocket, buffer: WriteableBuffer) -> int | None:
        try:
            size = socket.receive_into(buffer, round(self._timeout_s * 1e9))
        except OpenError:
            self._drop(f"{describe_peer(socket)} has gone")
            return self._end(PeerLostError(f"{self.url}: ended")) if self._exit_on_eof else None
        now_s = time.monotonic()
        self._tally.sample_if_due([socket], now_s)
        if not size:
            self._bear_silence(socket, now_s - self._last_data_s)
            return None
        self._last_data_s = now_s
        if self._is_new:
            self._is_new = False
            self._link.note_data()
        return size

    def _bear_silence(self, socket: SrtSocket, silent_s: float) -> None:
        limit_us = self.url.data_timeout_us
        if limit_us is not None and silent_s * 1e6 >= limit_us:
            self._drop(f"no data from {describe_peer(socket)} for {limit_us / 1e6:g} s")
        elif silent_s >= _TAKEOVER_S and isinstance(self._link, ListenerLink):
            self._link.set_room(1)
            newcomer = self._link.poll(0)
            if newcomer is not None:
                self._drop(f"{describe_peer(socket)} is silent and another caller has come")
                self._take(newcomer)

    def _drop(self, reason: str) -> None:
        socket, self._socket = self._socket, None
        assert socket is not None
        for name, count in socket.counters().items():
            self._past[name] += count
        self._tally.forget(socket)
        socket.close()
        if isinstance(self._link, ListenerLink):
            # At once: whoever calls ahead of the next `readinto` is not to hear that it is full.
            self._link.set_room(1)
        self._link.note_lost(reason)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


class SrtSink:
    """Messages of seven packets to whoever is connected: one, or as listener up to max_clients=.

    What comes from a live source while nobody is connected is dropped and counted, and so is what
    a peer's full buffer has no room for. Other sources wait for the first peer, and their packets
    leave at the times of the PCRs. After max_retries attempts in a row `write` raises
    `PeerLostError`.
    """

    def __init__(
        self,
        url: SrtUrl,
        *,
        source_is_live: bool,
        should_stop: Callable[[], bool] | None = None,
        max_retries: int | None = None,
        access: Sequence[AccessRule] = (),
    ) -> None:
        check_sink_url(url)
        self.url = url
        self._most = (url.max_clients or _DEFAULT_CLIENTS) if url.mode == "listener" else 1
        self._should_stop = should_stop
        self._waits = not source_is_live
        self._link = open_link(
            url, gives=True, room=self._most, max_retries=max_retries, access=access
        )
        self._sender = SrtSender(
            load_library(),
            max_peers=self._most,
            waits=self._waits,
            pace_bitrate_bps=None if source_is_live else 0,
            should_stop=self._between_slices,
        )
        self._tended_s = 0.0
        self._connections = 0
        self._tally = Tally()
        self._closed = False

    @property
    def local_address(self) -> tuple[str, int] | None:
        """Address and port of this end, as far as it has one."""
        return self._link.local_address

    @property
    def stats(self) -> SrtSinkStats:
        counters, peers = self._sender.counters(), self._sender.peers
        streamids, full = _count_refused(self._link)
        return SrtSinkStats(
            bytes_written=counters["bytes"],
            connections=self._connections,
            refused_streamids=streamids,
            refused_full=full,
            messages=counters["datagrams"],
            lost_messages=counters["lost_datagrams"],
            totals=self._tally.read([socket for socket, _ in peers]),
            peers=tuple(read_peer(socket, dropped) for socket, dropped in peers),
        )

    def write(self, packets: ReadableBuffer) -> None:
        self._tend_if_due()
        self._sender.write(packets)

    def flush(self) -> None:
        self._tend_if_due()
        self._sender.flush()

    def _tend_if_due(self) -> None:
        if time.monotonic() - self._tended_s >= _TEND_S:
            self._tend(0)

    def _between_slices(self) -> bool:
        """While a write sleeps, or has nobody to send to: peers come and go all the same."""
        self._tend(0 if self._sender.peers else 0.1)
        return self._should_stop is not None and self._should_stop()

    def _tend(self, timeout_s: float) -> None:
        """Forgets the peers that are gone, and takes in those that have come."""
        self._forget_broken()
        room = self._most - len(self._sender.peers)
        if isinstance(self._link, ListenerLink):
            self._link.set_room(room)
        while room and (newcomer := self._link.poll(timeout_s)) is not None:
            self._sender.add_peer(newcomer)
            self._connections += 1
            room -= 1
            timeout_s = 0
            self._link.note_data()
            _log.info("%s: connected to %s", self.url, describe_peer(newcomer))
        self._tended_s = time.monotonic()
        self._tally.sample_if_due([socket for socket, _ in self._sender.peers], self._tended_s)

    def _forget_broken(self) -> None:
        for socket, _ in self._sender.take_broken():
            self._tally.forget(socket)
            reason = f"{describe_peer(socket)} has gone"
            socket.close()
            self._link.note_lost(reason)

    def abort(self) -> None:
        """Closes without sending what waits, and ends the write that another thread is in."""
        self._closed = True
        self._sender.close()
        self._close_sockets()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if self._sender.peers or self._waits:
                self._sender.flush()
                self._drain()
        finally:
            self._sender.close()
            self._close_sockets()

    def _drain(self) -> None:
        """Until the peers have what was sent, at most for the latency; and then have played it."""
        longest_s = min(longest_latency_us(self.url) / 1e6, _LONGEST_DRAIN_S)
        self._linger(longest_s, until_taken=True)
        self._linger(longest_s, until_taken=False)

    def _linger(self, longest_s: float, *, until_taken: bool) -> None:
        end_s = time.monotonic() + longest_s
        while time.monotonic() < end_s and self._sender.peers:
            if until_taken and self._sender.pending_bytes == 0:
                return
            time.sleep(0.01)
            self._forget_broken()

    def _close_sockets(self) -> None:
        for socket, _ in self._sender.peers:
            socket.close()
        self._link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if exc_info[0] is None:
            self.close()
        else:
            self.abort()


def _count_refused(link: object) -> tuple[int, int]:
    """Callers with a wrong streamid, and those for whom there was no room."""
    if isinstance(link, ListenerLink):
        return link.access.refused_streamids, link.access.refused_full
    return 0, 0
