"""Program association table (ISO/IEC 13818-1, 2.4.4.3)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from tsloom._native import psi
from tsloom.psi.fields import join_fields
from tsloom.psi.sections import Section, get_section_bytes
from tsloom.psi.tables import PsiSection, encode_table, get_body, parse_header
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TABLE_ID = 0x00
NETWORK_PROGRAM_NUMBER = 0
ENTRY_SIZE = 4


@dataclass(frozen=True, slots=True)
class ProgramAssociation(Value):
    """One entry: `pid` is the program_map_PID, or the network_PID where program_number is 0."""

    program_number: int
    pid: int
    reserved_bits: int = field(default=0b111, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProgramAssociationTable(PsiSection):
    """One section of the PAT."""

    transport_stream_id: int
    programs: tuple[ProgramAssociation, ...] = ()

    @property
    def program_map_pids(self) -> dict[int, int]:
        """program_map_PID by program_number, without the network's entry."""
        return {
            entry.program_number: entry.pid
            for entry in self.programs
            if entry.program_number != NETWORK_PROGRAM_NUMBER
        }

    @property
    def network_pid(self) -> int | None:
        """None if the PAT leaves it out, which makes it 0x0010 (EN 300 468, 5.1.3)."""
        for entry in self.programs:
            if entry.program_number == NETWORK_PROGRAM_NUMBER:
                return entry.pid
        return None

    def with_program(self, program_number: int, pid: int) -> Self:
        """With the program at this PID, in its old place if it was there, else at the end."""
        added = ProgramAssociation(program_number, pid)
        programs = tuple(
            added if entry.program_number == program_number else entry for entry in self.programs
        )
        return replace(self, programs=programs if added in programs else (*programs, added))

    def without_program(self, program_number: int) -> Self:
        return replace(
            self,
            programs=tuple(
                entry for entry in self.programs if entry.program_number != program_number
            ),
        )

    def keep_programs(self, program_numbers: Container[int]) -> Self:
        """With these programs only; the network's entry stays."""
        return replace(
            self,
            programs=tuple(
                entry
                for entry in self.programs
                if entry.program_number == NETWORK_PROGRAM_NUMBER
                or entry.program_number in program_numbers
            ),
        )

    def remap_pids(self, new_pids: Mapping[int, int]) -> Self:
        """With PIDs replaced by what they lead to; others stay."""
        return replace(
            self,
            programs=tuple(
                replace(entry, pid=new_pids.get(entry.pid, entry.pid)) for entry in self.programs
            ),
        )


def parse_pat(section: Section | ReadableBuffer) -> ProgramAssociationTable:
    """The PAT section as a value.

    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one.
    """
    content = get_section_bytes(section)
    psi.check_pat(content)
    body = get_body(content)
    return ProgramAssociationTable(
        transport_stream_id=int.from_bytes(content[3:5], "big"),
        programs=tuple(
            parse_entry(body[start : start + ENTRY_SIZE])
            for start in range(0, len(body), ENTRY_SIZE)
        ),
        **parse_header(content),
    )


def parse_entry(entry: bytes) -> ProgramAssociation:
    pid = int.from_bytes(entry[2:], "big")
    return ProgramAssociation(
        int.from_bytes(entry[:2], "big"), pid & 0x1FFF, reserved_bits=pid >> 13
    )


def encode_pat(table: ProgramAssociationTable) -> bytes:
    """The section. SectionLengthError if it has too many programs, UsageError if a number is out of
    range."""
    body = b"".join(
        join_fields(
            ("program_number", entry.program_number, 16),
            ("reserved_bits", entry.reserved_bits, 3),
            ("pid", entry.pid, 13),
        )
        for entry in table.programs
    )
    return encode_table(TABLE_ID, table.transport_stream_id, table, body)
