"""The FEC that is sent, beside the sums of its parts."""

from __future__ import annotations

import functools
import operator
import socket
import struct
import threading
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.io.loopback import constant_bitrate_stream, open_fec_sockets, packets
from tests.unit.io.test_rtp import receive
from tsloom.errors import UrlError
from tsloom.io import open_sink, open_source
from tsloom.io.rtp import RtpSink, RtpSource

MATRICES = st.tuples(st.integers(1, 8), st.integers(4, 8))


def open_fec_sink(port: int, columns: int, rows: int) -> RtpSink:
    sink = open_sink(f"rtp://127.0.0.1:{port}?fec={columns}x{rows}", source_is_live=True)
    assert isinstance(sink, RtpSink)
    return sink


def take_all(opened: socket.socket) -> list[bytes]:
    """What has come: over loopback it is there when send returns."""
    opened.setblocking(False)
    taken = []
    while True:
        try:
            taken.append(opened.recv(65_536))
        except BlockingIOError:
            return taken


def exclusive_or(parts: Iterable[bytes]) -> bytes:
    whole = list(parts)
    size = max(map(len, whole))
    numbers = [int.from_bytes(part.ljust(size, b"\0"), "big") for part in whole]
    return functools.reduce(operator.xor, numbers).to_bytes(size, "big")


def protect(media: list[bytes], offset: int, is_row: bool) -> bytes:
    """FEC header and payload as SMPTE ST 2022-1 has them, out of whole media datagrams."""
    sequence_number = struct.unpack_from("!H", media[0], 2)[0]
    lengths = exclusive_or(struct.pack("!H", len(one) - 12) for one in media)
    timestamps = exclusive_or(one[4:8] for one in media)
    payload_types = exclusive_or(one[1:2] for one in media)[0] & 0x7F
    header = struct.pack("!H", sequence_number) + lengths
    header += struct.pack("!I", 1 << 31 | payload_types << 24) + timestamps
    header += bytes((0x40 if is_row else 0, offset, len(media), 0))
    return header + exclusive_or(one[12:] for one in media)


def check_rtp(fec: list[bytes], media: list[bytes]) -> None:
    """Each FEC stream has payload type 96, sequence numbers and timestamps of its own."""
    stamps = {one[4:8] for one in media}
    for n, one in enumerate(fec):
        assert one[:4] == struct.pack("!BBH", 0x80, 96, n)
        assert one[4:8] in stamps


@given(
    matrix=MATRICES,
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=150),
)
@settings(max_examples=25, deadline=None)
def test_each_line_is_the_exclusive_or_of_its_datagrams(
    matrix: tuple[int, int], sizes: list[int]
) -> None:
    columns, rows = matrix
    sockets = open_fec_sockets()
    with open_fec_sink(sockets[0].getsockname()[1], columns, rows) as sink:
        for n, size in enumerate(sizes):
            sink.write(packets(size, pid=0x100 + n))
            sink.flush()
        sink.close()
        media, by_column, by_row = map(take_all, sockets)
        assert sink.stats.fec_sent == len(by_column) + len(by_row)
    assert [len(one) - 12 for one in media] == [188 * size for size in sizes]
    whole = [
        media[at : at + columns * rows]
        for at in range(0, len(media) - columns * rows + 1, columns * rows)
    ]
    assert [one[12:] for one in by_column] == [
        protect(one[column::columns], columns, False) for one in whole for column in range(columns)
    ]
    full = range(0, len(media) - columns + 1, columns) if columns >= 4 else ()
    assert [one[12:] for one in by_row] == [
        protect(media[at : at + columns], 1, True) for at in full
    ]
    check_rtp(by_column, media)
    check_rtp(by_row, media)
    for each in sockets:
        each.close()


class Thief(threading.Thread):
    """Passes the datagrams of three ports on, but for the media that are to be lost."""

    def __init__(self, target: int, lost: set[int]) -> None:
        super().__init__()
        self.target = target
        self.lost = lost
        self.sockets = open_fec_sockets()
        self.port = self.sockets[0].getsockname()[1]
        self.stopped = threading.Event()

    def run(self) -> None:
        count = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self.stopped.wait(0.002):
                for n, each in enumerate(self.sockets):
                    for one in take_all(each):
                        count += n == 0
                        if n or count - 1 not in self.lost:
                            sender.sendto(one, ("127.0.0.1", self.target + 2 * n))
        for each in self.sockets:
            each.close()


# With a period of 37 in matrices of 5 x 4 no two are in the same row, and few in the same column.
LOST = set(range(20, 180, 37))
CONTENT = constant_bitrate_stream(5_000_000, 0.5)


def send_through_a_thief(port: int) -> None:
    thief = Thief(port, LOST)
    thief.start()
    with open_sink(f"rtp://127.0.0.1:{thief.port}?fec=5x4&pace=cbr:5M") as sink:
        sink.write(CONTENT)
    thief.stopped.wait(0.1)
    thief.stopped.set()
    thief.join()


def test_what_was_lost_is_made_good_by_our_source() -> None:
    sockets = open_fec_sockets()
    port = sockets[0].getsockname()[1]
    for each in sockets:
        each.close()
    with open_source(f"rtp://127.0.0.1:{port}?fec=5x4&skew=400ms", timeout=0.3) as source:
        assert isinstance(source, RtpSource)
        sender = threading.Thread(target=send_through_a_thief, args=(port,))
        sender.start()
        received = receive(source, len(CONTENT))
        sender.join()
        stats = source.stats
    assert (stats.repaired, stats.lost) == (len(LOST), 0)
    assert received == CONTENT


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rtp://127.0.0.1:65532?fec=5x5", "two and four further up"),
        ("rtp://127.0.0.1:5004?fec=5x5&pkt_size=3760", "2048 bytes at most"),
    ],
)
def test_what_cannot_be_protected_is_refused(url: str, words: str) -> None:
    with pytest.raises(UrlError, match=words):
        open_sink(url)
