"""What others say about the streams is what tsloom says, or the clause that tells it is named."""

from __future__ import annotations

import functools
import itertools
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import pytest

import tsloom
from tests import second_opinion
from tests.builders import PCR_HZ
from tests.external_data import stream_params, stream_path

DUPLICATE = (
    "2.4.3.3: a duplicate repeats each byte of the packet before, but for the PCR's; one with the"
    " same counter and other bytes is an error"
)
TRANSPORT_ERROR = (
    "2.4.3.3: transport_error_indicator says that a bit of the packet is wrong, so that no field of"
    " it is counted on"
)
SHORT = "2.4.3.2: a packet is 188 bytes; the one that was cut by 100 bytes is none"

# Stream and fact, and what tsloom says instead. The second opinion of this test agrees with it.
DEVIATIONS: dict[tuple[str, str], tuple[Any, str]] = {
    ("cc_duplicates.ts", "cc_errors"): (344, DUPLICATE),
    ("cc_duplicates.ts", "duplicate_packets"): (5, DUPLICATE),
    ("pat_change_pcr_jump.ts", "cc_errors"): (43, DUPLICATE),
    ("pat_change_pcr_jump.ts", "duplicate_packets"): (0, DUPLICATE),
    ("corrupt_mix.ts", "cc_errors"): (134, TRANSPORT_ERROR + "; " + DUPLICATE),
    ("corrupt_mix.ts", "duplicate_packets"): (0, DUPLICATE),
    ("corrupt_mix.ts", "discontinuity_indicators"): (6, TRANSPORT_ERROR),
    ("corrupt_mix.ts", "pcr_counts"): ({61: 44, 66: 1, 68: 2}, TRANSPORT_ERROR),
    ("syncloss.ts", "packets"): (1228, SHORT),
}
# Its packets are told by its recipe, in tests of their own.
BY_RECIPE = [param for param in stream_params("all") if param.id in ("no-data", "syncloss.ts")]
IN_SYNC = [param for param in stream_params("all") if param.id != "syncloss.ts"]
FACTS = (
    "packets",
    "packet_size",
    "tei_packets",
    "null_packets",
    "cc_errors",
    "duplicate_packets",
    "discontinuity_indicators",
    "section_crc_errors",
    "scrambled_pids",
    "programs",
    "pcr_counts",
)


@functools.cache
def analyze(path: str) -> tuple[tsloom.Report, tsloom.Analyzer]:
    analyzer = tsloom.Analyzer()
    run = tsloom.Pipeline(analyzer).run(path)
    return analyzer.report(run), analyzer


def facts_of(report: tsloom.Report) -> dict[str, Any]:
    pids = report.pids.values()
    return {
        "packets": report.packets,
        "packet_size": report.packet_size,
        "tei_packets": report.transport_errors,
        "null_packets": report.null_packets,
        "cc_errors": report.continuity_errors,
        "duplicate_packets": report.duplicates,
        "discontinuity_indicators": sum(pid.discontinuities for pid in pids),
        "section_crc_errors": report.section_crc_errors,
        "scrambled_pids": {pid.pid for pid in pids if pid.scrambled_packets},
        "programs": {service.service_id: service.pmt_pid for service in report.services.values()},
        "pcr_counts": {pid.pid: pid.pcr_count for pid in pids if pid.pcr_count},
    }


def facts_told(entry: dict[str, Any]) -> dict[str, Any]:
    """The manifest's facts in the same shape; program 0 is the network_PID (2.4.4.3)."""
    facts = dict(entry["facts"])
    programs = {int(number): pid for number, pid in facts["programs"].items()}
    programs.pop(0, None)
    return facts | {
        "scrambled_pids": set(facts["scrambled_pids"]),
        "programs": programs,
        "pcr_counts": {int(pid): row["count"] for pid, row in facts["pcr"].items()},
    }


@functools.cache
def read_packets(path: str, packet_size: int, sync_offset: int) -> tuple[bytes, ...]:
    """The packets by arithmetic from the place of the first sync byte."""
    with open(path, "rb") as file:
        data = file.read()
    first = sync_offset - 4 if packet_size == 192 else sync_offset
    whole = first + (len(data) - first) // packet_size * packet_size
    return tuple(second_opinion.unwrap(data[first:whole], packet_size))


def packets_of(entry: dict[str, Any]) -> tuple[bytes, ...]:
    facts = entry["facts"]
    return read_packets(str(stream_path(entry)), facts["packet_size"], facts["sync_offset"])


@pytest.mark.data
@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("entry", stream_params("all"))
def test_report_equals_the_manifest_or_the_clause_is_named(
    entry: dict[str, Any], fact: str
) -> None:
    report, _ = analyze(str(stream_path(entry)))
    wanted, _clause = DEVIATIONS.get((entry["name"], fact), (facts_told(entry)[fact], ""))
    assert facts_of(report)[fact] == wanted


@pytest.mark.data
@pytest.mark.parametrize("entry", IN_SYNC)
def test_each_pid_is_counted_as_the_second_opinion_counts_it(entry: dict[str, Any]) -> None:
    report, _ = analyze(str(stream_path(entry)))
    judged = second_opinion.count_packets(packets_of(entry))
    assert report.packets == judged.packets
    seen = {pid.pid: asdict(pid) for pid in report.pids.values()}
    wanted = {pid: asdict(facts) for pid, facts in judged.pids.items()}
    assert {pid: {name: row[name] for name in wanted[pid]} for pid, row in seen.items()} == wanted


@pytest.mark.data
@pytest.mark.parametrize("entry", IN_SYNC)
def test_each_defect_is_an_event_at_its_packet(entry: dict[str, Any]) -> None:
    report, _ = analyze(str(stream_path(entry)))
    judged = second_opinion.count_packets(packets_of(entry))
    errors = [index for index, verdict in judged.verdicts if verdict == "error"]
    assert [e.packet_index for e in report.events if e.kind == "continuity_error"] == errors


@pytest.mark.data
@pytest.mark.parametrize("entry", IN_SYNC)
def test_bitrate_of_each_clock_is_that_of_the_manifest(entry: dict[str, Any]) -> None:
    """bitrate_188 is the bits from the first to the last PCR by the time between them, rounded."""
    _, analyzer = analyze(str(stream_path(entry)))
    for pid, row in entry["facts"]["pcr"].items():
        if "bitrate_188" in row:
            clock = analyzer.clock(int(pid))
            assert clock is not None
            assert clock.bitrate_bps == pytest.approx(row["bitrate_188"], abs=1)


def measure_bitrate(pcrs: list[tuple[int, int, bool]]) -> Fraction:
    """Over a discontinuity two PCRs do not measure time."""
    ticks = packets = 0
    for before, after in itertools.pairwise(pcrs):
        if not after[2]:
            ticks += second_opinion.pcr_difference(after[1], before[1])
            packets += after[0] - before[0]
    return Fraction(packets * 188 * 8 * PCR_HZ, ticks)


def packets_left_of_syncloss(entry: dict[str, Any]) -> list[bytes]:
    """By the recipe beside the stream: 13 bytes of junk, 57 more before packet 200, sync bytes of
    four packets zeroed, packet 900 cut by 100 bytes, 50 bytes behind the last."""
    data = stream_path(entry).read_bytes()
    packets, at = [], 13
    for number in range(1233):
        at += 57 if number == 200 else 0
        size = 88 if number == 900 else 188
        if number != 900 and number not in (400, 401, 402, 600):
            packets.append(data[at : at + size])
        at += size
    assert at == len(data) - 50
    return packets


@pytest.mark.data
@pytest.mark.parametrize("entry", BY_RECIPE)
def test_all_that_the_recipe_left_whole_is_recovered(entry: dict[str, Any]) -> None:
    left = packets_left_of_syncloss(entry)
    assert len(left) == 1228
    with tsloom.open(str(stream_path(entry))) as stream:
        assert b"".join(bytes(batch) for batch in stream.batches()) == b"".join(left)
    report, _ = analyze(str(stream_path(entry)))
    judged = second_opinion.count_packets(left)
    assert {pid.pid: pid.packets for pid in report.pids.values()} == {
        pid: facts.packets for pid, facts in judged.pids.items()
    }
    assert report.continuity_errors == judged.total("continuity_errors")
    pcrs = second_opinion.read_pcrs(left)[1900]
    assert report.bitrate_bps == pytest.approx(float(measure_bitrate(pcrs)), rel=1e-12)
    # The damage is told: two runs of junk, three bad sync bytes in a row, the short packet.
    assert report.sync_losses == 3
    assert report.bad_sync_bytes == 1
    assert report.skipped_bytes == len(stream_path(entry).read_bytes()) - 1228 * 188


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "fact"), [key for key in DEVIATIONS if key[0] != "syncloss.ts"], ids="-".join
)
def test_the_second_opinion_deviates_in_the_same_way(
    name: str, fact: str, manifest: dict[str, Any]
) -> None:
    entry = manifest[name]
    wanted, _ = DEVIATIONS[name, fact]
    judged = second_opinion.count_packets(packets_of(entry))
    told = {
        "cc_errors": judged.total("continuity_errors"),
        "duplicate_packets": judged.total("duplicates"),
        "discontinuity_indicators": judged.total("discontinuities"),
        "pcr_counts": {pid: row.pcr_count for pid, row in judged.pids.items() if row.pcr_count},
    }
    assert told[fact] == wanted
    assert facts_told(entry)[fact] != wanted, "no deviation any more: take it out of the table"
