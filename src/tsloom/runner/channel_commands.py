"""Commands for a channel that runs: they wait for the next batch boundary."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from tsloom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.runner.channel_run import ChannelRun

Result = TypeVar("Result")

MOST_WAITING = 10_000


class CommandQueue:
    """Filled by any thread, emptied by the one that runs the stream."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[ChannelRun], Any], Future[Any]]] = deque()
        self._lock = threading.Lock()
        self._is_closed = False

    def add(self, command: Callable[[ChannelRun], Result]) -> Future[Result]:
        """The command's result, later, or what it raised. `UsageError` if the channel is over, or
        if too many wait."""
        future: Future[Result] = Future()
        with self._lock:
            if self._is_closed:
                raise UsageError("the channel is over")
            if len(self._waiting) >= MOST_WAITING:
                raise UsageError("too many commands wait for the channel", waiting=MOST_WAITING)
            self._waiting.append((command, future))
        return future

    def execute(self, run: ChannelRun) -> None:
        """All that wait, in their order."""
        while self._waiting:
            command, future = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(command(run))
            except Exception as error:  # whoever gave the command is told, and the stream goes on
                future.set_exception(error)

    def close(self) -> None:
        """What still waits is refused."""
        with self._lock:
            self._is_closed = True
        while self._waiting:
            _, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                future.set_exception(UsageError("the channel is over"))
