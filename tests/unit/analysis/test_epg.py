"""The guide that a stream carries: what its sections say, in the end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.external_data import stream_params, stream_path
from tests.unit.dvb.schedules import KEY, MINUTE, NOON, make_event
from tsloom import dvb, psi, read_events

EIT_TABLES = range(0x4E, 0x70)
SHORT = make_event(1, 0, 30, "News")
LONG = replace(
    SHORT, descriptors=(*SHORT.descriptors, dvb.ExtendedEventDescriptor("eng", "All of it"))
)


def section(table_id: int, version: int, *events: dvb.Event, number: int = 0) -> bytes:
    table = dvb.EventInformationTable(
        service_id=KEY.service_id,
        transport_stream_id=KEY.transport_stream_id,
        original_network_id=KEY.original_network_id,
        events=events,
        table_id=table_id,
        version_number=version,
        section_number=number,
        last_section_number=8,
    )
    (made,) = dvb.encode_eit(table)
    return made


def write_stream(path: Path, *sections: bytes) -> Path:
    """Each section in packets of its own, on PID 0x12."""
    packets = []
    counter = 0
    for one in sections:
        rest = b"\0" + one
        start = 0x40
        while rest:
            head = bytes((0x47, start, 0x12, 0x10 | counter & 15))
            packets.append(head + rest[:184].ljust(184, b"\xff"))
            rest, start, counter = rest[184:], 0, counter + 1
    packets += [b"\x47\x1f\xff\x10" + b"\xff" * 184] * 20
    path.write_bytes(b"".join(packets))
    return path


@pytest.mark.parametrize("order", [(0x4E, 0x50), (0x50, 0x4E)])
def test_present_following_says_when_and_the_schedule_what(
    order: tuple[int, int], tmp_path: Path
) -> None:
    late = replace(SHORT, start_time=NOON + 5 * MINUTE, running_status=4)
    content = {0x4E: late, 0x50: LONG}
    stream = write_stream(tmp_path / "a.ts", *(section(one, 0, content[one]) for one in order))
    (event,) = read_events(stream).events(KEY)
    assert event.extended_text == "All of it"
    if order[1] == 0x4E:
        assert event.start_time == late.start_time
        assert event.running_status == 4


def test_what_a_newer_version_does_not_have_goes_unless_another_section_has_it(
    tmp_path: Path,
) -> None:
    others = [make_event(number, number * 30, 30) for number in (2, 3)]
    stream = write_stream(
        tmp_path / "a.ts",
        section(0x4E, 0, SHORT),
        section(0x50, 0, SHORT, *others),
        section(0x50, 1, others[0]),
    )
    assert [event.event_id for event in read_events(stream).events(KEY)] == [1, 2]


def test_events_without_a_time_and_damaged_sections_are_left_out(tmp_path: Path) -> None:
    damaged = bytearray(section(0x51, 0, make_event(9, 0, 1)))
    damaged[20] ^= 1
    stream = write_stream(tmp_path / "a.ts", section(0x50, 0, dvb.Event(7), SHORT), bytes(damaged))
    assert list(read_events(stream).events(KEY)) == [SHORT]


@pytest.mark.data
@pytest.mark.parametrize(
    "entry", [one for one in stream_params() if "eit" in str(one.id) or one.id == "no-data"]
)
def test_the_events_are_those_of_a_slow_reading_of_the_sections(
    entry: dict[str, Any], tmp_path: Path
) -> None:
    """Every event of the database stands in some section, and XMLTV and JSON hold it."""
    import tsloom

    path = stream_path(entry)
    assembler = psi.SectionAssembler(0x12)
    told: set[tuple[int, Any]] = set()
    with tsloom.open(path) as stream:
        for batch in stream.batches():
            for one in assembler.feed(batch):
                if (
                    isinstance(one, psi.Section)
                    and one.crc_ok
                    and one.table_id in range(0x4E, 0x70)
                ):
                    table = dvb.parse_eit(one)
                    told |= {
                        (table.service_id, event.start_time)
                        for event in table.events
                        if event.start_time and event.duration is not None
                    }
    found = read_events(path)
    held = {(key.service_id, one.start_time) for key in found.services for one in found.events(key)}
    assert held
    assert held <= told

    found.to_json(tmp_path / "epg.json")
    again = dvb.EventDatabase.from_json(tmp_path / "epg.json")
    assert all(again.events(key) == found.events(key) for key in found.services)
    found.to_xmltv(tmp_path / "guide.xml")
    by_xmltv = dvb.EventDatabase.from_xmltv(tmp_path / "guide.xml")
    lasting = [
        one.start_time for key in found.services for one in found.events(key) if one.duration
    ]
    assert by_xmltv.import_report is not None
    lost = sum(by_xmltv.import_report.counts[defect] for defect in (dvb.ImportDefect.DUPLICATE,))
    assert len(by_xmltv) == len(lasting) - lost
