"""Defects within a stream: the event says where, and nothing good around them is lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.builders import (
    Multiplex,
    crc_32,
    packet,
    packetize,
    pmt,
    section,
    split,
)
from tests.properties.damage import wrap
from tests.second_opinion import count_packets
from tests.unit.cli.running import run, write_packets

AT = 50
PACKETS = Multiplex().packets(300)


def sealed(front: bytes) -> bytes:
    return front + crc_32(front).to_bytes(4, "big")


def overlong_section(table_id: int, length: int) -> bytes:
    """What says to be longer than any section of its table may be."""
    made = section(table_id, 1, bytes(20))
    return sealed(made[:1] + (0xB000 | length).to_bytes(2, "big") + made[3:-4])


def torn_pmt(offset: int, length: int) -> bytes:
    """A PMT with a right CRC_32, one of its loops longer than the section."""
    made = pmt(1, 0x100, [(0x1B, 0x100, b""), (0x0F, 0x101, b"")], version=7)
    return sealed(made[:offset] + (0xF000 | length).to_bytes(2, "big") + made[offset + 2 : -4])


def with_field(length: int, control: int) -> bytes:
    made = packet(0x300, 0, bytes(184))
    return made[:3] + bytes((control << 4, length)) + made[5:]


DEFECTS: dict[str, tuple[list[bytes], str, int]] = {
    "field beyond the packet": ([with_field(200, 2)], "adaptation_field_overrun", 0x300),
    "field over the payload": ([with_field(183, 3)], "adaptation_field_overrun", 0x300),
    "section_length": (packetize(overlong_section(0x42, 4094), 0x11), "section_dropped", 0x11),
    "PMT section_length": (
        packetize(overlong_section(2, 4095), 0x1000, 1),
        "section_dropped",
        0x1000,
    ),
    "program_info_length": (
        packetize(torn_pmt(10, 200), 0x1000, 1),
        "section_syntax_error",
        0x1000,
    ),
    "ES_info_length": (packetize(torn_pmt(15, 90), 0x1000, 1), "section_syntax_error", 0x1000),
    "CRC_32": (packetize(section(0x42, 1, b"")[:-1] + b"!", 0x11), "section_crc_error", 0x11),
    "transport error": ([packet(0x300, transport_error=True)], "transport_error", 0x300),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_an_event_at_its_packet(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    defect, kind, pid = DEFECTS[name]
    packets = [*PACKETS[:AT], *defect, *PACKETS[AT:]]
    path = write_packets(tmp_path / "in.ts", packets)
    report = run(capfd, "analyze", path, "--json").document
    found = [event for event in report["events"] if event["kind"] == kind]
    assert [(event["packet_index"], event["pid"]) for event in found] == [(AT, pid)]
    check_against_second_opinion(report, packets)
    assert [service["pcr_pid"] for service in report["services"]] == [0x100]
    assert run(capfd, "filter", path, tmp_path / "out.ts").code == 0
    assert (tmp_path / "out.ts").read_bytes() == path.read_bytes()
    for reader in (("tables", "--json"), ("cues",)):
        assert run(capfd, reader[0], path, *reader[1:]).code == 0


def check_against_second_opinion(report: dict[str, Any], packets: Sequence[bytes]) -> None:
    facts = count_packets(packets)
    assert report["packets"] == facts.packets
    assert report["continuity_errors"] == facts.total("continuity_errors")
    assert report["transport_errors"] == facts.total("transport_errors")
    counts = {pid["pid"]: pid["packets"] for pid in report["pids"]}
    assert counts == {pid: row.packets for pid, row in facts.pids.items()}


def test_null_packets_may_carry_anything(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table = packetize(section(0, 1, b"\x00\x05\xf0\x00"), 0x1FFF)
    nulls = [packet(0x1FFF, 9, bytes(range(184)), payload_unit_start=True, scrambling=2), *table]
    packets = [*PACKETS[:AT], *nulls, *PACKETS[AT:]]
    path = write_packets(tmp_path / "in.ts", packets)
    report = run(capfd, "analyze", path, "--json").document
    assert [event["kind"] for event in report["events"]] == ["sync_acquired"]
    assert report["null_packets"] == count_packets(packets).pids[0x1FFF].packets
    assert run(capfd, "filter", path, tmp_path / "out.ts", "--drop-nulls").code == 0
    kept = [made for made in packets if made[1:3] != b"\x1f\xff" and made[1:3] != b"\x5f\xff"]
    assert split((tmp_path / "out.ts").read_bytes()) == kept


@pytest.mark.parametrize("units", [(188, 204, 192), (204, 192, 188), (192, 188, 204)])
def test_a_change_of_packet_size_loses_nothing(
    units: tuple[int, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    thirds = [PACKETS[:100], PACKETS[100:200], PACKETS[200:]]
    pieces = [wrap(part, unit) for part, unit in zip(thirds, units, strict=True)]
    path = write_packets(tmp_path / "in.ts", [piece for part in pieces for piece in part])
    report = run(capfd, "analyze", path, "--json").document
    check_against_second_opinion(report, PACKETS)
    found = [event for event in report["events"] if event["kind"] == "sync_acquired"]
    # The last packet of one size may be the first that fits the next.
    near = [100 * round(event["packet_index"] / 100) - event["packet_index"] for event in found]
    assert near[0] == 0
    assert set(near) <= {0, 1}
    assert [event["detail"] for event in found] == [f"packets of {unit} bytes" for unit in units]
    assert run(capfd, "filter", path, tmp_path / "out.ts").code == 0
    assert (tmp_path / "out.ts").read_bytes() == b"".join(PACKETS)


@pytest.mark.parametrize("size", [1, 77, 187])
def test_a_packet_cut_short_costs_itself_alone(
    size: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    packets = [*PACKETS[:AT], PACKETS[AT][:size], *PACKETS[AT + 1 :]]
    path = write_packets(tmp_path / "in.ts", packets)
    report = run(capfd, "analyze", path, "--json").document
    whole = [made for made in packets if len(made) == 188]
    check_against_second_opinion(report, whole)
    assert (report["skipped_bytes"], report["sync_losses"]) == (size, 1)
    skipped = [event for event in report["events"] if event["kind"] == "sync_skipped"]
    assert [event["packet_index"] for event in skipped] == [AT]
    assert run(capfd, "filter", path, tmp_path / "out.ts").code == 0
    assert split((tmp_path / "out.ts").read_bytes()) == whole
