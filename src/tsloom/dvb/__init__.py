"""DVB service information (EN 300 468): tables, descriptors, text, times."""

from __future__ import annotations

from tsloom.dvb import descriptors, epg
from tsloom.dvb.bat import BouquetAssociationTable, encode_bat, parse_bat
from tsloom.dvb.carousel import Carousel, DueSection
from tsloom.dvb.descriptors import *  # noqa: F403
from tsloom.dvb.eit import Event, EventInformationTable, encode_eit, encode_event, parse_eit
from tsloom.dvb.eit_generator import EitGenerator, EitTables, EventSource
from tsloom.dvb.eit_schedule import EventLoss, LossKind, Overflow
from tsloom.dvb.eit_sub_table import EitUpdate, Versions
from tsloom.dvb.epg import *  # noqa: F403
from tsloom.dvb.feasibility import CycleLoad, Feasibility, check_cycles
from tsloom.dvb.local_times import make_local_time_offset
from tsloom.dvb.nit import NetworkInformationTable, encode_nit, parse_nit
from tsloom.dvb.rst import EventStatus, RunningStatusTable, encode_rst, parse_rst
from tsloom.dvb.sdt import Service, ServiceDescriptionTable, encode_sdt, parse_sdt
from tsloom.dvb.sections import RUNNING_STATUS_NAMES
from tsloom.dvb.si_cycles import CycleClass, Cycles, find_cycles
from tsloom.dvb.si_edits import ServiceEdit, edit_nit, edit_sdt
from tsloom.dvb.st import StuffingTable, encode_st, parse_st
from tsloom.dvb.table_ids import name_table
from tsloom.dvb.tables import SiTable, encode_table, join_sections, make_collector, parse_table
from tsloom.dvb.tdt import TimeAndDateTable, encode_tdt, parse_tdt
from tsloom.dvb.text import CharacterTable, Text, decode_text, encode_text, join_texts
from tsloom.dvb.time import (
    encode_duration,
    encode_mjd,
    encode_utc_time,
    parse_duration,
    parse_mjd,
    parse_utc_time,
)
from tsloom.dvb.tot import TimeOffsetTable, encode_tot, parse_tot
from tsloom.dvb.transport_streams import TransportStream

__all__ = [
    "RUNNING_STATUS_NAMES",
    "BouquetAssociationTable",
    "Carousel",
    "CharacterTable",
    "CycleClass",
    "CycleLoad",
    "Cycles",
    "DueSection",
    "EitGenerator",
    "EitTables",
    "EitUpdate",
    "Event",
    "EventInformationTable",
    "EventLoss",
    "EventSource",
    "EventStatus",
    "Feasibility",
    "LossKind",
    "NetworkInformationTable",
    "Overflow",
    "RunningStatusTable",
    "Service",
    "ServiceDescriptionTable",
    "ServiceEdit",
    "SiTable",
    "StuffingTable",
    "Text",
    "TimeAndDateTable",
    "TimeOffsetTable",
    "TransportStream",
    "Versions",
    "check_cycles",
    "decode_text",
    "edit_nit",
    "edit_sdt",
    "encode_bat",
    "encode_duration",
    "encode_eit",
    "encode_event",
    "encode_mjd",
    "encode_nit",
    "encode_rst",
    "encode_sdt",
    "encode_st",
    "encode_table",
    "encode_tdt",
    "encode_text",
    "encode_tot",
    "encode_utc_time",
    "find_cycles",
    "join_sections",
    "join_texts",
    "make_collector",
    "make_local_time_offset",
    "name_table",
    "parse_bat",
    "parse_duration",
    "parse_eit",
    "parse_mjd",
    "parse_nit",
    "parse_rst",
    "parse_sdt",
    "parse_st",
    "parse_table",
    "parse_tdt",
    "parse_tot",
    "parse_utc_time",
]
__all__ += descriptors.__all__ + epg.__all__
