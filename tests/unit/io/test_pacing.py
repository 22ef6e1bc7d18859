"""Paced output over the loopback interface, measured by the kernel's arrival times."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.unit.io.loopback import (
    ROOM,
    constant_bitrate_stream,
    open_udp_source,
    packets,
    pcr_packet,
)
from tsloom.errors import SystemRefusedError
from tsloom.io import PaceStats, open_sink
from tsloom.io.udp import UdpSink, UdpSource

BITRATE = 5_000_000


def open_paced_sink(url: str) -> UdpSink:
    sink = open_sink(url)
    assert isinstance(sink, UdpSink)
    return sink


def pace_of(sink: UdpSink) -> PaceStats:
    pace = sink.stats.pace
    assert pace is not None
    return pace


class Recorder(threading.Thread):
    """Receives until it is quiet; knows when each byte position arrived."""

    def __init__(self, source: UdpSource) -> None:
        super().__init__()
        self.source = source
        self.content = bytearray()
        self.arrivals: list[tuple[int, int]] = []

    def run(self) -> None:
        buffer = bytearray(ROOM)
        while (size := self.source.readinto(buffer)) != 0:
            if size is not None:
                self.arrivals.append((len(self.content), self.source.arrival_ns))
                self.content += buffer[:size]

    def bitrate_bps(self) -> float:
        """The median over pairs half the recording apart: single late datagrams do not count."""
        half = len(self.arrivals) // 2
        pairs = zip(self.arrivals[:half], self.arrivals[half:], strict=False)
        return statistics.median(
            (to - at) * 8e9 / (to_ns - at_ns) for (at, at_ns), (to, to_ns) in pairs
        )

    def longest_gap_ns(self) -> int:
        times = [arrival_ns for _, arrival_ns in self.arrivals]
        return max(b - a for a, b in itertools.pairwise(times))


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with open_udp_source("udp://127.0.0.1:0?timeout=1s", timeout=0.05) as source:
        recorder = Recorder(source)
        recorder.start()
        yield recorder
        recorder.join()


def send(recorder: Recorder, content: bytes, query: str = "", batch: int = 2048) -> UdpSink:
    url = f"udp://127.0.0.1:{recorder.source.local_address[1]}{query}"
    with open_paced_sink(url) as sink:
        for start in range(0, len(content), batch * 188):
            sink.write(content[start : start + batch * 188])
    recorder.join()
    return sink


@pytest.mark.parametrize("batch", [2048, 10])
def test_a_constant_bitrate_is_met_by_pcr(recorder: Recorder, batch: int) -> None:
    content = constant_bitrate_stream(BITRATE, 3)
    sink = send(recorder, content, batch=batch)
    assert recorder.content == content
    assert recorder.bitrate_bps() == pytest.approx(BITRATE, rel=0.01)
    pace = pace_of(sink)
    assert pace.pcr_pid == 0x100
    assert pace.timed_datagrams == sink.stats.datagrams
    assert pace.untimed_datagrams == 0


def test_a_constant_bitrate_is_met_without_pcr(recorder: Recorder) -> None:
    content = packets(round(BITRATE * 2 / 1504))
    sink = send(recorder, content, f"?pace=cbr:{BITRATE}")
    assert recorder.content == content
    assert recorder.bitrate_bps() == pytest.approx(BITRATE, rel=0.01)
    assert pace_of(sink).pcr_pid is None


def test_a_file_played_twice_goes_on_at_its_rate_over_the_seam(recorder: Recorder) -> None:
    once = constant_bitrate_stream(BITRATE, 1, first_pcr=123_456_789)
    sink = send(recorder, once * 2)
    assert recorder.content == once * 2
    assert recorder.bitrate_bps() == pytest.approx(BITRATE, rel=0.01)
    assert recorder.longest_gap_ns() < 500_000_000
    assert pace_of(sink).discontinuities == 1


def test_a_finite_stream_without_pcr_goes_out_whole_and_at_once(recorder: Recorder) -> None:
    content = packets(5000)
    sink = send(recorder, content)
    assert recorder.content == content
    pace = pace_of(sink)
    assert (pace.timed_datagrams, pace.untimed_datagrams) == (0, sink.stats.datagrams)
    assert pace.error_us(0.99) == 0


def test_packets_are_held_until_the_second_pcr_tells_the_rate() -> None:
    with (
        open_udp_source("udp://127.0.0.1:0", timeout=0.05) as source,
        open_paced_sink(f"udp://127.0.0.1:{source.local_address[1]}") as sink,
    ):
        sink.write(pcr_packet(0x100, 0) + packets(20))
        sink.write(packets(20))
        assert sink.stats.datagrams == 0
        sink.write(pcr_packet(0x100, 27_000))
        assert sink.stats.datagrams == 6
        sink.flush()
        assert sink.stats.bytes_written == 42 * 188


def test_no_more_than_a_bound_is_held() -> None:
    with (
        open_udp_source("udp://127.0.0.1:0", timeout=0.05) as source,
        open_paced_sink(f"udp://127.0.0.1:{source.local_address[1]}") as sink,
    ):
        batch = packets(2048)
        written = 0
        while sink.stats.datagrams == 0:
            sink.write(batch)
            written += len(batch)
        assert (4 << 20) < written <= (4 << 20) + len(batch)
        sink.flush()
        assert sink.stats.bytes_written == written


def test_pace_is_off_where_the_source_is_live_unless_asked_for() -> None:
    def paced(query: str, source_is_live: bool) -> bool:
        with open_sink(f"udp://127.0.0.1:9{query}", source_is_live=source_is_live) as sink:
            assert isinstance(sink, UdpSink)
            return sink.stats.pace is not None

    assert [paced("", False), paced("", True)] == [True, False]
    assert [paced("?pace=off", False), paced("?pace=pcr", True)] == [False, True]
    assert paced("?pace=cbr:1M", True)


def test_flush_sends_what_fills_no_datagram() -> None:
    with (
        open_udp_source("udp://127.0.0.1:0", timeout=0.05) as source,
        open_paced_sink(f"udp://127.0.0.1:{source.local_address[1]}?pace=cbr:10M") as sink,
    ):
        sink.write(packets(10))
        assert sink.stats.datagrams == 1
        sink.flush()
        assert sink.stats.datagrams == 2


def test_closing_ends_the_write_of_another_thread() -> None:
    sink = open_paced_sink("udp://127.0.0.1:9?pace=cbr:1k")
    writer = threading.Thread(target=sink.write, args=(packets(10_000),))
    writer.start()
    while sink.stats.datagrams == 0:
        time.sleep(0.001)
    sink.abort()
    writer.join()
    with pytest.raises(SystemRefusedError, match="it is closed"):
        sink.write(packets(7))
    sink.close()


def test_a_write_that_is_to_stop_drops_what_has_not_left() -> None:
    asked: list[int] = []

    def should_stop() -> bool:
        asked.append(1)
        return len(asked) >= 3

    url = "udp://127.0.0.1:9?pace=cbr:100k"
    with open_sink(url, should_stop=should_stop) as sink:
        sink.write(packets(100_000))
        assert len(asked) == 3
        assert 0 < sink.stats.bytes_written < 100 * 188


WRITE_FOREVER = """
import sys
from tsloom.io import open_sink
with open_sink(sys.argv[1]) as sink:
    try:
        sink.write(bytes((0x47, 0, 16, 16)) + bytes(184))
        sink.write((bytes((0x47, 0, 16, 16)) + bytes(184)) * 100_000)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_paced_write() -> None:
    with open_udp_source("udp://127.0.0.1:0", timeout=10) as source:
        url = f"udp://127.0.0.1:{source.local_address[1]}?pace=cbr:10k"
        with subprocess.Popen(
            [sys.executable, "-c", WRITE_FOREVER, url], stdout=subprocess.PIPE, text=True
        ) as child:
            assert source.readinto(bytearray(ROOM))
            child.send_signal(signal.SIGINT)
            assert child.stdout is not None
            assert child.stdout.readline() == "interrupted\n"
            assert child.wait() == 0


def test_a_sender_stopped_for_seconds_does_not_burst_when_it_goes_on() -> None:
    code = (
        "import sys; from tsloom.io import open_sink\n"
        "with open_sink(sys.argv[1]) as sink:\n"
        " sink.write((bytes((0x47, 0, 16, 16)) + bytes(184)) * 14_000)\n"
        " print(sink.stats.pace.late_anchors)"
    )
    with open_udp_source("udp://127.0.0.1:0?timeout=2500ms", timeout=0.05) as source:
        recorder = Recorder(source)
        recorder.start()
        url = f"udp://127.0.0.1:{source.local_address[1]}?pace=cbr:7M"
        with subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE) as child:
            while len(recorder.arrivals) < 100:
                time.sleep(0.01)
            os.kill(child.pid, signal.SIGSTOP)
            time.sleep(1.5)
            os.kill(child.pid, signal.SIGCONT)
            assert child.stdout is not None
            assert int(child.stdout.read()) >= 1
        recorder.join()
    assert len(recorder.content) == 14_000 * 188
    assert recorder.longest_gap_ns() > 1_000_000_000
    times = [arrival_ns for _, arrival_ns in recorder.arrivals]
    after = max(range(1, len(times)), key=lambda n: times[n] - times[n - 1])
    position = recorder.arrivals[after][0]
    rest_bps = (len(recorder.content) - position) * 8e9 / (times[-1] - times[after])
    assert rest_bps < 1.5 * 7_000_000


def test_shares_of_the_error_histogram() -> None:
    pace = PaceStats(
        pcr_pid=None,
        timed_datagrams=1000,
        untimed_datagrams=0,
        late_anchors=0,
        leaps=0,
        discontinuities=0,
        pid_changes=0,
        late_max_us=100.0,
        early_max_us=0.0,
        error_histogram=(500, 300, 150, 45, 0, 0, 0, 5),
    )
    assert [pace.error_us(share) for share in (0.5, 0.8, 0.95, 0.99, 0.999)] == [1, 2, 4, 8, 128]


def test_refusals_on_the_way_do_not_stop_the_pace() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with open_paced_sink(f"udp://127.0.0.1:{port}?pace=cbr:50M") as sink:
        sink.write(packets(700))
    assert sink.stats.datagrams == 100
    assert sink.stats.refused > 0
