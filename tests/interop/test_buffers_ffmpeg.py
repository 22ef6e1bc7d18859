"""Video that ffmpeg encodes for Main level and muxes at a constant rate, in a decoder's buffers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

import tsloom
from tests.elementary_packets import ElementaryPacket, packets_of, pcrs_of
from tests.properties.pieces import PieceSource
from tsloom.analysis.pcr import PcrMeasurement
from tsloom.analysis.tstd import BufferEvent, BufferModel, BufferParameters

pytestmark = pytest.mark.peer
MUX_RATE = 8_000_000
PACKET_TICKS = Fraction(1504 * 27_000_000, MUX_RATE)
VBV_BITS = 1_835_008
PID = 256


def make(ffmpeg: str, path: Path, delay: str) -> bytes:
    """4 Mbit/s of video in 8; each picture comes up to `delay` seconds before its DTS."""
    source = ["-f", "lavfi", "-i", "testsrc2=size=720x576:rate=25:duration=8"]
    video = ["-c:v", "mpeg2video", "-b:v", "4M", "-maxrate", "4M", "-bufsize", str(VBV_BITS)]
    mux = ["-muxrate", str(MUX_RATE), "-muxdelay", delay, str(path)]
    command = [ffmpeg, "-v", "error", *source, *video, "-bf", "2", *mux]
    subprocess.run(command, check=True, capture_output=True)
    return path.read_bytes()


@pytest.fixture
def stream(program: Callable[[str], str], tmp_path: Path) -> bytes:
    return make(program("ffmpeg"), tmp_path / "cbr.ts", "0.3")


def run(stream: bytes, crowding: int) -> tuple[BufferModel, list[BufferEvent]]:
    """Packets at their places in the constant rate; times run by `crowding` as fast."""
    index, pcr = pcrs_of(stream, PID)[0]

    def time_of(packet: ElementaryPacket) -> int:
        return round(pcr + (packet.index - index) * PACKET_TICKS / crowding)

    parameters = BufferParameters.for_stream(
        "mpeg2_video", profile=4, level=8, buffer_bits=VBV_BITS
    )
    model = BufferModel(parameters)
    events = []
    for packet in packets_of(stream, PID):
        decode_time = None if packet.dts_90khz is None else packet.dts_90khz * 300
        events += model.feed(
            packet.index,
            time_of(packet),
            duration_27mhz=round(PACKET_TICKS / crowding),
            header_bytes=packet.header_bytes,
            data_bytes=packet.data_bytes,
            units=((0, decode_time),) if packet.starts else (),
        )
    return model, events


def test_video_at_a_constant_rate_fits(stream: bytes) -> None:
    model, events = run(stream, 1)
    report = model.report()
    assert events == []
    assert report.units > 150
    assert report.parameters.assumed == ()
    assert 0 < report.max_delay_27mhz < 27_000_000
    assert all(b.max_fill_bytes <= b.size_bytes for b in report.buffers)
    assert report.buffers[2].max_fill_bytes > 20_000


def test_video_that_comes_too_early_backs_up_into_mb(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """0.7 s of it are more than the vbv, 0.46 s of 4 Mbit/s: EB is full, and then so is MB."""
    model, events = run(make(program("ffmpeg"), tmp_path / "early.ts", "0.7"), 1)
    assert {(event.kind, event.buffer) for event in events} >= {("overflow", "MB")}
    assert model.report().buffers[2].max_fill_bytes == VBV_BITS // 8


def test_the_same_packets_four_times_as_fast_do_not(stream: bytes) -> None:
    overflows = [event for event in run(stream, 4)[1] if event.kind == "overflow"]
    assert overflows
    assert overflows[0].buffer == "TB"  # 32 Mbit/s against 18


def test_pcrs_of_the_constant_rate_are_exact(stream: bytes) -> None:
    measurement = PcrMeasurement()
    for index, pcr in pcrs_of(stream, PID):
        measurement.feed(index, pcr)
    measurement.finish()
    figures = measurement.figures()
    assert figures.accuracy_method == "exact"
    assert figures.accuracy.count > 300
    assert figures.accuracy.errors == 0
    assert figures.accuracy.worst_ns is not None
    assert abs(figures.accuracy.worst_ns) < 38


def test_the_analyser_finds_what_packets_parsed_by_hand_tell(stream: bytes) -> None:
    report = tsloom.analyze(PieceSource([stream]), buffer_model=True)
    buffers = report.pids[PID].buffers
    assert buffers is not None
    assert buffers.parameters.sizes_bytes[2] == VBV_BITS // 8
    assert buffers.parameters.assumed == ()
    assert [report.tr101290[number].count for number in ("3.3", "3.9", "3.10")] == [0, 0, 0]
    by_hand = run(stream, 1)[0].report()
    assert abs(buffers.max_delay_27mhz - by_hand.max_delay_27mhz) < 2 * PACKET_TICKS
    for found, expected in zip(buffers.buffers, by_hand.buffers, strict=True):
        assert abs(found.max_fill_bytes - expected.max_fill_bytes) < 2 * 188


def test_the_analyser_finds_video_that_comes_too_early(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    stream = make(program("ffmpeg"), tmp_path / "early.ts", "0.7")
    report = tsloom.analyze(PieceSource([stream]), buffer_model=True)
    found = report.tr101290["3.3"]
    assert found.count > 0
    by_hand = [event for event in run(stream, 1)[1] if event.kind == "overflow"]
    assert found.count == len(by_hand)
    for one, event in zip(found.occurrences, by_hand, strict=True):
        assert abs(one.packet_index - event.packet_index) <= 1
