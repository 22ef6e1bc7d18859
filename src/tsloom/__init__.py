"""MPEG transport streams at memory speed.

`analyze` a stream, look at its packets as numpy arrays with `open`, follow its `cues`, edit it with
a `Pipeline` of stages, `relay` it between files and sockets.
"""

from tsloom import clock, distributed, dvb, errors, io, psi, scte35
from tsloom.analysis import (
    Analyzer,
    Cue,
    CueMonitor,
    EventCollector,
    PidReport,
    Report,
    ServiceReport,
    SpliceMonitor,
    StreamEvent,
    analyze,
    analyze_intervals,
    cues,
    read_events,
    splice_events,
)
from tsloom.analysis import open_stream as open  # noqa: A004  # tsloom.open, like wave.open
from tsloom.clock import ProgramClock
from tsloom.dvb.epg import EventDatabase
from tsloom.errors import TsloomError
from tsloom.packets import PacketBatch, PacketSync, SyncEvent
from tsloom.pipeline import (
    Callback,
    CueMatch,
    CueRewriter,
    DropNulls,
    DropPids,
    EitInserter,
    FixContinuity,
    InputSwitch,
    KeepPids,
    KeepServices,
    LookAhead,
    NitEditor,
    Pipeline,
    RandomAccessMonitor,
    RandomAccessPoint,
    RemapPids,
    Remux,
    Room,
    SdtEditor,
    SectionInserter,
    SiEditor,
    SiInserter,
    SnapPoints,
    SpliceInserter,
    TimeInserter,
)
from tsloom.runner import Redundancy, relay
from tsloom.scte35.breaks import Break

__version__ = "0.1.0"

__all__ = [
    "Analyzer",
    "Break",
    "Callback",
    "Cue",
    "CueMatch",
    "CueMonitor",
    "CueRewriter",
    "DropNulls",
    "DropPids",
    "EitInserter",
    "EventCollector",
    "EventDatabase",
    "FixContinuity",
    "InputSwitch",
    "KeepPids",
    "KeepServices",
    "LookAhead",
    "NitEditor",
    "PacketBatch",
    "PacketSync",
    "PidReport",
    "Pipeline",
    "ProgramClock",
    "RandomAccessMonitor",
    "RandomAccessPoint",
    "Redundancy",
    "RemapPids",
    "Remux",
    "Report",
    "Room",
    "SdtEditor",
    "SectionInserter",
    "ServiceReport",
    "SiEditor",
    "SiInserter",
    "SnapPoints",
    "SpliceInserter",
    "SpliceMonitor",
    "StreamEvent",
    "SyncEvent",
    "TimeInserter",
    "TsloomError",
    "analyze",
    "analyze_intervals",
    "clock",
    "cues",
    "distributed",
    "dvb",
    "errors",
    "io",
    "open",
    "psi",
    "read_events",
    "relay",
    "scte35",
    "splice_events",
]
