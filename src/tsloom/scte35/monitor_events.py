"""What a monitor is told, what it says, and where it draws its lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tsloom.errors import UsageError

if TYPE_CHECKING:
    from tsloom._native.scte35 import SpliceInfoSection


class MonitorEventKind(StrEnum):
    """What happened.

    cue, repeat: a section came; it said something new, or again what was said before. update: it
    changed an event that was announced. out, return: the splice point of a break went by.
    segment_start, segment_end: the same for programs, chapters and the like. The others are
    problems.
    """

    CUE = "cue"
    REPEAT = "repeat"
    UPDATE = "update"
    CANCELLED = "cancelled"
    OUT = "out"
    RETURN = "return"
    SEGMENT_START = "segment_start"
    SEGMENT_END = "segment_end"
    LATE_CUE = "late_cue"
    EARLY_CUE = "early_cue"
    MISSING_RETURN = "missing_return"
    RETURN_WITHOUT_OUT = "return_without_out"
    DURATION_MISMATCH = "duration_mismatch"
    NO_RANDOM_ACCESS_POINT = "no_random_access_point"
    TOO_MANY_CUE_PIDS = "too_many_cue_pids"
    COMMAND_ON_WRONG_PID = "command_on_wrong_pid"
    BAD_CRC = "bad_crc"
    SYNTAX_ERROR = "syntax_error"
    TOO_MANY_OPEN_EVENTS = "too_many_open_events"

    @property
    def is_problem(self) -> bool:
        return self not in _COURSE_OF_THINGS


_COURSE_OF_THINGS = frozenset(
    {
        MonitorEventKind.CUE,
        MonitorEventKind.REPEAT,
        MonitorEventKind.UPDATE,
        MonitorEventKind.CANCELLED,
        MonitorEventKind.OUT,
        MonitorEventKind.RETURN,
        MonitorEventKind.SEGMENT_START,
        MonitorEventKind.SEGMENT_END,
    }
)


class ObservedState(StrEnum):
    """How far an event is. too_late: its start had passed when its first message came."""

    ANNOUNCED = "announced"
    OUT = "out"
    RETURNED = "returned"
    MISSING_RETURN = "missing_return"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


class Pairing(StrEnum):
    """How a return finds its out: by its event id, as the standard says; or, where no out has that
    id, the latest one that is open: some encoders give each message an id of its own.
    """

    EVENT_ID = "event_id"
    ANY_ID = "any_id"


@dataclass(frozen=True, slots=True)
class MonitorLimits:
    """Where the course of things ends and a problem begins. Times are seconds.

    min_lead_s: a splice is announced at least so long before (2023r1, 9.9.1), with lead_grace_s of
    grace, since a section waits for room in the stream. max_lead_s: longer leads are taken for a
    mistake in pts_time; a return may be announced the planned duration earlier.
    return_tolerance_s: how long after its planned end a break may stay without a word.
    duration_tolerance_s: how far actual and planned may be apart. random_access_tolerance_s: how
    far from the splice point a random access point may be, a frame of 25 Hz. max_open_events, of a
    service, and max_breaks, in all, bound what is remembered.
    """

    min_lead_s: float = 4.0
    lead_grace_s: float = 0.1
    max_lead_s: float = 300.0
    return_tolerance_s: float = 1.0
    duration_tolerance_s: float = 0.5
    random_access_tolerance_s: float = 0.04
    pairing: Pairing = Pairing.EVENT_ID
    max_open_events: int = 256
    max_breaks: int = 10_000

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name != "pairing" and value < 0:
                raise UsageError("a limit is not negative", limit=name, value=value)
        if self.max_open_events < 1 or self.max_breaks < 1:
            raise UsageError(
                "at least one event is remembered",
                max_open_events=self.max_open_events,
                max_breaks=self.max_breaks,
            )


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in the stream: the packet, stream time in ticks of 27 MHz, the clock's PTS there."""

    packet_index: int
    stream_time_27mhz: int | None = None
    pts_90khz: int | None = None


@dataclass(frozen=True, slots=True)
class ObservedCue:
    """A section as it came: service_id is None where no PMT names its PID."""

    section: SpliceInfoSection
    service_id: int | None
    pid: int
    at: Moment


@dataclass(frozen=True, slots=True)
class MonitorEvent:
    """Something that happened on a service.

    `packet_index` is that of the packet where it was known: it ends the section, or moved the
    clock on. `stream_time_s` and `pts_90khz` are those of what happened: of an out, the splice
    point's. `segmentation_type_id` is None for a splice_insert.
    """

    kind: MonitorEventKind
    service_id: int | None
    pid: int | None
    packet_index: int
    stream_time_s: float | None = None
    pts_90khz: int | None = None
    event_id: int | None = None
    segmentation_type_id: int | None = None
    splice_pts_90khz: int | None = None
    lead_time_s: float | None = None
    planned_duration_s: float | None = None
    actual_duration_s: float | None = None
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """One object for JSON Lines: "event" is the kind; all keys are always there."""
        facts = asdict(self)
        return {"event": str(facts.pop("kind")), **facts}


@dataclass(frozen=True, slots=True)
class ObservedBreak:
    """One break, or one segment: what was said of it and what became of it.

    `packet_index` is that of its first message and `lead_time_s` how far that was ahead.
    `actual_duration_s` is None until it has ended. `problems` are kinds of events, each once.
    """

    service_id: int | None
    pid: int
    event_id: int
    segmentation_type_id: int | None
    state: ObservedState
    packet_index: int
    out_pts_90khz: int | None
    out_stream_time_s: float | None
    return_pts_90khz: int | None
    planned_duration_s: float | None
    actual_duration_s: float | None
    auto_return: bool
    lead_time_s: float | None
    repeats: int
    problems: tuple[MonitorEventKind, ...]

    def to_dict(self) -> dict[str, Any]:
        facts = asdict(self)
        return facts | {
            "state": str(self.state),
            "problems": [str(problem) for problem in self.problems],
        }
