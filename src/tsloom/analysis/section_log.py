"""Every section of the tables of a stream, once for each content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsloom._native.analyzer import DemuxStage
from tsloom.dvb.table_ids import name_table
from tsloom.errors import InputError
from tsloom.psi import parse_cat, parse_pat, parse_pmt

if TYPE_CHECKING:
    from collections.abc import Callable

SI_PIDS = (0x01, 0x02, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x1E, 0x1F)
# Bounds what a hostile stream can make us keep.
MAX_SECTIONS = 100_000

_PARSERS: dict[int, Callable[[bytes], Any]] = {
    0x00: lambda data: parse_pat(data).to_dict(),
    0x01: lambda data: parse_cat(data).to_dict(),
    0x02: lambda data: parse_pmt(data).to_dict(),
}


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

    def to_dict(self) -> dict[str, Any]:
        """Header fields in the standard's names, content where it can be parsed, bytes in hex."""
        facts: dict[str, Any] = {
            "table": name_table(self.table_id),
            "table_id": self.table_id,
            "pid": self.pid,
            "packet_index": self.packet_index,
            "crc_ok": self.crc_ok,
        }
        if len(self.data) >= 8 and self.data[1] & 0x80:
            facts |= {
                "table_id_extension": int.from_bytes(self.data[3:5]),
                "version_number": self.data[5] >> 1 & 31,
                "current_next_indicator": bool(self.data[5] & 1),
                "section_number": self.data[6],
                "last_section_number": self.data[7],
            }
        parser = _PARSERS.get(self.table_id)
        if parser is not None and self.crc_ok:
            try:
                facts["content"] = parser(self.data)
            except InputError as error:
                facts["defect"] = str(error)
        facts["hex"] = self.data.hex()
        return facts


class SectionLog(DemuxStage):
    """A stage that changes nothing and keeps each new section of PSI and SI PIDs."""

    def __init__(self) -> None:
        self.sections: list[TableSection] = []
        self._seen: set[tuple[int, bytes]] = set()
        for pid in SI_PIDS:
            self.watch(pid)

    def serve(self) -> None:
        for pid, _, reason, crc_ok, _, last_packet, _, _, data in self.take_records():
            if reason or not data or len(self.sections) >= MAX_SECTIONS:
                continue
            key = (pid, data)
            if key not in self._seen:
                self._seen.add(key)
                self.sections.append(TableSection(pid, last_packet, crc_ok, data))
