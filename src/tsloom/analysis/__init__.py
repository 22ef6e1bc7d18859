"""Measuring streams."""

from tsloom.analysis.analyze import StreamReader, analyze, open_stream
from tsloom.analysis.analyzer import Analyzer
from tsloom.analysis.cues import Cue, CueMonitor, cues
from tsloom.analysis.report import (
    ElementaryStreamReport,
    PidReport,
    Report,
    ServiceReport,
    StreamEvent,
)

__all__ = [
    "Analyzer",
    "Cue",
    "CueMonitor",
    "ElementaryStreamReport",
    "PidReport",
    "Report",
    "ServiceReport",
    "StreamEvent",
    "StreamReader",
    "analyze",
    "cues",
    "open_stream",
]
