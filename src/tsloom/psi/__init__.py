"""Program specific information of ISO/IEC 13818-1: sections, tables, descriptors."""

from __future__ import annotations

from tsloom.psi import descriptors
from tsloom.psi.cat import ConditionalAccessTable, encode_cat, parse_cat
from tsloom.psi.collector import CollectedTable, TableChange, TableCollector
from tsloom.psi.descriptors import *  # noqa: F403
from tsloom.psi.pat import ProgramAssociation, ProgramAssociationTable, encode_pat, parse_pat
from tsloom.psi.pmt import ElementaryStream, ProgramMapTable, encode_pmt, parse_pmt
from tsloom.psi.sections import (
    Section,
    SectionAssembler,
    SectionDropped,
    SectionDropReason,
    crc_32,
    encode_section,
    packetize,
    parse_section,
)
from tsloom.psi.stream_types import STREAM_TYPE_NAMES, get_stream_type_name
from tsloom.psi.tables import PsiSection
from tsloom.psi.values import Value

__all__ = [
    "STREAM_TYPE_NAMES",
    "CollectedTable",
    "ConditionalAccessTable",
    "ElementaryStream",
    "ProgramAssociation",
    "ProgramAssociationTable",
    "ProgramMapTable",
    "PsiSection",
    "Section",
    "SectionAssembler",
    "SectionDropReason",
    "SectionDropped",
    "TableChange",
    "TableCollector",
    "Value",
    "crc_32",
    "encode_cat",
    "encode_pat",
    "encode_pmt",
    "encode_section",
    "get_stream_type_name",
    "packetize",
    "parse_cat",
    "parse_pat",
    "parse_pmt",
    "parse_section",
]
__all__ += descriptors.__all__
