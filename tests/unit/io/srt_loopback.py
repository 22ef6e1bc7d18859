"""What the tests of SRT share; where libsrt is not installed they skip."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tsloom.errors import MissingLibraryError
from tsloom.io import open_sink, open_source
from tsloom.io.srt import SrtSink, SrtSource
from tsloom.io.srt_library import load_library
from tsloom.io.srt_link import AccessRule


def _has_library() -> bool:
    try:
        load_library()
    except MissingLibraryError:
        return False
    return True


needs_srt = [
    pytest.mark.peer,
    pytest.mark.skipif(not _has_library(), reason="libsrt is not installed"),
]

# Longer than anything here takes; a test that waits for so long has failed.
PATIENCE_S = 20.0


def open_srt_source(
    url: str,
    *,
    timeout: float = 0.05,
    max_retries: int | None = None,
    exit_on_eof: bool = False,
    access: tuple[AccessRule, ...] = (),
) -> SrtSource:
    source = open_source(
        url, timeout=timeout, max_retries=max_retries, exit_on_eof=exit_on_eof, access=access
    )
    assert isinstance(source, SrtSource)
    return source


def open_srt_sink(
    url: str,
    *,
    source_is_live: bool = True,
    max_retries: int | None = None,
    access: tuple[AccessRule, ...] = (),
) -> SrtSink:
    sink = open_sink(url, source_is_live=source_is_live, max_retries=max_retries, access=access)
    assert isinstance(sink, SrtSink)
    return sink


def port_of(end: SrtSource | SrtSink) -> int:
    address = end.local_address
    assert address is not None
    return address[1]


def wait_until(is_so: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, f"never: {what}"


def read_some(source: SrtSource) -> bytes:
    """What one `readinto` gives, be it nothing."""
    buffer = bytearray(400_000)
    return bytes(buffer[: source.readinto(buffer) or 0])


def read_until(source: SrtSource, wanted: int) -> bytes:
    """At least so many bytes."""
    received = bytearray()

    def has_enough() -> bool:
        received.extend(read_some(source))
        return len(received) >= wanted

    wait_until(has_enough, f"{wanted} bytes from {source.url}")
    return bytes(received)


def connect(source: SrtSource, sink: SrtSink, packet: bytes = b"") -> None:
    """Until both know of each other; what the sink is told to send on the way is read."""

    def are_connected() -> bool:
        sink.flush()
        read_some(source)
        return bool(source.stats.peers) and bool(sink.stats.peers)

    wait_until(are_connected, f"{source.url} and {sink.url} connected")
