"""EIT sections read a second time, by bitstring and annex C's arithmetic; no code of tsloom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bitstring import Bits

from tests.builders import crc_32

MJD_OF_1970 = 40587


@dataclass(frozen=True)
class ReadEvent:
    event_id: int
    start_time: datetime
    duration: timedelta | None
    running_status: int
    free_ca_mode: bool
    loop: bytes

    @property
    def end_time(self) -> datetime:
        assert self.duration is not None
        return self.start_time + self.duration


@dataclass(frozen=True)
class ReadEit:
    """One section (EN 300 468, 5.2.4)."""

    table_id: int
    service_id: int
    version_number: int
    section_number: int
    last_section_number: int
    transport_stream_id: int
    original_network_id: int
    segment_last_section_number: int
    last_table_id: int
    events: tuple[ReadEvent, ...]

    @property
    def sub_table(self) -> tuple[int, int, int, int]:
        return (
            self.table_id,
            self.service_id,
            self.transport_stream_id,
            self.original_network_id,
        )

    @property
    def service(self) -> tuple[int, int, int]:
        return self.original_network_id, self.transport_stream_id, self.service_id

    @property
    def is_schedule(self) -> bool:
        return self.table_id >= 0x50

    @property
    def segment(self) -> int:
        """Of three hours, from midnight of the day on."""
        return (self.table_id & 15) * 32 + self.section_number // 8


def read_eit(data: bytes) -> ReadEit:
    assert crc_32(data) == 0
    assert len(data) <= 4096
    bits = Bits(data)
    table_id, syntax, length, service_id, version, current, number, last = bits.unpack(
        "uint:8, bool, pad:3, uint:12, uint:16, pad:2, uint:5, bool, uint:8, uint:8"
    )
    tsid, onid, segment_last, last_table = bits[64:].unpack("uint:16, uint:16, uint:8, uint:8")
    assert (syntax, current, length) == (True, True, len(data) - 3)
    events = []
    at = 14
    while at < len(data) - 4:
        event, at = _read_event(data, at)
        events.append(event)
    assert at == len(data) - 4
    return ReadEit(
        *(table_id, service_id, version, number, last, tsid, onid, segment_last, last_table),
        tuple(events),
    )


def _read_event(data: bytes, at: int) -> tuple[ReadEvent, int]:
    event_id, mjd, time, duration, status, ca, size = Bits(data[at : at + 12]).unpack(
        "uint:16, uint:16, hex:24, hex:24, uint:3, bool, uint:12"
    )
    hours, minutes, seconds = (int(time[place : place + 2]) for place in (0, 2, 4))
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=mjd - MJD_OF_1970)
    start = day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    lasts = None
    if duration != "ffffff":
        hours, minutes, seconds = (int(duration[place : place + 2]) for place in (0, 2, 4))
        lasts = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    end = at + 12 + size
    return ReadEvent(event_id, start, lasts, status, ca, data[at + 12 : end]), end


def check_numbers(sections: list[ReadEit]) -> None:
    """All sections of one service's schedule: nothing is missing, each last_* field is right."""
    by_place = {(one.table_id, one.section_number): one for one in sections}
    assert len(by_place) == len(sections)
    last_table = max(one.table_id for one in sections)
    tables = {
        table: [one for one in sections if one.table_id == table] for table in by_table(sections)
    }
    assert sorted(tables) == list(range(min(tables), last_table + 1))
    for table, found in tables.items():
        numbers = {one.section_number for one in found}
        assert {one.last_table_id for one in found} == {last_table}
        assert {one.last_section_number for one in found} == {max(numbers)}
        if table != last_table:
            assert max(numbers) >= 248
        for segment in range(max(numbers) // 8 + 1):
            inside = {number for number in numbers if number // 8 == segment}
            assert inside == set(range(8 * segment, max(inside) + 1))
            said = {
                one.segment_last_section_number for one in found if one.section_number in inside
            }
            assert said == {max(inside)}


def by_table(sections: list[ReadEit]) -> set[int]:
    return {one.table_id for one in sections}
