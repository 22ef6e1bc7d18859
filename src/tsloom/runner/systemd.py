"""What a service tells systemd (sd_notify(3)): datagrams to the socket that it names."""

from __future__ import annotations

import os
import socket
import time
from typing import Final

_US: Final = 1_000_000


class Notifier:
    """Says nothing where NOTIFY_SOCKET is not set.

    watchdog_s is how long systemd waits for a sign of life; None where it does not.
    """

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._socket: socket.socket | None = None
        self.watchdog_s: float | None = None
        if not self._address:
            return
        if self._address.startswith("@"):  # of the abstract namespace
            self._address = "\0" + self._address[1:]
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)
        watched = os.environ.get("WATCHDOG_USEC", "")
        if watched.isdigit() and int(watched) and _is_for_this_process():
            self.watchdog_s = int(watched) / _US

    def send(self, *lines: str) -> None:
        """Lines such as READY=1. One that nobody takes is lost: a stream is worth more."""
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return

    def send_reloading(self) -> None:
        """READY=1 is to follow."""
        self.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _is_for_this_process() -> bool:
    named = os.environ.get("WATCHDOG_PID", "")
    return not named or named == str(os.getpid())
