"""All SI tables by their table_id, and those of many sections collected by version."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from tsloom.dvb import bat, eit, nit, rst, sdt, st, tdt, tot
from tsloom.dvb.bat import BouquetAssociationTable
from tsloom.dvb.eit import SECTIONS_PER_SEGMENT, EventInformationTable
from tsloom.dvb.nit import NetworkInformationTable
from tsloom.dvb.rst import RunningStatusTable
from tsloom.dvb.sdt import ServiceDescriptionTable
from tsloom.dvb.st import StuffingTable
from tsloom.dvb.tdt import TimeAndDateTable
from tsloom.dvb.tot import TimeOffsetTable
from tsloom.errors import SectionSyntaxError, UsageError
from tsloom.psi.collector import CollectedTable, TableCollector, list_all_numbers
from tsloom.psi.sections import Section, get_section_bytes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SiTable = (
    NetworkInformationTable
    | BouquetAssociationTable
    | ServiceDescriptionTable
    | EventInformationTable
    | TimeAndDateTable
    | TimeOffsetTable
    | RunningStatusTable
    | StuffingTable
)

PARSERS: dict[int, Callable[..., SiTable]] = {
    **dict.fromkeys(nit.TABLE_IDS, nit.parse_nit),
    bat.TABLE_ID: bat.parse_bat,
    **dict.fromkeys(sdt.TABLE_IDS, sdt.parse_sdt),
    **dict.fromkeys(eit.TABLE_IDS, eit.parse_eit),
    tdt.TABLE_ID: tdt.parse_tdt,
    tot.TABLE_ID: tot.parse_tot,
    rst.TABLE_ID: rst.parse_rst,
    st.TABLE_ID: st.parse_st,
}
TABLES_WITH_TIMES = (*eit.TABLE_IDS, tdt.TABLE_ID, tot.TABLE_ID)
ENCODERS: dict[type, Callable[[Any], tuple[bytes, ...] | bytes]] = {
    NetworkInformationTable: nit.encode_nit,
    BouquetAssociationTable: bat.encode_bat,
    ServiceDescriptionTable: sdt.encode_sdt,
    EventInformationTable: eit.encode_eit,
    TimeAndDateTable: tdt.encode_tdt,
    TimeOffsetTable: tot.encode_tot,
    RunningStatusTable: rst.encode_rst,
    StuffingTable: st.encode_st,
}
# The loops that go on over the sections of a table.
LOOPS = ("descriptors", "transport_streams", "services", "events")
# Where the ids are that tell tables apart beside table_id and table_id_extension.
ID_ENDS = {
    **dict.fromkeys(sdt.TABLE_IDS, 10),
    **dict.fromkeys(eit.TABLE_IDS, 12),
}
ID_START = 8
SEGMENT_LAST_AT = 12


def parse_table(
    section: Section | CollectedTable | ReadableBuffer, reference: date | None = None
) -> SiTable:
    """The value of a section, or of all sections of a table joined, whatever SI table it is.

    `reference` is the date that times are read near to, see dvb.time.
    SectionLengthError, SectionSyntaxError or CrcError if it is not a good one of a known table.
    """
    if isinstance(section, CollectedTable):
        return join_sections([parse_table(part, reference) for part in section.sections])
    content = get_section_bytes(section)
    parse = PARSERS.get(content[0]) if content else None
    if parse is None:
        raise SectionSyntaxError("no table of EN 300 468", table_id=content[0] if content else None)
    return parse(content, reference) if content[0] in TABLES_WITH_TIMES else parse(content)


def encode_table(table: SiTable) -> tuple[bytes, ...]:
    """The sections of the value, as encode_nit and the others give them."""
    encode = ENCODERS.get(type(table))
    if encode is None:
        raise UsageError("no table of EN 300 468", type=type(table).__name__)
    sections = encode(table)
    return (sections,) if isinstance(sections, bytes) else sections


def join_sections(parts: Iterable[SiTable]) -> SiTable:
    """One value of a table's sections, in order: their loops joined, the rest as in the first.

    Its section_number and last_section_number are 0, so that encoding numbers anew. An EIT joined
    is for reading: which event is in which segment is not in it.
    """
    first, *others = parts
    if not others:
        return first
    names = [name for name in LOOPS if hasattr(first, name)]
    loops: dict[str, Any] = {
        name: tuple(chain(*(getattr(part, name) for part in (first, *others)))) for name in names
    }
    undecoded = b"".join(getattr(part, "undecoded", b"") for part in (first, *others))
    one: Any = first
    joined: SiTable = replace(
        one, section_number=0, last_section_number=0, undecoded=undecoded, **loops
    )
    return joined


def identify_si_table(section: Section) -> Hashable:
    """What makes a table within a PID: of an SDT also original_network_id, of an EIT also
    transport_stream_id and original_network_id (EN 300 468, 5.1.1)."""
    ids = section.bytes[ID_START : ID_ENDS.get(section.table_id, ID_START)]
    return section.table_id, section.table_id_extension, section.current_next_indicator, ids


def list_si_numbers(parts: Mapping[int, Section]) -> Sequence[int] | None:
    """Of an EIT, for each segment the section_numbers up to segment_last_section_number (5.2.4);
    of others all. None while some are missing."""
    section = next(iter(parts.values()))
    if section.table_id not in eit.TABLE_IDS or len(section.bytes) <= SEGMENT_LAST_AT:
        return list_all_numbers(parts)
    ends: dict[int, int] = {}
    for number, part in parts.items():
        start = number - number % SECTIONS_PER_SEGMENT
        ends[start] = max(ends.get(start, number), part.bytes[SEGMENT_LAST_AT])
    starts = range(0, (section.last_section_number or 0) + 1, SECTIONS_PER_SEGMENT)
    if any(start not in ends for start in starts):
        return None
    numbers = [number for start in starts for number in range(start, ends[start] + 1)]
    return numbers if all(number in parts for number in numbers) else None


def make_collector(table_limit: int = 8192) -> TableCollector:
    """A TableCollector that knows how SI tables are told apart and when an EIT is whole."""
    return TableCollector(identify_si_table, table_limit, list_numbers=list_si_numbers)
