"""The tables of a stream: every section once for each content, and the tables that they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from tsloom._native.analyzer import DemuxStage
from tsloom.analysis.table_content import join_contents, read_content
from tsloom.dvb.table_ids import ATSC_PIDS, ISDB_NAMES, ISDB_PIDS, name_table
from tsloom.dvb.tables import make_collector
from tsloom.errors import InputError
from tsloom.psi import CollectedTable, Section, TableChange, TableCollector

SI_PIDS = (0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x1E, 0x1F, *ATSC_PIDS)
# Bounds what a hostile stream can make us keep.
MAX_SECTIONS = 100_000


@dataclass(frozen=True, slots=True)
class TableSection:
    """A section of a table: where it stood first, and its bytes."""

    pid: int
    packet_index: int
    crc_ok: bool
    data: bytes

    @property
    def table_id(self) -> int:
        return self.data[0]

    @property
    def name(self) -> str:
        """The table's name."""
        return name_table(self.table_id, self.pid)

    def to_dict(self) -> dict[str, Any]:
        """Header fields in the standard's names, content where it can be parsed, bytes in hex."""
        facts: dict[str, Any] = {
            "table": self.name,
            "table_id": self.table_id,
            "pid": self.pid,
            "packet_index": self.packet_index,
            "crc_ok": self.crc_ok,
        }
        section = Section(self.data)
        if section.has_long_header:
            facts |= {
                "table_id_extension": section.table_id_extension,
                "version_number": section.version_number,
                "current_next_indicator": section.current_next_indicator,
                "section_number": section.section_number,
                "last_section_number": section.last_section_number,
            }
        if self.crc_ok:
            try:
                content = read_content(self.data)
            except InputError as error:
                facts["defect"] = str(error)
            else:
                facts |= {} if content is None else {"content": content}
        facts["hex"] = self.data.hex()
        return facts


@dataclass(frozen=True, slots=True)
class TableVersion:
    """A table that became whole at `packet_index`, new or not as it was; `section_indices` count in
    the log's sections."""

    pid: int
    packet_index: int
    collected: CollectedTable
    section_indices: tuple[int, ...]

    @property
    def name(self) -> str:
        return name_table(self.collected.table_id, self.pid)

    @property
    def change(self) -> TableChange:
        return self.collected.change

    def to_dict(self) -> dict[str, Any]:
        """What its sections have in common, and what they say together."""
        facts: dict[str, Any] = {
            "table": self.name,
            "table_id": self.collected.table_id,
            "pid": self.pid,
            "packet_index": self.packet_index,
            "change": self.change.value,
        }
        if self.collected.version_number is not None:
            facts |= {
                "table_id_extension": self.collected.table_id_extension,
                "version_number": self.collected.version_number,
                "current_next_indicator": self.collected.current_next_indicator,
            }
        facts["section_indices"] = list(self.section_indices)
        try:
            contents = [read_content(section.bytes) for section in self.collected.sections]
        except InputError as error:
            facts["defect"] = str(error)
        else:
            read = [content for content in contents if content is not None]
            facts |= {"content": join_contents(read)} if read else {}
        return facts


class SectionLog(DemuxStage):
    """A stage that changes nothing, and keeps each new section of PSI and SI PIDs, and each version
    of a table that is whole.

    `sections` and `tables` are in the order in which they were complete.
    """

    def __new__(cls) -> Self:
        # A table that changes back is a change again: repeated sections are part of that.
        return super().__new__(cls, every_section=True)

    def __init__(self) -> None:
        self.sections: list[TableSection] = []
        self.tables: list[TableVersion] = []
        self._indices: dict[tuple[int, bytes], int] = {}
        self._collectors: dict[int, TableCollector] = {}
        for pid in (*SI_PIDS, *ISDB_PIDS):
            self.watch(pid)

    def serve(self) -> None:
        for pid, _, reason, crc_ok, _, last_packet, _, _, data in self.take_records():
            # Others than ISDB have anything on ISDB's PIDs.
            alien = pid in ISDB_PIDS and not (data and crc_ok and data[0] in ISDB_NAMES)
            if not reason and data and not alien:
                self._take(TableSection(pid, last_packet, crc_ok, data))

    def _take(self, found: TableSection) -> None:
        key = (found.pid, found.data)
        if key not in self._indices:
            if len(self.sections) >= MAX_SECTIONS:
                return
            self._indices[key] = len(self.sections)
            self.sections.append(found)
        # The bytes that are kept, so that there is one copy of them.
        data = self.sections[self._indices[key]].data
        if not found.crc_ok or len(self.tables) >= MAX_SECTIONS:
            return
        collector = self._collectors.setdefault(found.pid, make_collector())
        collected = collector.feed(Section(data))
        if collected is not None:
            indices = (self._indices[found.pid, part.bytes] for part in collected.sections)
            self.tables.append(
                TableVersion(found.pid, found.packet_index, collected, tuple(indices))
            )

    def list_loose_sections(self) -> list[TableSection]:
        """The sections that are in none of the tables: damaged, or others of theirs never came."""
        used = {index for table in self.tables for index in table.section_indices}
        return [section for index, section in enumerate(self.sections) if index not in used]
