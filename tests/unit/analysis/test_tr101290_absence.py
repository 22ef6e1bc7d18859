"""What comes too late, or not at all, by ETSI TR 101 290, 5.2: each limit at both its sides, and
what has gone for good alarms when the limit passes, by whichever clock still moves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.builders import NULL_PID, PCR_HZ, adaptation_field, packet, packetize, pes_header, pmt
from tests.unit.analysis.fault_streams import (
    AUDIO_1,
    DATA,
    MS_TICKS,
    PCR_FIRST,
    PMT_1,
    STRAY,
    TABLES,
    VIDEO_1,
    VIDEO_2,
    Packets,
    blank,
    clean,
    counts,
    faults,
    finish,
    is_pes_start,
    judge,
    pids,
    put,
    remove,
    rows,
    send_table,
    times_of,
)
from tsloom import Report
from tsloom.analysis.limits import Limits

# ts_tr101290_end_block finds out which PIDs there were: a block is 512 packets of a millisecond.
BLOCK_MS = 512
# Table: limit in ms, indicators that count, each once.
LATE = {
    "pat": (500, ("1.3", "1.3.a")),
    "pmt 1": (500, ("1.5", "1.5.a")),
    "pmt 2": (500, ("1.5", "1.5.a")),
    "sdt": (2000, ("3.2", "3.5", "3.5.a")),
    "sdt other": (10_000, ("3.2", "3.5.b")),
    "bat": (10_000, ("3.2",)),
    "nit": (10_000, ("3.1", "3.1.a", "3.2")),
    "nit other": (10_000, ("3.1.b", "3.2")),
    "tdt": (30_000, ("3.2", "3.8")),
    "tot": (30_000, ("3.2",)),
}
# A section of EIT p/f leaves its partner alone (3.6.c).
LATE_EIT = {
    "eit 2 p": (2000, ("3.2", "3.6", "3.6.a", "3.6.c")),
    "eit 2 f": (2000, ("3.2", "3.6", "3.6.a", "3.6.c")),
    "eit other p": (10_000, ("3.2", "3.6.b", "3.6.c")),
    "eit other f": (10_000, ("3.2", "3.6.b", "3.6.c")),
}
PCR_LATE = ("2.3", "2.3.a")


def once(*numbers: str) -> dict[str, int]:
    return dict.fromkeys(numbers, 1)


def states(report: Report, *numbers: str) -> set[str]:
    return {report.tr101290[number].state for number in numbers}


def time_of(report: Report, number: str) -> float:
    (what,) = report.tr101290[number].occurrences
    assert what.stream_time_s is not None
    return what.stream_time_s


# -- limits from both sides


@pytest.mark.parametrize("name", LATE)
def test_an_interval_counts_above_its_limit_only(name: str) -> None:
    limit, numbers = LATE[name]
    for more, expected in ((-1, {}), (0, {}), (1, once(*numbers))):
        packets = clean((limit + 4000) / 1000)
        start = 1038
        remove(name, packets, start - 30, start + limit + 30)
        send_table(packets, start, name)
        send_table(packets, start + limit + more, name)
        assert faults(packets) == expected, more


@pytest.mark.parametrize("name", LATE_EIT)
def test_an_interval_of_eit_counts_above_its_limit_only(name: str) -> None:
    limit, numbers = LATE_EIT[name]
    for more, expected in ((0, {}), (1, set(numbers) - {"3.6.c"})):
        packets = clean((limit + 4000) / 1000)
        start = 1098
        remove(name, packets, start - 30, start + limit + 30)
        send_table(packets, start, name)
        send_table(packets, start + limit + more, name)
        assert faults(packets) == once(*expected), more


def put_pcr(packets: Packets, at: int, pid: int) -> None:
    field = adaptation_field(pcr=PCR_FIRST[pid] + at * MS_TICKS)
    put(packets, at, packet(pid, 0, bytes(176), adaptation=field))


def find_pcrs(packets: Packets, pid: int) -> np.ndarray:
    has = (pids(packets) == pid) & (packets[:, 3] & 0x20 != 0) & (packets[:, 5] & 0x10 != 0)
    return np.flatnonzero(has)


def without_pcrs(packets: Packets, pid: int, start: int, end: int = 1 << 60) -> None:
    """Payload in their place: the PID goes on."""
    where = find_pcrs(packets, pid)
    packets[where[(where >= start) & (where < end)]] = rows(packet(pid, 0, bytes(184)))[0]


@pytest.mark.parametrize("pid", [VIDEO_1, VIDEO_2], ids=["reference", "other"])
@pytest.mark.parametrize(("more", "count"), [(-1, 0), (0, 0), (1, 1)])
def test_pcrs_count_above_100_ms_only(pid: int, more: int, count: int) -> None:
    """The values are as far apart as the packets: 2.3.a and 2.3.b both, and 2.3 once for both."""
    packets = clean(6)
    without_pcrs(packets, pid, 2038, 2139)
    put_pcr(packets, 2038, pid)
    put_pcr(packets, 2138 + more, pid)
    without_pcrs(packets, pid, 2020, 2038)
    assert faults(packets) == (once(*PCR_LATE, "2.3.b") if count else {})


@pytest.mark.parametrize(("more", "count"), [(-1, 0), (0, 0), (1, 1)])
def test_pts_count_above_700_ms_only(more: int, count: int) -> None:
    packets = clean(5)
    starts = np.flatnonzero(is_pes_start(packets, AUDIO_1))
    blank(packets, starts[(starts > 2000) & (starts < 2740)])
    for at in (2038, 2738 + more):
        start = pes_header(0xC0, (PCR_FIRST[VIDEO_1] + at * MS_TICKS) // 300 + 45_000)
        made = packet(AUDIO_1, 0, start + bytes(184 - len(start)), payload_unit_start=True)
        put(packets, at, made)
    assert faults(packets) == ({"2.5": 1} if count else {})


@pytest.mark.parametrize(("silence", "count"), [(4480, 0), (5520, 1)])
@pytest.mark.parametrize("first", range(2008, 2508, 100))
def test_a_silent_pid_counts_within_a_block_of_its_limit(
    silence: int, count: int, first: int
) -> None:
    packets = clean(10)
    blank(packets, np.flatnonzero((pids(packets) == DATA) & (np.arange(len(packets)) > 2000)))
    for at in range(first + silence, 9900, 100):
        put(packets, at, packet(DATA, 0, bytes(184)))
    put(packets, first, packet(DATA, 0, bytes(184)))
    assert faults(packets) == ({"1.6": 1} if count else {})


@pytest.mark.parametrize(("wait", "count"), [(400, 0), (500 + BLOCK_MS, 1)])
def test_a_pid_counts_if_no_pmt_names_it_in_time(wait: int, count: int) -> None:
    packets = clean(6)
    first = 1038
    for at in range(first, 5900, 100):
        put(packets, at, packet(STRAY, 0, bytes(184)))
    streams = [(0x1B, VIDEO_1, b""), (0x0F, AUDIO_1, b""), (6, DATA, b""), (6, STRAY, b"")]
    (made,) = packetize(pmt(1, VIDEO_1, streams, version=1), PMT_1)
    named = [at for at in times_of("pmt 1", packets) if at >= first + wait]
    packets[named] = rows(made)[0]
    assert faults(packets) == (once("3.4", "3.4.a") if count else {})


def test_limits_are_the_users_to_set() -> None:
    packets = clean(4)
    remove("pat", packets, 2000, 2500)
    assert faults(packets, Limits(pat_s=0.3)) == once("1.3", "1.3.a")
    assert faults(packets, Limits(pat_s=0)) == {}


# -- gone for good


@pytest.mark.parametrize("name", LATE | LATE_EIT)
def test_a_table_that_vanishes_alarms_when_its_limit_passes_and_stays_in_error(name: str) -> None:
    limit, numbers = (LATE | LATE_EIT)[name]
    packets = clean((limit + 16_000) / 1000)
    last = [at for at in times_of(name, packets) if at < 12_000][-1]
    remove(name, packets, last + 1)
    report = judge(finish(packets))
    assert counts(report) == once(*numbers)
    assert states(report, *numbers) == {"error"}
    for number in set(numbers) - {"3.6.c"}:
        assert time_of(report, number) == pytest.approx((last + limit) / 1000, abs=1e-9)
        (what,) = report.tr101290[number].occurrences
        assert what.allowed == limit / 1000
        assert what.pid == TABLES[name][0]


@pytest.mark.parametrize("name", LATE | LATE_EIT)
def test_a_table_that_comes_back_is_ok_after_the_hold(name: str) -> None:
    limit, numbers = (LATE | LATE_EIT)[name]
    packets = clean((limit + 34_000) / 1000)
    last = [at for at in times_of(name, packets) if at < 12_000][-1]
    remove(name, packets, last + 1, last + limit + 3000)
    back = next(at for at in times_of(name, packets) if at >= last + limit + 3000)
    report = judge(finish(packets[: back + 2000]))
    assert counts(report) == once(*numbers)
    assert states(report, *numbers) == {"ok"}


@pytest.mark.parametrize("gone", [[VIDEO_1], [VIDEO_2], [VIDEO_1, VIDEO_2]], ids=str)
def test_pcrs_that_vanish_alarm_by_any_clock_that_moves(gone: list[int]) -> None:
    """Another program's PCRs, or the packet count at the rate before."""
    packets = clean(12)
    for pid in gone:
        without_pcrs(packets, pid, 3000)
    report = judge(finish(packets))
    assert counts(report) == dict.fromkeys(PCR_LATE, len(gone))
    assert states(report, *PCR_LATE) == {"error"}
    seen = {what.pid: what.stream_time_s for what in report.tr101290["2.3.a"].occurrences}
    last = {VIDEO_1: 2.980, VIDEO_2: 2.990}
    assert seen == {pid: pytest.approx(last[pid] + 0.1, abs=1e-9) for pid in gone}


@pytest.mark.parametrize("pid", [VIDEO_1, VIDEO_2], ids=["reference", "other"])
def test_pcrs_that_come_back_are_ok_after_the_hold(pid: int) -> None:
    """Without discontinuity_indicator: the values on both sides are far apart (2.3.b)."""
    packets = clean(12)
    without_pcrs(packets, pid, 3000, 7000)
    report = judge(finish(packets))
    assert counts(report) == once(*PCR_LATE, "2.3.b")
    assert states(report, *PCR_LATE, "2.3.b") == {"ok"}
    assert report.duration_s is not None


def test_tables_that_vanish_with_all_pcrs_alarm_too() -> None:
    packets = clean(20)
    for pid in (VIDEO_1, VIDEO_2):
        without_pcrs(packets, pid, 3000)
    for name in ("pat", "sdt"):
        remove(name, packets, 8000)
    report = judge(finish(packets))
    assert counts(report) == {**once("1.3", "1.3.a", "3.2", "3.5", "3.5.a"), "2.3": 2, "2.3.a": 2}
    assert time_of(report, "1.3") == pytest.approx(7.931 + 0.5, abs=1e-9)
    assert time_of(report, "3.5.a") == pytest.approx(7.071 + 2, abs=1e-9)


@pytest.mark.parametrize(
    ("pid", "numbers"),
    [(DATA, ("1.6",)), (AUDIO_1, ("1.6", "2.5")), (VIDEO_1, ("1.6", "2.3", "2.3.a", "2.5"))],
    ids=["data", "audio", "video"],
)
def test_a_pid_that_vanishes_alarms_and_stays_in_error(pid: int, numbers: tuple[str, ...]) -> None:
    """With a PID go its PTS and PCR."""
    packets = clean(14)
    at = np.arange(len(packets))
    where = np.flatnonzero((pids(packets) == pid) & (at >= 4000))
    last = np.flatnonzero((pids(packets) == pid) & (at < 4000))[-1]
    blank(packets, where)
    report = judge(finish(packets))
    assert counts(report) == once(*numbers)
    assert states(report, *numbers) == {"error"}
    assert 0 <= time_of(report, "1.6") - (last / 1000 + 5) <= BLOCK_MS / 1000


def test_a_pid_that_comes_back_is_ok() -> None:
    packets = clean(14)
    at = np.arange(len(packets))
    blank(packets, np.flatnonzero((pids(packets) == DATA) & (at >= 3000) & (at < 9500)))
    report = judge(finish(packets))
    assert counts(report) == {"1.6": 1}
    assert states(report, "1.6") == {"ok"}


def test_a_pid_that_is_promised_and_never_comes_alarms() -> None:
    packets = clean(8)
    blank(packets, np.flatnonzero(pids(packets) == DATA))
    assert faults(packets) == {"1.6": 1}


def test_without_any_pcr_nothing_timed_is_measured() -> None:
    packets = clean(4)
    for pid in (VIDEO_1, VIDEO_2):
        without_pcrs(packets, pid, 0)
    remove("pat", packets, 2000)
    report = judge(finish(packets))
    assert counts(report) == {}
    assert states(report, "1.3", "1.5", "1.6", "2.3", "2.5", "3.1", "3.8") == {"not measured"}
    assert states(report, "1.4", "2.1", "2.2") == {"ok"}
    assert len(report.tr101290["1.3"].reason) > 0


def test_a_stream_of_null_packets_is_no_error_but_for_what_is_missing() -> None:
    packets = np.tile(rows(packet(NULL_PID, 0, bytes(184))), (100, 1))
    report = judge(packets)
    assert counts(report) == {}
    assert report.duration_s is None
    assert PCR_HZ == 27_000_000
