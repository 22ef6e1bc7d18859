"""The SectionInserter: rooms, order, spacing, repetition, cancelling; what it tells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    NULL_PACKET,
    PCR_HZ,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    section,
    split,
)
from tests.second_opinion import FoundSection, count_packets, read_pcrs
from tests.unit.pipeline.inserting import (
    FIRST_PCR,
    FULL,
    MS,
    MUX,
    PID,
    data_of,
    found,
    run,
    scheduled,
)
from tsloom import PacketBatch, Pipeline, Room, SectionInserter
from tsloom.errors import UsageError
from tsloom.pipeline import Insertion, InsertionFailure, ScheduledSection


def test_the_multiplex_is_what_these_tests_count_on() -> None:
    assert read_pcrs(MUX.packets(100))[SERVICE_1.video_pid][0][0] == FIRST_PCR
    assert read_pcrs(FULL.packets(100))[SERVICE_1.video_pid][0][0] == FIRST_PCR
    assert MUX.pcr_at(1) - MUX.pcr_at(0) == MS


@pytest.mark.parametrize("room", ["nulls", "nulls_then_add", "add"])
def test_a_null_packet_at_the_due_time_is_used(room: str) -> None:
    packets = FULL.packets(600)
    packets[FIRST_PCR + 300] = NULL_PACKET
    inserter = SectionInserter(room=room)
    inserter.insert(scheduled(300))
    out = run(inserter, packets)
    assert len(out) == 600
    told = inserter.insertions[0]
    assert told == Insertion(1, PID, FIRST_PCR + 300, FIRST_PCR + 300, 0.3, told.pts_90khz, False)
    assert told.pts_90khz == FULL.pcr_at(FIRST_PCR + 300) // 300
    assert found(out) == [FoundSection(FIRST_PCR + 300, FIRST_PCR + 300, data_of(0))]


def test_nulls_waits_for_a_null_packet_up_to_the_deadline() -> None:
    packets = FULL.packets(600)
    packets[FIRST_PCR + 400] = NULL_PACKET
    inserter = SectionInserter(room=Room.NULLS)
    inserter.insert(scheduled(300, 100))
    run(inserter, packets)
    assert inserter.insertions[0].packet_index == FIRST_PCR + 400


def test_nulls_fails_with_the_reason_when_the_deadline_passes() -> None:
    packets = FULL.packets(600)
    packets[FIRST_PCR + 402] = NULL_PACKET
    heard: list[Any] = []
    inserter = SectionInserter(room=Room.NULLS, on_insertion=heard.append)
    section_id = inserter.insert(scheduled(300, 100))
    out = run(inserter, packets)
    failure = InsertionFailure(section_id, PID, "no null packet before the deadline")
    assert list(inserter.failures) == heard == [failure]
    assert out == packets


def test_nulls_then_add_adds_a_packet_at_the_deadline() -> None:
    inserter = SectionInserter(room=Room.NULLS_THEN_ADD)
    inserter.insert(scheduled(300, 100))
    out = run(inserter, FULL.packets(600))
    assert len(out) == 601
    told = inserter.insertions[0]
    assert told.added
    assert told.stream_time_s == pytest.approx(0.4)
    assert found(out) == [FoundSection(told.packet_index, told.packet_index, data_of(0))]
    assert FIRST_PCR + 400 <= told.packet_index <= FIRST_PCR + 401


def test_add_adds_a_packet_at_the_due_time() -> None:
    inserter = SectionInserter(room=Room.ADD)
    inserter.insert(scheduled(300, 100))
    out = run(inserter, FULL.packets(600))
    assert len(out) == 601
    told = inserter.insertions[0]
    assert (told.added, told.stream_time_s) == (True, pytest.approx(0.3))
    assert found(out)[0].first_packet == told.packet_index


@pytest.mark.parametrize("room", ["nulls", "nulls_then_add"])
def test_the_earliest_deadline_goes_first(room: str) -> None:
    """One null packet after the other, all sections due: whoever came first does not matter."""
    packets = FULL.packets(700)
    for index in range(500, 506):
        packets[index] = NULL_PACKET
    inserter = SectionInserter(room=room)
    deadlines = [900, 700, 800, 600]
    for number, deadline in enumerate(deadlines):
        inserter.insert(scheduled(100 + number, deadline - 100 - number, number=number))
    out = run(inserter, packets)
    wanted = sorted(range(4), key=deadlines.__getitem__)
    assert [one.data for one in found(out)] == [data_of(number) for number in wanted]


def test_a_section_that_waits_is_overtaken_by_a_more_urgent_one() -> None:
    packets = FULL.packets(700)
    packets[600] = packets[601] = NULL_PACKET
    inserter = SectionInserter(room="nulls")
    inserter.insert(scheduled(100, 5000, number=1))
    inserter.insert(scheduled(500, 200, number=2))
    assert [one.data for one in found(run(inserter, packets))] == [data_of(2), data_of(1)]


def test_among_equal_deadlines_the_first_asked_for_goes_first() -> None:
    inserter = SectionInserter(room="add")
    for number in range(6):
        inserter.insert(scheduled(100, number=number))
    out = run(inserter, FULL.packets(300))
    assert [one.data for one in found(out)] == [data_of(number) for number in range(6)]


def test_sections_of_one_pid_keep_their_spacing() -> None:
    inserter = SectionInserter(room="add")
    inserter.space(PID, "50ms")
    for number in range(4):
        inserter.insert(scheduled(100, 1000, number=number))
    inserter.insert(scheduled(120, 1000, number=9, pid=PID + 1))
    run(inserter, FULL.packets(500))
    times = [told.stream_time_s for told in inserter.insertions if told.pid == PID]
    assert times == pytest.approx([0.1, 0.15, 0.2, 0.25])
    other = next(told for told in inserter.insertions if told.pid == PID + 1)
    assert other.stream_time_s == pytest.approx(0.12)


def test_a_section_of_many_packets_is_confirmed_from_its_first_to_its_last() -> None:
    data = data_of(1, 4096)
    inserter = SectionInserter(room="nulls")
    inserter.insert(ScheduledSection(PID, data, 100 * MS, 3000 * MS))
    out = run(inserter, MUX.packets(1500))
    told = inserter.insertions[0]
    assert found(out) == [FoundSection(told.packet_index, told.last_packet_index, data)]
    assert told.last_packet_index - told.packet_index >= 22
    assert count_packets(out).total("continuity_errors") == 0


def test_a_section_repeats_until_it_is_cancelled() -> None:
    inserter = SectionInserter(room="add")
    section_id = inserter.insert(scheduled(100, interval_ms=100))
    pipeline, mux = Pipeline(inserter), FULL.packets(2000)
    pipeline.process(PacketBatch(b"".join(mux[:1000])))
    times = [told.stream_time_s for told in inserter.insertions]
    assert times == pytest.approx([number / 10 for number in range(1, 10)])
    assert inserter.cancel(section_id)
    pipeline.process(PacketBatch(b"".join(mux[1000:]), first_index=1000))
    pipeline.finish()
    assert len(inserter.insertions) == len(times)
    assert not inserter.failures


def test_a_repeated_section_goes_on_after_it_has_failed_once() -> None:
    packets = FULL.packets(700)
    for index in (FIRST_PCR + 100, FIRST_PCR + 300, FIRST_PCR + 400):
        packets[index] = NULL_PACKET
    inserter = SectionInserter(room="nulls")
    inserter.insert(scheduled(100, 10, interval_ms=100))
    run(inserter, packets)
    times = [told.stream_time_s for told in inserter.insertions]
    assert times == pytest.approx([0.1, 0.3, 0.4])
    # The ones due at 200, 500 and 600 ms.
    assert [failure.reason for failure in inserter.failures] == [
        "no null packet before the deadline"
    ] * 3


def test_what_has_not_begun_can_be_cancelled() -> None:
    packets = FULL.packets(500)
    inserter = SectionInserter(room="nulls")
    due = inserter.insert(scheduled(100, 1000, number=1))
    later = inserter.insert(scheduled(400, 1000, number=2))
    kept = inserter.insert(scheduled(100, 1000, number=3))
    pipeline = Pipeline(inserter)
    pipeline.process(PacketBatch(b"".join(packets)))
    assert inserter.cancel(due)
    assert inserter.cancel(later)
    assert not inserter.cancel(due)
    assert not inserter.cancel(999)
    pipeline.process(PacketBatch(NULL_PACKET * 5, first_index=500))
    pipeline.finish()
    assert [told.section_id for told in inserter.insertions] == [kept]
    assert not inserter.cancel(kept)


def test_what_is_left_at_the_end_has_failed() -> None:
    inserter = SectionInserter()
    ids = [inserter.insert(scheduled(due)) for due in (5000, 6000)]
    out = run(inserter, MUX.packets(300))
    assert out == MUX.packets(300)
    assert {failure.section_id for failure in inserter.failures} == set(ids)
    assert {failure.reason for failure in inserter.failures} == {"the stream ended"}


def test_without_a_clock_nothing_is_inserted() -> None:
    inserter = SectionInserter(room="add")
    inserter.insert(scheduled(0))
    assert run(inserter, [NULL_PACKET] * 50) == [NULL_PACKET] * 50
    assert [failure.reason for failure in inserter.failures] == ["the stream ended"]
    assert inserter.clock is None


def test_the_clock_is_that_of_the_service_asked_for() -> None:
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    first = {pid: rows[0] for pid, rows in read_pcrs(mux.packets(200)).items()}
    for service in (SERVICE_1, SERVICE_2):
        inserter = SectionInserter(service_id=service.service_id, room="add")
        inserter.insert(scheduled(500))
        run(inserter, mux.packets(1000))
        index, pcr, _ = first[service.video_pid]
        told = inserter.insertions[0]
        assert told.stream_time_s == pytest.approx(0.5)
        assert abs(told.pts_90khz - (pcr + PCR_HZ // 2) // 300) <= 1
        assert abs(told.packet_index - index - 500) <= 1


def test_a_service_that_is_not_there_has_no_clock() -> None:
    inserter = SectionInserter(service_id=77, room="add")
    inserter.insert(scheduled(0))
    run(inserter, MUX.packets(300))
    assert not inserter.insertions


def test_packets_dropped_before_do_not_shift_time() -> None:
    """Time is told by the index in the input, confirmations by the index in the output."""
    from tsloom import DropNulls

    inserter = SectionInserter(room="add")
    inserter.insert(scheduled(500))
    pipeline = Pipeline(DropNulls(), inserter)
    out = split(bytes(pipeline.process(PacketBatch(MUX.stream(1000)))) + bytes(pipeline.finish()))
    told = inserter.insertions[0]
    assert told.stream_time_s == pytest.approx(0.5, abs=0.0011)
    assert found(out)[0].first_packet == told.packet_index


def test_counters_go_on_from_those_that_passed() -> None:
    """A PID that the stream uses: more than sixteen packets passed before the first insertion."""
    table = section(0x42, 1, bytes(80))
    mux = Multiplex(tables=((0x11, table),)).packets(2500)
    inserter = SectionInserter(room="add")
    pipeline = Pipeline(inserter)
    out = split(bytes(pipeline.process(PacketBatch(b"".join(mux[:1337])))))
    inserter.insert(scheduled(0, 10_000, pid=0x11))
    out += split(bytes(pipeline.process(PacketBatch(b"".join(mux[1337:]), first_index=1337))))
    judged = count_packets(out)
    assert judged.verdicts == []
    assert [one.data for one in found(out, 0x11)].count(table) == 25


@pytest.mark.parametrize(
    "wrong",
    [
        scheduled(0, pid=0x1FFF),
        scheduled(0, pid=-1),
        scheduled(0, pid=8192),
        scheduled(0, -1),
        scheduled(0, interval_ms=-1),
        ScheduledSection(PID, b"", 0, 0),
        ScheduledSection(PID, b"\x80\xb0", 0, 0),
        ScheduledSection(PID, bytes(4097), 0, 0),
    ],
)
def test_what_cannot_be_inserted_is_refused(wrong: ScheduledSection) -> None:
    with pytest.raises(UsageError):
        SectionInserter().insert(wrong)


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(UsageError, match="nulls, nulls_then_add, add"):
        SectionInserter(room="somewhere")
    for service_id in (0, -1, 65536):
        with pytest.raises(UsageError):
            SectionInserter(service_id=service_id)
    with pytest.raises(UsageError):
        SectionInserter().space(9000, "1s")
    with pytest.raises(UsageError):
        SectionInserter().space(PID, "soon")
