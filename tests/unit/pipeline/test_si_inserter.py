"""SiInserter and TimeInserter: tables at their cycles, TDT and TOT by the stream's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.builders import Multiplex, sdt, split
from tests.second_opinion import FoundSection, count_packets, find_sections
from tsloom import PacketBatch, Pipeline, SiInserter, TimeInserter, dvb
from tsloom.pipeline import SdtInserter, Stage

BITRATE = 752_000
SECONDS = 90
PACKETS = 500 * SECONDS
MUX = Multiplex(bitrate_bps=BITRATE, null_every=4, psi_every=1000)
START = datetime(2026, 3, 29, 0, 59, 10, 400_000, tzinfo=UTC)
TDT_PID, SDT_PID, NIT_PID = 0x14, 0x11, 0x10
NIT = dvb.NetworkInformationTable(network_id=5, descriptors=(dvb.NetworkNameDescriptor("Net"),))
BAT = dvb.BouquetAssociationTable(bouquet_id=7)
SDT = dvb.ServiceDescriptionTable(9, 2, table_id=0x46)


def run(mux: Multiplex, *stages: Stage, chunk: int = PACKETS) -> list[bytes]:
    pipeline, out = Pipeline(*stages), bytearray()
    packets = mux.packets(PACKETS)
    for first in range(0, PACKETS, chunk):
        part = b"".join(packets[first : first + chunk])
        out += bytes(pipeline.process(PacketBatch(part, first_index=first)))
    return split(bytes(out + bytes(pipeline.finish())))


def seconds_of(found: FoundSection) -> float:
    """Where it stands, from packet 0 on; the first PCR stands in packet 0 to 20 of 500 a second."""
    return found.first_packet * 188 * 8 / BITRATE


def times(out: list[bytes], table_id: int) -> list[tuple[float, datetime]]:
    """Where each TDT or TOT stands, and what it says."""
    found = [one for one in find_sections(out, TDT_PID) if one.data[0] == table_id]
    said = [dvb.parse_utc_time(one.data[3:8]) for one in found]
    return [(seconds_of(one), time) for one, time in zip(found, said, strict=True) if time]


def test_a_tdt_says_the_time_at_which_it_leaves() -> None:
    out = run(MUX, TimeInserter(utc_start=START))
    found = times(out, 0x70)
    assert len(found) >= 3
    for at, said in found:
        assert abs((START + timedelta(seconds=at) - said).total_seconds()) < 0.1
    assert all(after - before <= 30 for (before, _), (after, _) in pairwise(found))
    assert times(out, 0x73) == []
    assert len(out) == PACKETS
    assert count_packets(out).verdicts == []


def test_what_comes_out_does_not_depend_on_the_cuts() -> None:
    whole, cut = (run(MUX, TimeInserter(utc_start=START), chunk=one) for one in (PACKETS, 777))
    assert whole == cut


def test_the_streams_own_tdt_sets_the_clock_once_and_goes() -> None:
    said = datetime(2030, 1, 1, 12, tzinfo=UTC)
    mux = Multiplex(
        bitrate_bps=BITRATE,
        null_every=4,
        # Once in the stream, behind its first PCR.
        psi_every=10**9,
        tables=((TDT_PID, dvb.encode_tdt(dvb.TimeAndDateTable(said))),),
    )
    inserter = TimeInserter()
    found = times(run(mux, inserter), 0x70)
    assert len(found) >= 3
    assert found[0][1] >= said
    for at, time in found:
        assert abs((said + timedelta(seconds=at) - time).total_seconds()) < 1.1
    assert inserter.missing == ()


def test_a_tot_keeps_its_offsets() -> None:
    change = START.replace(microsecond=0)
    offset = dvb.LocalTimeOffset("GBR", timedelta(0), timedelta(hours=1), change)
    loop = (dvb.LocalTimeOffsetDescriptor((offset,)),)
    own = dvb.encode_tot(dvb.TimeOffsetTable(datetime(2020, 1, 1, tzinfo=UTC), loop))
    mux = Multiplex(bitrate_bps=BITRATE, null_every=4, psi_every=2000, tables=((TDT_PID, own),))
    out = run(mux, TimeInserter(utc_start=START))
    tots = [one.data for one in find_sections(out, TDT_PID) if one.data[0] == 0x73]
    assert len(tots) in (3, 4)
    assert own not in tots
    assert all(dvb.parse_tot(one).descriptors[0].to_dict() == loop[0].to_dict() for one in tots)
    assert len(times(out, 0x70)) >= 3


def test_a_tot_tells_the_change_to_summer_time() -> None:
    out = run(MUX, TimeInserter({"DEU": ZoneInfo("Europe/Berlin")}, utc_start=START))
    tables = [dvb.parse_tot(one.data) for one in find_sections(out, TDT_PID) if one.data[0] == 0x73]
    offsets = [one.descriptors[0].to_dict()["offsets"][0] for one in tables]
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert any(one.utc_time < change for one in tables if one.utc_time)
    for table, offset in zip(tables, offsets, strict=True):
        assert table.utc_time is not None
        before = table.utc_time < change
        assert offset["local_time_offset"] == ("01:00:00" if before else "02:00:00")
        assert offset["next_time_offset"] == ("02:00:00" if before else "01:00:00")
        following = "2026-03-29T01:00:00Z" if before else "2026-10-25T01:00:00Z"
        assert offset["time_of_change"] == following
    assert {one["local_time_offset"] for one in offsets} == {"01:00:00", "02:00:00"}


def test_without_a_time_nothing_is_sent_and_it_is_said() -> None:
    inserter = TimeInserter()
    assert find_sections(run(MUX, inserter), TDT_PID) == []
    assert inserter.missing == ("utc",)


@pytest.mark.parametrize(
    ("table", "pid", "table_id", "cycle"),
    [(NIT, NIT_PID, 0x40, 10), (BAT, SDT_PID, 0x4A, 10), (SDT, SDT_PID, 0x46, 10)],
)
def test_each_table_comes_at_its_cycle(
    table: dvb.SiTable, pid: int, table_id: int, cycle: int
) -> None:
    out = run(MUX, SiInserter(NIT, BAT, SDT))
    found = [one for one in find_sections(out, pid) if one.data[0] == table_id]
    assert {one.data for one in found} == set(dvb.encode_table(table))
    gaps = [seconds_of(after) - seconds_of(before) for before, after in pairwise(found)]
    assert len(gaps) >= SECONDS / cycle - 2
    assert all(0.9 * cycle <= gap <= cycle for gap in gaps)


def test_tables_may_change_while_the_stream_runs() -> None:
    inserter = SiInserter(NIT, BAT)
    pipeline = Pipeline(inserter)
    packets, half = MUX.packets(PACKETS), PACKETS // 2
    before = bytes(pipeline.process(PacketBatch(b"".join(packets[:half]))))
    new = dvb.NetworkInformationTable(network_id=5, version_number=1)
    inserter.set_tables(new)
    after = pipeline.process(PacketBatch(b"".join(packets[half:]), first_index=half))
    found = find_sections(split(before), NIT_PID)
    assert {one.data for one in found} == set(dvb.encode_nit(NIT))
    # What was under way is taken back.
    found = find_sections(split(bytes(after)), NIT_PID)
    assert {one.data for one in found} == set(dvb.encode_nit(new))
    assert find_sections(split(bytes(after)), SDT_PID) == []


def test_what_the_stream_has_on_a_replaced_pid_becomes_null_packets() -> None:
    mux = Multiplex(
        bitrate_bps=BITRATE, null_every=4, psi_every=50, tables=((SDT_PID, sdt(1, "A", "B")),)
    )
    out = run(mux, SiInserter(SDT, replaced_pids=(SDT_PID,)))
    assert {one.data[0] for one in find_sections(out, SDT_PID)} == {0x46}
    assert len(out) == PACKETS
    assert count_packets(out).verdicts == []


def test_a_stream_without_an_sdt_gets_one() -> None:
    edits = {1: dvb.ServiceEdit("One", "Any")}
    found = find_sections(run(MUX, SdtInserter(edits)), SDT_PID)
    (data,) = {one.data for one in found}
    table = dvb.parse_sdt(data)
    assert (table.transport_stream_id, table.original_network_id) == (1, 0xFF01)
    assert [(one.service_id, one.service_name) for one in table.services] == [(1, "One")]
    assert seconds_of(found[0]) < 5


def test_a_stream_with_an_sdt_keeps_it_alone() -> None:
    mux = Multiplex(
        bitrate_bps=BITRATE, null_every=4, psi_every=500, tables=((SDT_PID, sdt(1, "A", "B")),)
    )
    assert run(mux, SdtInserter({1: dvb.ServiceEdit("One")})) == mux.packets(PACKETS)
