"""What leaves a relay over failovers, read by ffmpeg and tshark."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

import pytest

from tests import second_opinion as judge
from tests.builders import split
from tsloom.io import FanOutSink, InputEvent, RedundantSource, open_sink, open_source
from tsloom.io.udp import UdpSource
from tsloom.pipeline import InputSwitch, Pipeline

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg"),
    pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark"),
]

BITRATE_BPS = 3_000_000
LEFT_S, BACK_S, END_S = 0.8, 1.6, 3.0


def make_stream(path: Path, *, tone: int, second_sound: bool) -> bytes:
    """MPEG-2 video and MPEG audio; the two inputs have the same PIDs, and other tables or none."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"]
    command += ["-f", "lavfi", "-i", f"sine=frequency={tone}", "-t", "4", "-map", "0", "-map", "1"]
    command += ["-map", "1"] if second_sound else []
    command += ["-c:v", "mpeg2video", "-b:v", "1M", "-g", "12", "-c:a", "mp2", "-b:a", "128k"]
    command += ["-f", "mpegts", "-muxrate", str(BITRATE_BPS), str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def send(url: str, stream: bytes, spans: list[tuple[float, float]], began: float) -> None:
    """The stream at its rate, in the spans of time when this input works."""
    with open_sink(url, source_is_live=True) as sink:
        for at in range(0, len(stream), 1316):
            due = at * 8 / BITRATE_BPS
            time.sleep(max(0.0, began + due - time.monotonic()))
            if any(begin <= due < end for begin, end in spans):
                sink.write(stream[at : at + 1316])
            if due >= END_S:
                return


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[InputEvent]]:
    """Two files with what two outputs got, by UDP and at once, over a failover and back."""
    folder = tmp_path_factory.mktemp("redundant")
    first = make_stream(folder / "a.ts", tone=440, second_sound=False)
    second = make_stream(folder / "b.ts", tone=880, second_sound=True)
    events: list[InputEvent] = []
    switch = InputSwitch()
    received = bytearray()
    with ExitStack() as stack:
        far = stack.enter_context(open_source("udp://127.0.0.1:0"))
        assert isinstance(far, UdpSource)
        source = stack.enter_context(
            RedundantSource(
                ["udp://127.0.0.1:0", "udp://127.0.0.1:0"],
                data_timeout_s=0.25,
                back_after_s=0.5,
                on_mark=switch.mark,
                on_event=events.append,
            )
        )
        urls = [f"udp://127.0.0.1:{s.local_address[1]}" for s in source.sources if s is not None]
        sink = stack.enter_context(
            FanOutSink([folder / "out.ts", f"udp://127.0.0.1:{far.local_address[1]}"])
        )
        began = time.monotonic()
        spans = [[(0.0, LEFT_S), (BACK_S, END_S)], [(0.0, END_S)]]
        senders = [
            threading.Thread(target=send, args=(url, stream, span, began))
            for url, stream, span in zip(urls, (first, second), spans, strict=True)
        ]
        for sender in senders:
            sender.start()
        Pipeline(switch).run(source, sink, should_stop=lambda: time.monotonic() > began + END_S)
        for sender in senders:
            sender.join()
        sink.close()
        buffer = bytearray(1 << 22)
        while size := far.readinto(buffer):
            received += buffer[:size]
    (folder / "far.ts").write_bytes(received)
    return folder / "out.ts", folder / "far.ts", events


def test_it_went_over_and_came_back(relayed: tuple[Path, Path, list[InputEvent]]) -> None:
    out, far, events = relayed
    assert len(events) == 3
    assert events[1].reason == "no data for 0.25 s"
    assert "good for" in events[2].reason
    # What both outputs got is the same, but for what waited for a full datagram at the end.
    assert out.read_bytes().startswith(far.read_bytes())
    assert far.stat().st_size > 0.8 * END_S * BITRATE_BPS / 8


def test_another_judge_finds_the_output_whole(
    relayed: tuple[Path, Path, list[InputEvent]],
) -> None:
    packets = split(relayed[0].read_bytes())
    assert judge.count_packets(packets).total("continuity_errors") == 0
    (clock,) = judge.read_pcrs(packets).values()
    announced = [index for index, _, is_discontinuity in clock if is_discontinuity]
    assert len(announced) == 2
    switches = [event.packet_index for event in relayed[2][1:]]
    behind = [min(i for i, _, _ in clock if i >= switch) for switch in switches]
    assert announced == behind
    pmts = judge.find_sections(packets, 0x1000)
    assert all(section.crc_ok for section in pmts)
    versions = [judge.read_pmt(section.data).version_number for section in pmts]
    # Both inputs say 0 of PMTs that differ.
    assert [version for version, _ in groupby(versions)] == [0, 1, 0]


def complaints_of_ffmpeg(path: Path) -> list[str]:
    """It says of continuity at the level debug."""
    command = ["ffmpeg", "-v", "debug", "-i", str(path), "-map", "0:v", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return re.findall(r".*(?:Continuity check failed|CRC error|crc mismatch).*", done.stderr)


def complaints_of_tshark(path: Path) -> list[str]:
    command = ["tshark", "-r", str(path), "-Y", "mp2t.cc.drop", "-T", "fields"]
    done = subprocess.run(
        [*command, "-e", "frame.number"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_ffmpeg_and_tshark_find_a_packet_that_is_missing(
    relayed: tuple[Path, Path, list[InputEvent]], tmp_path: Path
) -> None:
    """So their silence means something."""
    packets = split(relayed[0].read_bytes())
    videos = [at for at, packet in enumerate(packets) if packet[1:3] == b"\x01\x00"]
    del packets[videos[len(videos) // 2]]
    path = tmp_path / "hole.ts"
    path.write_bytes(b"".join(packets))
    assert complaints_of_ffmpeg(path) != []
    assert complaints_of_tshark(path) != []


def test_ffmpeg_finds_no_continuity_error(relayed: tuple[Path, Path, list[InputEvent]]) -> None:
    for path in relayed[:2]:
        assert complaints_of_ffmpeg(path) == []
    probe = ["ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-of", "json"]
    probe += ["-show_entries", "stream=codec_name,nb_read_packets", str(relayed[0])]
    answer = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)
    stream = answer["streams"][0]
    assert stream["codec_name"] == "mpeg2video"
    # 25 pictures a second, but while nothing came and for what was cut.
    assert int(stream["nb_read_packets"]) > 25 * (END_S - 1.0)


def test_tshark_finds_no_continuity_error(relayed: tuple[Path, Path, list[InputEvent]]) -> None:
    assert complaints_of_tshark(relayed[0]) == []
