"""One sub-table of an EIT as its sections, whose versions rise where their content changes
(EN 300 468, 5.2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tsloom._native.crc32 import crc_32
from tsloom.psi.sections import CRC_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERSION_AT = 5
VERSION_MODULUS = 32
# Of a section without events, behind section_length.
LENGTH_WITHOUT_EVENTS = 15


class Versions(StrEnum):
    """What has a version_number of its own."""

    TABLE = "table"
    """The sub-table, as 5.2.4 has it: all its sections bear the same."""
    SECTION = "section"
    """Each section: a change leaves the others as they are. Receivers exist that take a moved
    version for a new table and throw away the rest."""


class ServiceIds(NamedTuple):
    """What names a service in an EIT."""

    original_network_id: int
    transport_stream_id: int
    service_id: int


@dataclass(frozen=True, slots=True)
class EitUpdate:
    """Sections that are new or other than before, and those that are no more, as they were."""

    changed: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()

    def __add__(self, other: EitUpdate) -> EitUpdate:
        return EitUpdate(self.changed + other.changed, self.removed + other.removed)

    def __bool__(self) -> bool:
        return bool(self.changed or self.removed)


class SubTable:
    """The sections of one table_id of one service. A version once used is not used again for
    another content, even when the table had gone in between."""

    __slots__ = ("_by_table", "_first", "_ids", "_sections", "_versions", "frame", "table_id")

    def __init__(
        self, table_id: int, ids: ServiceIds, versions: Versions, first_version: int
    ) -> None:
        self.table_id = table_id
        # last_section_number and last_table_id of what was written last.
        self.frame: tuple[int, int] | None = None
        self._ids = ids
        self._by_table = versions is Versions.TABLE
        self._first = first_version % VERSION_MODULUS
        self._sections: dict[int, bytes] = {}
        self._versions: dict[int, int] = {}

    @property
    def sections(self) -> Iterator[bytes]:
        """By section_number."""
        for number in sorted(self._sections):
            yield self._sections[number]

    @property
    def numbers(self) -> Iterable[int]:
        return self._sections.keys()

    def clear(self) -> EitUpdate:
        """The table is no more."""
        removed = tuple(self.sections)
        self._sections.clear()
        self.frame = None
        return EitUpdate(removed=removed)

    def write(
        self,
        frame: tuple[int, int],
        parts: Iterable[tuple[int, int, bytes]],
        gone: Iterable[int] = (),
    ) -> EitUpdate:
        """Takes sections in as section_number, segment_last_section_number and entries, and those
        out that have gone; gives what is different now."""
        self.frame = frame
        fronts: dict[int, bytes] = {}
        for number, segment_last, entries in parts:
            front = self._encode(number, segment_last, entries)
            old = self._sections.get(number)
            if old is None or not old.startswith(front) or len(old) != len(front) + CRC_SIZE:
                fronts[number] = front
        removed = [self._sections.pop(number) for number in gone if number in self._sections]
        if (fronts or removed) and self._by_table:
            for number, section in self._sections.items():
                fronts.setdefault(number, section[:-CRC_SIZE])
        self._raise_versions(fronts)
        changed = {number: self._seal(number, front) for number, front in fronts.items()}
        self._sections |= changed
        return EitUpdate(tuple(changed.values()), tuple(removed))

    def _place(self, number: int) -> int:
        return 0 if self._by_table else number

    def _raise_versions(self, numbers: Iterable[int]) -> None:
        for place in {self._place(number) for number in numbers}:
            before = self._versions.get(place, self._first - 1)
            self._versions[place] = (before + 1) % VERSION_MODULUS

    def _encode(self, number: int, segment_last: int, entries: bytes) -> bytes:
        """A section without its CRC_32, of the version so far."""
        assert self.frame is not None
        version = self._versions.get(self._place(number), self._first)
        length = LENGTH_WITHOUT_EVENTS + len(entries)
        onid, tsid, service_id = self._ids
        last, last_table_id = self.frame
        head = (
            *(self.table_id, 0xF0 | length >> 8, length & 255, service_id >> 8, service_id & 255),
            *(0xC1 | version << 1, number, last, tsid >> 8, tsid & 255, onid >> 8, onid & 255),
            *(segment_last, last_table_id),
        )
        return bytes(head) + entries

    def _seal(self, number: int, front: bytes) -> bytes:
        version = 0xC1 | self._versions[self._place(number)] << 1
        sealed = b"%b%c%b" % (front[:VERSION_AT], version, front[VERSION_AT + 1 :])
        return sealed + crc_32(sealed).to_bytes(CRC_SIZE, "big")
