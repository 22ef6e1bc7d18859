"""Stages that edit SI tables as they pass: SDT, NIT, BAT."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tsloom._native.cue_rewriter import CueRewriterStage
from tsloom.dvb import bat, nit, sdt
from tsloom.dvb.si_edits import ServiceEdit, edit_nit, edit_sdt
from tsloom.dvb.tables import SiTable, encode_table, parse_table
from tsloom.errors import InputError, SectionLengthError, UsageError
from tsloom.pipeline.inserter import KEPT_INSERTIONS, Room

if TYPE_CHECKING:
    from typing import Self

PIDS = {
    **dict.fromkeys(nit.TABLE_IDS, nit.PID),
    **dict.fromkeys(sdt.TABLE_IDS, sdt.PID),
    bat.TABLE_ID: bat.PID,
}
VERSION_MODULUS = 32
# Sections as they are edited, of those that were seen last.
KEPT_SECTIONS = 1024

TableEdit: TypeAlias = Callable[[Any], "SiTable | None"]


def _keep(table: SiTable) -> SiTable:
    return table


@dataclass(frozen=True, slots=True)
class EditFailure:
    """A section that passed as it was, and why."""

    pid: int
    packet_index: int
    table_id: int
    reason: str


class SiEditor(CueRewriterStage):
    """Edits the tables that pass: each function gets the value of one section of its table_id, and
    gives the one that takes its place, or None to remove it.

    Tables of NIT (0x40, 0x41), SDT (0x42, 0x46) and BAT (0x4A); what else is on their PIDs stays.
    version_numbers are one above the input's, so that a receiver which knows the table as it was
    reads it anew. A section leaves in the packet that completed it; of one that has grown, the
    rest takes null packets or added ones, as `room` says. One that cannot be encoded passes as it
    is, and is in `failures`.
    """

    def __new__(
        cls, edits: Mapping[int, TableEdit], *, room: Room | str = Room.NULLS_THEN_ADD
    ) -> Self:
        unknown = sorted(set(edits) - set(PIDS))
        if unknown or not edits:
            raise UsageError("tables of NIT, SDT and BAT are edited", unknown=unknown)
        try:
            room = Room(room)
        except ValueError as error:
            raise UsageError("unknown room", room=room, known=", ".join(Room)) from error
        return super().__new__(
            cls,
            pids=sorted({PIDS[table_id] for table_id in edits}),
            room=room.value,
            asks=True,
            table_ids=bytes(edits),
        )

    def __init__(
        self, edits: Mapping[int, TableEdit], *, room: Room | str = Room.NULLS_THEN_ADD
    ) -> None:
        self.room = Room(room)
        self.failures: deque[EditFailure] = deque(maxlen=KEPT_INSERTIONS)
        self._edits = dict(edits)
        self._known: dict[bytes, bytes | None] = {}

    def serve(self) -> None:
        for number, pid, packet_index, _, _, crc_ok, data in self.passing():
            if not crc_ok:
                continue
            try:
                edited = self._edit(data)
            except (InputError, UsageError) as error:
                self.failures.append(EditFailure(pid, packet_index, data[0], str(error)))
                continue
            if edited is None:
                self.remove_section(number)
            elif edited != data:
                self.replace_section(number, edited)

    def _edit(self, data: bytes) -> bytes | None:
        """The section as it becomes; the same bytes become the same."""
        if data not in self._known:
            if len(self._known) >= KEPT_SECTIONS:
                self._known.clear()
            self._known[data] = self._make(data)
        return self._known[data]

    def _make(self, data: bytes) -> bytes | None:
        table: Any = parse_table(data)
        edited: Any = self._edits[data[0]](table)
        if edited is None:
            return None
        version = (edited.version_number + 1) % VERSION_MODULUS
        sections = encode_table(replace(edited, version_number=version))
        if len(sections) != 1:
            raise SectionLengthError(
                "more than its section can take", table_id=data[0], wanted_sections=len(sections)
            )
        return sections[0]


class SdtEditor(SiEditor):
    """Edits the SDT of the actual stream: names, providers and types of its services.

    services says what becomes other, by service_id; `all_services` what of every one, before that.
    """

    def __new__(
        cls,
        services: Mapping[int, ServiceEdit],
        *,
        all_services: ServiceEdit | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
    ) -> Self:
        return super().__new__(cls, {sdt.TABLE_ID_ACTUAL: _keep}, room=room)

    def __init__(
        self,
        services: Mapping[int, ServiceEdit],
        *,
        all_services: ServiceEdit | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
    ) -> None:
        def edit(table: sdt.ServiceDescriptionTable) -> sdt.ServiceDescriptionTable:
            return edit_sdt(table, services, all_services)

        super().__init__({sdt.TABLE_ID_ACTUAL: edit}, room=room)


class NitEditor(SiEditor):
    """Edits the NIT of the actual network: its name, and the service lists of its transport
    streams, by (original_network_id, transport_stream_id) the service_type of each service_id."""

    def __new__(
        cls,
        network_name: str | None = None,
        *,
        service_lists: Mapping[tuple[int, int], Mapping[int, int]] | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
    ) -> Self:
        return super().__new__(cls, {nit.TABLE_ID_ACTUAL: _keep}, room=room)

    def __init__(
        self,
        network_name: str | None = None,
        *,
        service_lists: Mapping[tuple[int, int], Mapping[int, int]] | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
    ) -> None:
        def edit(table: nit.NetworkInformationTable) -> nit.NetworkInformationTable:
            return edit_nit(table, network_name, service_lists)

        super().__init__({nit.TABLE_ID_ACTUAL: edit}, room=room)
