"""SI tables: what is refused, what is kept of broken ones, how they are collected."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tsloom import dvb
from tsloom._native import psi as native
from tsloom.errors import CrcError, SectionLengthError, SectionSyntaxError, UsageError
from tsloom.psi import Section, TableChange, encode_section

NAME = dvb.ServiceDescriptor(1, "provider", "name")
SDT = dvb.ServiceDescriptionTable(
    1, 2, (dvb.Service(10, descriptors=(NAME,)), dvb.Service(11, descriptors=(NAME,)))
)
NIT = dvb.NetworkInformationTable(
    3,
    descriptors=(dvb.NetworkNameDescriptor("net"),),
    transport_streams=(dvb.TransportStream(1, 2), dvb.TransportStream(4, 5)),
)
START = datetime(2024, 3, 11, 20, 0, tzinfo=UTC)
EVENTS = (
    dvb.Event(100, START, timedelta(minutes=45), descriptors=(NAME,)),
    dvb.Event(101, START + timedelta(minutes=45), timedelta(minutes=15), descriptors=(NAME,)),
)
EIT = dvb.EventInformationTable(10, 1, 2, EVENTS)


def set_bytes(section: bytes, at: int, data: bytes) -> bytes:
    """With a CRC_32 that is right again."""
    changed = section[:at] + data + section[at + len(data) :]
    sealed: bytes = native.seal(changed)
    return sealed


# Lengths that lie ------------------------------------------------------------------------------


def test_services_in_front_of_a_lying_length_are_kept() -> None:
    (section,) = dvb.encode_sdt(SDT)
    second = section.index(b"\x00\x0b", 11)
    broken = set_bytes(section, second + 3, b"\x0f\xff")
    table = dvb.parse_sdt(broken)
    assert table.services == SDT.services[:1]
    assert table.undecoded == broken[second:-4]
    assert dvb.encode_sdt(table) == (broken,)


def test_events_in_front_of_a_lying_length_are_kept() -> None:
    (section,) = dvb.encode_eit(EIT)
    second = section.index(b"\x00\x65", 14)
    broken = set_bytes(section, second + 10, b"\x0f\xff")
    table = dvb.parse_eit(broken)
    assert table.events == EIT.events[:1]
    assert dvb.encode_eit(table) == (broken,)


@pytest.mark.parametrize(("stated", "left"), [(0, 0), (6, 1), (7, 1), (0xFFF, 2)])
def test_a_loop_length_of_a_nit_that_lies_is_kept_and_told(stated: int, left: int) -> None:
    (section,) = dvb.encode_nit(NIT)
    broken = set_bytes(
        section, len(section) - 4 - 12 - 2, bytes((0xF0 | stated >> 8, stated & 255))
    )
    table = dvb.parse_nit(broken)
    assert table.stated_loop_length == stated
    assert table.transport_streams == NIT.transport_streams[:left]
    assert dvb.encode_nit(table) == (broken,)


def test_descriptors_that_run_over_a_nit_are_an_error() -> None:
    (section,) = dvb.encode_nit(NIT)
    with pytest.raises(SectionLengthError):
        dvb.parse_nit(set_bytes(section, 8, b"\xff\xff"))


@pytest.mark.parametrize(("stated", "left"), [(0, 0), (15, 1), (0xFFF, 1)])
def test_a_loop_length_of_a_tot_that_lies_is_kept_and_told(stated: int, left: int) -> None:
    offset = dvb.LocalTimeOffset("GBR", timedelta(hours=1), timedelta(0), START)
    tot = dvb.TimeOffsetTable(START, (dvb.LocalTimeOffsetDescriptor((offset,)),))
    broken = set_bytes(dvb.encode_tot(tot), 8, bytes((0xF0 | stated >> 8, stated & 255)))
    table = dvb.parse_tot(broken)
    assert table.descriptors == tot.descriptors[:left]
    assert table.stated_loop_length == (None if stated == 15 else stated)
    assert dvb.encode_tot(table) == broken


def test_the_rest_of_a_torn_rst_is_kept() -> None:
    rst = dvb.RunningStatusTable((dvb.EventStatus(1, 2, 3, 4, 5),), undecoded=b"\x01\x02")
    assert dvb.parse_rst(dvb.encode_rst(rst)) == rst


def test_an_event_whose_digits_are_no_time_is_kept_with_its_bytes() -> None:
    (section,) = dvb.encode_eit(EIT)
    at = section.index(b"\x00\x64", 14)
    broken = set_bytes(section, at + 2, b"\xc0\x79\x24\x00\x00\x00\x99\x00")
    event = dvb.parse_eit(broken).events[0]
    assert (event.start_time, event.duration) == (None, None)
    assert event.malformed_start_time == b"\xc0\x79\x24\x00\x00"
    assert event.malformed_duration == b"\x00\x99\x00"
    assert event.descriptors == (NAME,)
    assert dvb.encode_eit(dvb.parse_eit(broken)) == (broken,)


# What is refused -------------------------------------------------------------------------------


def test_a_section_of_another_table_is_refused() -> None:
    (section,) = dvb.encode_sdt(SDT)
    for parse in (dvb.parse_nit, dvb.parse_bat, dvb.parse_eit, dvb.parse_tdt, dvb.parse_st):
        with pytest.raises(SectionSyntaxError):
            parse(section)
    with pytest.raises(SectionSyntaxError):
        dvb.parse_table(encode_section(0x02, 1, bytes(4)))


def test_a_wrong_crc_is_refused() -> None:
    (section,) = dvb.encode_sdt(SDT)
    with pytest.raises(CrcError):
        dvb.parse_table(section[:-1] + bytes((section[-1] ^ 1,)))
    tot = dvb.encode_tot(dvb.TimeOffsetTable(START))
    with pytest.raises(CrcError):
        dvb.parse_table(tot[:-1] + bytes((tot[-1] ^ 1,)))


@pytest.mark.parametrize("table_id", [0x40, 0x42, 0x4A, 0x4E])
def test_a_section_that_ends_in_its_fixed_fields_is_refused(table_id: int) -> None:
    with pytest.raises(SectionLengthError):
        dvb.parse_table(encode_section(table_id, 1, b"\x00"))


@pytest.mark.parametrize(
    "content", [b"", b"\x70", b"\x70\x70\x05\x00", b"\x70\x70\x04\xc0\x79\x12\x34", b"\x72\xf0"]
)
def test_too_few_bytes_are_refused(content: bytes) -> None:
    with pytest.raises((SectionLengthError, SectionSyntaxError)):
        dvb.parse_table(content)


def test_numbers_out_of_range_are_refused() -> None:
    bad: list[dvb.SiTable] = [
        replace(SDT, table_id=0x40),
        replace(SDT, original_network_id=0x10000),
        replace(SDT, version_number=32),
        replace(SDT, services=(dvb.Service(1, running_status=8),)),
        replace(NIT, table_id=0x4A),
        replace(NIT, network_id=-1),
        replace(EIT, table_id=0x42),
        replace(EIT, events=(dvb.Event(0x10000),)),
        replace(EIT, events=(dvb.Event(1, malformed_start_time=b"\0"),)),
        dvb.RunningStatusTable((dvb.EventStatus(1, 2, 3, 4, 8),)),
        dvb.TimeAndDateTable(datetime(2024, 1, 1)),
    ]
    for table in bad:
        with pytest.raises(UsageError):
            dvb.encode_table(table)


def test_what_is_larger_than_a_section_is_refused() -> None:
    large = dvb.ShortEventDescriptor("eng", "x" * 125, "y" * 125)
    bad: list[dvb.SiTable] = [
        dvb.ServiceDescriptionTable(1, 2, (dvb.Service(1, descriptors=(large,) * 4),)),
        replace(SDT, services=SDT.services * 40, last_section_number=3),
        replace(EIT, events=(dvb.Event(1, descriptors=(large,) * 10),) * 2),
        replace(EIT, table_id=0x50, events=(dvb.Event(1, descriptors=(large,) * 10),) * 9),
        dvb.RunningStatusTable((dvb.EventStatus(1, 2, 3, 4, 5),) * 114),
        dvb.TimeOffsetTable(START, (large,) * 4),
        dvb.StuffingTable(bytes(4094)),
    ]
    for table in bad:
        with pytest.raises(SectionLengthError):
            dvb.encode_table(table)


# What values tell ------------------------------------------------------------------------------


def test_a_service_tells_what_its_descriptor_says() -> None:
    (service, _) = SDT.services
    assert (service.service_type, service.service_provider_name) == (1, "provider")
    assert service.service_name == "name"
    assert dvb.Service(1).service_name is None
    assert SDT.get_service(11) == SDT.services[1]
    assert SDT.get_service(12) is None
    assert NIT.network_name == "net"
    assert dvb.Service(1, running_status=4).running_status_name == "running"


def test_an_event_tells_its_end_and_name() -> None:
    event = EVENTS[0]
    assert event.end_time == EVENTS[1].start_time
    assert event.event_name is None
    named = dvb.Event(1, descriptors=(dvb.ShortEventDescriptor("eng", "News"),))
    assert named.event_name == "News"
    assert named.end_time is None
    assert EIT.get_event(101) == EVENTS[1]


def test_the_parts_of_an_extended_text_are_one() -> None:
    parts = [b"\x03\xe1\xe2", b"\x03\xe3", b""]
    event = dvb.Event(
        1,
        descriptors=tuple(
            dvb.ExtendedEventDescriptor(code, dvb.decode_text(part))
            for code, part in [*(("gre", part) for part in parts), ("eng", b"other")]
        ),
    )
    assert event.extended_text == "αβγ"
    assert dvb.Event(1).extended_text is None


def test_a_letter_that_was_cut_in_two_is_whole_in_the_joined_text() -> None:
    parts = [dvb.decode_text(b"sme\xcf"), dvb.decode_text(b"ci")]
    assert dvb.join_texts(parts) == "smeči"
    assert dvb.join_texts([*parts, "!"]) == "sme\ufffdci!"
    assert dvb.join_texts([]) == ""


def test_dictionaries_say_times_as_text() -> None:
    plain = EVENTS[0].to_dict()
    assert plain["start_time"] == "2024-03-11T20:00:00Z"
    assert plain["duration"] == "00:45:00"
    assert "malformed_duration" not in plain
    assert "undecoded" not in EIT.to_dict()


# Collecting ------------------------------------------------------------------------------------


def schedule(numbers: dict[int, int], last: int, version: int = 0, tsid: int = 1) -> list[Section]:
    """Sections by number, with the last number of each one's segment."""
    return [
        Section(
            dvb.encode_eit(
                dvb.EventInformationTable(
                    1,
                    tsid,
                    2,
                    (dvb.Event(number),),
                    0x50,
                    segment_last,
                    0x50,
                    section_number=number,
                    last_section_number=last,
                    version_number=version,
                )
            )[0]
        )
        for number, segment_last in numbers.items()
    ]


def test_a_schedule_is_whole_when_each_segment_is() -> None:
    collector = dvb.make_collector()
    *early, late = schedule({0: 1, 1: 1, 8: 8, 16: 17, 17: 17}, 17)
    assert [collector.feed(section) for section in early] == [None] * 4
    table = collector.feed(late)
    assert table is not None
    assert [section.section_number for section in table.sections] == [0, 1, 8, 16, 17]
    joined = dvb.parse_table(table)
    assert isinstance(joined, dvb.EventInformationTable)
    assert [event.event_id for event in joined.events] == [0, 1, 8, 16, 17]


def test_a_schedule_with_a_segment_missing_is_not_whole() -> None:
    collector = dvb.make_collector()
    assert [collector.feed(one) for one in schedule({0: 0, 16: 16}, 16)] == [None, None]


def test_tables_of_two_transport_streams_are_kept_apart() -> None:
    collector = dvb.make_collector()
    first, second = schedule({0: 0}, 0)[0], schedule({0: 0}, 0, tsid=9)[0]
    assert collector.feed(first) is not None
    assert collector.feed(second) is not None
    assert collector.feed(first) is None


def test_a_new_version_is_followed() -> None:
    collector = dvb.make_collector()
    (old,), (new,) = schedule({0: 0}, 0), schedule({0: 0}, 0, version=1)
    tables = [collector.feed(section) for section in (old, old, new, old)]
    changes = [None if table is None else table.change for table in tables]
    assert changes == [TableChange.NEW, None, TableChange.CHANGED, TableChange.CHANGED]


@pytest.mark.parametrize(
    ("table_id", "pid", "name"),
    [
        (0xC7, 0x1FFB, "ATSC MGT"),
        (0xC8, None, "ATSC TVCT"),
        (0xCD, 0x1FFB, "ATSC STT"),
        (0xC8, 0x29, "ISDB CDT"),
        (0xC4, 0x24, "ISDB BIT"),
        (0x7F, 0x1F, "SIT"),
        (0x4A, 0x11, "BAT"),
        (0x95, None, "table_id 0x95"),
    ],
)
def test_tables_of_other_systems_are_known_by_name(
    table_id: int, pid: int | None, name: str
) -> None:
    assert dvb.name_table(table_id, pid) == name
