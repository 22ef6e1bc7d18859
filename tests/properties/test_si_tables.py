"""SI tables against the same written with bitstring and crcmod."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import si_reference as reference
from tests.properties import si_strategies as draw
from tests.properties.si_cases import descriptors, loops
from tsloom import dvb
from tsloom._native import psi as native
from tsloom.errors import InputError
from tsloom.psi import Section, encode_descriptors


def loops_of(items: Any) -> list[bytes]:
    return [encode_descriptors(item.descriptors) for item in items]


def write(table: dvb.SiTable) -> bytes:
    """By the reference."""
    match table:
        case dvb.NetworkInformationTable():
            loop = encode_descriptors(table.descriptors)
            return reference.write_nit(table, loop, loops_of(table.transport_streams))
        case dvb.BouquetAssociationTable():
            loop = encode_descriptors(table.descriptors)
            return reference.write_bat(table, loop, loops_of(table.transport_streams))
        case dvb.ServiceDescriptionTable():
            return reference.write_sdt(table, loops_of(table.services))
        case dvb.EventInformationTable():
            return reference.write_eit(table, loops_of(table.events))
        case dvb.TimeAndDateTable():
            return reference.write_tdt(table)
        case dvb.TimeOffsetTable():
            return reference.write_tot(table, encode_descriptors(table.descriptors))
        case dvb.RunningStatusTable():
            return reference.write_rst(table)
        case dvb.StuffingTable():
            return reference.write_st(table)


STRATEGIES = {
    "NIT": draw.nits(loops),
    "BAT": draw.bats(loops),
    "SDT": draw.sdts(loops),
    "EIT": draw.eits(loops),
    "TDT": draw.tdts,
    "TOT": draw.tots(loops),
    "RST": draw.rsts,
    "ST": draw.sts,
}
tables = st.one_of(list(STRATEGIES.values()))


def is_large(table: dvb.SiTable) -> bool:
    return len(write(table)) > (4096 if isinstance(table, dvb.EventInformationTable) else 1024)


@pytest.mark.parametrize("name", STRATEGIES)
@given(data=st.data())
def test_a_table_is_written_and_read_as_the_syntax_says(name: str, data: st.DataObject) -> None:
    table = data.draw(STRATEGIES[name].filter(lambda one: not is_large(one)))
    section = write(table)
    assert dvb.encode_table(table) == (section,)
    assert dvb.parse_table(section) == table
    assert dvb.parse_table(Section(section)) == table
    assert type(table).from_dict(json.loads(json.dumps(table.to_dict()))) == table


@given(tables.filter(lambda one: not is_large(one)), st.data())
def test_a_truncated_section_is_refused_or_comes_back_as_it_was(
    table: dvb.SiTable, data: st.DataObject
) -> None:
    section = write(table)
    cut = data.draw(st.integers(0, len(section) - 1))
    contents = [section[:cut]]
    if cut >= 12:
        contents.append(native.seal(section[:cut]))
    for content in contents:
        with contextlib.suppress(InputError):
            assert dvb.encode_table(dvb.parse_table(content)) == (content,)


@given(tables.filter(lambda one: not is_large(one)), st.data())
def test_a_damaged_section_is_refused_or_comes_back_as_it_was(
    table: dvb.SiTable, data: st.DataObject
) -> None:
    section = bytearray(write(table))
    for _ in range(data.draw(st.integers(1, 3))):
        section[data.draw(st.integers(1, len(section) - 1))] = data.draw(st.integers(0, 255))
    has_crc = section[0] not in (0x70, 0x71, 0x72)
    content = native.seal(section) if has_crc else bytes(section)
    with contextlib.suppress(InputError):
        assert dvb.encode_table(dvb.parse_table(content)) == (content,)


@given(
    st.sampled_from((0x40, 0x42, 0x4A, 0x4E, 0x50, 0x70, 0x71, 0x72, 0x73)),
    st.binary(max_size=200),
)
def test_random_bytes_are_refused_or_come_back_as_they_were(table_id: int, body: bytes) -> None:
    flags = 0xF0 if table_id < 0x70 else 0x70
    start = bytes((table_id, flags | len(body) >> 8, len(body) & 255))
    content = start + body
    if table_id not in (0x70, 0x71, 0x72) and len(content) >= 12:
        content = native.seal(content)
    with contextlib.suppress(InputError):
        assert dvb.encode_table(dvb.parse_table(content)) == (content,)


# Tables larger than a section ---------------------------------------------------------------------

services = st.lists(
    st.builds(dvb.Service, draw.u16, descriptors=st.tuples(descriptors)), max_size=60
).map(tuple)


@given(services)
def test_a_large_sdt_is_split_and_joined_again(entries: tuple[dvb.Service, ...]) -> None:
    table = dvb.ServiceDescriptionTable(1, 2, entries)
    sections = dvb.encode_sdt(table)
    parts = [dvb.parse_sdt(section) for section in sections]
    assert all(len(section) <= 1024 for section in sections)
    assert [part.section_number for part in parts] == list(range(len(sections)))
    assert {part.last_section_number for part in parts} == {len(sections) - 1}
    assert dvb.join_sections(parts) == table


@given(
    st.lists(descriptors, max_size=40).map(tuple),
    st.lists(st.builds(dvb.TransportStream, draw.u16, draw.u16, loops), max_size=30).map(tuple),
)
def test_a_large_nit_is_split_and_joined_again(
    loop: Any, entries: tuple[dvb.TransportStream, ...]
) -> None:
    table = dvb.NetworkInformationTable(7, descriptors=loop, transport_streams=entries)
    sections = dvb.encode_nit(table)
    parts = [dvb.parse_nit(section) for section in sections]
    assert all(len(section) <= 1024 for section in sections)
    assert {part.last_section_number for part in parts} == {len(sections) - 1}
    joined = dvb.join_sections(parts)
    # A private_data_specifier_descriptor's word may end with its section: compared by bytes.
    assert dvb.encode_table(joined) == sections


@given(
    st.lists(st.builds(dvb.Event, draw.u16, draw.times, draw.durations), max_size=8).map(tuple),
    st.integers(0, 7),
    st.integers(0, 31),
)
def test_a_large_segment_of_a_schedule_is_split_within_the_segment(
    events: tuple[dvb.Event, ...], count: int, segment: int
) -> None:
    filler = tuple(
        dvb.Event(number, descriptors=(dvb.ShortEventDescriptor("eng", "x" * 120, "y" * 120),))
        for number in range(15 * count)
    )
    table = dvb.EventInformationTable(
        1,
        2,
        3,
        events + filler,
        0x50,
        section_number=8 * segment,
        last_section_number=8 * segment,
        segment_last_section_number=8 * segment,
        last_table_id=0x51,
    )
    parts = [dvb.parse_eit(section) for section in dvb.encode_eit(table)]
    last = 8 * segment + len(parts) - 1
    assert [part.section_number for part in parts] == list(range(8 * segment, last + 1))
    assert {part.segment_last_section_number for part in parts} == {last}
    assert {part.last_section_number for part in parts} == {last}
    assert tuple(event for part in parts for event in part.events) == events + filler


@given(draw.eits(loops).filter(lambda one: not is_large(one)), st.binary(min_size=1, max_size=11))
def test_what_is_left_over_is_kept(table: dvb.EventInformationTable, rest: bytes) -> None:
    longer = replace(table, undecoded=rest)
    (section,) = dvb.encode_eit(longer)
    assert dvb.parse_eit(section) == longer
