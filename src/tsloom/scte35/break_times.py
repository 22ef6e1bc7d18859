"""When a break begins: its start as a stream time, early or late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import Break, LatePolicy, Now, Pts, StreamTime, parse_start

if TYPE_CHECKING:
    from tsloom.clock import ProgramClock

# What is later than this is late: a packet's time, or a video frame's, is not.
LATE_TOLERANCE = PCR_HZ // 10
# Messages are made this long before they are due.
HORIZON = 60 * PCR_HZ
# Those of wall-clock starts later, as these follow UTC until then: stream time loses what an input
# that is silent until another takes its place does not send.
WALL_CLOCK_HORIZON = 2 * PCR_HZ


def get_out_time(wanted: Break, clock: ProgramClock, now: int, utc_now: datetime | None) -> int:
    """The stream time of the break's splice point, in ticks of 27 MHz.

    now is the stream time that "+10s" counts from and that utc_now belongs to; `UsageError` if the
    start is a wall-clock time and utc_now is not known.
    """
    start = parse_start(wanted.start)
    if isinstance(start, Now):
        return now
    if isinstance(start, Pts):
        return clock.time_of_pts(start.pts_90khz)
    if isinstance(start, StreamTime):
        return round(start.seconds * PCR_HZ)
    if isinstance(start, datetime):
        return get_stream_time(start, now, utc_now)
    if isinstance(start, Recurrence):
        raise UsageError("a start that recurs is many", start=start)
    return now + round(start * PCR_HZ)


def get_stream_time(moment: datetime, now: int, utc_now: datetime | None) -> int:
    """The stream time of a wall-clock time."""
    if utc_now is None:
        raise UsageError(
            "a wall-clock start wants to know the stream's UTC: give utc_start", start=str(moment)
        )
    ahead = moment.astimezone(UTC) - utc_now.astimezone(UTC)
    return now + round(ahead.total_seconds() * PCR_HZ)


def is_wall_clock(wanted: Break) -> bool:
    return isinstance(parse_start(wanted.start), datetime)


def find_next_look(wanted: Break, due: int, now: int) -> int | None:
    """When a break whose first message is due then is looked at again; None: it is to be made."""
    if wanted.snap:
        return due if due > now else None
    follows = is_wall_clock(wanted)
    left = due - (WALL_CLOCK_HORIZON if follows else HORIZON) - now
    if left <= 0:
        return None
    return now + (min(left, max(left // 2, PCR_HZ)) if follows else left)


def meet_late_policy(wanted: Break, out_time: int, end_time: int | None, now: int) -> int | None:
    """The splice point that a break has at this time by its policy: the planned one, a later one,
    or None if it is not to be. One that is now is an immediate splice."""
    if isinstance(parse_start(wanted.start), Now):
        return now
    preroll = round(wanted.preroll_s * PCR_HZ)
    if now - (out_time - preroll) <= LATE_TOLERANCE:
        return out_time
    policy = LatePolicy(wanted.late)
    if policy is LatePolicy.SKIP:
        return None
    if policy is LatePolicy.SHIFT:
        return now + preroll
    if out_time > now:
        return out_time
    if end_time is None:
        return now if now - out_time <= LATE_TOLERANCE else None
    return now if end_time > now else None
