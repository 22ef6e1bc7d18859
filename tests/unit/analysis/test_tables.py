"""Tables: each section once for each content, with what it says."""

from __future__ import annotations

import pytest

from tests.builders import SERVICE_1, Multiplex, packetize, pat, sdt, section
from tsloom import PacketBatch, Pipeline
from tsloom.analysis.section_log import SectionLog, TableSection
from tsloom.dvb import name_table


def collect(packets: list[bytes]) -> list[TableSection]:
    log = SectionLog()
    pipeline = Pipeline(log)
    pipeline.process(PacketBatch(b"".join(packets)))
    pipeline.finish()
    return log.sections


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
