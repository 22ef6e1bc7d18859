"""The analyser's decoder model: what it finds in streams whose faults are known."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings

import tsloom
from tests.builders import (
    NULL_PACKET,
    PCR_HZ,
    adaptation_field,
    packet,
    packetize,
    pat,
    pes_header,
    pmt,
)
from tests.properties.pieces import PieceSource
from tests.properties.strategies import cut, cuts_of
from tsloom.analysis.evidence import Evidence

MUX_RATE = 8_000_000
TICKS = 188 * 8 * PCR_HZ // MUX_RATE  # a packet: 5076 ticks
AUDIO, VIDEO, PMT_PID, PCR_PID = 0x100, 0x101, 0x1000, 0x102
PERIOD = 40  # packets from one of audio to the next
PES_EACH = 4  # of them begins a PES packet
LEAD_S = 0.1
COUNT = 24_000  # 4.5 s
SIZE_TB = 512
RX_AUDIO = 2_000_000
SEQUENCE_HEADER = bytes.fromhex("000001b3 2d0240 33 249f2380")  # 720x576, 15 Mbit/s, vbv 112
SEQUENCE_EXTENSION = bytes.fromhex("000001b5 148200010000")  # Main profile at Main level


def audio_packet(slot: int, number: int) -> bytes:
    """The packets of a PES packet each, whose PTS is LEAD_S behind the first one's arrival."""
    if number % PES_EACH:
        return packet(AUDIO, number, bytes(184))
    pts = round((slot * TICKS / PCR_HZ + LEAD_S) * 90_000)
    header = pes_header(0xC0, pts)
    return packet(AUDIO, number, header + bytes(184 - len(header)), payload_unit_start=True)


def build(
    bursts: dict[int, int] | None = None,
    *,
    pts_jump_at: int = COUNT,
    streams: tuple[tuple[int, int, bytes], ...] = ((3, AUDIO, b""),),
) -> list[bytes]:
    """8 Mbit/s with audio at 0.2. `bursts`: at a packet, so many of audio without a pause."""
    packets = [NULL_PACKET] * COUNT
    psi = [*packetize(pat({1: PMT_PID}), 0), *packetize(pmt(1, PCR_PID, streams), PMT_PID)]
    for turn, start in enumerate(range(0, COUNT - 10, 500)):
        for place, one in enumerate(psi):
            packets[start + 7 * place] = one[:3] + bytes((0x10 | turn % 16,)) + one[4:]
    for start in range(50, COUNT, 100):
        field = adaptation_field(pcr=start * TICKS)
        packets[start] = packet(PCR_PID, 0, None, adaptation=field)
    slots = set(range(33, COUNT, PERIOD))
    for begin, length in (bursts or {}).items():
        slots.update(range(begin, begin + length))
    for number, slot in enumerate(sorted(slots)):
        assert packets[slot] == NULL_PACKET
        shift = 0 if slot < pts_jump_at else 3 * PCR_HZ // TICKS
        packets[slot] = audio_packet(slot + shift, number)
    return packets


def analyze(packets: list[bytes], **options: Any) -> tsloom.Report:
    return tsloom.analyze(PieceSource([b"".join(packets)]), buffer_model=True, **options)


def first_that_overflows(packets: list[bytes]) -> int:
    """TB byte by byte, a packet at a time: the slow reading."""
    fill = 0.0
    for index, one in enumerate(packets):
        fill = max(0.0, fill - RX_AUDIO / 8 * TICKS / PCR_HZ)
        if one[1] & 0x1F == AUDIO >> 8 and one[2] == AUDIO & 0xFF:
            fill += 188
        if fill > SIZE_TB + RX_AUDIO / 8 * TICKS / PCR_HZ:
            return index
    raise AssertionError("none does")


def buffer_counts(report: tsloom.Report) -> dict[str, int]:
    return {number: report.tr101290[number].count for number in ("3.3", "3.9", "3.10")}


def test_a_clean_stream_at_a_constant_rate_has_no_error() -> None:
    report = analyze(build())
    assert buffer_counts(report) == {"3.3": 0, "3.9": 0, "3.10": 0}
    assert {report.tr101290[n].state for n in ("3.3", "3.9", "3.10")} == {"ok"}
    buffers = report.pids[AUDIO].buffers
    assert buffers is not None
    assert buffers.packets == report.pids[AUDIO].packets
    assert buffers.units == report.pids[AUDIO].packets // PES_EACH - 1  # one before the first PCR
    assert 0 <= buffers.max_delay_27mhz - LEAD_S * PCR_HZ < TICKS  # a PCR is of its 11th byte
    assert buffers.parameters.assumed == ()
    held = buffers.buffers[1].max_fill_bytes
    assert abs(held - LEAD_S * RX_AUDIO / 10 / 8) < 4 * 188  # 0.2 Mbit/s for 0.1 s


@pytest.mark.parametrize(("begin", "length"), [(5_031, 6), (12_345, 5), (20_011, 9)])
def test_a_burst_overflows_tb_at_the_packet_that_finds_no_room(begin: int, length: int) -> None:
    packets = build({begin: length})
    report = analyze(packets)
    (found,) = report.tr101290["3.3"].occurrences
    assert found.packet_index == first_that_overflows(packets)
    assert begin < found.packet_index < begin + length
    assert (found.pid, found.allowed) == (AUDIO, SIZE_TB)
    assert found.seen is not None
    assert found.seen > SIZE_TB
    assert found.stream_time_s == pytest.approx(
        (found.packet_index - 50) * TICKS / PCR_HZ, abs=2 * TICKS / PCR_HZ
    )
    assert buffer_counts(report) == {"3.3": 1, "3.9": 0, "3.10": 0}


def test_a_time_stamp_too_far_ahead_is_a_delay() -> None:
    jump = 12_000
    report = analyze(build(pts_jump_at=jump))
    first = report.tr101290["3.10"].occurrences[0]
    assert jump <= first.packet_index < jump + PES_EACH * PERIOD
    assert first.seen == pytest.approx(3 + LEAD_S, abs=0.01)
    assert first.allowed == 1


def test_system_data_of_a_program_is_modelled_at_its_pmt() -> None:
    report = analyze(build())
    buffers = report.pids[PMT_PID].buffers
    assert buffers is not None
    assert [one.name for one in buffers.buffers] == ["TBsys", "Bsys"]
    # All but the PMT's first, behind which there is a program.
    assert buffers.packets == report.pids[PMT_PID].packets + report.pids[0].packets - 1
    assert report.pids[0].buffers is None


def test_without_the_model_nothing_is_told() -> None:
    report = tsloom.analyze(PieceSource([b"".join(build({5_031: 6}))]))
    assert all(pid.buffers is None for pid in report.pids.values())
    assert report.tr101290["3.3"].state == "not measured"
    assert report.tr101290["3.3"].reason == "the buffer model is off"


def test_all_other_figures_are_the_same_with_it() -> None:
    stream = b"".join(build({5_031: 6}))
    off = tsloom.analyze(PieceSource([stream])).to_dict()
    on = tsloom.analyze(PieceSource([stream]), buffer_model=True).to_dict()
    for report in (off, on):
        report["tr101290"] = [
            one for one in report["tr101290"] if one["number"] not in ("3.3", "3.9", "3.10")
        ]
        for pid in report["pids"]:
            del pid["buffers"]
    assert on == off


def test_without_pcrs_it_is_not_measured() -> None:
    report = analyze([one for one in build() if one[1:3] != bytes((PCR_PID >> 8, PCR_PID & 255))])
    assert report.tr101290["3.3"].state == "not measured"
    assert "PCR" in report.tr101290["3.3"].reason


def video_stream(parameters: bytes) -> list[bytes]:
    """PES packets of one transport packet each; the fifth has the parameters."""
    packets = build(streams=((3, AUDIO, b""), (2, VIDEO, b"")))
    for number, slot in enumerate(range(38, COUNT, PERIOD)):
        pts = round((slot * TICKS / PCR_HZ + LEAD_S) * 90_000)
        data = pes_header(0xE0, pts) + (parameters if number == 5 else b"")
        assert packets[slot] == NULL_PACKET
        packets[slot] = packet(
            VIDEO, number, data + bytes(184 - len(data)), payload_unit_start=True
        )
    return packets


def test_sizes_of_video_are_those_of_its_sequence_header() -> None:
    buffers = analyze(video_stream(SEQUENCE_HEADER + SEQUENCE_EXTENSION)).pids[VIDEO].buffers
    assert buffers is not None
    assert buffers.parameters.assumed == ()
    assert buffers.parameters.sizes_bytes == (512, 10_000, 112 * 16384 // 8)
    assert buffers.parameters.rx_bps == 18_000_000
    assert buffers.packets == COUNT // PERIOD - 5  # from the sequence header on


def test_sizes_of_video_that_tells_nothing_are_labelled() -> None:
    report = analyze(video_stream(b""))
    buffers = report.pids[VIDEO].buffers
    assert buffers is not None
    assert buffers.parameters.assumed == ("level", "buffer", "rate")
    assert buffers.packets == report.pids[VIDEO].packets - 127


@cache
def faulty() -> bytes:
    """With a burst, a repeated packet, a lost one, two clocks' worth of silence and a jump."""
    packets = build({5_031: 6, 9_231: 7}, pts_jump_at=15_000)
    packets[7_000:7_000] = [packets[6_990]]
    packets[8_000:8_000] = [packets[7_951]] * 2
    packets[10_030:10_032] = [packet(AUDIO, 3, b"", transport_error=True)]
    del packets[11_000:11_170]
    gap = [one for one in packets[16_000:20_000] if one[1:3] != bytes((1, 2))]
    return b"".join(packets[:16_000] + gap + packets[20_000:])


@cache
def faulty_report() -> str:
    return analyze([faulty()]).to_json()


@settings(max_examples=30, deadline=None)
@given(places=cuts_of(COUNT * 186))
def test_reads_of_any_cut_give_the_same(places: list[int]) -> None:
    source = PieceSource(cut(faulty(), places))
    assert tsloom.analyze(source, buffer_model=True).to_json() == faulty_report()


@settings(max_examples=30, deadline=None)
@given(places=cuts_of(COUNT * 186))
def test_evidence_of_any_cut_gives_the_same(places: list[int]) -> None:
    evidence = sum((Evidence.collect([one]) for one in cut(faulty(), places)), Evidence())
    assert evidence.report(buffer_model=True).to_json() == faulty_report()
