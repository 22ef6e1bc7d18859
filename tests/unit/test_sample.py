"""The stream that comes with the package is what its docstring says, read byte by byte."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.streams import count_facts

from tsloom.sample.make_sample import DURATION_S, MUX_RATE_BPS

PACKET_SIZE = 188
VIDEO_PID, AUDIO_PID, PMT_PID, NULL_PID = 256, 257, 4096, 8191
PACKET_S = Fraction(PACKET_SIZE * 8, MUX_RATE_BPS)


@pytest.fixture(scope="module")
def packets(sample: Path) -> list[bytes]:
    data = sample.read_bytes()
    assert len(data) % PACKET_SIZE == 0
    return [data[at : at + PACKET_SIZE] for at in range(0, len(data), PACKET_SIZE)]


def pid_of(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def pcrs_of(packets: list[bytes]) -> list[tuple[int, int]]:
    """Packet index and PCR in ticks of 27 MHz (ISO/IEC 13818-1, 2.4.3.5)."""
    found = []
    for index, packet in enumerate(packets):
        if packet[3] & 0x20 and packet[4] and packet[5] & 0x10:
            field = int.from_bytes(packet[6:12], "big")
            found.append((index, (field >> 15) * 300 + (field & 0x1FF)))
    return found


def longest_gap_s(packets: list[bytes], pid: int) -> Fraction:
    indices = [index for index, packet in enumerate(packets) if pid_of(packet) == pid]
    return max(b - a for a, b in pairwise(indices)) * PACKET_S


def test_it_is_small_enough_to_come_along(sample: Path) -> None:
    assert sample.stat().st_size <= 1_500_000


def test_its_length_is_that_of_the_script(packets: list[bytes]) -> None:
    assert DURATION_S <= len(packets) * PACKET_S < DURATION_S + 1


def test_its_pcrs_are_those_of_an_exactly_constant_bitrate(packets: list[bytes]) -> None:
    (first_index, first), *rest = pcrs_of(packets)
    for index, pcr in rest:
        exact = first + (index - first_index) * PACKET_S * 27_000_000
        assert abs(pcr - exact) <= 1


def test_its_pcrs_are_at_most_40_ms_apart_and_on_the_video_pid(packets: list[bytes]) -> None:
    indices = [index for index, _ in pcrs_of(packets)]
    assert {pid_of(packets[index]) for index in indices} == {VIDEO_PID}
    gaps = [b - a for a, b in pairwise(indices)]
    assert max(gaps) * PACKET_S <= Fraction(40, 1000)


def test_pat_and_pmt_come_every_100_ms(packets: list[bytes]) -> None:
    assert longest_gap_s(packets, 0) <= Fraction(100, 1000)
    assert longest_gap_s(packets, PMT_PID) <= Fraction(100, 1000)


def test_a_fifth_of_it_is_null_packets(packets: list[bytes]) -> None:
    nulls = sum(pid_of(packet) == NULL_PID for packet in packets)
    assert Fraction(15, 100) <= Fraction(nulls, len(packets)) <= Fraction(30, 100)


def test_no_counter_is_wrong(sample: Path) -> None:
    np = pytest.importorskip("numpy", reason="numpy counts")
    facts = count_facts(np.fromfile(sample, dtype=np.uint8))
    assert facts.continuity_errors == 0
    assert {0, 17, VIDEO_PID, AUDIO_PID, PMT_PID, NULL_PID} == set(facts.pids)


def test_every_second_of_video_begins_with_an_idr_picture(packets: list[bytes]) -> None:
    video = b"".join(packet for packet in packets if pid_of(packet) == VIDEO_PID)
    randoms = sum(
        1
        for packet in packets
        if pid_of(packet) == VIDEO_PID
        and packet[1] & 0x40
        and packet[3] & 0x20
        and packet[4]
        and packet[5] & 0x40
    )
    assert randoms == DURATION_S
    assert b"\x00\x00\x01\x65" in video
