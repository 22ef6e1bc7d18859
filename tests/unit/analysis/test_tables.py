"""Tables: each section once for each content, with what it says."""

from __future__ import annotations

import pytest

from tests.builders import SERVICE_1, Multiplex, packetize, pat, sdt, section
from tsloom import PacketBatch, Pipeline, dvb
from tsloom.analysis.section_log import SectionLog, TableSection
from tsloom.cli.tables_view import describe_section, describe_table
from tsloom.dvb import name_table


def watch(packets: list[bytes]) -> SectionLog:
    log = SectionLog()
    pipeline = Pipeline(log)
    pipeline.process(PacketBatch(b"".join(packets)))
    pipeline.finish()
    return log


def collect(packets: list[bytes]) -> list[TableSection]:
    return watch(packets).sections


def carry(pid: int, sections: list[bytes]) -> list[bytes]:
    """Packets of one PID with these sections one after the other."""
    packets: list[bytes] = []
    for content in sections:
        packets += packetize(content, pid, len(packets))
    return packets


LARGE_SDT = dvb.ServiceDescriptionTable(
    1,
    2,
    tuple(
        dvb.Service(
            number, descriptors=(dvb.ServiceDescriptor(1, "provider", f"service {number}"),)
        )
        for number in range(60)
    ),
)


def test_each_section_is_told_once_where_it_stood_first() -> None:
    mux = Multiplex(tables=((0x11, sdt(1, "First", "Somebody")),))
    found = collect(mux.packets(1000))
    assert [(one.pid, one.table_id, one.packet_index) for one in found] == [
        (0, 0, 0),
        (0x1000, 2, 1),
        (0x11, 0x42, 2),
    ]
    assert found[1].data == SERVICE_1.pmt()


def test_a_new_version_is_told_again_and_an_old_one_that_returns_is_not() -> None:
    tables = [pat({1: 0x1000}), pat({1: 0x1000}, version=1), pat({1: 0x1000})]
    packets = [made for n, data in enumerate(tables) for made in packetize(data, 0, n)]
    assert [one.to_dict()["version_number"] for one in collect(packets)] == [0, 1]


def test_what_a_section_says_is_told_in_the_standards_names() -> None:
    facts = collect(packetize(pat({0: 16, 7: 0x1007}, transport_stream_id=77, version=5), 0))[0]
    plain = facts.to_dict()
    assert plain["table"] == "PAT"
    assert plain["crc_ok"] is True
    assert plain["table_id_extension"] == 77
    assert plain["version_number"] == 5
    assert plain["current_next_indicator"] is True
    assert (plain["section_number"], plain["last_section_number"]) == (0, 0)
    assert plain["hex"] == facts.data.hex()
    assert plain["content"]["transport_stream_id"] == 77


def test_a_section_with_a_wrong_crc_is_told_as_such_and_not_read() -> None:
    data = pat({1: 0x1000})[:-1] + b"\x00"
    plain = collect(packetize(data, 0))[0].to_dict()
    assert plain["crc_ok"] is False
    assert "content" not in plain


def test_a_section_whose_content_cannot_be_says_why() -> None:
    """A PAT whose loop is no whole number of entries, with a right CRC_32."""
    plain = collect(packetize(section(0, 1, bytes(5)), 0))[0].to_dict()
    assert "content" not in plain
    assert plain["defect"]


def test_a_short_section_has_no_header_fields_of_the_long_syntax() -> None:
    tdt = b"\x70\x70\x05\xc0\x79\x12\x45\x00"
    plain = collect(packetize(tdt, 0x14))[0].to_dict()
    assert plain["table"] == "TDT"
    assert "version_number" not in plain
    assert plain["crc_ok"] is True


@pytest.mark.parametrize(
    ("table_id", "name"),
    [
        (0x00, "PAT"),
        (0x02, "PMT"),
        (0x42, "SDT actual"),
        (0x4E, "EIT p/f actual"),
        (0x50, "EIT schedule actual"),
        (0x5F, "EIT schedule actual"),
        (0x60, "EIT schedule other"),
        (0x73, "TOT"),
        (0xFC, "SCTE-35"),
        (0x99, "table_id 0x99"),
    ],
)
def test_tables_have_names(table_id: int, name: str) -> None:
    assert name_table(table_id) == name


def test_a_version_that_returns_is_a_change_of_the_table() -> None:
    tables = [pat({1: 0x1000}), pat({1: 0x1000}, version=1), pat({1: 0x1000})]
    log = watch(carry(0, tables))
    told = [(one.change, one.collected.version_number) for one in log.tables]
    assert told == [("new", 0), ("changed", 1), ("changed", 0)]
    assert [one.section_indices for one in log.tables] == [(0,), (1,), (0,)]


def test_a_table_of_many_sections_is_told_as_one() -> None:
    sections = dvb.encode_sdt(LARGE_SDT)
    (table,) = watch(carry(0x11, list(sections))).tables
    plain = table.to_dict()
    assert len(sections) > 1
    assert plain["section_indices"] == list(range(len(sections)))
    services = plain["content"]["services"]
    assert [one["service_id"] for one in services] == list(range(60))
    assert services[7]["service_name"] == "service 7"
    assert "section_number" not in plain["content"]


def test_sections_of_no_whole_table_are_told_apart() -> None:
    sections = list(dvb.encode_sdt(LARGE_SDT))
    damaged = sections[0][:-1] + bytes((sections[0][-1] ^ 1,))
    log = watch(carry(0x11, [damaged, *sections[1:]]))
    assert log.tables == []
    assert [one.crc_ok for one in log.list_loose_sections()] == [False] + [True] * (
        len(sections) - 1
    )


@pytest.mark.parametrize(
    ("pid", "name"), [(0x1FFB, "ATSC TVCT"), (0x29, "ISDB CDT"), (0x24, "ISDB CDT")]
)
def test_tables_of_other_systems_are_kept_as_bytes(pid: int, name: str) -> None:
    (found,) = collect(packetize(section(0xC8, 1, bytes(4)), pid))
    plain = found.to_dict()
    assert plain["table"] == name
    assert "content" not in plain
    assert plain["hex"] == found.data.hex()


def test_what_is_no_isdb_table_passes_by_on_their_pids() -> None:
    assert collect(packetize(section(0x99, 1, bytes(4)), 0x29)) == []


def test_each_section_of_a_table_says_what_it_did_before() -> None:
    """The keys that scripts read."""
    (found,) = collect(packetize(sdt(1, "First", "Somebody"), 0x11))
    (service,) = found.to_dict()["content"]["services"]
    assert service["service_id"] == 1
    assert service["service_type"] == 1
    assert service["service_provider_name"] == "Somebody"
    assert service["service_name"] == "First"


def test_people_read_tables_by_name_version_and_content() -> None:
    log = watch(carry(0x11, [sdt(1, "First", "Somebody")]))
    lines = describe_table(log.tables[0])
    assert lines[0] == "SDT actual PID 17: new, version 0, at packet 0"
    assert "service_id 1" in lines[3]
    assert 'service_provider_name "Somebody", service_name "First"' in lines[4]


def test_people_read_what_is_wrong_with_a_section() -> None:
    data = pat({1: 0x1000})
    (wrong,) = collect(packetize(data[:-1] + b"\x00", 0))
    assert describe_section(wrong)[0].endswith("CRC_32 is wrong")
    (defective,) = watch(packetize(section(0, 1, bytes(5)), 0)).tables
    assert describe_table(defective)[1].startswith("  defect: ")
    (raw,) = watch(packetize(section(0xC8, 1, bytes(40)), 0x1FFB)).tables
    assert describe_table(raw)[1].endswith(" ...")


def test_a_stream_does_not_steer_the_terminal() -> None:
    steering = dvb.ParentalRatingDescriptor((dvb.ParentalRating("\x1b[m", 4),))
    event = dvb.Event(1, descriptors=(steering,))
    (content,) = dvb.encode_eit(dvb.EventInformationTable(1, 2, 3, (event,)))
    lines = describe_table(watch(packetize(content, 0x12)).tables[0])
    assert all(line.isprintable() for line in lines)
    assert any("\\u001b[m" in line for line in lines)
