"""SI of streams by others: what they say is what others read, and is written as it was read."""

from __future__ import annotations

import functools
import gzip
import json
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.external_data import DATA_DIR, NO_DATA, stream_params, stream_path
from tests.vectors import tsduck_tables
from tests.vectors.test_psi_streams import read_psi
from tsloom import PacketSync, dvb
from tsloom.psi import (
    CollectedTable,
    Descriptor,
    Section,
    SectionAssembler,
    parse_pmt,
    parse_section,
)

Entry = dict[str, Any]
SI_PIDS = (0x10, 0x11, 0x12, 0x13, 0x14)
# Descriptors of others than EN 300 468 and ISO/IEC 13818-1, or kept as bytes here.
PASSED_OVER = {"generic_descriptor", "service_group_descriptor"}


@functools.lru_cache(maxsize=2)
def read_sections(path: Path) -> tuple[tuple[int, Section], ...]:
    """The good sections of SI PIDs, PID by PID."""
    sync = PacketSync()
    batches = (sync.feed(path.read_bytes()), sync.flush())
    found = []
    for pid in SI_PIDS:
        assembler = SectionAssembler(pid)
        for batch in batches:
            for event in assembler.feed(batch):
                if isinstance(event, Section) and event.crc_ok is not False:
                    found.append((pid, event))
    return tuple(found)


def is_known(section: Section) -> bool:
    return section.table_id in (0x40, 0x41, 0x42, 0x46, 0x4A, *range(0x4E, 0x74))


def collect_tables(path: Path) -> list[CollectedTable]:
    collectors = {pid: dvb.make_collector() for pid in SI_PIDS}
    tables = (collectors[pid].feed(section) for pid, section in read_sections(path))
    return [table for table in tables if table is not None]


def truth_folder(entry: Entry) -> Path:
    return DATA_DIR / "streams" / "truth" / str(entry["name"])


@pytest.mark.parametrize("entry", stream_params("all"))
def test_every_si_section_is_written_as_it_was_read(entry: Entry) -> None:
    for _, section in read_sections(stream_path(entry)):
        if is_known(section):
            table = dvb.parse_table(section)
            assert dvb.encode_table(table) == (section.bytes,)
            assert getattr(table, "undecoded", b"") == b""
            assert type(table).from_dict(json.loads(json.dumps(table.to_dict()))) == table


def as_set(items: list[Any]) -> set[str]:
    return {json.dumps(item, sort_keys=True, ensure_ascii=False) for item in items}


@pytest.mark.parametrize("entry", stream_params("all"))
def test_si_tables_say_what_tsduck_reads(entry: Entry) -> None:
    expected = [
        table
        for table in tsduck_tables.load_tables(truth_folder(entry))
        if tsduck_tables.read_table(table) is not None
    ]
    if not expected:
        pytest.skip("TSDuck has read no SI tables in this stream")
    read = [dvb.parse_table(table) for table in collect_tables(stream_path(entry))]
    ours = as_set([tsduck_tables.say_table(table) for table in read])
    assert as_set([tsduck_tables.read_table(table) for table in expected]) - ours == set()
    assert set().union(*map(tsduck_tables.unknown_names, expected)) <= PASSED_OVER


@pytest.mark.parametrize("entry", stream_params("all"))
def test_descriptors_of_pmts_say_what_tsduck_reads(entry: Entry) -> None:
    pmts = [t for t in tsduck_tables.load_tables(truth_folder(entry)) if t["#name"] == "PMT"]
    expected = [
        [
            pmt["service_id"],
            tsduck_tables.read_loop(pmt),
            [
                [one["elementary_pid"], tsduck_tables.read_loop(one)]
                for one in tsduck_tables.nodes(pmt, "component")
            ],
        ]
        for pmt in pmts
    ]
    if not expected or entry["name"] == "syncloss.ts":
        pytest.skip("TSDuck has read no PMT in this stream")
    tables = [parse_pmt(s) for s in read_psi(stream_path(entry)) if s.table_id == 2]
    read = [
        [
            pmt.program_number,
            tsduck_tables.say_loop(pmt.descriptors),
            [
                [one.elementary_pid, tsduck_tables.say_loop(one.descriptors)]
                for one in pmt.elementary_streams
            ],
        ]
        for pmt in tables
    ]
    assert as_set(expected) == as_set(read)


def load_eit_xml(folder: Path) -> ElementTree.Element | None:
    """Events that TSDuck found, also in tables that are not whole."""
    for name, opener in (("tsduck_eit.xml", open), ("tsduck_eit.xml.gz", gzip.open)):
        path = folder / name
        if path.is_file():
            with opener(path, "rb") as file:  # type: ignore[operator]
                return ElementTree.parse(file).getroot()
    return None


def compact(text: str | None) -> str | None:
    """Without white space, which XML joins or drops, and without a diacritical mark at the end,
    whose letter is in the next descriptor: TSDuck sets it on the letter before."""
    if text is None:
        return None
    letters = unicodedata.normalize("NFD", "".join(text.split()))
    return letters.rstrip("\ufffd\u0301\u030c")


def read_xml_event(table: ElementTree.Element, event: ElementTree.Element) -> list[Any]:
    short = event.find("short_event_descriptor")
    texts = event.iterfind("extended_event_descriptor/text")
    return [
        int(table.attrib["service_id"], 0),
        int(table.attrib["transport_stream_id"], 0),
        int(event.attrib["event_id"], 0),
        event.attrib["start_time"],
        event.attrib["duration"],
        event.attrib["CA_mode"] == "true",
        None if short is None else short.attrib["language_code"],
        None if short is None else compact(short.findtext("event_name")),
        None if short is None else compact(short.findtext("text")),
        [compact(text.text or "") for text in texts],
    ]


def say_event(table: dvb.EventInformationTable, event: dvb.Event) -> list[Any]:
    short = event.short_event_descriptor
    extended = [d for d in event.descriptors if isinstance(d, dvb.ExtendedEventDescriptor)]
    return [
        table.service_id,
        table.transport_stream_id,
        event.event_id,
        tsduck_tables.write_time(event.start_time),
        str(event.duration).rjust(8, "0"),
        event.free_ca_mode,
        None if short is None else short.iso_639_language_code,
        None if short is None else compact(short.event_name),
        None if short is None else compact(short.text),
        [compact(one.text) for one in extended],
    ]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_events_are_those_that_tsduck_found(entry: Entry) -> None:
    document = load_eit_xml(truth_folder(entry))
    if document is None:
        pytest.skip("TSDuck has found no events in this stream")
    expected = [
        read_xml_event(table, event)
        for table in document.iterfind("EIT")
        for event in table.iterfind("event")
    ]
    tables = [
        table
        for _, section in read_sections(stream_path(entry))
        if is_known(section)
        and isinstance(table := dvb.parse_table(section), dvb.EventInformationTable)
    ]
    ours = as_set([say_event(table, event) for table in tables for event in table.events])
    assert expected
    assert as_set(expected) - ours == set()


def test_letters_cut_in_two_between_descriptors_are_whole_in_the_joined_text(
    streams: Path,
) -> None:
    events = [
        event
        for _, section in read_sections(streams / "eit_slovakia.ts")
        if is_known(section)
        and isinstance(table := dvb.parse_table(section), dvb.EventInformationTable)
        for event in table.events
    ]
    parts = [one.text for event in events for one in event.descriptors if hasattr(one, "items")]
    assert sum("\ufffd" in part for part in parts) == 3
    assert not any("\ufffd" in (event.extended_text or "") for event in events)


def binary_sections() -> list[Any]:
    folder = DATA_DIR / "streams" / "truth" / "_tsduck_tests"
    paths = sorted(folder.glob("*/*.bin")) if folder.is_dir() else []
    if not paths:
        return [pytest.param(None, id="no-data", marks=pytest.mark.skip(reason=NO_DATA))]
    return [pytest.param(path, id=path.name) for path in paths]


@pytest.mark.parametrize("path", binary_sections())
def test_sections_that_tsduck_made_are_written_as_they_were_read(path: Path) -> None:
    content, start = path.read_bytes(), 0
    while start < len(content):
        end = start + 3 + (int.from_bytes(content[start + 1 : start + 3], "big") & 0xFFF)
        section = parse_section(content[start:end])
        start = end
        if is_known(section):
            assert dvb.encode_table(dvb.parse_table(section)) == (section.bytes,)


# biTStream's reading, section by section ---------------------------------------------------------


def load_bitstream(folder: Path) -> ElementTree.Element | None:
    path = folder / "bitstream_si.xml"
    if not path.is_file():
        return None
    try:
        return ElementTree.parse(path).getroot()
    except ElementTree.ParseError:
        return None  # it writes what a stream says into XML as it is


def read_descriptors(node: ElementTree.Element) -> list[Any]:
    return [[int(one.attrib["id"], 0), one.attrib["value"]] for one in node.iterfind("DESC")]


def say_descriptors(descriptors: tuple[Descriptor, ...]) -> list[Any]:
    return [[one.descriptor_tag, one.encode_data().hex()] for one in descriptors]


def read_bitstream_event(node: ElementTree.Element) -> list[Any]:
    return [
        *(int(node.attrib[name]) for name in ("id", "start_time", "duration", "running")),
        node.attrib["free_CA"] == "1",
        read_descriptors(node),
    ]


def say_bitstream_event(event: dvb.Event) -> list[Any]:
    assert event.start_time is not None
    assert event.duration is not None
    return [
        event.event_id,
        round(event.start_time.timestamp()),
        round(event.duration.total_seconds()),
        event.running_status,
        event.free_ca_mode,
        say_descriptors(event.descriptors),
    ]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_eit_sections_say_what_bitstream_reads(entry: Entry) -> None:
    document = load_bitstream(truth_folder(entry))
    found = [] if document is None else list(document.iter("EIT"))
    if not found:
        pytest.skip("biTStream has read no EIT in this stream")
    names = ("service_id", "version", "section", "last_section", "segment_last_section", "tsid")
    expected = [
        [
            int(node.attrib["tableid"], 0),
            *(int(node.attrib[name]) for name in (*names, "onid")),
            [read_bitstream_event(event) for event in node.iterfind("EVENT")],
        ]
        for node in found
    ]
    ours = []
    for _, section in read_sections(stream_path(entry)):
        table = dvb.parse_table(section) if is_known(section) else None
        if isinstance(table, dvb.EventInformationTable):
            numbers = [table.service_id, table.version_number, table.section_number]
            numbers += [table.last_section_number, table.segment_last_section_number]
            numbers += [table.transport_stream_id, table.original_network_id]
            events = [say_bitstream_event(event) for event in table.events]
            ours.append([table.table_id, *numbers, events])
    assert as_set(expected) - as_set(ours) == set()
