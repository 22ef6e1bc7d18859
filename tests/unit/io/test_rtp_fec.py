"""FEC of SMPTE ST 2022-1, beside a slow encoder of its own."""

from __future__ import annotations

import functools
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.io.loopback import open_fec_sockets, packets
from tests.unit.io.test_rtp import datagram, receive
from tsloom.io import open_source
from tsloom.io.rtp import RtpSource

COLUMNS, ROWS = 5, 4
MATRICES = 3
COUNT = COLUMNS * ROWS * MATRICES
CONTENT = packets(7 * COUNT)
PAYLOADS = [CONTENT[at : at + 1316] for at in range(0, len(CONTENT), 1316)]


def exclusive_or(parts: list[bytes]) -> bytes:
    numbers = [int.from_bytes(part, "big") for part in parts]
    return functools.reduce(lambda a, b: a ^ b, numbers).to_bytes(len(parts[0]), "big")


def fec_datagram(first: int, base: int, offset: int, count: int) -> bytes:
    """Of the payloads base, base + offset ..., whose sequence numbers begin at first."""
    parts = [PAYLOADS[base + n * offset] for n in range(count)]
    length = functools.reduce(lambda a, b: a ^ b, (len(part) for part in parts))
    is_row = offset == 1
    header = struct.pack(
        "!HHIIBBBB",
        (first + base) & 0xFFFF,
        length,
        (33 if count % 2 else 0) << 24 | 1 << 31,
        0,
        0x40 if is_row else 0,
        offset,
        count,
        0,
    )
    return datagram(base, header + exclusive_or(parts), pt=96)


def columns_of(first: int) -> list[bytes]:
    size = COLUMNS * ROWS
    return [
        fec_datagram(first, matrix * size + column, COLUMNS, ROWS)
        for matrix in range(MATRICES)
        for column in range(COLUMNS)
    ]


def rows_of(first: int) -> list[bytes]:
    return [fec_datagram(first, row * COLUMNS, 1, COLUMNS) for row in range(MATRICES * ROWS)]


def repairable(lost: set[int]) -> set[int]:
    """What rows and columns can make good, by taking out whatever is alone in its line."""
    lines = [range(row * COLUMNS, (row + 1) * COLUMNS) for row in range(MATRICES * ROWS)]
    size = COLUMNS * ROWS
    lines += [
        range(matrix * size + column, (matrix + 1) * size, COLUMNS)
        for matrix in range(MATRICES)
        for column in range(COLUMNS)
    ]
    left = set(lost)
    while True:
        alone = {n for line in lines for n in [left & set(line)] if len(n) == 1 for n in n}
        if not alone:
            return lost - left
        left -= alone


@pytest.fixture
def source() -> Iterator[RtpSource]:
    with open_fec_source() as opened:
        yield opened


def open_fec_source() -> RtpSource:
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        if port < 65_000:
            break
    opened = open_source(f"rtp://127.0.0.1:{port}?fec={COLUMNS}x{ROWS}&skew=300ms", timeout=0.2)
    assert isinstance(opened, RtpSource)
    return opened


@given(
    lost=st.sets(st.integers(1, COUNT - 2), max_size=14),
    first=st.integers(0, 0xFFFF),
)
@settings(max_examples=25, deadline=None)
def test_what_rows_and_columns_allow_is_repaired(lost: set[int], first: int) -> None:
    with (
        open_fec_source() as source,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        host, port = source.local_address
        for n, payload in enumerate(PAYLOADS):
            if n not in lost:
                sender.sendto(datagram(first + n, payload), (host, port))
        for column in columns_of(first):
            sender.sendto(column, (host, port + 2))
        for row in rows_of(first):
            sender.sendto(row, (host, port + 4))
        mended = repairable(lost)
        wanted = b"".join(p for n, p in enumerate(PAYLOADS) if n not in lost - mended)
        assert receive(source, len(wanted)) == wanted
        stats = source.stats
    assert stats.repaired == len(mended)
    assert stats.lost == len(lost - mended)
    assert stats.reordered == 0


@given(junk=st.lists(st.binary(max_size=60), max_size=20), head=st.binary(min_size=16, max_size=40))
@settings(max_examples=40, deadline=None)
def test_fec_that_is_none_spoils_nothing(junk: list[bytes], head: bytes) -> None:
    with (
        open_fec_source() as source,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        host, port = source.local_address
        for n in range(20):
            sender.sendto(datagram(n, PAYLOADS[n]), (host, port))
            for each in (*junk, datagram(n, head, pt=96)):
                sender.sendto(each, (host, port + 2))
        assert receive(source, 20 * 1316) == b"".join(PAYLOADS[:20])


class Loser(threading.Thread):
    """Passes datagrams on, with every 37th of the media left out."""

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__()
        self.target = target
        self.dropped = 0
        self.stopped = False
        self.sockets = open_fec_sockets()
        self.port = self.sockets[0].getsockname()[1]
        for each in self.sockets:
            each.settimeout(0.005)

    def run(self) -> None:
        count = 0
        while not self.stopped:
            for n, each in enumerate(self.sockets):
                try:
                    content = each.recv(65_536)
                except TimeoutError:
                    continue
                count += n == 0
                if n == 0 and count % 37 == 0:
                    self.dropped += 1
                    continue
                self.sockets[0].sendto(content, (self.target[0], self.target[1] + 2 * n))
        for each in self.sockets:
            each.close()


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_what_ffmpeg_protects_is_repaired(sample: Path, source: RtpSource) -> None:
    loser = Loser(source.local_address)
    loser.start()
    command = ["ffmpeg", "-v", "error", "-re", "-t", "5", "-i", str(sample), "-map", "0:v"]
    command += ["-c", "copy", "-f", "rtp_mpegts", "-fec", f"prompeg=l={COLUMNS}:d={ROWS}"]
    with subprocess.Popen([*command, f"rtp://127.0.0.1:{loser.port}?pkt_size=1328"]) as peer:
        buffer, received = bytearray(400_000), bytearray()
        while peer.poll() is None:
            received += buffer[: source.readinto(buffer) or 0]
    received += receive(source, 1 << 30)
    loser.stopped = True
    loser.join()
    stats = source.stats
    assert peer.returncode == 0
    assert loser.dropped > 2
    # Of the last matrix the FEC may never be sent.
    assert stats.repaired >= loser.dropped - 1
    assert stats.lost <= 1
    assert set(received[::188]) == {0x47}
