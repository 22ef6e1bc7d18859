"""The carousel: cycles, spacing, limits; and whether it is said before what will not fit."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import PCR_HZ, section
from tests.guide import Guide, Key, make_events
from tsloom import dvb
from tsloom.errors import UsageError

MIDNIGHT = datetime(2026, 5, 1, tzinfo=UTC)
STEP = PCR_HZ // 25
# Seconds, as TS 101 211 has them, and the share of them that is planned.
SATELLITE = {0x4E: 2, 0x4F: 10, 0x50: 10, 0x51: 10, 0x60: 10, 0x61: 10}
PLANNED = 0.95


def eit(table_id: int, service_id: int, number: int, size: int = 300) -> bytes:
    ids = (10).to_bytes(2, "big") + (1).to_bytes(2, "big") + bytes((number, table_id))
    return section(table_id, service_id, ids + bytes(size), number=number, last=255)


def guide_sections(services: int, text: str = "") -> list[bytes]:
    keys = [Key(1, 10 + number // 4, 100 + number) for number in range(services)]
    guide = Guide({key: make_events(MIDNIGHT, 8 * 24, 60, text) for key in keys})
    now = MIDNIGHT + timedelta(hours=1)
    return list(dvb.EitGenerator(guide, now, actual=(1, 10)).sections)


def play(carousel: dvb.Carousel, seconds: int) -> list[dvb.DueSection]:
    return [due for until in range(STEP, seconds * PCR_HZ, STEP) for due in carousel.take(until)]


def times_of(played: list[dvb.DueSection]) -> dict[bytes, list[int]]:
    times: dict[bytes, list[int]] = defaultdict(list)
    for due in played:
        times[due.section].append(due.due_27mhz)
    return times


def bits_of(data: bytes) -> int:
    return -(-(len(data) + 1) // 184) * 188 * 8


@pytest.mark.parametrize("services", [1, 3, 20])
def test_each_section_comes_at_the_cycle_of_its_table(services: int) -> None:
    carousel = dvb.Carousel()
    sections = guide_sections(services)
    carousel.update(sections)
    times = times_of(play(carousel, 45))
    assert set(times) == set(sections)
    for data, found in times.items():
        cycle = SATELLITE[data[0]] * PCR_HZ
        assert found[0] <= cycle
        for one, later in pairwise(found):
            assert later - one <= cycle
            assert abs(later - one - PLANNED * cycle) <= 0.05 * PLANNED * cycle


@given(
    counts=st.lists(st.integers(1, 256), min_size=1, max_size=4),
    size=st.integers(0, 4000),
    limit=st.none() | st.floats(1e5, 1e7),
)
@settings(max_examples=25)
def test_sections_of_a_sub_table_are_25_ms_apart(
    counts: list[int], size: int, limit: float | None
) -> None:
    carousel = dvb.Carousel(profile="terrestrial", bitrate_limit=limit)
    for service_id, count in enumerate(counts):
        carousel.update([eit(0x50, service_id, number, size) for number in range(count)])
    last: dict[bytes, int] = {}
    for due in play(carousel, 30):
        table = due.section[3:5]
        assert due.due_27mhz - last.get(table, -PCR_HZ) >= PCR_HZ // 40
        last[table] = due.due_27mhz


@pytest.mark.parametrize("limit", [400_000, 1_000_000, 3_000_000])
def test_no_second_has_more_bits_than_the_limit(limit: int) -> None:
    carousel = dvb.Carousel(bitrate_limit=limit)
    carousel.update(guide_sections(10, "A longer text. " * 20))
    played = play(carousel, 40)
    free_from = 0.0
    for due in played:
        assert due.due_27mhz >= free_from - 1
        free_from = due.due_27mhz + bits_of(due.section) * PCR_HZ / limit
    sent = sum(bits_of(due.section) for due in played)
    assert sent <= limit * 40 * 1.01


def test_what_does_not_fit_is_stretched_and_nothing_starves() -> None:
    carousel = dvb.Carousel(bitrate_limit=300_000)
    sections = guide_sections(10, "A longer text. " * 20)
    carousel.update(sections)
    plan = carousel.plan
    assert not plan.fits
    assert plan.planned_bps == pytest.approx(300_000)
    loads = {load.cycle_class: load for load in plan.loads}
    near = loads[dvb.CycleClass.PRESENT_FOLLOWING_ACTUAL]
    assert near.fits
    times = times_of(play(carousel, 300))
    assert set(times) == set(sections)
    for data, found in times.items():
        load = loads[dvb.find_cycles("satellite").classify(data)]
        for one, later in pairwise(found):
            assert (later - one) / PCR_HZ <= 1.05 * load.planned_cycle_s + 0.5


def test_it_is_smooth_over_time() -> None:
    carousel = dvb.Carousel()
    carousel.update(guide_sections(40))
    per_second: dict[int, int] = defaultdict(int)
    for due in play(carousel, 40):
        per_second[due.due_27mhz // PCR_HZ] += bits_of(due.section)
    inside = [per_second[second] for second in range(11, 39)]
    assert max(inside) <= 1.1 * sum(inside) / len(inside)
    assert sum(inside) / len(inside) == pytest.approx(carousel.plan.planned_bps, rel=0.02)


@given(gone=st.sets(st.integers(0, 63)), seconds=st.integers(1, 20))
@settings(max_examples=20)
def test_sections_that_come_and_go_do_not_disturb_the_others(gone: set[int], seconds: int) -> None:
    carousel = dvb.Carousel()
    sections = [eit(0x50, 1, number) for number in range(64)]
    carousel.update(sections)
    played = play(carousel, seconds)
    carousel.update([eit(0x50, 2, 0)], [sections[number] for number in gone])
    assert len(carousel) == 64 - len(gone) + 1
    for until in range(seconds * PCR_HZ, (seconds + 30) * PCR_HZ, STEP):
        played += carousel.take(until)
    for data, found in times_of(played).items():
        if data[6] in gone and data[3:5] == b"\0\1":
            assert found[-1] <= seconds * PCR_HZ + STEP
            continue
        assert (seconds + 30) * PCR_HZ - found[-1] <= 10 * PCR_HZ
        for one, later in pairwise(found):
            assert abs(later - one - 9.5 * PCR_HZ) <= 0.05 * 9.5 * PCR_HZ


def test_a_section_takes_the_place_of_the_one_that_it_replaces() -> None:
    carousel = dvb.Carousel()
    carousel.put(eit(0x4E, 1, 0, 10))
    carousel.put(eit(0x4E, 1, 0, 600))
    assert len(carousel) == 1
    assert {len(due.section) for due in play(carousel, 4)} == {len(eit(0x4E, 1, 0, 600))}


@pytest.mark.parametrize(
    ("data", "pid", "seconds"),
    [
        (section(0x40, 1, bytes(4)), 0x10, 10),
        (section(0x42, 1, bytes(3)), 0x11, 2),
        (section(0x46, 1, bytes(3)), 0x11, 10),
        (section(0x4A, 1, bytes(4)), 0x11, 10),
        (dvb.encode_tdt(dvb.TimeAndDateTable(MIDNIGHT)), 0x14, 30),
    ],
)
def test_other_tables_have_cycles_and_pids_too(data: bytes, pid: int, seconds: int) -> None:
    carousel = dvb.Carousel()
    carousel.put(data)
    played = play(carousel, 100)
    assert {due.pid for due in played} == {pid}
    gaps = {later.due_27mhz - one.due_27mhz for one, later in pairwise(played)}
    assert all(abs(gap - PLANNED * seconds * PCR_HZ) <= 2 for gap in gaps)


def test_cycles_are_set_one_by_one() -> None:
    cycles = {"eit_pf_actual": "500ms", "eit_schedule_actual_later": 60, "prime_days": 1}
    found = dvb.check_cycles(guide_sections(1), cycles=cycles)
    assert {load.cycle_class.value: load.cycle_s for load in found.loads} == {
        "eit_pf_actual": 0.5,
        "eit_schedule_actual_prime": 10,
        "eit_schedule_actual_later": 60,
    }


def test_the_check_counts_packets() -> None:
    sections = [eit(0x4E, 1, 0, 165), eit(0x4E, 1, 1, 166)]
    assert [len(data) for data in sections] == [183, 184]
    found = dvb.check_cycles(sections, bitrate_limit=2256)
    load = found.get("eit_pf_actual")
    assert load is not None
    assert load.bits == 3 * 188 * 8
    assert found.wanted_bps == 2256
    assert found.fits
    assert not dvb.check_cycles(sections, bitrate_limit=2255).fits


def test_a_full_sub_table_is_no_faster_than_its_spacing_allows() -> None:
    sections = [eit(0x50, 1, number) for number in range(256)]
    found = dvb.check_cycles(sections, cycles={"eit_schedule_actual_prime": 5})
    (load,) = found.loads[:1]
    assert load.planned_cycle_s >= 128 * 0.025


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": "moon"},
        {"cycles": {"eit": 1}},
        {"cycles": {"nit": "0.001s"}},
        {"cycles": {"prime_days": 0}},
        {"bitrate_limit": 0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        dvb.Carousel(**wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        dvb.Carousel().put(section(0x00, 1, b""))
