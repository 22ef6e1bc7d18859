"""One fault stream per indicator of ETSI TR 101 290, 5.2: the number of faults is known, exactly so
many are counted, and nothing else is.

Where the guideline's text makes one fault count under several numbers (2.3 is "2.3.a or 2.3.b", 3.2
comes "in addition to" the tables' own), they are all listed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.builders import adaptation_field, packet, section
from tests.unit.analysis.fault_streams import (
    AUDIO_1,
    DATA,
    MS_TICKS,
    NULL_PLACES,
    PCR_FIRST,
    STRAY,
    TABLES,
    VIDEO_1,
    VIDEO_2,
    Packets,
    blank,
    clean,
    counts,
    eit,
    faults,
    finish,
    is_pes_start,
    judge,
    judge_parts,
    parts,
    pids,
    put,
    put_pcrs,
    remove,
    send,
    send_table,
    short_section,
    times_of,
)

Edit = Callable[[Packets], None]
# Null packets, far enough from each other: more than a sync loss needs between two.
NULLS = [1007, 1508, 2009, 2507]
N = len(NULLS)

GAP_TABLES = {
    "nit": ("3.1.a", "3.2"),
    "nit other": ("3.2",),
    "sdt": ("3.2", "3.5.a"),
    "sdt other": ("3.2",),
    "bat": ("3.2",),
    "eit 1 p": ("3.2", "3.6.a"),
    "eit other p": ("3.2",),
    "eit schedule": ("3.2",),
    "rst": ("3.2", "3.7"),
    "tdt": ("3.2", "3.8"),
    "tot": ("3.2",),
}


def all_of(count: int, *numbers: str) -> dict[str, int]:
    return dict.fromkeys(numbers, count)


def test_a_clean_hour_has_no_error() -> None:
    report = judge_parts([part.tobytes() for part in parts(3600)])
    assert counts(report) == {}
    not_measured = {n for n, one in report.tr101290.items() if one.state == "not measured"}
    assert not_measured == {"3.3", "3.9", "3.10"}
    assert {one.state for n, one in report.tr101290.items() if n not in not_measured} == {"ok"}
    assert report.duration_s == pytest.approx(3600, abs=0.04)


# -- priority 1


def test_1_1_each_loss_of_sync_counts_once() -> None:
    """Two bad sync bytes lose, the null packets behind are lost for sync (annex G.1); the bad bytes
    themselves are no 1.2 besides."""
    packets = finish(clean(4))
    for first in (1007, 2007, 3007):
        packets[first : first + 2, 0] = 0
    seen = counts(judge(packets))
    assert seen == {"1.1": 3}


def test_1_2_each_bad_sync_byte_within_lock_counts() -> None:
    packets = finish(clean(4))
    packets[NULLS, 0] = 0x46
    assert counts(judge(packets)) == {"1.2": N}


def intrude(pid: int, table_id: int) -> Edit:
    """Sections of a table that has no place on the PID."""

    def edit(packets: Packets) -> None:
        for number, at in enumerate(NULLS):
            send(packets, at, pid, section(table_id, number, bytes(8)))

    return edit


INTRUDERS = {
    0x0000: (0x03, ("1.3", "1.3.a")),
    0x0001: (0x00, ("2.6",)),
    0x0010: (0x42, ("3.1", "3.1.a")),
    0x0011: (0x40, ("3.5", "3.5.a")),
    0x0012: (0x42, ("3.6", "3.6.a")),
    0x0013: (0x40, ("3.7",)),
    0x0014: (0x42, ("3.8",)),
}


@pytest.mark.parametrize("pid", INTRUDERS, ids=hex)
def test_a_table_on_the_wrong_pid_counts_each_time(pid: int) -> None:
    table_id, numbers = INTRUDERS[pid]
    packets = clean(4)
    intrude(pid, table_id)(packets)
    assert faults(packets) == all_of(N, *numbers)


@pytest.mark.parametrize("pid", [0x10, 0x11, 0x12, 0x13, 0x14], ids=hex)
def test_stuffing_tables_belong_on_every_pid_of_si(pid: int) -> None:
    packets = clean(4)
    for at in NULLS:
        send(packets, at, pid, short_section(0x72, bytes(20)))
    assert faults(packets) == {}


def test_1_3_each_scrambled_pat_packet_counts() -> None:
    packets = clean(4)
    packets[times_of("pat", packets)[5:8], 3] |= 0x80
    assert faults(packets) == all_of(3, "1.3", "1.3.a")


def test_1_3_a_alone_counts_where_packets_come_without_sections() -> None:
    packets = clean(4)
    for at in times_of("pat", packets)[10:20]:
        packets[at] = np.frombuffer(packet(0, 0, bytes(184)), np.uint8)
    assert faults(packets) == {"1.3.a": 1}


def video_payloads(packets: Packets) -> list[int]:
    """Packets of the first video without PCR or PTS."""
    plain = (pids(packets) == VIDEO_1) & (packets[:, 3] & 0x20 == 0) & (packets[:, 1] & 0x40 == 0)
    return np.flatnonzero(plain).tolist()


def test_1_4_each_lost_packet_counts() -> None:
    packets = finish(clean(4))
    blank(packets, video_payloads(packets)[50:250:50])
    assert counts(judge(packets)) == {"1.4": 4}


def test_1_4_a_third_occurrence_counts_and_a_second_does_not() -> None:
    packets = finish(clean(4))
    # The PID's next packet is the PCR 8 ms later; between them are null packets.
    first = [index for index in video_payloads(packets) if index % 40 == 12][20:24]
    for index in first:
        packets[index + 5] = packets[index]
    assert counts(judge(packets)) == {}
    for index in first:
        packets[index + 6] = packets[index]
    assert counts(judge(packets)) == {"1.4": 4}


def test_1_4_packets_in_the_wrong_order_count() -> None:
    """a c b d: at c one is missing, b is not the next, d is not the next."""
    packets = finish(clean(4))
    first, second = video_payloads(packets)[50:52]
    packets[[first, second]] = packets[[second, first]]
    assert counts(judge(packets)) == {"1.4": 3}


def test_1_5_each_scrambled_pmt_packet_counts() -> None:
    packets = clean(4)
    packets[times_of("pmt 1", packets)[5:8], 3] |= 0x80
    assert faults(packets) == all_of(3, "1.5", "1.5.a")


# -- priority 2


def test_2_1_each_transport_error_counts_and_nothing_is_derived_from_it() -> None:
    """5.2.2: no further error is to be derived from the erroneous packet; not from its PID either,
    which may be any."""
    packets = finish(clean(4))
    packets[NULLS, 1] |= 0x80
    for number, at in enumerate([at + 200 for at in NULLS]):
        made = packet(STRAY + number, 0, bytes(184), transport_error=True, scrambling=2)
        packets[at] = np.frombuffer(made, np.uint8)
    assert counts(judge(packets)) == {"2.1": 2 * N}


@pytest.mark.parametrize(
    "name", [name for name in TABLES if name not in ("rst", "tdt", "eit schedule")]
)
def test_2_2_each_bad_crc_counts(name: str) -> None:
    packets = clean(12)
    pid, data = TABLES[name][:2]
    for at in NULLS:
        send(packets, at, pid, data[:-1] + bytes((data[-1] ^ 1,)))
    assert faults(packets) == {"2.2": N}


def test_2_2_is_not_for_tables_of_others() -> None:
    """The clause lists PAT, CAT, PMT, NIT, EIT, BAT, SDT and TOT."""
    packets = clean(4)
    for at in NULLS:
        send(packets, at, DATA, section(0x80, 1, b"private")[:-1] + b"\0")
    assert faults(packets) == {}


def pcrs_of(packets: Packets, pid: int) -> np.ndarray:
    has = (pids(packets) == pid) & (packets[:, 3] & 0x20 != 0) & (packets[:, 5] & 0x10 != 0)
    return np.flatnonzero(has)


def shift_pcrs(packets: Packets, pid: int, where: np.ndarray, ticks: int) -> None:
    put_pcrs(packets, where, PCR_FIRST[pid] + where * MS_TICKS + ticks)


@pytest.mark.parametrize("pid", [VIDEO_1, VIDEO_2], ids=["reference", "other"])
@pytest.mark.parametrize("ticks", [-10 * 27_000_000, 10 * 27_000_000, 27_000_000 // 5])
def test_2_3_b_each_jump_of_the_values_counts(pid: int, ticks: int) -> None:
    """2.3 is 2.3.a or 2.3.b. That PCRs come on time, every 20 ms, the packets tell. To the jump and
    back: twice."""
    packets = clean(6)
    where = pcrs_of(packets, pid)
    shift_pcrs(packets, pid, where[100:200], ticks)
    assert faults(packets) == all_of(2, "2.3", "2.3.b")


def test_2_3_b_does_not_count_a_jump_that_is_announced() -> None:
    packets = clean(6)
    where = pcrs_of(packets, VIDEO_1)
    shift_pcrs(packets, VIDEO_1, where[100:200], 27_000_000 * 60)
    packets[[where[100], where[200]], 5] |= 0x80
    assert faults(packets) == {}


@pytest.mark.parametrize("ticks", [-20, 20])
@pytest.mark.parametrize("pid", [VIDEO_1, VIDEO_2], ids=["reference", "other"])
def test_2_4_each_pcr_off_its_place_counts(pid: int, ticks: int) -> None:
    """20 ticks of 27 MHz are 741 ns."""
    packets = clean(12)
    where = pcrs_of(packets, pid)[50:550:100]
    shift_pcrs(packets, pid, where, ticks)
    assert faults(packets) == {"2.4": 5}


def test_2_4_does_not_count_within_500_ns() -> None:
    packets = clean(12)
    shift_pcrs(packets, VIDEO_1, pcrs_of(packets, VIDEO_1)[50:550:100], 13)
    assert faults(packets) == {}


def test_2_6_counts_scrambled_packets_without_a_cat() -> None:
    """Once, for as long as no CAT comes. The PTS of what is scrambled cannot be read: 2.5 is not
    measured there."""
    packets = clean(6)
    remove("cat", packets)
    where = np.flatnonzero(pids(packets) == VIDEO_1)
    packets[where[where > 2000], 3] |= 0x80
    report = judge(finish(packets))
    assert counts(report) == {"2.6": 1}
    assert report.tr101290["2.6"].state == "error"


def test_scrambling_with_a_cat_is_no_error() -> None:
    packets = clean(6)
    where = np.flatnonzero(pids(packets) == VIDEO_1)
    packets[where[where > 2000], 3] |= 0xC0
    assert faults(packets) == {}


# -- priority 3


@pytest.mark.parametrize("name", GAP_TABLES)
def test_sections_within_25_ms_count(name: str) -> None:
    """EN 300 468, 5.1.4: from the last byte of one section to the first of the next."""
    for gap, count in ((16, 1), (36, 0)):
        packets = clean(12)
        at = times_of(name, packets)[0] + gap
        assert at % 10 in NULL_PLACES
        send_table(packets, at, name)
        assert faults(packets) == all_of(count, *GAP_TABLES[name] if count else ())


def test_sections_of_different_sub_tables_may_follow_at_once() -> None:
    packets = clean(4)
    send(packets, 377, 0x12, eit(0x4E, 3, 0))
    send(packets, 378, 0x12, eit(0x4E, 4, 0))
    for service, at in ((3, 407), (4, 408)):
        send(packets, at, 0x12, eit(0x4E, service, 1))
    for second in (1, 2, 3):
        for number in (0, 1):
            send(packets, second * 1000 + 377 + 30 * number, 0x12, eit(0x4E, 3, number))
            send(packets, second * 1000 + 378 + 30 * number, 0x12, eit(0x4E, 4, number))
    assert faults(packets) == {}


def test_3_4_each_pid_that_no_table_names_counts_once() -> None:
    packets = clean(4)
    for number, at in enumerate(NULLS):
        put(packets, at, packet(STRAY + number, 0, bytes(184)))
        put(packets, at + 100, packet(STRAY + number, 0, bytes(184)))
    assert faults(packets) == all_of(N, "3.4", "3.4.a")


def test_3_4_does_not_count_pids_of_psi_si_and_null_packets() -> None:
    """0x0000 to 0x001F are the standards' (3.4.a), also where nothing is sent on them."""
    packets = clean(4)
    for pid, at in zip((0x02, 0x03, 0x15, 0x1E), NULLS, strict=True):
        put(packets, at, packet(pid, 0, adaptation=adaptation_field()))
    assert faults(packets) == {}


@pytest.mark.parametrize("number", [0, 1])
def test_3_6_c_counts_a_section_without_its_partner(number: int) -> None:
    packets = clean(6)
    for second in range(6):
        send(packets, second * 1000 + 377, 0x12, eit(0x4E, 3, number))
    assert faults(packets) == {"3.6.c": 1}


@pytest.mark.parametrize("name", ["eit 1 p", "eit 1 f"])
def test_3_6_c_counts_where_a_partner_has_gone(name: str) -> None:
    """3.6.a: section 0 or 1 not there for 2 s. 3.6: as read here, each section of EIT actual."""
    packets = clean(8)
    remove(name, packets, 3000)
    assert faults(packets) == all_of(1, "3.2", "3.6", "3.6.a", "3.6.c")


def test_3_6_c_does_not_count_where_both_have_gone() -> None:
    packets = clean(8)
    remove("eit 1 p", packets, 3000)
    remove("eit 1 f", packets, 3000)
    assert faults(packets) == all_of(2, "3.2", "3.6", "3.6.a")


# -- what never counts


def test_legal_duplicates_count_nowhere() -> None:
    """2.4.3.3: each packet may be sent twice; a PCR in it says its own time."""
    packets = finish(clean(6))
    at = np.arange(len(packets))
    behind_audio = at[(at % 10 == 7) & (at > 10)]
    packets[behind_audio] = packets[behind_audio - 1]
    behind_pcr = at[(at % 20 == 1) & (pids(packets) == 0x1FFF)]
    packets[behind_pcr] = packets[behind_pcr - 1]
    put_pcrs(packets, behind_pcr, PCR_FIRST[VIDEO_1] + behind_pcr * MS_TICKS)
    report = judge(packets)
    assert counts(report) == {}
    assert report.duplicates == len(behind_audio) + len(behind_pcr)


@pytest.mark.parametrize("name", ["pat", "pmt 1", "cat", "sdt", "eit 1 p", "nit", "tdt", "rst"])
def test_a_duplicate_packet_is_no_second_section(name: str) -> None:
    packets = finish(clean(12))
    at = times_of(name, packets)[0]
    packets[at + 6] = packets[at]
    assert counts(judge(packets)) == {}


def test_discontinuity_indicator_excuses_counters() -> None:
    packets = finish(clean(4))
    where = np.flatnonzero(pids(packets) == VIDEO_1)
    for at in pcrs_of(packets, VIDEO_1)[50:150:20]:
        packets[at, 5] |= 0x80
        behind = where[where >= at]
        packets[behind, 3] = packets[behind, 3] & 0xF0 | (packets[behind, 3] + 5) & 0x0F
    assert counts(judge(packets)) == {}


def test_2_5_does_not_count_where_no_pts_was_ever_sent() -> None:
    packets = clean(4)
    blank(packets, is_pes_start(packets, AUDIO_1))
    assert faults(packets) == {}
