"""Measuring streams."""

from tsloom.analysis.analyze import StreamReader, analyze, open_stream
from tsloom.analysis.analyzer import Analyzer
from tsloom.analysis.cues import Cue, CueMonitor, cues
from tsloom.analysis.elementary import AudioFormat, ElementaryMonitor, VideoFormat
from tsloom.analysis.epg import EventCollector, read_events, read_si_sections
from tsloom.analysis.intervals import analyze_intervals
from tsloom.analysis.report import (
    ElementaryStreamReport,
    Interval,
    PidReport,
    Report,
    ServiceReport,
    StreamEvent,
)
from tsloom.analysis.schema import report_schema
from tsloom.analysis.specification import Measured, Specification, SpecificationResult, Verdict
from tsloom.analysis.splice_monitor import SpliceMonitor, splice_events

__all__ = [
    "Analyzer",
    "AudioFormat",
    "Cue",
    "CueMonitor",
    "ElementaryMonitor",
    "ElementaryStreamReport",
    "EventCollector",
    "Interval",
    "Measured",
    "PidReport",
    "Report",
    "ServiceReport",
    "Specification",
    "SpecificationResult",
    "SpliceMonitor",
    "StreamEvent",
    "StreamReader",
    "Verdict",
    "VideoFormat",
    "analyze",
    "analyze_intervals",
    "cues",
    "open_stream",
    "read_events",
    "read_si_sections",
    "report_schema",
    "splice_events",
]
