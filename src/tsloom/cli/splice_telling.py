"""What a command tells of the cues that it puts in: as they leave, and what did not at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from tsloom.cli.console import log, print_line
from tsloom.cli.filtering import describe_result, plain_result
from tsloom.pipeline import CueInsertion
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import LONGEST_PREROLL_S, Break, BreakState, CueKind, parse_start

if TYPE_CHECKING:
    from tsloom.pipeline import CueFailure, RunResult, SpliceInserter
    from tsloom.scte35.break_record import BreakStatus

# A message that is this much nearer to its splice point than was asked for is warned of.
LATE_TOLERANCE_S = 0.1
# Why an inserter gives up what still waits at the end: it is missing if it was asked for, and no
# defect if it is the next one of a break that recurs.
STREAM_ENDED = "the stream ended"


@dataclass(slots=True)
class _Awaited:
    """A break that was asked for and has not been announced; why: what is known of that."""

    inserter: SpliceInserter
    wanted: Break
    why: str | None = None

    def recurs_as(self, occurrence: Break) -> bool:
        wanted = self.wanted
        as_wanted = replace(occurrence, start=wanted.start, splice_event_id=wanted.splice_event_id)
        return isinstance(parse_start(wanted.start), Recurrence) and as_wanted == wanted


class SpliceTeller:
    """Tells people on stderr what leaves, and knows at the end what of all asked for did not."""

    def __init__(self) -> None:
        self.cues_inserted = 0
        self.cues_failed = 0
        self._breaks: dict[int, _Awaited] = {}
        self._cues: Counter[SpliceInserter] = Counter()

    def expect_break(self, inserter: SpliceInserter, break_id: int, wanted: Break) -> None:
        """The break was scheduled; ids are the same in all inserters of a command."""
        self._breaks[break_id] = _Awaited(inserter, wanted)

    def expect_cue(self, inserter: SpliceInserter) -> None:
        """A cue that was made elsewhere was given to the inserter."""
        self._cues[inserter] += 1

    def warn(self, text: str) -> None:
        log(f"warning: {text}")

    # -- while the stream runs ------------------------------------------------------------------

    def tell_cue(self, inserter: SpliceInserter, cue: CueInsertion | CueFailure) -> None:
        if not isinstance(cue, CueInsertion):
            self.cues_failed += cue.reason != STREAM_ENDED
            self.say_failed(cue)
            return
        self.cues_inserted += 1
        self._cues[inserter] -= cue.kind is CueKind.OTHER
        self.say_inserted(cue)
        for warning in _doubts(cue):
            self.warn(warning)

    def tell_break(self, status: BreakStatus) -> None:
        self.say_break(status)
        if status.state is BreakState.CANCELLED:
            if status.break_id in self._breaks:
                self._breaks[status.break_id].why = status.reason
            return
        if status.reason is not None and status.state is BreakState.ARMED:
            self.warn(f"break {status.break_id}: {status.reason}")
        for break_id, awaited in list(self._breaks.items()):
            if break_id == status.break_id or awaited.recurs_as(status.wanted):
                del self._breaks[break_id]

    def say_inserted(self, cue: CueInsertion) -> None:
        log(f"{_name(cue)} in packet {cue.packet_index}, {_lead(cue)}")

    def say_failed(self, cue: CueFailure) -> None:
        log(f"{_name(cue)} not inserted: {cue.reason}")

    def say_break(self, status: BreakStatus) -> None:
        """People see it by the cues."""

    # -- at the end -----------------------------------------------------------------------------

    def tell_result(self, result: RunResult) -> None:
        log(describe_result(result))
        for line in self.missing:
            log(line)

    @property
    def missing(self) -> list[str]:
        """A line for each break and cue that was asked for and is not in the stream."""
        lines = [
            f"break {break_id} is not in: {awaited.why or _explain(awaited.inserter)}"
            for break_id, awaited in self._breaks.items()
        ]
        for inserter, count in self._cues.items():
            if count > 0:
                lines.append(f"{count} of the given cues not in: {_explain(inserter)}")
        return lines


class SpliceJsonTeller(SpliceTeller):
    """Tells the same as JSON Lines on stdout, and each change of a break; warnings on stderr."""

    def say_inserted(self, cue: CueInsertion) -> None:
        print_line({"event": "cue_inserted", **asdict(cue)})

    def say_failed(self, cue: CueFailure) -> None:
        print_line({"event": "cue_failed", **asdict(cue)})

    def say_break(self, status: BreakStatus) -> None:
        print_line({"event": "break", **status.to_dict()})

    def tell_result(self, result: RunResult) -> None:
        print_line(
            {
                "event": "result",
                **plain_result(result),
                "cues_inserted": self.cues_inserted,
                "cues_failed": self.cues_failed,
                "missing": self.missing,
            }
        )


def _name(cue: CueInsertion | CueFailure) -> str:
    if cue.kind is None:
        return "cues"
    if cue.kind is CueKind.OTHER:
        return "given cue"
    return f"cue {cue.kind.value.upper()} of event {cue.splice_event_id}"


def _lead(cue: CueInsertion) -> str:
    if cue.lead_time_s is None:
        return "immediate" if cue.kind is not CueKind.OTHER else "without a time"
    return f"{cue.lead_time_s:.3f} s ahead of PTS {cue.splice_pts_90khz}"


def _doubts(cue: CueInsertion) -> list[str]:
    """What a splicer may make nothing of."""
    lead, planned = cue.lead_time_s, cue.planned_lead_time_s
    if lead is None or planned is None:
        return []
    if lead < 0:
        return [f"{_name(cue)} left {-lead:.3f} s behind its splice point"]
    if lead > LONGEST_PREROLL_S:
        return [f"{_name(cue)} is {lead:.0f} s ahead of its splice point: is its PTS another's?"]
    if planned - lead > LATE_TOLERANCE_S:
        return [f"{_name(cue)} is late: {lead:.3f} s ahead, not {planned:.3f} s"]
    return []


def _explain(inserter: SpliceInserter) -> str:
    if inserter.clock is None:
        service = inserter.service_id
        name = "the first service" if service is None else f"service {service}"
        return f"{name} is not in the stream, or has no PCR"
    return STREAM_ENDED
