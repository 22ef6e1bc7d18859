"""Sections of a table, collected until it is whole (ISO/IEC 13818-1, 2.4.4)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tsloom.errors import UsageError
from tsloom.psi.sections import Section
from tsloom.psi.values import Value


class TableChange(StrEnum):
    NEW = "new"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CollectedTable(Value):
    """All sections of one version of a table, by section_number.

    Of a table in the short syntax, `table_id_extension`, `version_number` and
    `current_next_indicator` are None and the one section is the table.
    """

    table_id: int
    table_id_extension: int | None
    version_number: int | None
    current_next_indicator: bool | None
    sections: tuple[Section, ...]
    change: TableChange


@dataclass(slots=True)
class Collection:
    """What is there of one table: the version that is being collected, whether it was found whole,
    and the last whole one."""

    version: tuple[int | None, int | None] = (None, None)
    parts: dict[int, Section] = field(default_factory=dict)
    is_whole: bool = False
    whole: tuple[bytes, ...] | None = None


def identify_table(section: Section) -> Hashable:
    """table_id, table_id_extension and current_next_indicator, which make a table within a PID."""
    return section.table_id, section.table_id_extension, section.current_next_indicator


def list_all_numbers(parts: Mapping[int, Section]) -> Sequence[int] | None:
    """All section_numbers from 0 to last_section_number, if the parts have them; else None."""
    last = next(iter(parts.values())).last_section_number or 0
    return range(last + 1) if len(parts) > last else None


class TableCollector:
    """A machine: sections of one PID in, tables out when they are whole and new or changed.

    A table is told again only when its bytes have changed, whether or not its version_number has.
    Sections with a bad CRC_32 are passed over. `identify` says which table a section belongs to,
    where table_id and table_id_extension are not enough. `list_numbers` says which section_numbers
    make the whole, from the parts by number; None while some are missing. The `table_limit` tables
    that were seen last are remembered.
    """

    __slots__ = ("_collections", "_identify", "_list_numbers", "_table_limit")

    def __init__(
        self,
        identify: Callable[[Section], Hashable] = identify_table,
        table_limit: int = 8192,
        *,
        list_numbers: Callable[[Mapping[int, Section]], Sequence[int] | None] = list_all_numbers,
    ) -> None:
        if table_limit < 1:
            raise UsageError("at least one table is remembered", table_limit=table_limit)
        self._identify = identify
        self._list_numbers = list_numbers
        self._table_limit = table_limit
        self._collections: OrderedDict[Hashable, Collection] = OrderedDict()

    def feed(self, section: Section) -> CollectedTable | None:
        """The table that this section makes whole, if it is new or not as it was."""
        if section.crc_ok is False:
            return None
        collection = self._find_collection(self._identify(section))
        take_part(collection, section)
        if collection.is_whole or not collection.parts:
            return None
        numbers = self._list_numbers(collection.parts)
        if numbers is None:
            return None
        collection.is_whole = True
        sections = tuple(collection.parts[number] for number in numbers)
        contents = tuple(part.bytes for part in sections)
        if contents == collection.whole:
            return None
        change = TableChange.NEW if collection.whole is None else TableChange.CHANGED
        collection.whole = contents
        return CollectedTable(
            section.table_id,
            section.table_id_extension,
            section.version_number,
            section.current_next_indicator,
            sections,
            change,
        )

    def _find_collection(self, key: Hashable) -> Collection:
        collection = self._collections.setdefault(key, Collection())
        self._collections.move_to_end(key)
        if len(self._collections) > self._table_limit:
            self._collections.popitem(last=False)
        return collection


def take_part(collection: Collection, section: Section) -> None:
    """Puts the section in its place; parts of another version, or of other bytes, make way."""
    number = section.section_number or 0
    last = section.last_section_number or 0
    version = (section.version_number, section.last_section_number)
    there = collection.parts.get(number)
    if version == collection.version and there is not None and there.bytes == section.bytes:
        return
    if version != collection.version or there is not None:
        collection.version = version
        collection.parts.clear()
        collection.is_whole = False
    if number <= last:
        collection.parts[number] = section
        collection.is_whole = False
