"""Who sends to the relay and who receives from it, each in a thread, with sockets of their own."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from typing import Self

from tests.builders import PACKET_SIZE, Multiplex

IN_DATAGRAM = 7
TICK_S = 0.01
RECEIVE_BYTES = 8 << 20
LOCALHOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((LOCALHOST, 0))
        return int(one.getsockname()[1])


class Worker:
    """A thread that runs until it is left, and hands on what went wrong in it."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._guard, daemon=True)

    def work(self) -> None:
        raise NotImplementedError

    def _guard(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stopped.set()
        self._thread.join()
        if self.error is not None and exc_info[1] is None:
            raise self.error


class Sender(Worker):
    """A multiplex at its bitrate. While it is silent its time goes on, so that it is another place
    of it that comes afterwards."""

    def __init__(self, mux: Multiplex, port: int, is_silent: Callable[[float], bool]) -> None:
        super().__init__()
        self._mux = mux
        self._target = (LOCALHOST, port)
        self._is_silent = is_silent

    def work(self) -> None:
        packets = self._mux.endless()
        interval = IN_DATAGRAM * PACKET_SIZE * 8 / self._mux.bitrate_bps
        began = time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for number in itertools.count():
                datagram = b"".join(itertools.islice(packets, IN_DATAGRAM))
                ahead = began + number * interval - time.monotonic()
                if ahead > TICK_S and self.stopped.wait(ahead):
                    return
                if self.stopped.is_set():
                    return
                if not self._is_silent(time.monotonic() - began):
                    out.sendto(datagram, self._target)


class Receiver(Worker):
    """Hands on each datagram, with the time at which it was there."""

    def __init__(self, take: Callable[[bytes, float], None]) -> None:
        super().__init__()
        self._take = take
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self._socket.bind((LOCALHOST, 0))
        self._socket.settimeout(0.1)
        self.port = int(self._socket.getsockname()[1])

    def work(self) -> None:
        with self._socket as source:
            while not self.stopped.is_set():
                try:
                    data = source.recv(65536)
                except TimeoutError:
                    continue
                self._take(data, time.time())
