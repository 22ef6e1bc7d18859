"""SRT to and from srt-live-transmit and ffmpeg, and both builds of the library."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.io.loopback import constant_bitrate_stream
from tests.unit.io.srt_loopback import (
    PATIENCE_S,
    needs_srt,
    open_srt_sink,
    open_srt_source,
    port_of,
    read_some,
    read_until,
    wait_until,
)
from tsloom.io.srt import SrtSource

pytestmark = [
    *needs_srt,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg"),
    pytest.mark.skipif(shutil.which("srt-live-transmit") is None, reason="needs srt-tools"),
]

CONTENT = constant_bitrate_stream(4_000_000, 1)
CONTENT = CONTENT[: len(CONTENT) // 1316 * 1316]
TRANSMIT = ("srt-live-transmit", "-q", "-a:no", "-chunk:1316")
BACKENDS = ("libsrt-gnutls.so.1.5", "libsrt.so.1.5")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def feed(process: subprocess.Popen[bytes], content: bytes) -> None:
    """Gives it the content and leaves its input open: at its end it would drop what waits."""
    assert process.stdin is not None
    process.stdin.write(content)
    process.stdin.flush()


def feed_connected(
    process: subprocess.Popen[bytes], source: SrtSource, content: bytes = CONTENT
) -> bytes:
    """The content by way of the process and the source; it drops what comes too early."""
    wait_until(lambda: read_some(source) or source.stats.peers, "connected")
    feed(process, content)
    return read_until(source, len(content))


def read_output(process: subprocess.Popen[bytes], wanted: int) -> bytes:
    assert process.stdout is not None
    return process.stdout.read(wanted)


@pytest.mark.parametrize("key", ["", "passphrase=correct-horse&pbkeylen=32"])
def test_srt_live_transmit_calls_our_listener(key: str) -> None:
    with open_srt_source(f"srt://127.0.0.1:0?mode=listener&{key}".rstrip("&")) as source:
        url = f"srt://127.0.0.1:{port_of(source)}?{key}"
        with running(*TRANSMIT, "file://con", url) as peer:
            assert feed_connected(peer, source) == CONTENT


def test_we_call_srt_live_transmit_that_listens() -> None:
    port = free_port()
    with (
        running(*TRANSMIT, "file://con", f"srt://127.0.0.1:{port}?mode=listener") as peer,
        open_srt_source(f"srt://127.0.0.1:{port}?reconnect=50ms") as source,
    ):
        assert feed_connected(peer, source) == CONTENT


@pytest.mark.parametrize("mode", ["caller", "listener"])
def test_what_we_send_srt_live_transmit_gives(mode: str) -> None:
    port = free_port()
    ours = "listener" if mode == "caller" else "caller&reconnect=50ms"
    # Its output to a pipe waits for 4096 bytes: what is behind the last of them is filled up.
    filled = CONTENT + constant_bitrate_stream(4_000_000, 0.1)
    with (
        running(*TRANSMIT, f"srt://127.0.0.1:{port}?mode={mode}", "file://con") as peer,
        open_srt_sink(f"srt://127.0.0.1:{port}?mode={ours}") as sink,
    ):
        wait_until(lambda: sink.flush() or sink.stats.peers, "connected")
        sink.write(filled)
        assert read_output(peer, len(CONTENT)) == CONTENT


def test_a_listener_refuses_the_streamid_of_srt_live_transmit() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener&streamid=one") as source:
        url = f"srt://127.0.0.1:{port_of(source)}?streamid="
        with running(*TRANSMIT, "file://con", url + "two") as _:
            wait_until(lambda: read_some(source) or source.stats.refused_streamids, "refused")
        assert source.stats.connections == 0
        with running(*TRANSMIT, "file://con", url + "one") as peer:
            assert feed_connected(peer, source) == CONTENT


def test_a_killed_peer_makes_room_for_the_next() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener&data_timeout=300ms") as source:
        url = f"srt://127.0.0.1:{port_of(source)}"
        for connection in (1, 2):
            with running(*TRANSMIT, "file://con", url) as peer:
                assert feed_connected(peer, source) == CONTENT
                peer.send_signal(signal.SIGKILL)
                peer.wait()
            wait_until(lambda: read_some(source) or not source.stats.peers, "gone")
            assert source.stats.connections == connection


def test_a_frozen_peer_is_left_and_its_return_taken() -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener&data_timeout=300ms") as source:
        url = f"srt://127.0.0.1:{port_of(source)}"
        with running(*TRANSMIT, "file://con", url) as peer:
            assert feed_connected(peer, source) == CONTENT
            peer.send_signal(signal.SIGSTOP)
            wait_until(lambda: read_some(source) or not source.stats.peers, "gone")
            with running(*TRANSMIT, "file://con", url) as other:
                assert feed_connected(other, source) == CONTENT
            peer.send_signal(signal.SIGCONT)


def test_ffmpeg_sends_to_our_listener(sample: Path) -> None:
    with open_srt_source("srt://127.0.0.1:0?mode=listener", exit_on_eof=True) as source:
        url = f"srt://127.0.0.1:{port_of(source)}?pkt_size=1316"
        command = ["ffmpeg", "-v", "error", "-re", "-t", "2", "-i", str(sample), "-map", "0:v"]
        with running(*command, "-c", "copy", "-f", "mpegts", url) as peer:
            received = bytearray()
            wait_until(
                lambda: received.extend(read_some(source)) or source.end_error is not None, "end"
            )
            assert peer.wait(PATIENCE_S) == 0
    assert len(received) > 100 * 188
    assert set(received[::188]) == {0x47}
    assert source.stats.odd_messages == 0


def test_ffprobe_reads_what_a_relay_of_ours_sends(sample: Path) -> None:
    port = free_port()
    key = "passphrase=correct-horse"
    relay = [sys.executable, "-m", "tsloom", "relay", "--input", str(sample)]
    with running(*relay, "--output", f"srt://127.0.0.1:{port}?mode=listener&{key}"):
        command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "json"]
        done = None
        for _ in range(20):
            done = subprocess.run(
                [*command, f"srt://127.0.0.1:{port}?{key}"], capture_output=True, text=True
            )
            if done.returncode == 0:
                break
        assert done is not None
        names = {stream["codec_name"] for stream in json.loads(done.stdout)["streams"]}
    assert names >= {"mpeg2video"} or names >= {"h264"}


@pytest.mark.parametrize("sender", BACKENDS)
@pytest.mark.parametrize("receiver", BACKENDS)
def test_both_builds_of_the_library_understand_each_other(
    sender: str, receiver: str, tmp_path: Path
) -> None:
    for name in (sender, receiver):
        try:
            ctypes.CDLL(name)
        except OSError:
            pytest.skip(f"{name} is not installed")
    port, key = free_port(), "passphrase=correct-horse&pbkeylen=16"
    source, target = tmp_path / "in.ts", tmp_path / "out.ts"
    source.write_bytes(CONTENT)
    relay = [sys.executable, "-m", "tsloom", "relay"]
    receiving = subprocess.Popen(
        [*relay, "--exit-on-eof", "--output", str(target), "--input", f"srt://:{port}?{key}"],
        env={**os.environ, "TSLOOM_LIBSRT": receiver},
    )
    sending = subprocess.run(
        [*relay, "--input", str(source), "--output", f"srt://127.0.0.1:{port}?{key}"],
        env={**os.environ, "TSLOOM_LIBSRT": sender},
    )
    assert sending.returncode == 0
    assert receiving.wait(PATIENCE_S) == 4
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("query", "code", "words"),
    [
        ("?passphrase=another-horse&streamid=one", 6, "wrong passphrase"),
        ("?passphrase=correct-horse&streamid=two", 6, "the streamid is not allowed"),
    ],
)
def test_a_relay_that_is_refused_ends_with_its_code(query: str, code: int, words: str) -> None:
    listener = "srt://127.0.0.1:0?mode=listener&passphrase=correct-horse&streamid=one"
    with open_srt_source(listener) as source:
        url = f"srt://127.0.0.1:{port_of(source)}{query}"
        command = [sys.executable, "-m", "tsloom", "relay", "--max-retries", "0"]
        done = subprocess.run(
            [*command, "--input", url, "--output", "null:"], capture_output=True, text=True
        )
    assert done.returncode == code
    assert words in done.stderr
    assert "horse" not in done.stderr


def test_a_relay_without_anybody_to_call_ends_with_its_code() -> None:
    url = f"srt://127.0.0.1:{free_port()}?conntimeo=200&reconnect=10ms"
    command = [sys.executable, "-m", "tsloom", "relay", "--max-retries", "1"]
    done = subprocess.run(
        [*command, "--input", url, "--output", "null:"], capture_output=True, text=True
    )
    assert done.returncode == 4
    assert "nobody answers" in done.stderr
