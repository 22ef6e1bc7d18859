"""Programme guides: events by service, and the forms that they are read from and written to."""

from tsloom.dvb.epg.change_log import ChangedRange
from tsloom.dvb.epg.channel_map import ChannelMap
from tsloom.dvb.epg.checks import EventGap, EventOverlap
from tsloom.dvb.epg.database import EventDatabase, FoundEvent
from tsloom.dvb.epg.json_form import json_schema as epg_json_schema
from tsloom.dvb.epg.report import ImportDefect, ImportDiagnostic, ImportReport
from tsloom.dvb.epg.service_events import ServiceKey

__all__ = [
    "ChangedRange",
    "ChannelMap",
    "EventDatabase",
    "EventGap",
    "EventOverlap",
    "FoundEvent",
    "ImportDefect",
    "ImportDiagnostic",
    "ImportReport",
    "ServiceKey",
    "epg_json_schema",
]
