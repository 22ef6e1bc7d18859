"""The EitInserter: where UTC and the stream's ids come from, what it inserts and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import Multiplex, sdt, split
from tests.guide import Guide, Key, make_event, make_events, start_of
from tests.properties.eit_reading import ReadEit, read_eit
from tests.second_opinion import count_packets, find_sections, find_torn_sections
from tsloom import DropPids, EitInserter, PacketBatch, Pipeline, dvb
from tsloom.pipeline import Stage

# A stream of 10.6 s whose SDT names transport_stream_id 1 of original_network_id 1.
PACKETS = 16_000
BITRATE = 2_256_000
MUX = Multiplex(bitrate_bps=BITRATE, null_every=2, psi_every=200)
WITH_SDT = Multiplex(
    bitrate_bps=BITRATE, null_every=2, psi_every=200, tables=((0x11, sdt(1, "One", "Any")),)
)
START = datetime(2026, 5, 1, 11, 59, 55, tzinfo=UTC)
HERE, THERE = Key(1, 1, 1), Key(2, 9, 5)
EIT_PID = 0x12


def make_guide() -> Guide:
    midnight = START.replace(hour=0, minute=0, second=0)
    return Guide({key: make_events(midnight, 48 * 8) for key in (HERE, THERE)})


def run(mux: Multiplex, *stages: Stage, chunk: int = 2000) -> list[bytes]:
    pipeline, out = Pipeline(*stages), bytearray()
    packets = mux.packets(PACKETS)
    for first in range(0, PACKETS, chunk):
        part = b"".join(packets[first : first + chunk])
        out += bytes(pipeline.process(PacketBatch(part, first_index=first)))
    return split(bytes(out + bytes(pipeline.finish())))


def heard(out: list[bytes]) -> list[ReadEit]:
    return [read_eit(found.data) for found in find_sections(out, EIT_PID)]


def test_the_guide_is_in_the_stream_and_the_stream_is_sound() -> None:
    inserter = EitInserter(make_guide(), utc_start=START)
    out = run(WITH_SDT, inserter)
    sections = heard(out)
    assert inserter.actual == (1, 1)
    assert {one.table_id for one in sections if one.service == HERE} == {0x4E, 0x50, 0x51}
    assert {one.table_id for one in sections if one.service == THERE} == {0x4F, 0x60, 0x61}
    assert len(sections) == inserter.insertion_count
    assert not inserter.failures
    assert find_torn_sections(out, EIT_PID) == []
    assert count_packets(out).verdicts == []


def test_present_following_rolls_over_at_the_start_of_the_event() -> None:
    inserter = EitInserter(make_guide(), utc_start=START)
    present = [
        one.events[0].event_id
        for one in heard(run(WITH_SDT, inserter))
        if one.table_id == 0x4E and one.section_number == 0
    ]
    assert sorted(set(present)) == [24, 25]
    assert present == sorted(present)
    # Five seconds before the start and five after, a section at least every two.
    assert present.count(24) >= 2
    assert present.count(25) >= 2


def test_what_comes_out_does_not_depend_on_the_cuts() -> None:
    whole, cut = (
        run(WITH_SDT, EitInserter(make_guide(), utc_start=START), chunk=chunk)
        for chunk in (PACKETS, 777)
    )
    assert whole == cut


def test_without_an_sdt_the_pat_and_the_guide_say_which_stream_it_is() -> None:
    inserter = EitInserter(make_guide(), utc_start=START)
    tables = {one.table_id for one in heard(run(MUX, inserter)) if one.service == HERE}
    assert inserter.actual == (1, 1)
    assert tables == {0x4E, 0x50, 0x51}


def test_the_ids_that_were_given_are_those_of_the_stream() -> None:
    inserter = EitInserter(make_guide(), utc_start=START, actual=(2, 9))
    tables = {one.table_id for one in heard(run(WITH_SDT, inserter)) if one.service == THERE}
    assert tables == {0x4E, 0x50, 0x51}


def test_a_tdt_of_the_stream_says_what_time_it_is() -> None:
    tdt = dvb.encode_tdt(dvb.TimeAndDateTable(START))
    mux = Multiplex(
        bitrate_bps=BITRATE,
        null_every=2,
        psi_every=200_000,
        tables=((0x11, sdt(1, "One", "Any")), (0x14, tdt)),
    )
    inserter = EitInserter(make_guide())
    present = [
        one.events[0].event_id
        for one in heard(run(mux, inserter))
        if one.table_id == 0x4E and one.section_number == 0
    ]
    assert inserter.missing == ()
    assert sorted(set(present)) == [24, 25]


def test_without_a_time_nothing_is_sent_and_it_is_said_what_is_missing() -> None:
    inserter = EitInserter(make_guide())
    assert heard(run(WITH_SDT, inserter)) == []
    assert inserter.missing == ("utc",)


def test_an_edit_is_in_the_stream_within_a_cycle() -> None:
    guide = make_guide()
    inserter = EitInserter(guide, utc_start=START, cycles={"eit_schedule_actual_prime": "4s"})
    pipeline, out = Pipeline(inserter), bytearray()
    packets = WITH_SDT.packets(PACKETS)
    half = PACKETS // 2
    out += bytes(pipeline.process(PacketBatch(b"".join(packets[:half]))))
    edited_at = len(out) // 188
    guide.put(HERE, make_event(100, start_of(guide.events(HERE)[99]), name="Edited"))
    out += bytes(pipeline.process(PacketBatch(b"".join(packets[half:]), first_index=half)))
    found = [one for one in find_sections(split(bytes(out)), EIT_PID) if b"Edited" in one.data]
    (first, *_) = found
    seconds = (first.first_packet - edited_at) * 188 * 8 / BITRATE
    assert 0 < seconds <= 4.6


def test_the_streams_own_eit_is_replaced_behind_drop_pids() -> None:
    own = dvb.encode_eit(dvb.EventInformationTable(1, 1, 1))[0]
    mux = Multiplex(
        bitrate_bps=BITRATE, null_every=2, psi_every=200,
        tables=((0x11, sdt(1, "One", "Any")), (EIT_PID, own)),
    )  # fmt: skip
    inserter = EitInserter(make_guide(), utc_start=START)
    out = run(mux, DropPids(EIT_PID), inserter)
    assert len(heard(out)) == inserter.insertion_count
    assert count_packets(out).verdicts == []


@pytest.mark.parametrize("room", ["nulls", "nulls_then_add", "add"])
def test_sections_of_a_sub_table_are_25_ms_apart_in_the_stream(room: str) -> None:
    inserter = EitInserter(make_guide(), utc_start=START, room=room)
    last: dict[tuple[int, ...], int] = {}
    for found in find_sections(run(WITH_SDT, inserter), EIT_PID):
        table = read_eit(found.data).sub_table
        packets = found.first_packet - last.get(table, -1000)
        # Packets that were added stand in a stream of more packets a second than came in.
        assert packets * 188 * 8 / BITRATE >= 0.024
        last[table] = found.last_packet


def test_a_bitrate_limit_is_kept_and_the_plan_says_so() -> None:
    inserter = EitInserter(make_guide(), utc_start=START, bitrate_limit=20_000)
    out = run(WITH_SDT, inserter)
    packets = sum((packet[1] & 31) << 8 | packet[2] == EIT_PID for packet in out)
    assert packets * 188 * 8 <= 20_000 * 10.7 * 1.02
    assert not inserter.plan.fits
    assert inserter.plan.planned_bps <= 20_001


def test_a_time_is_taken_as_the_relay_gives_it() -> None:
    inserter = EitInserter(make_guide())
    inserter.follow_utc(lambda: START + timedelta(minutes=31))
    present = {
        one.events[0].event_id
        for one in heard(run(WITH_SDT, inserter))
        if one.table_id == 0x4E and one.section_number == 0
    }
    assert present == {26}
