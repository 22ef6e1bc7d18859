"""Tables out of sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tsloom.errors import UsageError
from tsloom.psi import Section, TableChange, TableCollector, encode_section
from tsloom.psi.collector import list_all_numbers


def make(
    number: int, last: int, version: int = 0, payload: bytes = b"", extension: int = 1
) -> Section:
    return Section(
        encode_section(
            0x42,
            extension,
            payload,
            version_number=version,
            section_number=number,
            last_section_number=last,
        )
    )


def test_a_table_is_told_when_its_last_section_comes_in_any_order() -> None:
    collector = TableCollector()
    parts = [make(number, 2) for number in range(3)]
    assert collector.feed(parts[2]) is None
    assert collector.feed(parts[0]) is None
    table = collector.feed(parts[1])
    assert table is not None
    assert table.sections == tuple(parts)
    assert table.change is TableChange.NEW
    assert (table.table_id, table.table_id_extension, table.version_number) == (0x42, 1, 0)
    assert table.current_next_indicator is True


def test_an_unchanged_table_is_not_told_again() -> None:
    collector = TableCollector()
    assert collector.feed(make(0, 0)) is not None
    assert [collector.feed(make(0, 0)) for _ in range(3)] == [None, None, None]


def test_a_new_version_is_a_change_once_it_is_whole() -> None:
    collector = TableCollector()
    collector.feed(make(0, 1))
    collector.feed(make(1, 1))
    assert collector.feed(make(0, 1, version=1)) is None
    changed = collector.feed(make(1, 1, version=1))
    assert changed is not None
    assert changed.change is TableChange.CHANGED
    assert changed.version_number == 1


def test_sections_of_two_versions_never_make_one_table() -> None:
    collector = TableCollector()
    collector.feed(make(0, 1, version=0))
    assert collector.feed(make(1, 1, version=1)) is None
    assert collector.feed(make(0, 1, version=0)) is None


def test_other_bytes_under_the_same_version_are_a_change() -> None:
    collector = TableCollector()
    collector.feed(make(0, 0, payload=b"a"))
    changed = collector.feed(make(0, 0, payload=b"b"))
    assert changed is not None
    assert changed.change is TableChange.CHANGED


def test_extensions_are_tables_of_their_own() -> None:
    collector = TableCollector()
    first = collector.feed(make(0, 0, extension=1))
    second = collector.feed(make(0, 0, extension=2))
    assert first is not None
    assert second is not None
    assert second.change is TableChange.NEW


def test_a_bad_crc_and_a_number_above_the_last_are_passed_over() -> None:
    collector = TableCollector()
    good = make(0, 0)
    assert collector.feed(Section(good.bytes[:-1] + bytes((good.bytes[-1] ^ 1,)))) is None
    assert collector.feed(make(3, 1)) is None
    assert collector.feed(good) is not None


def test_a_short_section_is_a_table() -> None:
    collector = TableCollector()
    table = collector.feed(Section(b"\x70\x30\x02ab"))
    assert table is not None
    assert table.version_number is None
    assert collector.feed(Section(b"\x70\x30\x02ab")) is None
    changed = collector.feed(Section(b"\x70\x30\x02ac"))
    assert changed is not None
    assert changed.change is TableChange.CHANGED


def test_identify_tells_tables_apart() -> None:
    collector = TableCollector(identify=lambda section: section.payload[:1])
    assert collector.feed(make(0, 0, payload=b"a1")) is not None
    other = collector.feed(make(0, 0, payload=b"b1"))
    assert other is not None
    assert other.change is TableChange.NEW


def test_the_table_seen_longest_ago_is_forgotten_at_the_limit() -> None:
    collector = TableCollector(table_limit=2)
    for extension in (1, 2, 1, 3):
        collector.feed(make(0, 0, extension=extension))
    assert collector.feed(make(0, 0, extension=1)) is None
    again = collector.feed(make(0, 0, extension=2))
    assert again is not None
    assert again.change is TableChange.NEW
    with pytest.raises(UsageError):
        TableCollector(table_limit=0)


def test_a_whole_table_is_not_looked_at_again_until_it_changes() -> None:
    asked: list[int] = []

    def list_numbers(parts: Mapping[int, Section]) -> Sequence[int] | None:
        asked.append(len(parts))
        return list_all_numbers(parts)

    collector = TableCollector(list_numbers=list_numbers)
    parts = [make(number, 1) for number in range(2)]
    for section in parts * 3:
        collector.feed(section)
    assert asked == [1, 2]
    collector.feed(make(0, 1, version=1))
    assert asked == [1, 2, 1]


def test_a_section_number_above_the_last_is_passed_over() -> None:
    collector = TableCollector()
    assert collector.feed(make(3, 1)) is None
    assert collector.feed(make(0, 1)) is None
    assert collector.feed(make(1, 1)) is not None
