"""RTP over real sockets of the loopback interface, beside a slow reading of RFC 3550."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.io.loopback import NULL_PACKET, ROOM, constant_bitrate_stream, packets
from tsloom.errors import UrlError
from tsloom.io import open_sink, open_source
from tsloom.io.rtp import RtpSink, RtpSource

CONTENT = packets(7 * 100)
PAYLOADS = [CONTENT[at : at + 1316] for at in range(0, len(CONTENT), 1316)]


def open_rtp_source(url: str) -> RtpSource:
    source = open_source(url, timeout=0.2)
    assert isinstance(source, RtpSource)
    return source


def open_rtp_sink(url: str) -> RtpSink:
    sink = open_sink(url, source_is_live=True)
    assert isinstance(sink, RtpSink)
    return sink


@pytest.fixture
def source() -> Iterator[RtpSource]:
    with open_rtp_source("rtp://127.0.0.1:0") as opened:
        yield opened


def datagram(number: int, payload: bytes, ssrc: int = 1, pt: int = 33) -> bytes:
    return struct.pack("!BBHII", 0x80, pt, number & 0xFFFF, 0, ssrc) + payload


def send(source: RtpSource, datagrams: list[bytes]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(source.local_address)
        for each in datagrams:
            sender.send(each)


def receive(source: RtpSource, wanted: int) -> bytes:
    """At least so many bytes, or what came until the source was silent twice."""
    buffer, received, silences = bytearray(ROOM), bytearray(), 0
    while len(received) < wanted and silences < 2:
        size = source.readinto(buffer)
        silences += not size
        received += buffer[: size or 0]
    return bytes(received)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_what_the_sink_sends_the_source_gives(host: str) -> None:
    with open_rtp_source(f"rtp://{host}:0") as source:
        port = source.local_address[1]
        with open_rtp_sink(f"rtp://{host}:{port}?ssrc=0x12345678") as sink:
            sink.write(CONTENT)
            assert receive(source, len(CONTENT)) == CONTENT
        assert sink.stats.bytes_written == len(CONTENT)
        assert (sink.stats.datagrams, sink.stats.ssrc) == (100, 0x12345678)
        stats = source.stats
    assert stats.received == (100, 0)
    assert (stats.bytes_read, stats.ssrc) == (len(CONTENT), 0x12345678)
    assert (stats.lost, stats.duplicate, stats.reordered, stats.resyncs) == (0, 0, 0, 0)
    assert (stats.malformed, stats.odd) == (0, 0)


def test_headers_are_those_of_rfc_3550() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        url = f"rtp://127.0.0.1:{receiver.getsockname()[1]}?ssrc=7&pkt_size=376"
        with open_rtp_sink(url) as sink:
            sink.write(packets(8))
        headers = []
        for n in range(4):
            received = receiver.recv(65_536)
            assert received[12:] == packets(8)[n * 376 : n * 376 + 376]
            headers.append(struct.unpack("!BBHII", received[:12]))
    assert [(first, pt, ssrc) for first, pt, _, _, ssrc in headers] == [(0x80, 33, 7)] * 4
    numbers = [number for _, _, number, _, _ in headers]
    assert [(number - numbers[0]) % 65536 for number in numbers] == [0, 1, 2, 3]


def test_timestamps_count_90_khz_of_the_paced_stream() -> None:
    stream = constant_bitrate_stream(2_000_000, 0.6)
    with open_rtp_source("rtp://127.0.0.1:0") as source, socket.socket() as _:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(5)
            with open_sink(f"rtp://127.0.0.1:{receiver.getsockname()[1]}") as sink:
                sink.write(stream)
            count = len(stream) // 1316
            stamps = [struct.unpack("!I", receiver.recv(65_536)[4:8])[0] for _ in range(count)]
        assert source.stats.received == (0, 0)
    elapsed = (stamps[-1] - stamps[0]) % 2**32 / 90_000
    # At the start and over a scheduler's hiccup it may be off; a wrong unit would be, by far.
    assert 0.3 < elapsed < 3


@given(seed=st.integers(0, 2**32), first=st.integers(0, 0xFFFF), depth=st.integers(0, 8))
@settings(max_examples=25, deadline=None)
def test_loss_reorder_and_duplicates_are_mended_and_counted(
    seed: int, first: int, depth: int
) -> None:
    chance = random.Random(seed)
    kept = [n for n in range(100) if n == 0 or chance.random() > 0.05]
    order = sorted(kept, key=lambda n: n and n + chance.random() * depth)
    twice = [n for n in order for _ in range(1 + (chance.random() < 0.1))]
    with open_rtp_source("rtp://127.0.0.1:0?reorder=16&skew=20ms") as source:
        send(source, [datagram(first + n, PAYLOADS[n]) for n in twice])
        wanted = b"".join(PAYLOADS[n] for n in kept)
        assert receive(source, len(wanted)) == wanted
        stats = source.stats
    behind = sum(n < max(order[: at + 1]) for at, n in enumerate(order))
    assert stats.lost == max(kept) + 1 - len(kept)
    assert stats.duplicate == len(twice) - len(order)
    assert stats.reordered == behind
    assert stats.late == 0


def test_csrc_extension_and_padding_are_left_out(source: RtpSource) -> None:
    plain = struct.pack("!HII", 5, 0, 9)
    csrc = bytes((0x82, 33)) + plain + bytes(8)
    extension = bytes((0x90, 33)) + struct.pack("!HII", 6, 0, 9) + b"\xbe\xde\0\x02" + bytes(8)
    padding = bytes((0xA0, 33)) + struct.pack("!HII", 7, 0, 9)
    send(
        source,
        [csrc + PAYLOADS[0], extension + PAYLOADS[1], padding + PAYLOADS[2] + bytes(3) + b"\x04"],
    )
    assert receive(source, 3 * 1316) == b"".join(PAYLOADS[:3])
    assert (source.stats.odd, source.stats.malformed) == (0, 0)


@given(junk=st.lists(st.binary(max_size=60), max_size=20))
@settings(max_examples=40, deadline=None)
def test_what_is_no_rtp_is_counted_and_costs_nothing_else(junk: list[bytes]) -> None:
    bad = [each for each in junk if not each or each[0] >> 6 != 2]
    with open_rtp_source("rtp://127.0.0.1:0") as source:
        good = [datagram(n, PAYLOADS[n]) for n in range(3)]
        send(source, [good[0], *bad, good[1], datagram(9, b"x", pt=96), good[2]])
        assert receive(source, 3 * 1316) == b"".join(PAYLOADS[:3])
        assert source.stats.malformed == len(bad) + 1


def test_a_new_ssrc_or_a_jump_is_followed(source: RtpSource) -> None:
    sent = [(10, 1), (11, 1), (50_000, 2), (50_001, 2), (20_000, 2), (20_001, 2)]
    send(source, [datagram(number, PAYLOADS[n], ssrc) for n, (number, ssrc) in enumerate(sent)])
    assert receive(source, 6 * 1316) == b"".join(PAYLOADS[:6])
    assert (source.stats.resyncs, source.stats.lost, source.stats.ssrc) == (2, 0, 2)


def test_two_legs_with_loss_on_each_make_one_stream_without() -> None:
    chance = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with (
        open_rtp_source(f"rtp://127.0.0.1:0?alt=127.0.0.1:{port}&skew=200ms") as source,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        legs = [source.local_address, ("127.0.0.1", port)]
        for n, payload in enumerate(PAYLOADS):
            spared = chance.randrange(2)
            for leg, address in enumerate(legs):
                if leg == spared or chance.random() > 0.2:
                    sender.sendto(datagram(n, payload), address)
        assert receive(source, len(CONTENT)) == CONTENT
        stats = source.stats
    assert stats.lost == 0
    assert sum(stats.received) == 100 + stats.duplicate + stats.late
    assert min(stats.received) < 100


def test_both_legs_leave_with_the_same_headers() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second,
    ):
        for receiver in (first, second):
            receiver.bind(("127.0.0.1", 0))
            receiver.settimeout(5)
        ports = [receiver.getsockname()[1] for receiver in (first, second)]
        with open_rtp_sink(f"rtp://127.0.0.1:{ports[0]}?alt=127.0.0.1:{ports[1]}") as sink:
            sink.write(b"".join(PAYLOADS[:20]))
        for _ in range(20):
            assert first.recv(65_536) == second.recv(65_536)
        assert sink.stats.second_leg_lost == 0


def test_null_packets_are_left_out_with_drop_null(source: RtpSource) -> None:
    with open_rtp_sink(f"rtp://127.0.0.1:{source.local_address[1]}?drop_null=1") as sink:
        sink.write(PAYLOADS[0] + NULL_PACKET * 5)
    assert receive(source, 1316) == PAYLOADS[0]


@pytest.mark.parametrize("query", ["reorder=3", "skew=3"])
def test_keys_of_inputs_are_refused_by_outputs(query: str) -> None:
    with pytest.raises(UrlError, match="is for inputs"):
        open_sink(f"rtp://127.0.0.1:5004?{query}")


@pytest.mark.parametrize("query", ["ssrc=3", "ttl=3"])
def test_keys_of_outputs_are_refused_by_inputs(query: str) -> None:
    with pytest.raises(UrlError, match="is for outputs"):
        open_source(f"rtp://127.0.0.1:0?{query}")


def read_capture(path: Path) -> list[bytes]:
    """The UDP payloads of a classic pcap file of Ethernet or raw loopback frames over IPv4."""
    content = path.read_bytes()
    order = "<" if content[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    (link,) = struct.unpack(order + "I", content[20:24])
    start = {1: 14, 113: 16, 101: 0, 0: 4, 276: 20}[link]
    payloads, at = [], 24
    while at < len(content):
        (size,) = struct.unpack(order + "I", content[at + 8 : at + 12])
        packet = content[at + 16 + start : at + 16 + size]
        payloads.append(packet[(packet[0] & 15) * 4 + 8 :])
        at += 16 + size
    return payloads


def replay(payloads: list[bytes]) -> tuple[bytes, RtpSource]:
    with open_rtp_source("rtp://127.0.0.1:0") as source:
        send(source, payloads)
        return receive(source, 1 << 30), source


def test_the_impaired_capture_is_mended_and_counted(streams: Path) -> None:
    clean = read_capture(streams / "rtp_clean.pcap")
    impaired = read_capture(streams / "rtp_impaired.pcap")
    numbers = [struct.unpack("!H", each[2:4])[0] for each in impaired]
    seen = set(numbers)
    wanted = [each for each in clean if struct.unpack("!H", each[2:4])[0] in seen]
    received, source = replay(impaired)
    assert received == b"".join(each[12:] for each in wanted)
    stats = source.stats
    assert stats.duplicate == len(numbers) - len(seen)
    assert stats.lost == len(clean) - len(seen)
    assert stats.late == 0
    firsts = list(dict.fromkeys(numbers))
    assert stats.reordered == sum(
        number < max(firsts[: at + 1]) for at, number in enumerate(firsts)
    )
