"""Streams that contradict themselves: the counts are exact, and nothing is made up."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import PCR_HZ, PCR_MODULUS, PTS_MODULUS, packet, pat, pmt
from tests.unit.analysis.fault_streams import (
    AUDIO_1,
    AUDIO_2,
    DATA,
    MS_TICKS,
    PCR_FIRST,
    PCR_PLACE,
    PMT_1,
    PMT_2,
    STRAY,
    TABLES,
    VIDEO_1,
    VIDEO_2,
    Packets,
    clean,
    counts,
    finish,
    judge,
    one_packet,
    pids,
    put_pcrs,
    put_pts,
    rows,
    times_of,
)

SECONDS = 6
CHANGE_MS = 3000
# PCRs whose interval was over before the PMT named their PID: 2.3.b does not judge them.
BEFORE_PMT = 2
STREAMS_1 = [(0x1B, VIDEO_1, b""), (0x0F, AUDIO_1, b""), (0x06, DATA, b"")]
STREAMS_2 = [(0x1B, VIDEO_2, b""), (0x0F, AUDIO_2, b"")]


def change(packets: Packets, name: str, data: bytes, start: int = CHANGE_MS) -> None:
    """From a millisecond on the table says something else."""
    pid = TABLES[name][0]
    for at in times_of(name, packets):
        if at >= start:
            packets[at] = rows(one_packet(pid, data))


def pcr_times(pid: int, packets: Packets) -> np.ndarray:
    at = np.arange(len(packets))
    return at[at % 20 == PCR_PLACE[pid]]


def packets_of(packets: Packets) -> dict[int, int]:
    found, number = np.unique(pids(packets), return_counts=True)
    return dict(zip(found.tolist(), number.tolist(), strict=True))


def test_a_pid_that_turns_from_video_into_sections_keeps_its_counts() -> None:
    packets = clean(SECONDS)
    moved = pmt(1, VIDEO_1, [(0x05, AUDIO_1, b""), *STREAMS_1[2:], STREAMS_1[0]], version=1)
    change(packets, "pmt 1", moved)
    report = judge(finish(packets))
    assert {pid: row.packets for pid, row in report.pids.items()} == packets_of(packets)
    assert report.continuity_errors == 0
    assert report.pids[AUDIO_1].stream_type == 0x05
    assert report.pids[AUDIO_1].timestamps is not None
    assert counts(report) == {}


def test_a_pid_of_a_stream_that_becomes_the_pmts_own() -> None:
    packets = clean(SECONDS)
    new = pat({1: DATA, 2: PMT_2}, version=1)
    change(packets, "pat", new)
    for at in times_of("pmt 1", packets):
        if at >= CHANGE_MS + 200:
            packets[at] = rows(one_packet(DATA, pmt(1, VIDEO_1, STREAMS_1[:2], version=3)))
    report = judge(finish(packets))
    assert {pid: row.packets for pid, row in report.pids.items()} == packets_of(packets)
    assert report.services[1].pmt_pid == DATA
    assert [one.pid for one in report.services[1].elementary_streams] == [VIDEO_1, AUDIO_1]
    assert report.continuity_errors == 0


def test_a_program_that_the_pat_drops_is_unreferenced_and_missed_no_more() -> None:
    packets = clean(SECONDS)
    change(packets, "pat", pat({1: PMT_1}, version=1))
    report = judge(finish(packets))
    assert set(report.services) == {1}
    # Its PMT, video and audio go on without a table that names them: each counts once.
    assert counts(report) == {"3.4": 3, "3.4.a": 3}
    accused = {one.pid for one in report.tr101290["3.4"].occurrences}
    assert accused == {PMT_2, VIDEO_2, AUDIO_2}


def test_pmts_that_contradict_each_other_both_count() -> None:
    packets = clean(SECONDS)
    other = pmt(2, VIDEO_1, [(0x02, VIDEO_1, b""), *STREAMS_2], version=1)
    change(packets, "pmt 2", other, 0)
    report = judge(finish(packets))
    assert report.pids[VIDEO_1].service_ids == (1, 2)
    assert report.services[2].pcr_pid == VIDEO_1
    assert report.pids[VIDEO_1].stream_type in (0x02, 0x1B)
    assert counts(report) == {}


def test_a_pcr_pid_that_is_not_in_the_stream_is_missed() -> None:
    packets = clean(SECONDS)
    change(packets, "pmt 2", pmt(2, STRAY, STREAMS_2, version=1), 0)
    found = counts(judge(finish(packets)))
    # Named, and never there: no packet of it (1.6), and so no PCR of it either.
    assert found.get("1.6") == 1
    assert STRAY not in pids(packets)


def test_the_same_program_twice_in_the_pat_is_one() -> None:
    packets = clean(SECONDS)
    body = pat({1: PMT_1, 2: PMT_2}, version=1)
    change(packets, "pat", body)
    change(packets, "pat", pat({1: PMT_1, 2: PMT_2, 3: PMT_2}, version=2), CHANGE_MS + 1000)
    report = judge(finish(packets))
    assert report.services[3].pmt_pid == PMT_2
    assert report.services[3].elementary_streams == ()
    assert report.continuity_errors == 0


def test_pcrs_that_run_backwards_each_count() -> None:
    packets = clean(SECONDS)
    where = pcr_times(VIDEO_2, packets)
    put_pcrs(packets, where, PCR_FIRST[VIDEO_2] - where * MS_TICKS)
    report = judge(finish(packets))
    pcr = report.pids[VIDEO_2].pcr
    assert pcr is not None
    assert pcr.intervals.histogram[0] == pcr.intervals.jumps == len(where) - 1
    assert report.tr101290["2.3.b"].count == len(where) - BEFORE_PMT
    assert report.tr101290["1.4"].count == report.tr101290["1.3"].count == 0


def test_the_reference_running_backwards_ends_no_other_count() -> None:
    packets = clean(SECONDS)
    where = pcr_times(VIDEO_1, packets)
    put_pcrs(packets, where, PCR_FIRST[VIDEO_1] - where * MS_TICKS)
    report = judge(finish(packets))
    assert {pid: row.packets for pid, row in report.pids.items()} == packets_of(packets)
    assert report.tr101290["2.3.b"].count >= len(where) - 2
    assert report.continuity_errors == 0


@pytest.mark.parametrize("factor", [10, 100])
def test_pcrs_many_times_too_fast_are_what_they_are(factor: int) -> None:
    packets = clean(SECONDS)
    where = pcr_times(VIDEO_2, packets)
    put_pcrs(packets, where, PCR_FIRST[VIDEO_2] + where * MS_TICKS * factor)
    report = judge(finish(packets))
    pcr = report.pids[VIDEO_2].pcr
    assert pcr is not None
    jumps = len(where) - 1 if factor == 100 else 0
    assert pcr.intervals.jumps == jumps
    assert report.tr101290["2.3.b"].count == len(where) - BEFORE_PMT
    # The stream's own clock is the other program's: nothing else is late or early.
    assert report.tr101290["1.3"].count == report.tr101290["1.5"].count == 0


def test_a_reference_ten_times_too_fast_times_all_by_itself() -> None:
    """It is the only clock of the stream: ten times the time has passed."""
    packets = clean(SECONDS)
    for pid in (VIDEO_1, VIDEO_2):
        where = pcr_times(pid, packets)
        put_pcrs(packets, where, PCR_FIRST[pid] + where * MS_TICKS * 10)
    report = judge(finish(packets))
    assert report.duration_s == pytest.approx((SECONDS - 0.02) * 10)
    assert report.tr101290["1.3"].count == len(times_of("pat", packets))


@pytest.mark.parametrize("before_ms", [0, 1, 500, 2990, 3010])
def test_clocks_and_time_stamps_wrap_without_an_error(before_ms: int) -> None:
    """The 33-bit PTS at its modulus, and the 42 bits of the PCR at theirs."""
    packets = clean(SECONDS)
    first = PCR_MODULUS - before_ms * MS_TICKS
    for pid in (VIDEO_1, VIDEO_2):
        where = pcr_times(pid, packets)
        put_pcrs(packets, where, first + where * MS_TICKS)
    at = np.arange(len(packets))
    for place in (4, 14, 24, 34):
        where = at[at % 40 == place]
        put_pts(packets, where, (first + where * MS_TICKS) // 300 + 45_000)
    report = judge(finish(packets))
    assert counts(report) == {}
    assert report.duration_s == pytest.approx(SECONDS - 0.02)
    figures = report.pids[VIDEO_1].timestamps
    assert figures is not None
    assert figures.jumps == 0
    assert figures.ahead_min_s == pytest.approx(0.5, abs=0.001)
    assert figures.last_pts_90khz < PTS_MODULUS


def test_every_pid_at_once_is_counted() -> None:
    count = 20
    made = np.zeros((8192 * count, 188), np.uint8)
    pid = np.tile(np.arange(8192), count)
    made[:, 0], made[:, 1], made[:, 2], made[:, 3] = 0x47, pid >> 8, pid & 255, 0x10
    made[:, 4:] = 0xFF
    report = judge(finish(made))
    assert {row.packets for row in report.pids.values()} == {count}
    assert len(report.pids) == 8192
    assert report.continuity_errors == 0


def test_a_pcr_on_every_pid_is_counted() -> None:
    """More than are measured: the others are counted all the same."""
    field = rows(packet(VIDEO_1, 0, bytes(176), adaptation=b"\x07\x10" + bytes(6)))
    each = 10
    made = np.tile(field, (8191 * each, 1))
    pid = np.tile(np.arange(8191), each)
    made[:, 1], made[:, 2] = pid >> 8, pid & 255
    put_pcrs(made, np.arange(len(made)), np.arange(len(made), dtype=np.int64) * PCR_HZ // 10**6)
    report = judge(finish(made))
    assert {row.pcr_count for row in report.pids.values()} == {each}
    measured = [row.pcr for row in report.pids.values() if row.pcr is not None]
    assert len(measured) == 1024
    assert {one.pcr_count for one in measured} == {each}
