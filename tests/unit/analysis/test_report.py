"""The report: its keys are a contract, its figures are those of a slow reading."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest

import tsloom
from tests.builders import (
    NULL_PACKET,
    PCR_HZ,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    Service,
    adaptation_field,
    packet,
    packetize,
    pat,
    pmt,
    sdt,
    section,
    split,
)
from tests.properties.pieces import PieceSource
from tests.second_opinion import count_packets
from tsloom import Analyzer, PacketBatch, Pipeline, Report, StreamEvent

MUX = Multiplex(services=(SERVICE_1, SERVICE_2), tables=((0x11, sdt(1, "First", "Somebody")),))

# Keys that the issue names, and their types; others may come beside them.
TOP = {
    "packets": int,
    "packet_size": int,
    "sync_losses": int,
    "skipped_bytes": int,
    "transport_errors": int,
    "null_packets": int,
    "duration_s": float,
    "bitrate_bps": float,
    "pids": list,
    "services": list,
}
PID = {
    "pid": int,
    "packets": int,
    "continuity_errors": int,
    "duplicates": int,
    "scrambled_packets": int,
    "pcr_count": int,
    "bitrate_bps": float,
    "service_ids": list,
}
SERVICE = {"service_id": int, "pmt_pid": int, "pcr_pid": int, "elementary_streams": list}


def analyze(packets: list[bytes]) -> Report:
    analyzer = Analyzer()
    pipeline = Pipeline(analyzer)
    pipeline.process(PacketBatch(b"".join(packets)))
    pipeline.finish()
    return analyzer.report()


def document(packets: list[bytes]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(analyze(packets).to_json())
    return made


def test_the_keys_of_the_contract_are_there_with_their_types() -> None:
    plain = document(MUX.packets(2000))
    assert {key: type(plain[key]) for key in TOP} == TOP
    for row in plain["pids"]:
        assert {key: type(row[key]) for key in PID} == PID
        assert row["stream_type"] is None or type(row["stream_type"]) is int
    for row in plain["services"]:
        assert {key: type(row[key]) for key in SERVICE} == SERVICE
        assert {"name", "provider"} <= set(row)
        for stream in row["elementary_streams"]:
            assert {"pid", "stream_type"} <= set(stream)


def test_nothing_measured_is_null_and_never_a_made_up_number() -> None:
    plain = document([NULL_PACKET] * 10)
    assert plain["duration_s"] is None
    assert plain["bitrate_bps"] is None
    assert plain["pids"][0]["bitrate_bps"] is None
    assert plain["services"] == []


def test_counts_are_those_of_the_slow_reading() -> None:
    packets = MUX.packets(2000)
    report = analyze(packets)
    judged = count_packets(packets)
    assert report.packets == 2000
    assert report.null_packets == judged.pids[0x1FFF].packets
    seen = {pid: asdict(row) for pid, row in report.pids.items()}
    for pid, facts in judged.pids.items():
        assert {name: seen[pid][name] for name in asdict(facts)} == asdict(facts)
    assert sorted(report.pids) == list(report.pids)


def test_bitrate_and_duration_are_from_the_first_to_the_last_pcr() -> None:
    report = analyze(MUX.packets(2000))
    assert report.bitrate_bps == pytest.approx(MUX.bitrate_bps, rel=1e-9)
    assert report.reference_pid in (SERVICE_1.video_pid, SERVICE_2.video_pid)
    assert 1.95 < (report.duration_s or 0) < 2.0
    shares = [row.bitrate_bps or 0 for row in report.pids.values()]
    assert sum(shares) == pytest.approx(MUX.bitrate_bps)


def test_services_are_named_and_their_streams_listed() -> None:
    report = analyze(MUX.packets(1000))
    first, second = report.services[1], report.services[2]
    assert (first.name, first.provider) == ("First", "Somebody")
    assert (second.name, second.provider) == (None, None)
    assert (first.pmt_pid, first.pcr_pid) == (SERVICE_1.pmt_pid, SERVICE_1.video_pid)
    assert [(one.pid, one.stream_type) for one in first.elementary_streams] == [
        (0x100, 0x1B),
        (0x101, 0x0F),
    ]
    assert report.pids[0x111].service_ids == (2,)
    assert report.pids[0x111].stream_type == 0x0F
    assert report.pids[0x1010].service_ids == (2,)
    assert report.pids[0].service_ids == ()
    assert report.transport_stream_id == 1


def test_a_pid_of_two_services_names_both() -> None:
    shared = Service(3, 0x1020, SERVICE_1.video_pid, 0x121)
    report = analyze(Multiplex(services=(SERVICE_1, shared)).packets(500))
    assert report.pids[SERVICE_1.video_pid].service_ids == (1, 3)


def test_the_language_of_a_stream_is_told() -> None:
    streams = ((0x0F, 0x130, b"\x0a\x04fin\x00"),)
    service = Service(1, 0x1000, 0x100, 0x101, more_streams=streams)
    report = analyze(Multiplex(services=(service,)).packets(300))
    assert [one.language for one in report.services[1].elementary_streams] == [None, None, "fin"]


def test_a_pat_that_changes_replaces_the_services() -> None:
    packets = [*packetize(pat({1: 0x1000}), 0), *packetize(SERVICE_1.pmt(), 0x1000)]
    packets += packetize(pat({2: 0x1010}, version=1), 0, 1)
    packets += packetize(SERVICE_2.pmt(), 0x1010)
    report = analyze(packets)
    assert list(report.services) == [2]


def test_a_pat_in_several_sections_lists_all_services() -> None:
    def part(number: int, programs: dict[int, int]) -> bytes:
        body = b"".join(
            n.to_bytes(2, "big") + (0xE000 | pid).to_bytes(2, "big") for n, pid in programs.items()
        )
        return section(0, 1, body, number=number, last=1)

    packets = packetize(part(0, {1: 0x1000}), 0) + packetize(part(1, {2: 0x1010}), 0, 1)
    assert {s.service_id: s.pmt_pid for s in analyze(packets).services.values()} == {
        1: 0x1000,
        2: 0x1010,
    }


def test_a_table_that_is_not_yet_valid_is_not_believed() -> None:
    """current_next_indicator 0 (2.4.4.4)."""
    body = b"\x00\x07\xf0\x00"
    packets = packetize(section(0, 1, body, current=False), 0)
    assert analyze(packets).services == {}


DAMAGED = section(0x42, 1, bytes(20))[:-1] + b"\x00"


@pytest.mark.parametrize(
    ("packets", "event"),
    [
        ([packet(5, 0), packet(5, 3)], StreamEvent("continuity_error", 1, 5, "2 missing")),
        ([packet(5, 0), packet(5, 1, transport_error=True)], StreamEvent("transport_error", 1, 5)),
        (
            [packet(5, 0), packet(5, 9, adaptation=adaptation_field(discontinuity=True))],
            StreamEvent("discontinuity_indicator", 1, 5),
        ),
        ([packet(5, 0, adaptation=b"\xb7\x00")], StreamEvent("adaptation_field_overrun", 0, 5)),
        (packetize(DAMAGED, 0x11), StreamEvent("section_crc_error", 0, 0x11)),
    ],
    ids=["continuity", "transport", "discontinuity", "adaptation", "crc"],
)
def test_each_defect_is_an_event_with_its_packet(packets: list[bytes], event: StreamEvent) -> None:
    assert analyze(packets).events == (event,)


def test_a_section_that_is_cut_is_an_event() -> None:
    packets = packetize(section(0x42, 1, bytes(400)), 0x11)
    report = analyze([packets[0], *packetize(sdt(1, "a", "b"), 0x11, 1)])
    kinds = [(event.kind, event.packet_index, event.pid) for event in report.events]
    assert ("section_dropped", 1, 0x11) in kinds
    assert report.services == {}
    assert report.section_crc_errors == 0


def test_section_crc_errors_are_counted() -> None:
    good = section(0x42, 1, bytes(20))
    packets = [*packetize(DAMAGED, 0x11), *packetize(good, 0x11, 1), *packetize(DAMAGED, 0x11, 2)]
    assert analyze(packets).section_crc_errors == 2


def test_more_events_than_are_listed_are_counted() -> None:
    """The first ones in the order of packets are listed, however the stream was cut."""
    damaged = packetize(DAMAGED, 0x11)[0]
    packets = [damaged if n % 10 == 9 else packet(5, n * 3) for n in range(12_000)]
    report = analyze(packets)
    total = report.continuity_errors + report.section_crc_errors
    assert len(report.events) == 10_000
    assert report.events_not_listed == total - 10_000
    analyzer = Analyzer()
    pipeline = Pipeline(analyzer)
    for at in range(0, 12_000, 700):
        pipeline.process(PacketBatch(b"".join(packets[at : at + 700]), first_index=at))
    pipeline.finish()
    assert analyzer.report() == report


def test_events_stand_in_the_order_of_their_packets() -> None:
    data = bytearray(MUX.stream(1000))
    data[188 * 700] = 0
    del data[188 * 300 : 188 * 301]
    report = tsloom.analyze(PieceSource([b"\x00" * 7 + bytes(data)]))
    places = [event.packet_index for event in report.events]
    assert places == sorted(places)
    kinds = {event.kind for event in report.events}
    assert {"sync_skipped", "sync_acquired", "sync_bad_sync_byte", "continuity_error"} <= kinds


def test_a_report_compares_and_cannot_be_changed() -> None:
    packets = MUX.packets(500)
    first, second = analyze(packets), analyze(packets)
    assert first == second
    assert first != analyze(packets[:-1])
    with pytest.raises(FrozenInstanceError):
        first.packets = 1  # type: ignore[misc]
    assert json.loads(first.to_json(indent=2)) == json.loads(first.to_json())


def test_a_report_may_be_asked_for_at_any_time() -> None:
    analyzer = Analyzer()
    pipeline, packets = Pipeline(analyzer), MUX.packets(1000)
    assert analyzer.report().packets == 0
    for at in range(0, 1000, 100):
        pipeline.process(PacketBatch(b"".join(packets[at : at + 100]), first_index=at))
        assert analyzer.report().packets == at + 100
    pipeline.finish()
    assert analyzer.report() == analyze(packets)


def test_a_run_that_was_stopped_is_not_complete() -> None:
    report = tsloom.analyze(PieceSource([MUX.stream(500)] * 2), should_stop=lambda: True)
    assert not report.complete
    assert report.packets == 500  # as many as were read


def test_two_programs_have_their_own_clocks() -> None:
    analyzer = Analyzer()
    Pipeline(analyzer).process(PacketBatch(MUX.stream(1000)))
    for service in (SERVICE_1, SERVICE_2):
        clock = analyzer.clock(service.video_pid)
        assert clock is not None
        assert clock.bitrate_bps == pytest.approx(MUX.bitrate_bps, rel=1e-9)
    assert analyzer.clock(0x1FFF) is None


def test_a_pmt_that_runs_over_is_passed_by() -> None:
    """program_info_length beyond the section; the CRC_32 is right."""
    body = b"\xe1\x00\xff\xff" + bytes(8)
    packets = [*packetize(pat({1: 0x1000}), 0), *packetize(section(2, 1, body), 0x1000)]
    packets += packetize(pmt(1, 0x100, [(0x1B, 0x100, b"")]), 0x1000, 1)
    report = analyze(packets)
    assert [one.pid for one in report.services[1].elementary_streams] == [0x100]


def test_pcr_without_a_pmt_still_tells_the_bitrate() -> None:
    fields = [adaptation_field(pcr=n * PCR_HZ // 100) for n in range(5)]
    packets = [packet(0x77, n, b"", adaptation=fields[n]) for n in range(5)]
    assert analyze(packets).bitrate_bps == pytest.approx(1504 * 100)


def test_split_is_what_these_tests_think() -> None:
    assert split(MUX.stream(3)) == MUX.packets(3)
