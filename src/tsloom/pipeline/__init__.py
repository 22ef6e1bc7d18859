"""Stages and the Pipeline that runs them."""

from tsloom._native.pipeline import Stage
from tsloom.pipeline.cue_rewriter import CueChange, CueMatch, CueRewriter, FreedPackets
from tsloom.pipeline.eit import EitInserter
from tsloom.pipeline.input_switch import InputSwitch
from tsloom.pipeline.inserter import (
    Insertion,
    InsertionFailure,
    Room,
    ScheduledSection,
    SectionInserter,
    SectionSource,
)
from tsloom.pipeline.look_ahead import LookAhead
from tsloom.pipeline.pipeline import Pipeline, Progress, RunResult
from tsloom.pipeline.random_access import (
    RandomAccessKind,
    RandomAccessMonitor,
    RandomAccessPoint,
)
from tsloom.pipeline.remux import Overflow, Remux, RemuxCounters, RemuxEvent, RemuxEventKind
from tsloom.pipeline.si import SdtInserter, SiInserter, TimeInserter
from tsloom.pipeline.si_editor import EditFailure, NitEditor, SdtEditor, SiEditor
from tsloom.pipeline.snap import SnapPoints
from tsloom.pipeline.splice import SpliceInserter
from tsloom.pipeline.splice_events import CueFailure, CueInsertion
from tsloom.pipeline.stages import (
    Callback,
    CountContinuity,
    DropNulls,
    DropPids,
    FixContinuity,
    KeepPids,
    KeepServices,
    RemapPids,
)
from tsloom.pipeline.stream_utc import TimeStep

__all__ = [
    "Callback",
    "CountContinuity",
    "CueChange",
    "CueFailure",
    "CueInsertion",
    "CueMatch",
    "CueRewriter",
    "DropNulls",
    "DropPids",
    "EditFailure",
    "EitInserter",
    "FixContinuity",
    "FreedPackets",
    "InputSwitch",
    "Insertion",
    "InsertionFailure",
    "KeepPids",
    "KeepServices",
    "LookAhead",
    "NitEditor",
    "Overflow",
    "Pipeline",
    "Progress",
    "RandomAccessKind",
    "RandomAccessMonitor",
    "RandomAccessPoint",
    "RemapPids",
    "Remux",
    "RemuxCounters",
    "RemuxEvent",
    "RemuxEventKind",
    "Room",
    "RunResult",
    "ScheduledSection",
    "SdtEditor",
    "SdtInserter",
    "SectionInserter",
    "SectionSource",
    "SiEditor",
    "SiInserter",
    "SnapPoints",
    "SpliceInserter",
    "Stage",
    "TimeInserter",
    "TimeStep",
]
