"""How SRT connections come about: calling, meeting, and listening, again and again."""

from __future__ import annotations

import errno
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tsloom._native.srt import IN, OUT, SrtAccess, SrtSocket
from tsloom.errors import AuthenticationRefusedError, OpenError, PeerLostError
from tsloom.io import srt_reasons
from tsloom.io.refusals import open_error
from tsloom.io.resolve import Endpoint, resolve_host
from tsloom.io.retry import DEFAULT, Retry
from tsloom.io.srt_library import load_library
from tsloom.io.srt_options import Option, apply_options, make_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.io.quantities import Secret
    from tsloom.io.url import SrtUrl

_log = logging.getLogger(__name__)

CONNECTING, CONNECTED = 4, 5
_BACKLOG = 16


@dataclass(frozen=True, slots=True)
class AccessRule:
    """A streamid that may come in; passphrase None: the listener's own, if it has one."""

    streamid: str
    passphrase: Secret | None = None


class Link(Protocol):
    """Gives connected sockets, one after the other or several at once."""

    @property
    def local_address(self) -> tuple[str, int] | None: ...

    def poll(self, timeout_s: float) -> SrtSocket | None:
        """A socket that has just been connected; None where there is none within the timeout."""

    def note_lost(self, reason: str) -> None:
        """A connection that it gave is gone."""

    def note_data(self) -> None:
        """The connection carries data: it is a success."""

    def close(self) -> None: ...


def open_link(
    url: SrtUrl,
    *,
    gives: bool,
    room: int,
    max_retries: int | None,
    access: Sequence[AccessRule],
) -> CallerLink | ListenerLink:
    """A link as the URL's mode says. A listener's port is open then; a caller has begun to call.

    gives: this end sends. room: how many a listener lets in at first.
    """
    if url.mode == "listener":
        return ListenerLink(url, gives=gives, room=room, access=access)
    return CallerLink(url, max_retries=max_retries)


def _words(error: OpenError) -> str:
    return str(error.args[0]).partition(" (")[0]


class CallerLink:
    """Calls, or meets as rendezvous, until it is connected; and anew when that is lost.

    After max_retries failures in a row `poll` raises `PeerLostError`, or
    `AuthenticationRefusedError` where that was the reason; None tries for ever.
    """

    def __init__(self, url: SrtUrl, *, max_retries: int | None) -> None:
        self._url = url
        self._options = make_options(url)
        self._library = load_library()
        self._retry = Retry(url.reconnect or DEFAULT)
        self._max_retries = max_retries
        self._told = ""
        self._retry_at = 0.0
        # Now, so that what is wrong with the URL or with this machine is told on opening.
        self._trying: SrtSocket | None = self._begin()

    @property
    def local_address(self) -> tuple[str, int] | None:
        return None if self._trying is None else self._trying.local_address

    def _begin(self) -> SrtSocket:
        endpoint = resolve_host(self._url.host, self._url.port, self._url)
        socket = SrtSocket(self._library)
        try:
            apply_options(socket, self._options, self._url)
            self._bind(socket, endpoint)
            socket.connect(endpoint.address, endpoint.port, endpoint.scope_id)
        except OpenError as error:
            socket.close()
            raise _explain_refusal(self._url, error) from None
        except BaseException:
            socket.close()
            raise
        return socket

    def _bind(self, socket: SrtSocket, endpoint: Endpoint) -> None:
        url = self._url
        port = url.localport or (url.port if url.mode == "rendezvous" else 0)
        if port or url.adapter is not None:
            anywhere = "::" if endpoint.version == 6 else "0.0.0.0"
            if endpoint.version == 6:
                socket.set_number(Option.IPV6ONLY, 1)
            socket.bind(url.adapter or anywhere, port)

    def poll(self, timeout_s: float) -> SrtSocket | None:
        if self._trying is None:
            left = self._retry_at - time.monotonic()
            if left > 0:
                time.sleep(min(left, timeout_s))
                return None
            try:
                self._trying = self._begin()
            except OpenError as error:
                self._note_failure(str(error), None)
                return None
        if not self._trying.wait(OUT, round(timeout_s * 1e9)):
            return None
        state = self._trying.state
        if state <= CONNECTING:
            return None
        socket, self._trying = self._trying, None
        if state == CONNECTED:
            self._told = ""
            return socket
        reason = socket.reject_reason
        socket.close()
        self._note_failure(srt_reasons.explain_reject(reason), reason)
        return None

    def _note_failure(self, words: str, reason: int | None) -> None:
        refused = reason in srt_reasons.AUTHENTICATION
        wait_s = self._retry.note_failure(is_final=refused)
        self._retry_at = time.monotonic() + wait_s
        if self._max_retries is not None and self._retry.failures > self._max_retries:
            kind = AuthenticationRefusedError if refused else PeerLostError
            raise kind(f"{self._url}: {words}; gave up")
        if words != self._told:
            self._told = words
            _log.warning("%s: %s; trying again", self._url, words)

    def note_lost(self, reason: str) -> None:
        self._note_failure(reason, None)

    def note_data(self) -> None:
        self._retry.note_success()

    def close(self) -> None:
        if self._trying is not None:
            self._trying.close()
            self._trying = None


class ListenerLink:
    """Lets callers in, as many as there is room for, by streamid where there is a table."""

    def __init__(
        self, url: SrtUrl, *, gives: bool, room: int, access: Sequence[AccessRule]
    ) -> None:
        self._url = url
        rules = list(access)
        if url.streamid is not None:
            rules.append(AccessRule(url.streamid))
        entries = [
            (rule.streamid.encode(), rule.passphrase.reveal().encode() if rule.passphrase else b"")
            for rule in rules
        ]
        self._options = make_options(url)
        self._library = load_library()
        self.access = SrtAccess(entries, gives)
        self.access.set_room(room)
        self._socket = self._listen()

    def _listen(self) -> SrtSocket:
        url = self._url
        host = url.host or url.adapter
        port = url.port or url.localport or 0
        if host:
            return self._open(resolve_host(host, port, url), v6only=True)
        try:
            return self._open(Endpoint("::", port, 0), v6only=False)
        except OpenError as error:
            if error.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            return self._open(Endpoint("0.0.0.0", port, 0), v6only=True)

    def _open(self, endpoint: Endpoint, *, v6only: bool) -> SrtSocket:
        socket = SrtSocket(self._library)
        try:
            apply_options(socket, self._options, self._url)
            if endpoint.version == 6:
                socket.set_number(Option.IPV6ONLY, int(v6only))
            socket.bind(endpoint.address, endpoint.port, endpoint.scope_id)
            socket.listen(self.access, _BACKLOG)
        except OpenError as error:
            socket.close()
            raise _explain_refusal(self._url, error) from None
        except BaseException:
            socket.close()
            raise
        return socket

    @property
    def local_address(self) -> tuple[str, int] | None:
        return self._socket.local_address

    def set_room(self, count: int) -> None:
        """How many more may come in from now on.

        Said again and again: whoever is let in and then has the wrong key takes a place with him.
        """
        self.access.set_room(count)

    def poll(self, timeout_s: float) -> SrtSocket | None:
        accepted = self._accept()
        if accepted is None and timeout_s > 0 and self._socket.wait(IN, round(timeout_s * 1e9)):
            accepted = self._accept()
        return accepted

    def _accept(self) -> SrtSocket | None:
        try:
            return self._socket.accept()
        except OpenError as error:
            _log.warning("%s: a caller was lost on its way in: %s", self._url, _words(error))
            return None

    def note_lost(self, reason: str) -> None:
        _log.warning("%s: %s; listening again", self._url, reason)

    def note_data(self) -> None:
        """A listener has no count of failures."""

    def close(self) -> None:
        self._socket.close()


def _explain_refusal(url: SrtUrl, error: OpenError) -> OpenError:
    number = error.errno or 0
    step = str(error.facts.get("step"))
    reasons = {
        errno.EADDRINUSE: "the port is in use",
        errno.EADDRNOTAVAIL: "that is no address of this machine",
        errno.EACCES: "the port needs privileges",
    }
    words = reasons.get(number) if step in ("bind", "listen") else None
    return open_error("open", url, number, words or _words(error))
