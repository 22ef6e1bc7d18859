"""A break: what is to be said about one splice out and back, and when.

A break is one object. Its OUT goes out the pre-roll ahead of the splice point and carries that
point's absolute PTS, taken from the program's clock; its IN does the same for its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tsloom.clock import PTS_MODULUS, parse_seconds
from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence, aware
from tsloom.scte35 import SegmentationDescriptor

# 2023r1, 9.9.1 and SCTE 67: a splice wants to be announced at least this long before.
LEAST_PREROLL_S: Final = 4.0
LONGEST_PREROLL_S: Final = 3600
MOST_REPEATS: Final = 1000


class BreakCommand(StrEnum):
    """What a break is said with."""

    SPLICE_INSERT = "splice_insert"
    TIME_SIGNAL = "time_signal"
    """time_signal() with segmentation descriptors."""
    BOTH = "both"
    """A splice_insert(), then a time_signal()."""


class LatePolicy(StrEnum):
    """What becomes of a break that is too late for its pre-roll."""

    SEND_NOW = "send_now"
    """Its OUT goes out at once; where the splice point has passed too, as an immediate one."""
    SKIP = "skip"
    """It is cancelled."""
    SHIFT = "shift"
    """It begins the pre-roll from now, with its full duration."""


class BreakState(StrEnum):
    PLANNED = "planned"
    """Nothing of it has been said."""
    ARMED = "armed"
    """Its OUT has left; the splice point is ahead."""
    OUT = "out"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    CRASHED_OUT = "crashed_out"
    """It was ended at once by an immediate IN."""

    @property
    def is_over(self) -> bool:
        return self in (BreakState.RETURNED, BreakState.CANCELLED, BreakState.CRASHED_OUT)


class CueKind(StrEnum):
    OUT = "out"
    IN = "in"
    CANCEL = "cancel"
    OTHER = "other"
    """A section that was made elsewhere and is of no break."""


@dataclass(frozen=True, slots=True)
class Pts:
    """A start given as a PTS of the program."""

    pts_90khz: int

    def __post_init__(self) -> None:
        if not 0 <= self.pts_90khz < PTS_MODULUS:
            raise UsageError("a PTS has 33 bits", pts_90khz=self.pts_90khz)


@dataclass(frozen=True, slots=True)
class StreamTime:
    """A start given in seconds from the program's first PCR."""

    seconds: float

    def __post_init__(self) -> None:
        parse_seconds(self.seconds)


@dataclass(frozen=True, slots=True)
class Now:
    """At once, with splice_immediate_flag: where the splice happens is left to the splicer."""


Start = float | Pts | StreamTime | Now | datetime | Recurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The segmentation_descriptor pair of a break that is said with time_signal().

    segmentation_type_id is that of its OUT, such as 0x34; the end's is one above (2023r1, table
    23). segmentation_event_id None takes the break's. The rest stands in the descriptors as it is.
    """

    segmentation_type_id: int = 0x34
    segmentation_event_id: int | None = None
    segmentation_upid_type: int = 0
    segmentation_upid: bytes = b""
    segment_num: int = 0
    segments_expected: int = 0
    sub_segment_num: int | None = None
    sub_segments_expected: int | None = None

    def __post_init__(self) -> None:
        self.describe(0, end=False, duration_90khz=None)

    def describe(
        self, event_id: int, *, end: bool, duration_90khz: int | None
    ) -> SegmentationDescriptor:
        """The descriptor that starts or ends the segment; `UsageError` if a field is too large."""
        return SegmentationDescriptor(
            event_id if self.segmentation_event_id is None else self.segmentation_event_id,
            segmentation_type_id=self.segmentation_type_id + end,
            segmentation_duration=duration_90khz,
            segmentation_upid_type=self.segmentation_upid_type,
            segmentation_upid=self.segmentation_upid,
            segment_num=self.segment_num,
            segments_expected=self.segments_expected,
            sub_segment_num=None if end else self.sub_segment_num,
            sub_segments_expected=None if end else self.sub_segments_expected,
        )


@dataclass(frozen=True, slots=True)
class Break:
    """One break.

    start: "+10s" (from the first PCR, or from now in a stream that runs), "now", "pts:900000" or a
    `Pts`, "stream:90s" or a `StreamTime`, a wall-clock time (an aware datetime, or ISO 8601 text),
    or a `Recurrence`. duration: how long; None leaves the break open. preroll: how long before the
    splice point its message goes out. The message is sent again on the way there: repeats times,
    evenly spaced, or each repeat_interval. auto_return: the splicer returns by itself;
    explicit_return: an IN is sent ahead of the end.

    command and segments: what it is said with. late: what becomes of it if its pre-roll cannot be
    had. snap: the splice point becomes the PTS of the first random access point at or after the
    time wanted; so does the end, unless the splicer returns by itself. splice_event_id: None takes
    the next free one.
    """

    start: str | Pts | StreamTime | datetime | Recurrence
    duration: str | float | timedelta | None = None
    preroll: str | float | timedelta = LEAST_PREROLL_S
    repeats: int = 0
    auto_return: bool = True
    splice_event_id: int | None = None
    unique_program_id: int = 1
    avail_num: int = 0
    avails_expected: int = 0
    repeat_interval: str | float | timedelta | None = None
    explicit_return: bool = True
    command: BreakCommand | str = BreakCommand.SPLICE_INSERT
    segments: tuple[Segment, ...] = ()
    late: LatePolicy | str = LatePolicy.SEND_NOW
    snap: bool = False

    def __post_init__(self) -> None:
        parse_start(self.start)
        _choice(BreakCommand, "command", self.command)
        _choice(LatePolicy, "late", self.late)
        if self.duration is not None and self.duration_s == 0:
            raise UsageError("a break lasts longer than 0 s", duration=self.duration)
        if not 0 <= self.repeats <= MOST_REPEATS:
            raise UsageError("a message is repeated 0 to 1000 times", repeats=self.repeats)
        if self.preroll_s > LONGEST_PREROLL_S:
            raise UsageError("a pre-roll is an hour at most", preroll=self.preroll)
        if self.repeat_interval is not None:
            self._check_interval(parse_seconds(self.repeat_interval))
        if self.splice_event_id is not None and not 0 <= self.splice_event_id < 1 << 32:
            raise UsageError("an event id has 32 bits", splice_event_id=self.splice_event_id)
        if self.segments and self.command == BreakCommand.SPLICE_INSERT:
            raise UsageError("segments want time_signal or both", command=self.command)

    def _check_interval(self, seconds: float) -> None:
        if self.repeats:
            raise UsageError("repeats or repeat_interval, not both", repeats=self.repeats)
        if seconds * MOST_REPEATS < self.preroll_s:
            raise UsageError(
                "a message is repeated 1000 times at most", repeat_interval=self.repeat_interval
            )

    @property
    def duration_s(self) -> float | None:
        return None if self.duration is None else parse_seconds(self.duration)

    @property
    def preroll_s(self) -> float:
        return parse_seconds(self.preroll)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed, but asks for trouble."""
        told = []
        immediate = isinstance(parse_start(self.start), Now)
        if self.preroll_s < LEAST_PREROLL_S and not immediate:
            told.append(f"a pre-roll of {self.preroll_s:g} s is below {LEAST_PREROLL_S:g} s")
        if self.duration is not None and not self.auto_return and not self.explicit_return:
            told.append("neither the splicer nor an IN returns at the end")
        return tuple(told)


def _choice(choices: type[StrEnum], name: str, value: str) -> None:
    if value not in set(choices):
        raise UsageError(f"unknown {name}", **{name: value}, known=", ".join(choices))


def parse_start(start: str | Pts | StreamTime | datetime | Recurrence) -> Start:
    """What a start says; a number is seconds from now. `UsageError` if it says nothing."""
    if isinstance(start, datetime):
        return aware(start)
    if not isinstance(start, str):
        return start
    if start == "now":
        return Now()
    if start.startswith("+"):
        return parse_seconds(start[1:])
    form, _, value = start.partition(":")
    if form == "pts":
        if not value.isascii() or not value.isdecimal():
            raise UsageError("pts: wants a whole number", start=start)
        return Pts(int(value))
    if form == "stream":
        return StreamTime(parse_seconds(value))
    if start.upper().startswith("DTSTART"):
        return Recurrence.parse(start)
    try:
        return aware(datetime.fromisoformat(start))
    except ValueError as error:
        raise UsageError(
            'a start is "+10s", "now", "pts:900000", "stream:90s", an ISO 8601 time with its zone'
            " or an RFC 5545 rule",
            start=start,
        ) from error
