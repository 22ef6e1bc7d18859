"""SRT between sources and sinks of ours, over the loopback interface."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.unit.io.loopback import constant_bitrate_stream, packets
from tests.unit.io.srt_loopback import (
    connect,
    needs_srt,
    open_srt_sink,
    open_srt_source,
    port_of,
    read_some,
    read_until,
    wait_until,
)
from tsloom.errors import AuthenticationRefusedError, OpenError, PeerLostError, UrlError, UsageError
from tsloom.io.quantities import Secret
from tsloom.io.srt_link import AccessRule

pytestmark = needs_srt

CONTENT = packets(7 * 300)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", ""])
def test_a_caller_sends_to_a_listener(host: str) -> None:
    with open_srt_source(f"srt://{host}:0?mode=listener") as source:
        with open_srt_sink(f"srt://{host or '127.0.0.1'}:{port_of(source)}") as sink:
            connect(source, sink)
            sink.write(CONTENT)
            assert read_until(source, len(CONTENT)) == CONTENT
            assert sink.stats.bytes_written == len(CONTENT)
            assert (sink.stats.messages, sink.stats.lost_messages) == (300, 0)
            stats = source.stats
        assert (stats.bytes_read, stats.messages, stats.odd_messages) == (len(CONTENT), 300, 0)
        assert stats.totals.pkt_recv_unique_total == 300


def test_a_listener_sends_to_callers_up_to_its_number() -> None:
    with open_srt_sink("srt://127.0.0.1:0?mode=listener&max_clients=2") as sink:
        url = f"srt://127.0.0.1:{port_of(sink)}?conntimeo=1s"
        with open_srt_source(url) as first, open_srt_source(url) as second:
            connect(first, sink)
            connect(second, sink)
            wait_until(lambda: not sink.flush() and len(sink.stats.peers) == 2, "two peers")
            with pytest.raises(PeerLostError, match="the other end is full"):
                read_until(open_srt_source(url, max_retries=0), 1)
            sink.write(CONTENT)
            assert read_until(first, len(CONTENT)) == CONTENT
            assert read_until(second, len(CONTENT)) == CONTENT
            assert sink.stats.refused_full == 1
            assert sink.stats.messages == 300


def test_rendezvous_ends_meet() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    url = f"srt://127.0.0.2:{port}?mode=rendezvous&adapter=127.0.0.1"
    other = f"srt://127.0.0.1:{port}?mode=rendezvous&adapter=127.0.0.2"
    with open_srt_source(url) as source, open_srt_sink(other) as sink:
        connect(source, sink)
        sink.write(CONTENT)
        assert read_until(source, len(CONTENT)) == CONTENT


def test_without_a_peer_a_live_stream_is_dropped_and_counted() -> None:
    with open_srt_sink("srt://127.0.0.1:0?mode=listener") as sink:
        sink.write(CONTENT)
        assert (sink.stats.messages, sink.stats.lost_messages) == (0, 300)


def test_a_file_waits_for_its_peer_and_arrives_whole() -> None:
    content = constant_bitrate_stream(8_000_000, 1)
    with open_srt_sink("srt://127.0.0.1:0?mode=listener", source_is_live=False) as sink:
        url = f"srt://127.0.0.1:{port_of(sink)}"

        def send() -> None:
            with sink:
                sink.write(content)

        sender = threading.Thread(target=send)
        sender.start()
        with open_srt_source(url, exit_on_eof=True) as source:
            received = bytearray()
            wait_until(
                lambda: received.extend(read_some(source)) or source.end_error is not None, "end"
            )
        sender.join()
    assert bytes(received) == content


def test_options_of_the_url_are_negotiated() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener&latency=300ms") as source:
        url = f"srt://127.0.0.1:{port_of(source)}?latency=80ms&streamid=one&maxbw=100M"
        with open_srt_sink(url) as sink:
            connect(source, sink)
            (seen,) = source.stats.peers
            assert seen.ms_rcv_tsb_pd_delay == 300
            assert seen.streamid == "one"
            assert (seen.state, seen.key_state) == ("connected", "unsecured")
            assert seen.peer.startswith("127.0.0.1:")


@pytest.mark.parametrize("pbkeylen", [16, 24, 32])
def test_an_encrypted_stream_arrives(pbkeylen: int) -> None:
    key = f"passphrase=correct+horse&pbkeylen={pbkeylen}"
    with (
        open_srt_source(f"srt://127.0.0.1:0?mode=listener&{key}") as source,
        open_srt_sink(f"srt://127.0.0.1:{port_of(source)}?{key}") as sink,
    ):
        connect(source, sink)
        sink.write(CONTENT)
        assert read_until(source, len(CONTENT)) == CONTENT
        assert source.stats.peers[0].key_state == "secured"
        assert source.stats.totals.pkt_rcv_undecrypt_total == 0


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?passphrase=another+horse", "wrong passphrase .* 10"),
        ("", "one end has a passphrase and the other has none .* 11"),
    ],
)
def test_a_wrong_or_missing_passphrase_is_said(query: str, reason: str) -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener&passphrase=correct+horse") as source:
        caller = open_srt_source(f"srt://127.0.0.1:{port_of(source)}{query}", max_retries=0)
        with caller, pytest.raises(AuthenticationRefusedError, match=reason) as caught:
            read_until(caller, 1)
        assert "horse" not in str(caught.value)


def test_no_listener_is_said_after_the_retries() -> None:
    url = "srt://127.0.0.1:9?conntimeo=100&reconnect=10ms..20ms"
    with (
        open_srt_source(url, max_retries=2) as caller,
        pytest.raises(PeerLostError, match="nobody answers") as caught,
    ):
        read_until(caller, 1)
    assert not isinstance(caught.value, AuthenticationRefusedError)
    sink = open_srt_sink(url, max_retries=0)
    with pytest.raises(PeerLostError, match="nobody answers"):
        wait_until(lambda: sink.write(CONTENT), "an error")
    sink.abort()


def test_callers_are_let_in_by_streamid_with_a_passphrase_each() -> None:
    access = (AccessRule("one", Secret("first+secret")), AccessRule("two"))
    with open_srt_source("srt://127.0.0.1:0?mode=listener", access=access) as source:
        port = port_of(source)
        for query, reason in (
            ("streamid=three", "the streamid is not allowed"),
            ("streamid=one", "one end has a passphrase"),
            ("streamid=%23!::r=two,m=request", "in this direction"),
        ):
            url = f"srt://127.0.0.1:{port}?{query}"
            refused = open_srt_sink(url, max_retries=0)
            with pytest.raises(PeerLostError, match=reason):
                wait_until(lambda sink=refused: sink.flush(), "an error")
            refused.abort()
        assert source.stats.refused_streamids == 2
        for query in ("streamid=one&passphrase=first+secret", "streamid=%23!::m=publish,r=two"):
            with open_srt_sink(f"srt://127.0.0.1:{port}?{query}") as sink:
                connect(source, sink)
            wait_until(lambda: not read_some(source) and not source.stats.peers, "gone")


def test_a_listener_takes_one_caller_after_the_other() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener") as source:
        for connection in range(1, 4):
            with open_srt_sink(f"srt://127.0.0.1:{port_of(source)}") as sink:
                connect(source, sink)
                sink.write(CONTENT)
                read_until(source, len(CONTENT))
            wait_until(lambda: not read_some(source) and not source.stats.peers, "gone")
            assert source.stats.connections == connection
            assert source.stats.bytes_read == connection * len(CONTENT)
            assert source.stats.totals.pkt_recv_unique_total <= connection * 300


def test_a_caller_that_talks_keeps_others_out_and_one_that_is_silent_makes_room() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener") as source:
        url = f"srt://127.0.0.1:{port_of(source)}?reconnect=20ms"
        with open_srt_sink(url) as first:
            connect(source, first)
            first.write(CONTENT)
            read_until(source, len(CONTENT))
            with open_srt_sink(url) as second:
                wait_until(
                    lambda: second.flush() or read_some(source) or source.stats.connections == 2,
                    "the second caller is taken",
                )
        assert source.stats.refused_full > 0


def test_silence_ends_a_connection_only_where_the_url_says_so() -> None:
    with (
        open_srt_source("srt://127.0.0.1:0?mode=listener&data_timeout=500ms") as source,
        open_srt_sink(f"srt://127.0.0.1:{port_of(source)}?reconnect=20ms") as sink,
    ):
        connect(source, sink)
        wait_until(
            lambda: sink.flush() or read_some(source) or source.stats.connections >= 2, "again"
        )
        assert not source.stats.messages


def test_a_passphrase_comes_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("correct horse\n")
    monkeypatch.setenv("SRT_KEY", "correct horse")
    listener = f"srt://127.0.0.1:0?mode=listener&passphrase_file={tmp_path / 'key'}"
    with (
        open_srt_source(listener) as source,
        open_srt_sink(f"srt://127.0.0.1:{port_of(source)}?passphrase_env=SRT_KEY") as sink,
    ):
        connect(source, sink)
        assert source.stats.peers[0].key_state == "secured"


@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("passphrase_env=NO_SUCH_NAME", UrlError, "NO_SUCH_NAME is not set"),
        ("passphrase_file=/no/such", OpenError, "passphrase_file=/no/such cannot be read"),
        ("packetfilter=nonsense", UrlError, "packetfilter= is refused by libsrt"),
    ],
)
def test_what_an_option_lacks_is_said(query: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        open_srt_source(f"srt://127.0.0.1:9?{query}")


def test_keys_of_the_other_direction_are_refused() -> None:
    with pytest.raises(UrlError, match="data_timeout= is for inputs"):
        open_srt_sink("srt://:0?data_timeout=1s")
    with pytest.raises(UrlError, match="max_clients= is for outputs"):
        open_srt_source("srt://:0?max_clients=3")


def test_a_port_in_use_is_said() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(OpenError, match="the port is in use"):
            open_srt_source(f"srt://127.0.0.1:{port}?mode=listener")


def test_a_signal_and_close_end_a_wait() -> None:
    class Called(Exception):
        pass

    def handle(number: int, frame: object) -> None:
        raise Called

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with open_srt_source("srt://127.0.0.1:0?mode=listener", timeout=60) as source:
            timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
            with pytest.raises(Called):
                source.readinto(bytearray(400_000))
            timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    source = open_srt_source("srt://127.0.0.1:0?mode=listener", timeout=60)
    closer = threading.Timer(0.3, source.close)
    closer.start()
    assert source.readinto(bytearray(400_000)) is None
    closer.join()
    with pytest.raises(UsageError, match="closed"):
        source.readinto(bytearray(400_000))


def count_descriptors_and_threads() -> tuple[int, int]:
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))


def test_two_hundred_connections_leave_no_descriptor_and_no_thread() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener", timeout=0.01) as source:
        url = f"srt://127.0.0.1:{port_of(source)}"
        before = count_descriptors_and_threads()
        for _ in range(200):
            sink = open_srt_sink(url)
            connect(source, sink)
            sink.abort()
            wait_until(lambda: not read_some(source) and not source.stats.peers, "gone")

        # The library cleans up behind closed sockets a second or more later.
        def is_clean() -> bool:
            time.sleep(0.1)
            return count_descriptors_and_threads() <= before

        wait_until(is_clean, "as many descriptors and threads as before")
        # Where the machine is busy one may be tried again.
        assert source.stats.connections >= 200
