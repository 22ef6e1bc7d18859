"""RTP to and from ffmpeg, GStreamer and multicat."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.io.loopback import ROOM, constant_bitrate_stream
from tsloom.io import open_sink, open_source
from tsloom.io.rtp import RtpSink, RtpSource

pytestmark = pytest.mark.peer

CONTENT = constant_bitrate_stream(2_000_000, 1)
CONTENT = CONTENT[: len(CONTENT) // 1316 * 1316]


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def free_port() -> int:
    """An even one, as RTP has them: programs take the next for RTCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = int(taken.getsockname()[1])
        if port % 2 == 0:
            return port


def open_rtp_source(url: str) -> RtpSource:
    source = open_source(url, timeout=0.5)
    assert isinstance(source, RtpSource)
    return source


def receive(source: RtpSource, sender: subprocess.Popen[bytes]) -> bytes:
    """All that comes until the sender has ended and nothing is left."""
    buffer, received = bytearray(ROOM), bytearray()
    while True:
        has_ended = sender.poll() is not None
        size = source.readinto(buffer)
        received += buffer[: size or 0]
        if has_ended and not size:
            return bytes(received)


@needs("ffmpeg")
def test_ffmpeg_sends_to_us(sample: Path) -> None:
    with open_rtp_source("rtp://127.0.0.1:0") as source:
        command = ["ffmpeg", "-v", "error", "-re", "-t", "2", "-i", str(sample), "-map", "0:v"]
        url = f"rtp://127.0.0.1:{source.local_address[1]}?pkt_size=1328"
        with subprocess.Popen([*command, "-c", "copy", "-f", "rtp_mpegts", url]) as peer:
            received = receive(source, peer)
            assert peer.returncode == 0
        stats = source.stats
    assert len(received) > 188 * 100
    assert set(received[::188]) == {0x47}
    assert (stats.lost, stats.malformed, stats.odd, stats.resyncs) == (0, 0, 0, 0)


@needs("ffprobe")
def test_ffprobe_reads_what_a_relay_of_ours_sends(sample: Path) -> None:
    port = free_port()
    relay = [sys.executable, "-m", "tsloom", "relay", "--input", str(sample)]
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "json"]
    with (
        subprocess.Popen(
            [*probe, "-f", "mpegts", f"rtp://127.0.0.1:{port}"], stdout=subprocess.PIPE
        ) as reading,
        subprocess.Popen([*relay, "--output", f"rtp://127.0.0.1:{port}"]) as sending,
    ):
        output, _ = reading.communicate(timeout=60)
        sending.kill()
    assert json.loads(output)["streams"]


@needs("multicat")
def test_multicat_gives_what_we_send(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "out.ts"
    # RTP is what it reads unless told otherwise; it writes in blocks.
    command = ["multicat", "-U", f"@127.0.0.1:{port}", str(path)]
    peer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        sink = open_sink(f"rtp://127.0.0.1:{port}")
        assert isinstance(sink, RtpSink)
        wait_for_port(port)
        with sink:
            sink.write(CONTENT)
        wait_for_size(path, len(CONTENT) // 2)
    finally:
        peer.terminate()
        peer.wait()
    written = path.read_bytes()
    assert len(written) > len(CONTENT) // 2
    assert written in CONTENT


@needs("gst-launch-1.0")
def test_gstreamer_gives_what_we_send(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "out.ts"
    caps = "application/x-rtp,media=video,clock-rate=90000,encoding-name=MP2T,payload=33"
    elements = (
        f"udpsrc address=127.0.0.1 port={port} buffer-size=4000000 caps={caps} ! rtpmp2tdepay"
    )
    command = ["gst-launch-1.0", "-q", *elements.split(), "!", "filesink", "buffer-mode=2"]
    peer = subprocess.Popen([*command, f"location={path}"])
    try:
        wait_for_port(port)
        with open_sink(f"rtp://127.0.0.1:{port}") as sink:
            sink.write(CONTENT)
        wait_for_size(path, len(CONTENT))
    finally:
        peer.terminate()
        peer.wait()
    assert path.read_bytes() == CONTENT


def wait_for_port(port: int) -> None:
    """Until somebody has bound it."""
    wanted = f":{port:04X} "
    for _ in range(400):
        if wanted in Path("/proc/net/udp").read_text():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    pytest.fail(f"nobody listens on {port}")


def wait_for_size(path: Path, size: int) -> None:
    for _ in range(200):
        if path.exists() and path.stat().st_size >= size:
            return
        subprocess.run(["sleep", "0.05"], check=True)
