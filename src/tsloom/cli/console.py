"""What all commands share: arguments, progress, stopping, errors in one line."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tsloom.cli.streams import say
from tsloom.clock import parse_seconds
from tsloom.errors import UsageError
from tsloom.scte35.event_ids import check_event_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tsloom.pipeline import Progress

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


def pid_number(text: str) -> int:
    """A PID, decimal or 0x."""
    try:
        pid = int(text, 0)
    except ValueError:
        pid = -1
    if not 0 <= pid <= 0x1FFF:
        raise argparse.ArgumentTypeError(f"{text!r} is no PID (0 to 8191)")
    return pid


def service_number(text: str) -> int:
    try:
        number = int(text, 0)
    except ValueError:
        number = 0
    if not 0 < number <= 0xFFFF:
        raise argparse.ArgumentTypeError(f"{text!r} is no service_id (1 to 65535)")
    return number


def event_id_number(text: str) -> int:
    """An event id, decimal or 0x."""
    try:
        return check_event_id(int(text, 0))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no event id (0 to 4294967295)") from error


def pid_pair(text: str) -> tuple[int, int]:
    """OLD=NEW."""
    old, separator, new = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not OLD=NEW")
    return pid_number(old), pid_number(new)


def count(text: str) -> int:
    """How many times: 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no count")
    return int(text)


def duration(text: str) -> float:
    try:
        return parse_seconds(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def moment(text: str) -> datetime:
    """A wall-clock time with its zone, in ISO 8601."""
    try:
        date = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 date") from error
    if date.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone")
    return date


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
