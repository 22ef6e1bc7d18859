"""`tsloom relay CHANNEL.toml...`: channels by their files."""

from __future__ import annotations

import json
import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    LIBRARY_MISSING,
    NOT_AUTHORISED,
    NOT_OPENED,
    PEER_LOST,
    WRONG_USE,
    log,
    print_line,
    stopping,
    telling_log,
)
from tsloom.errors import (
    AuthenticationRefusedError,
    ConfigError,
    MissingLibraryError,
    OpenError,
    PeerLostError,
    UsageError,
)
from tsloom.runner.channel_config import ChannelConfig
from tsloom.runner.channel_counters import ChannelState
from tsloom.runner.channel_group import ChannelGroup

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from tsloom.runner.channel import Channel

# What a shell does with it: the kinds of errors by their exit codes.
_CODES = (
    (MissingLibraryError, LIBRARY_MISSING),
    (AuthenticationRefusedError, NOT_AUTHORISED),
    (PeerLostError, PEER_LOST),
    (OpenError, NOT_OPENED),
    (UsageError, WRONG_USE),
)


def run(options: argparse.Namespace) -> int:
    """The exit code is that of the first channel that failed for good."""
    configs, problems = _read(options.channels)
    for problem in problems:
        log(problem)
    if problems:
        return WRONG_USE
    if options.check:
        for path, config in configs.items():
            log(f"{path}: channel {config.name} holds")
        return DONE
    tell = _JsonLines() if options.json else _Words()
    with stopping() as stopper, reloading() as should_reload, telling_log():
        group = ChannelGroup(configs, on_event=tell)
        ended = group.run(stopper, should_reload)
    code = _find_code(ended)
    return INTERRUPTED if stopper.interrupted and code == DONE else code


def _read(names: Sequence[str]) -> tuple[dict[Path, ChannelConfig], list[str]]:
    configs: dict[Path, ChannelConfig] = {}
    problems: list[str] = []
    for path in map(Path, names):
        if path in configs:
            problems.append(f"{path}: the file is given twice")
            continue
        try:
            configs[path] = ChannelConfig.from_toml(path)
        except ConfigError as error:
            problems += error.problems
        except OpenError as error:
            problems.append(str(error))
    return configs, problems


def _find_code(channels: Sequence[Channel]) -> int:
    for channel in channels:
        if channel.state is ChannelState.FAILED:
            return next((code for kind, code in _CODES if isinstance(channel.error, kind)), FAILED)
    return DONE


@contextmanager
def reloading() -> Iterator[Callable[[], bool]]:
    """Whether SIGHUP has come since it was last asked."""
    asked = threading.Event()

    def should_reload() -> bool:
        if asked.is_set():
            asked.clear()
            return True
        return False

    before = signal.signal(signal.SIGHUP, lambda *_: asked.set())
    try:
        yield should_reload
    finally:
        signal.signal(signal.SIGHUP, before)


class _JsonLines:
    """Each event as a line; they come from the threads of all channels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any]) -> None:
        with self._lock:
            print_line(json.loads(json.dumps(event, default=str)))


class _Words:
    """The same for people; statistics only where somebody asked for an interval."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any]) -> None:
        text = describe(event)
        with self._lock:
            log(text)


def describe(event: dict[str, Any]) -> str:
    """One line of what happened to which channel."""
    rest = {key: value for key, value in event.items() if key not in ("channel", "event")}
    kind, name = event["event"], event.get("channel", "all")
    if kind == "state" and event["state"] == ChannelState.WAITING:
        return f"{name}: failed, and will be begun again: {event['last_error']}"
    if kind == "state":
        reason = f": {event['last_error']}" if event["state"] == ChannelState.FAILED else ""
        return f"{name}: {event['state']}{reason}"
    if kind == "warning":
        return f"{name}: {event['text']}"
    told = ", ".join(f"{key} {value}" for key, value in rest.items() if value is not None)
    return f"{name}: {kind.replace('_', ' ')}: {told}"
