"""Measuring streams."""

from tsloom.analysis.analyze import StreamReader, analyze, open_stream
from tsloom.analysis.analyzer import Analyzer
from tsloom.analysis.cues import Cue, CueMonitor, cues
from tsloom.analysis.epg import EventCollector, read_events
from tsloom.analysis.report import (
    ElementaryStreamReport,
    PidReport,
    Report,
    ServiceReport,
    StreamEvent,
)
from tsloom.analysis.schema import report_schema
from tsloom.analysis.splice_monitor import SpliceMonitor, splice_events

__all__ = [
    "Analyzer",
    "Cue",
    "CueMonitor",
    "ElementaryStreamReport",
    "EventCollector",
    "PidReport",
    "Report",
    "ServiceReport",
    "SpliceMonitor",
    "StreamEvent",
    "StreamReader",
    "analyze",
    "cues",
    "open_stream",
    "read_events",
    "report_schema",
    "splice_events",
]
