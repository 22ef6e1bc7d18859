"""The RandomAccessMonitor: points of streams laid out byte by byte; what it tells and refuses."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsloom
from tests.builders import (
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    Service,
    adaptation_field,
    packet,
    packetize,
    pat,
    pes_header,
    pmt,
)
from tests.properties.strategies import BRIEF
from tsloom import PacketBatch, Pipeline, RandomAccessMonitor, RandomAccessPoint
from tsloom.errors import UsageError
from tsloom.pipeline import RandomAccessKind

VIDEO = 0x100
# Access unit delimiter, sequence and picture parameter set, and the first bytes of slices.
AUD = bytes.fromhex("0000000109f0")
SPS = bytes.fromhex("00000001674d401e")
PPS = bytes.fromhex("00000168ee3c80")
IDR = bytes.fromhex("000001658884")
NON_IDR = bytes.fromhex("000001419a02")


def psi(stream_type: int = 0x1B) -> list[bytes]:
    table = pmt(1, VIDEO, [(stream_type, VIDEO, b"")])
    return packetize(pat({1: 0x1000}), 0) + packetize(table, 0x1000)


def pes_packets(
    access_unit: bytes, pts: int, *, counter: int = 0, piece: int = 184, scrambling: int = 0
) -> list[bytes]:
    """A PES packet in transport packets of so many bytes each, at most 176 in the first."""
    data = pes_header(0xE0, pts) + access_unit
    pieces = [data[: min(piece, 170)]]
    pieces += [data[at : at + piece] for at in range(len(pieces[0]), len(data), piece)]
    return [
        packet(
            VIDEO,
            counter + number,
            part,
            payload_unit_start=number == 0,
            scrambling=scrambling,
            adaptation=adaptation_field(random_access=number == 0, size=184 - len(part))
            if len(part) < 183
            else None,
        )
        for number, part in enumerate(pieces)
    ]


def scan(packets: list[bytes], service_id: int | None = None) -> list[RandomAccessPoint]:
    monitor = RandomAccessMonitor(service_id)
    before = b"".join(packets)
    assert bytes(Pipeline(monitor).process(PacketBatch(before))) == before
    return monitor.take_points()


@given(piece=st.integers(1, 184), filler=st.integers(0, 300))
@BRIEF
def test_an_idr_picture_is_found_however_it_is_cut_into_packets(piece: int, filler: int) -> None:
    unit = AUD + SPS + PPS + b"\x00\x00\x01\x06\x05" + b"\xa5" * filler + IDR + b"\x77" * 50
    packets = psi() + pes_packets(unit, 2**32 + 5, piece=max(piece, 15))
    assert scan(packets) == [
        RandomAccessPoint(
            kind=RandomAccessKind.IDR,
            service_id=1,
            pid=VIDEO,
            packet_index=2 if piece > 15 else 3,
            stream_time_27mhz=None,
            pts_90khz=2**32 + 5,
            presentation_time_27mhz=None,
            has_sequence_header=True,
            random_access_indicator=True,
        )
    ]


def test_other_pictures_are_no_points() -> None:
    assert scan(psi() + pes_packets(AUD + NON_IDR, 5)) == []


@pytest.mark.parametrize("stream_type", [0x02, 0x0F, 0x06, 0x24])
def test_the_stream_type_says_how_to_read(stream_type: int) -> None:
    assert scan(psi(stream_type) + pes_packets(AUD + SPS + IDR, 5)) == []


def test_of_scrambled_video_the_indicator_is_told() -> None:
    point = scan(psi() + pes_packets(AUD + IDR, 5, scrambling=2))[0]
    assert point.kind is RandomAccessKind.RANDOM_ACCESS_INDICATOR
    assert (point.packet_index, point.pts_90khz) == (2, None)


def with_video(mux: Multiplex, count: int, every: int) -> list[bytes]:
    """Each such packet is the first of an IDR picture, in each service in turn."""
    packets = mux.packets(count)
    counters: dict[int, int] = {}
    for number, at in enumerate(range(every, count, every)):
        service: Service = mux.services[number % len(mux.services)]
        pts = (mux.pcr_at(at) // 300 + 90_000) % 2**33
        payload = pes_header(0xE0, pts) + AUD + SPS + PPS + IDR
        packets[at] = packet(
            service.video_pid,
            0,
            payload + b"\xa5" * (184 - len(payload)),
            payload_unit_start=True,
        )
    for at, made in enumerate(packets):
        pid = (made[1] & 31) << 8 | made[2]
        if pid != 0x1FFF:
            counters[pid] = (counters.get(pid, -1) + 1) % 16
            packets[at] = made[:3] + bytes((made[3] & 0xF0 | counters[pid],)) + made[4:]
    return packets


MUX = Multiplex(services=(SERVICE_1, SERVICE_2), pcr_first=2**33 * 300 - 27_000_000)


@pytest.mark.parametrize("service_id", [None, 1, 2])
def test_points_have_the_time_of_their_own_service_s_clock(service_id: int | None) -> None:
    """The PCRs wrap in the middle; a PTS is a second ahead of its packet."""
    points = scan(with_video(MUX, 3000, 150), service_id)
    chosen = [1, 2] if service_id is None else [service_id]
    own = [point for point in points if point.kind is RandomAccessKind.IDR]
    assert {point.service_id for point in own} == set(chosen)
    assert len(own) >= 9 * len(chosen)
    for point in own:
        assert point.packet_index % 150 == 0
        first = {1: 21, 2: 22}[point.service_id]
        assert point.stream_time_27mhz is not None
        assert point.presentation_time_27mhz is not None
        ticks = MUX.pcr_at(point.packet_index) - MUX.pcr_at(first)
        assert point.stream_time_27mhz == pytest.approx(ticks, abs=27_000 * 25)
        ahead = point.presentation_time_27mhz - ticks
        assert ahead == pytest.approx(27_000_000, abs=27_000 * 25)


@given(places=st.lists(st.integers(1, 2999), unique=True, max_size=8))
@BRIEF
def test_points_do_not_depend_on_chunking(places: list[int]) -> None:
    packets = with_video(MUX, 3000, 150)
    monitor = RandomAccessMonitor()
    pipeline = Pipeline(monitor)
    edges = [0, *sorted(places), 3000]
    for begin, end in itertools.pairwise(edges):
        pipeline.process(PacketBatch(b"".join(packets[begin:end]), first_index=begin))
    assert monitor.take_points() == scan(packets)


def test_points_are_told_as_they_pass_and_taken_once() -> None:
    told: list[RandomAccessPoint] = []
    monitor = RandomAccessMonitor(on_point=told.append)
    Pipeline(monitor).process(PacketBatch(b"".join(psi() + pes_packets(AUD + IDR, 5))))
    assert len(told) == 1
    assert monitor.take_points() == told
    assert monitor.take_points() == []


def test_a_point_goes_to_json() -> None:
    point = scan(psi() + pes_packets(AUD + IDR, 5))[0]
    plain = json.loads(json.dumps(point.to_dict()))
    assert plain["kind"] == "idr"
    assert RandomAccessPoint(**plain | {"kind": RandomAccessKind(plain["kind"])}) == point
    assert replace(point, stream_time_27mhz=13_500_000).stream_time_s == 0.5
    assert point.stream_time_s is None


def test_the_sample_has_a_point_a_second(sample: Path) -> None:
    monitor = RandomAccessMonitor(1)
    tsloom.Pipeline(monitor).run(sample)
    points = monitor.take_points()
    steps = {b.pts_90khz - a.pts_90khz for a, b in itertools.pairwise(points)}  # type: ignore[operator]
    assert steps == {90_000}


@pytest.mark.parametrize("wrong", [0, -1, 65536])
def test_what_is_no_service_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError):
        RandomAccessMonitor(wrong)
