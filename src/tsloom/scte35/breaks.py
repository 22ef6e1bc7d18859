"""A break: what is to be said about one splice out and back, and when.

A break is one object. Its OUT goes out the pre-roll ahead of the splice point and carries that
point's absolute PTS, taken from the program's clock; its IN does the same for OUT + duration.
Planning is arithmetic: no I/O, no clock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ, PTS_HZ, PTS_MODULUS, parse_seconds
from tsloom.errors import UsageError
from tsloom.scte35 import BreakDuration, SpliceInfoSection, SpliceInsert, SpliceTime

if TYPE_CHECKING:
    from tsloom.clock import ProgramClock

# 2023r1, 9.9.1 and SCTE 67: a splice wants to be announced at least this long before.
LEAST_PREROLL_S = 4.0
# A section that found no null packet for so long has one added for it: a video frame at 30 Hz.
PATIENCE_27MHZ = PCR_HZ // 30


class CueKind(StrEnum):
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Pts:
    """A start given as a PTS of the program."""

    pts_90khz: int

    def __post_init__(self) -> None:
        if not 0 <= self.pts_90khz < PTS_MODULUS:
            raise UsageError("a PTS has 33 bits", pts_90khz=self.pts_90khz)


@dataclass(frozen=True, slots=True)
class Break:
    """One break.

    start: "+10s" (from the first PCR, or from now in a stream that runs), a `Pts`, or a wall-clock
    time (an aware datetime, or ISO 8601 text). duration: how long; None leaves the break open.
    preroll: how long before the splice point its message goes out. repeats: how often the message
    is sent again on the way there, evenly spaced. auto_return: the splicer returns by itself too.
    splice_event_id: None takes the next free one.
    """

    start: str | Pts | datetime
    duration: str | float | timedelta | None = None
    preroll: str | float | timedelta = LEAST_PREROLL_S
    repeats: int = 0
    auto_return: bool = True
    splice_event_id: int | None = None
    unique_program_id: int = 1
    avail_num: int = 0
    avails_expected: int = 0

    def __post_init__(self) -> None:
        parse_start(self.start)
        if self.duration is not None and self.duration_s == 0:
            raise UsageError("a break lasts longer than 0 s", duration=self.duration)
        if not 0 <= self.repeats <= 100:
            raise UsageError("a message is repeated 0 to 100 times", repeats=self.repeats)
        if parse_seconds(self.preroll) > 3600:
            raise UsageError("a pre-roll is an hour at most", preroll=self.preroll)

    @property
    def duration_s(self) -> float | None:
        return None if self.duration is None else parse_seconds(self.duration)

    @property
    def preroll_s(self) -> float:
        return parse_seconds(self.preroll)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed, but asks for trouble."""
        if self.preroll_s < LEAST_PREROLL_S:
            return (f"a pre-roll of {self.preroll_s:g} s is below {LEAST_PREROLL_S:g} s",)
        return ()


@dataclass(frozen=True, slots=True)
class PlannedCue:
    """One message of a break: the section, when it goes out and what it announces.

    Times are ticks of 27 MHz in stream time.
    """

    kind: CueKind
    section: SpliceInfoSection
    splice_time_27mhz: int
    splice_pts_90khz: int
    due_27mhz: int
    repeat: int


def parse_start(start: str | Pts | datetime) -> float | Pts | datetime:
    """Seconds from now, a `Pts` or an aware datetime; `UsageError` if it is none of them."""
    if isinstance(start, Pts):
        return start
    if isinstance(start, datetime):
        return _aware(start)
    if start.startswith("+"):
        return parse_seconds(start[1:])
    if start == "now":
        return 0.0
    if start.startswith("pts:"):
        digits = start[4:]
        if not digits.isdecimal():
            raise UsageError("pts: wants a whole number", start=start)
        return Pts(int(digits))
    try:
        return _aware(datetime.fromisoformat(start))
    except ValueError as error:
        raise UsageError(
            'a start is "+10s", "pts:900000" or an ISO 8601 time with its zone', start=start
        ) from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise UsageError("a wall-clock start wants its time zone", start=moment.isoformat())
    return moment


def start_time(wanted: Break, clock: ProgramClock, now_27mhz: int, utc_now: datetime | None) -> int:
    """The stream time of the break's splice point, in ticks of 27 MHz.

    now_27mhz is the stream time that "+10s" counts from and that utc_now belongs to; `UsageError`
    if the start is a wall-clock time and utc_now is not known.
    """
    start = parse_start(wanted.start)
    if isinstance(start, Pts):
        return clock.time_of_pts(start.pts_90khz)
    if isinstance(start, datetime):
        if utc_now is None:
            raise UsageError(
                "a wall-clock start wants to know the stream's UTC: give utc_start",
                start=str(wanted.start),
            )
        ahead = (start.astimezone(UTC) - utc_now.astimezone(UTC)).total_seconds()
        return now_27mhz + round(ahead * PCR_HZ)
    return now_27mhz + round(start * PCR_HZ)


def plan(
    wanted: Break, splice_event_id: int, out_time_27mhz: int, clock: ProgramClock
) -> list[PlannedCue]:
    """All messages of the break, in the order of their due times."""
    preroll = round(wanted.preroll_s * PCR_HZ)
    cues = _messages(wanted, splice_event_id, CueKind.OUT, out_time_27mhz, preroll, clock)
    if wanted.duration_s is not None:
        length = round(wanted.duration_s * PCR_HZ)
        cues += _messages(
            wanted,
            splice_event_id,
            CueKind.IN,
            out_time_27mhz + length,
            min(preroll, length),
            clock,
        )
    return sorted(cues, key=lambda cue: cue.due_27mhz)


def _messages(
    wanted: Break, event_id: int, kind: CueKind, splice_time: int, preroll: int, clock: ProgramClock
) -> list[PlannedCue]:
    pts = clock.pts_at(splice_time)
    section = SpliceInfoSection(splice_command=_command(wanted, event_id, kind, pts))
    return [
        PlannedCue(
            kind=kind,
            section=section,
            splice_time_27mhz=splice_time,
            splice_pts_90khz=pts,
            due_27mhz=splice_time - preroll + preroll * repeat // (wanted.repeats + 1),
            repeat=repeat,
        )
        for repeat in range(wanted.repeats + 1)
    ]


def _command(wanted: Break, event_id: int, kind: CueKind, pts: int) -> SpliceInsert:
    duration = None
    if kind is CueKind.OUT and wanted.duration_s is not None:
        duration = BreakDuration(
            auto_return=wanted.auto_return, duration=round(wanted.duration_s * PTS_HZ)
        )
    return SpliceInsert(
        splice_event_id=event_id,
        out_of_network_indicator=kind is CueKind.OUT,
        splice_time=SpliceTime(pts),
        break_duration=duration,
        unique_program_id=wanted.unique_program_id,
        avail_num=wanted.avail_num,
        avails_expected=wanted.avails_expected,
    )


_KEYS = {
    "start": "start",
    "duration": "duration",
    "preroll": "preroll",
    "repeats": "repeats",
    "event_id": "splice_event_id",
    "auto_return": "auto_return",
}
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def parse_break(text: str) -> tuple[Break, dict[str, int]]:
    """A break from "start=+10s,duration=30s,preroll=5s,service=1,pid=500".

    Gives the break, and service and pid where they are named. `UsageError` names the key.
    """
    fields: dict[str, object] = {}
    place: dict[str, int] = {}
    for part in text.split(","):
        key, separator, value = part.strip().partition("=")
        if not separator or not value:
            raise UsageError("a break is key=value,key=value,...", part=part)
        if key in ("service", "pid"):
            place[key] = _whole(key, value)
        elif key in ("repeats", "event_id"):
            fields[_KEYS[key]] = _whole(key, value)
        elif key == "auto_return":
            if value.lower() not in _SWITCH:
                raise UsageError("auto_return is yes or no", auto_return=value)
            fields[key] = _SWITCH[value.lower()]
        elif key in _KEYS:
            fields[_KEYS[key]] = value
        else:
            raise UsageError("unknown key", key=key, known=", ".join([*_KEYS, "service", "pid"]))
    if "start" not in fields:
        raise UsageError("a break wants start=", text=text)
    return Break(**fields), place  # type: ignore[arg-type]  # each key has its type above


def _whole(key: str, value: str) -> int:
    try:
        return int(value, 0)
    except ValueError as error:
        raise UsageError("not a whole number", key=key, value=value) from error
