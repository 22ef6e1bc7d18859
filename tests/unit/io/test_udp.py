"""UDP over real sockets of the loopback interface; ports are the kernel's choice."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.io.loopback import (
    NULL_PACKET,
    ROOM,
    open_udp_sink,
    open_udp_source,
    packets,
    receive,
)
from tsloom.errors import OpenError, SystemRefusedError, UrlError, UsageError
from tsloom.io import open_sink, open_source
from tsloom.io.udp import UdpSource


@pytest.fixture
def source() -> Iterator[UdpSource]:
    with open_udp_source("udp://127.0.0.1:0") as opened:
        yield opened


@pytest.fixture
def plain(source: UdpSource) -> Iterator[socket.socket]:
    """An ordinary socket that sends to the source."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(source.local_address)
        yield sender


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", ""])
def test_what_the_sink_sends_the_source_gives(host: str) -> None:
    content = packets(1000)
    with open_udp_source(f"udp://{host}:0") as source:
        port = source.local_address[1]
        with open_udp_sink(f"udp://{host or 'localhost'}:{port}") as sink:
            sink.write(content)
        assert receive(source, len(content)) == content
        assert source.is_live
        assert source.size_bytes is None
        stats = source.stats
        assert (stats.bytes_read, stats.datagrams) == (len(content), 143)
        assert (stats.odd_datagrams, stats.kernel_drops) == (0, 0)
        assert (sink.stats.bytes_written, sink.stats.datagrams) == (len(content), 143)


@given(cuts=st.lists(st.integers(0, 30), max_size=8), per_datagram=st.integers(1, 9))
@settings(max_examples=50, deadline=None)
def test_datagrams_do_not_depend_on_the_writes(cuts: list[int], per_datagram: int) -> None:
    content = packets(sum(cuts))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        port = receiver.getsockname()[1]
        with open_udp_sink(f"udp://127.0.0.1:{port}?pkt_size={per_datagram * 188}") as sink:
            start = 0
            for cut in cuts:
                sink.write(content[start : start + cut * 188])
                start += cut * 188
        size = per_datagram * 188
        wanted = [content[at : at + size] for at in range(0, len(content), size)]
        assert [receiver.recv(65_536) for _ in wanted] == wanted


@given(kinds=st.lists(st.booleans(), max_size=60), cut=st.integers(0, 60))
@settings(max_examples=50, deadline=None)
def test_drop_null_leaves_out_null_packets_only(kinds: list[bool], cut: int) -> None:
    every = [
        NULL_PACKET if null else packet
        for null, packet in zip(kinds, np.frombuffer(packets(len(kinds)), "V188"), strict=True)
    ]
    content = b"".join(bytes(packet) for packet in every)
    kept = b"".join(bytes(p) for p, null in zip(every, kinds, strict=True) if not null)
    with open_udp_source("udp://127.0.0.1:0") as source:
        port = source.local_address[1]
        with open_udp_sink(f"udp://127.0.0.1:{port}?drop_null=1") as sink:
            sink.write(content[: cut * 188])
            sink.write(content[cut * 188 :])
        assert receive(source, len(kept) or 1)[: len(kept)] == kept if kept else True
        assert source.stats.bytes_read == len(kept)
        assert sink.stats.null_packets == sum(kinds)


@given(sizes=st.lists(st.integers(0, 9000) | st.sampled_from([1316, 1328, 65_507]), max_size=30))
@settings(max_examples=50, deadline=None)
def test_datagrams_of_any_size_are_given_in_order_and_whole(sizes: list[int]) -> None:
    parts = [os.urandom(size) for size in sizes]
    content = b"".join(parts)
    with open_udp_source("udp://127.0.0.1:0") as source:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(source.local_address)
            for part in parts:
                sender.send(part)
        if content:
            assert receive(source, len(content)) == content
        assert source.stats.bytes_read == len(content)


def test_odd_datagrams_are_given_and_counted(source: UdpSource, plain: socket.socket) -> None:
    good = packets(7)
    rtp = bytes(12) + good
    truncated = good[:1000]
    no_sync = good[:188] + b"\x00" + good[189:376]
    for datagram in (good, rtp, good, truncated, no_sync, good):
        plain.send(datagram)
    wanted = good + rtp + good + truncated + no_sync + good
    assert receive(source, len(wanted)) == wanted
    assert source.stats.odd_datagrams == 3
    assert source.stats.datagrams == 6


def test_an_empty_datagram_is_not_the_end(source: UdpSource, plain: socket.socket) -> None:
    plain.send(b"")
    assert source.readinto(bytearray(ROOM)) is None
    plain.send(NULL_PACKET)
    assert source.readinto(bytearray(ROOM)) == 188


def test_nothing_within_the_timeout_is_none(source: UdpSource) -> None:
    with open_udp_source("udp://127.0.0.1:0", timeout=0.001) as quiet:
        assert quiet.readinto(bytearray(ROOM)) is None
        assert quiet.readinto(bytearray(ROOM)) is None
    with open_udp_source("udp://127.0.0.1:0", timeout=0) as impatient:
        assert impatient.readinto(bytearray(ROOM)) is None


def test_silence_as_long_as_timeout_in_the_url_ends_the_input() -> None:
    with open_udp_source("udp://127.0.0.1:0?timeout=50ms", timeout=0.01) as source:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(NULL_PACKET, source.local_address)
        buffer = bytearray(ROOM)
        assert source.readinto(buffer) == 188
        answers = []
        while (answer := source.readinto(buffer)) != 0:
            answers.append(answer)
        assert set(answers) == {None}


def test_arrival_is_the_systems_time_of_the_first_datagram(
    source: UdpSource, plain: socket.socket
) -> None:
    before_ns = time.time_ns()
    plain.send(NULL_PACKET)
    after_ns = time.time_ns()
    source.readinto(bytearray(ROOM))
    assert before_ns <= source.arrival_ns <= after_ns


def test_a_full_receive_buffer_is_counted_datagram_by_datagram() -> None:
    with open_udp_source("udp://127.0.0.1:0?rcvbuf=20k") as source:
        assert source.stats.rcvbuf_bytes < 100_000
        with open_udp_sink(f"udp://127.0.0.1:{source.local_address[1]}") as sink:
            sink.write(packets(7 * 500))
        received = receive(source, 7 * 500 * 188)
        stats = source.stats
        assert stats.kernel_drops > 0
        assert stats.datagrams + stats.kernel_drops == sink.stats.datagrams == 500
        assert len(received) == stats.bytes_read == stats.datagrams * 1316


def test_a_receive_buffer_smaller_than_asked_for_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING), open_udp_source("udp://127.0.0.1:0?rcvbuf=1Gi"):
        pass
    assert "the receive buffer has" in caplog.text
    assert "net.core.rmem_max" in caplog.text


def test_a_buffer_too_small_for_a_datagram_is_refused(
    source: UdpSource, plain: socket.socket
) -> None:
    plain.send(NULL_PACKET)
    with pytest.raises(UsageError, match="too small for a datagram"):
        source.readinto(bytearray(65_535))
    assert source.readinto(bytearray(65_536)) == 188


def test_a_port_in_use_is_told_and_reuse_shares_it(source: UdpSource) -> None:
    port = source.local_address[1]
    with pytest.raises(OpenError, match=f"port {port} is in use") as caught:
        open_source(f"udp://127.0.0.1:{port}")
    assert caught.value.errno == errno.EADDRINUSE
    with (
        open_udp_source("udp://127.0.0.1:0?reuse") as first,
        open_udp_source(f"udp://127.0.0.1:{first.local_address[1]}?reuse") as second,
    ):
        assert first.local_address == second.local_address


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("udp://192.0.2.1:0", "192.0.2.1 is no address of this machine"),
        ("udp://no-such-host.invalid:5000", "host no-such-host.invalid is not known"),
        ("udp://239.1.1.1:0?iface=nosuch0", "there is no interface nosuch0, only "),
        ("udp://239.1.1.1:0?localaddr=192.0.2.1", "no interface has the address 192.0.2.1"),
        ("udp://239.1.1.1:0?iface=192.0.2.1", "no interface has the address 192.0.2.1"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_line(url: str, reason: str) -> None:
    with pytest.raises(OpenError, match=f"cannot open .*: {reason}") as caught:
        open_source(url)
    assert "\n" not in str(caught.value)


def test_an_output_to_a_broadcast_address_is_told() -> None:
    with pytest.raises(OpenError, match="is a broadcast address"):
        open_udp_sink("udp://255.255.255.255:5000")


@pytest.mark.parametrize("url", ["udp://:5000", "udp://127.0.0.1:0"])
def test_an_output_needs_address_and_port(url: str) -> None:
    with pytest.raises(UrlError, match="an output needs an address and a port"):
        open_sink(url)


def test_keys_of_the_other_direction_are_refused() -> None:
    with pytest.raises(UrlError, match="ttl= is for outputs"):
        open_source("udp://239.1.1.1:0?ttl=3")
    with pytest.raises(UrlError, match="timeout= is for inputs"):
        open_sink("udp://127.0.0.1:5000?timeout=3")


def test_nobody_listening_is_counted_and_not_fatal() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with open_udp_sink(f"udp://127.0.0.1:{port}") as sink:
        for _ in range(20):
            sink.write(packets(7))
        stats = sink.stats
        assert stats.refused > 0
        assert stats.datagrams == 20
        assert stats.lost_datagrams == 0


def test_only_whole_packets_can_be_written() -> None:
    with open_udp_sink("udp://127.0.0.1:9") as sink:
        with pytest.raises(UsageError, match="only whole packets"):
            sink.write(bytes(189))
        sink.write(b"")
        assert sink.stats.datagrams == 0


def test_numpy_rows_can_be_written_and_read(source: UdpSource) -> None:
    rows = np.frombuffer(packets(14), np.uint8).reshape(-1, 188)
    with open_udp_sink(f"udp://127.0.0.1:{source.local_address[1]}") as sink:
        sink.write(rows)
        with pytest.raises(ValueError, match="contiguous"):
            sink.write(rows[::2])
    buffer = np.zeros((2200, 188), np.uint8)
    assert source.readinto(buffer) == 14 * 188
    assert (buffer[:14] == rows).all()


@pytest.mark.parametrize(("key", "option"), [("ttl=7", "IP_TTL"), ("dscp=46", "IP_TOS")])
def test_ttl_and_dscp_reach_the_socket(key: str, option: str) -> None:
    with open_udp_sink(f"udp://127.0.0.1:9?{key}&sndbuf=100k") as sink:
        fd = os.dup(sink.fileno())
    with socket.socket(fileno=fd) as twin:
        value = twin.getsockopt(socket.IPPROTO_IP, getattr(socket, option))
    assert value == {"ttl=7": 7, "dscp=46": 46 << 2}[key]


def test_closing_while_another_thread_reads_ends_its_read(source: UdpSource) -> None:
    caught: list[BaseException] = []

    def read() -> None:
        try:
            while True:
                source.readinto(bytearray(ROOM))
        except SystemRefusedError as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    source.close()
    thread.join()
    assert [error.errno for error in caught if isinstance(error, OSError)] == [errno.EBADF]
    source.close()


def test_two_threads_cannot_read_one_source(source: UdpSource) -> None:
    caught: list[UsageError] = []

    def read_until_refused() -> None:
        while not caught:
            try:
                source.readinto(bytearray(ROOM))
            except UsageError as error:
                caught.append(error)

    thread = threading.Thread(target=read_until_refused)
    thread.start()
    read_until_refused()
    thread.join()
    assert "another thread is receiving" in str(caught[0])


WAIT_FOREVER = """
import sys
from tsloom.io import open_source
with open_source("udp://127.0.0.1:0", timeout=60) as source:
    try:
        print("ready", flush=True)
        source.readinto(bytearray(400_000))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_waiting_read() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAIT_FOREVER], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "interrupted\n"
        assert child.wait() == 0


def test_nothing_stays_open_after_many_openings() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(200):
        with open_udp_source("udp://127.0.0.1:0") as source:
            open_udp_sink(f"udp://127.0.0.1:{source.local_address[1]}").close()
        with pytest.raises(OpenError):
            open_source("udp://192.0.2.1:0")
    assert len(os.listdir("/proc/self/fd")) == before
