"""What all commands share: arguments, progress, stopping, errors in one line."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from tsloom.cli.streams import say
from tsloom.clock import parse_seconds
from tsloom.errors import UsageError
from tsloom.runner.option_values import (
    parse_count,
    parse_event_id,
    parse_moment,
    parse_pid,
    parse_pid_pair,
    parse_service_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tsloom.pipeline import Progress

Value = TypeVar("Value")

DONE = 0
FAILED = 1
WRONG_USE = 2
NOT_OPENED = 3
PEER_LOST = 4
LIBRARY_MISSING = 5
NOT_AUTHORISED = 6
# A job that Ctrl-C ended before its input did (128 + SIGINT).
INTERRUPTED = 130
# How long after the first signal a job may go on without asking whether to stop.
STOP_WITHIN_S = 2


def argument(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """A parser for argparse, which says of a `UsageError` what its message says."""

    def read(text: str) -> Value:
        try:
            return parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


pid_number = argument(parse_pid)
service_number = argument(parse_service_id)
event_id_number = argument(parse_event_id)
pid_pair = argument(parse_pid_pair)
count = argument(parse_count)
moment = argument(parse_moment)
duration = argument(parse_seconds)


def print_json(document: object) -> None:
    print(json.dumps(document, indent=2 if sys.stdout.isatty() else None))


def print_line(document: object) -> None:
    """One line of JSON Lines, seen at once by whoever reads."""
    print(json.dumps(document), flush=True)


def log(text: str) -> None:
    """A line for people, on stderr."""
    say(text)


class _SayingHandler(logging.Handler):
    """What the library logs, as lines for people."""

    def emit(self, record: logging.LogRecord) -> None:
        say(record.getMessage())


@contextmanager
def telling_log() -> Iterator[None]:
    """Says what connects and what is lost while a long job runs."""
    logger, handler = logging.getLogger("tsloom"), _SayingHandler()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


class Stopper:
    """Set by SIGINT or SIGTERM; loops ask it. A second signal ends the process."""

    def __init__(self) -> None:
        self.stopped = False
        self.interrupted = False

    def __call__(self) -> bool:
        if self.stopped:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return self.stopped

    def handle(self, number: int, frame: Any) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
        self.interrupted = number == signal.SIGINT
        # The loop may be where it never asks: in a pipe that has no other end, or a full one.
        signal.setitimer(signal.ITIMER_REAL, STOP_WITHIN_S)


@contextmanager
def stopping() -> Iterator[Stopper]:
    """Turns the first SIGINT or SIGTERM into a flag that loops look at."""
    stopper = Stopper()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.signal(number, stopper.handle) for number in numbers}
    try:
        yield stopper
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress_line() -> Iterator[Callable[[Progress], None] | None]:
    """Shows on a terminal how far a long job is; None where there is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    shown = False

    def show(state: Progress) -> None:
        nonlocal shown
        shown = True
        rate = state.packets / state.elapsed_s / 1e6 if state.elapsed_s else 0.0
        part = f"{state.bytes_read / 1e6:.0f} MB"
        if state.size_bytes:
            part += (
                f" of {state.size_bytes / 1e6:.0f} MB ({state.bytes_read / state.size_bytes:.0%})"
            )
        print(f"\r{part}, {rate:.1f} M packets/s \x1b[K", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
