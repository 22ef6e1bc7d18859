"""UDP to and from ffmpeg and ffprobe."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tsloom.io import open_sink, open_source
from tsloom.io.udp import UdpSource

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg"),
    pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe"),
]

ROOM = 400_000
PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440"]
CODECS = ["-c:v", "mpeg2video", "-b:v", "1M", "-c:a", "mp2", "-b:a", "128k"]


def make_stream(path: Path, seconds: float) -> None:
    command = ["ffmpeg", "-v", "error", *PICTURE, *SOUND, "-t", str(seconds), *CODECS]
    command += ["-f", "mpegts", "-muxrate", "2M", str(path)]
    subprocess.run(command, check=True)


def receive(source: UdpSource, sender: subprocess.Popen[bytes]) -> bytes:
    """All that comes until the sender has ended and nothing is left."""
    buffer = bytearray(ROOM)
    received = bytearray()
    while True:
        has_ended = sender.poll() is not None
        size = source.readinto(buffer)
        received += buffer[: size or 0]
        if has_ended and not size:
            return bytes(received)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_what_ffmpeg_sends_arrives_byte_for_byte(tmp_path: Path, host: str) -> None:
    path = tmp_path / "in.ts"
    make_stream(path, 2)
    with open_source(f"udp://{host}:0") as source:
        assert isinstance(source, UdpSource)
        port = source.local_address[1]
        # -f data passes the bytes through, in datagrams of its own choice.
        command = ["ffmpeg", "-v", "error", "-f", "data", "-i", str(path), "-map", "0"]
        command += ["-c", "copy", "-f", "data", f"udp://{host}:{port}?pkt_size=1316"]
        with subprocess.Popen(command) as ffmpeg:
            assert receive(source, ffmpeg) == path.read_bytes()
            assert ffmpeg.returncode == 0
        assert source.stats.kernel_drops == 0


def test_what_ffmpeg_sends_at_its_pace_is_whole_packets() -> None:
    with open_source("udp://127.0.0.1:0") as source:
        assert isinstance(source, UdpSource)
        port = source.local_address[1]
        url = f"udp://127.0.0.1:{port}?pkt_size=1316"
        arguments = ["-re", *PICTURE, *SOUND, "-t", "2", *CODECS, "-f", "mpegts", url]
        with subprocess.Popen(["ffmpeg", "-v", "error", *arguments]) as ffmpeg:
            received = receive(source, ffmpeg)
            assert ffmpeg.returncode == 0
        stats = source.stats
    assert len(received) % 188 == 0
    assert set(received[::188]) == {0x47}
    assert stats.odd_datagrams == 0
    assert stats.datagrams > 100
    command = ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-of", "json"]
    command += ["-show_entries", "stream=codec_name,nb_read_packets", "-f", "mpegts", "-"]
    probe = subprocess.run(command, input=received, stdout=subprocess.PIPE, check=True)
    stream = json.loads(probe.stdout)["streams"][0]
    assert (stream["codec_name"], stream["nb_read_packets"]) == ("mpeg2video", "50")


def test_ffmpeg_receives_what_the_paced_sink_sends(tmp_path: Path) -> None:
    path, copy = tmp_path / "in.ts", tmp_path / "copy.ts"
    make_stream(path, 3)
    content = path.read_bytes()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"udp://127.0.0.1:{port}"
    arguments = ["-f", "data", "-i", f"{url}?timeout=1500000&buffer_size=4000000"]
    with subprocess.Popen(
        ["ffmpeg", "-v", "quiet", *arguments, "-map", "0", "-c", "copy", "-f", "data", str(copy)],
        stdin=subprocess.DEVNULL,
    ) as ffmpeg:
        with open_sink(url) as sink:
            while not is_bound(port):
                assert ffmpeg.poll() is None
                time.sleep(0.01)
            for start in range(0, len(content), 2048 * 188):
                sink.write(content[start : start + 2048 * 188])
        ffmpeg.wait()
    assert copy.read_bytes() == content


def is_bound(port: int) -> bool:
    """Whether the system lists a UDP socket on this port."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(int(line.split()[1].partition(":")[2], 16) == port for line in lines)
