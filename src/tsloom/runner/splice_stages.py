"""The stages that put breaks and cues into a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from tsloom.errors import UsageError
from tsloom.pipeline import SnapPoints, SpliceInserter
from tsloom.recurrence import Recurrence
from tsloom.runner.cue_input import read_cues
from tsloom.runner.event_ids import EventIdStore
from tsloom.scte35.break_text import parse_break
from tsloom.scte35.breaks import Break, parse_start
from tsloom.scte35.event_ids import EventIds, EventIdSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.pipeline import CueFailure, CueInsertion, Stage
    from tsloom.runner.stage_options import GivenCue, StageOptions
    from tsloom.scte35 import SpliceInfoSection
    from tsloom.scte35.break_record import BreakStatus

# A break, its service and its cue PID.
PlacedBreak: TypeAlias = tuple[Break, int | None, int]
# How far random access points are apart at most, where nobody says it.
POINT_DISTANCE_S = 3.0


class SpliceListener(Protocol):
    """Hears what is asked for, and what becomes of it."""

    def expect_break(self, inserter: SpliceInserter, break_id: int, wanted: Break) -> None: ...

    def expect_cue(self, inserter: SpliceInserter) -> None: ...

    def tell_cue(self, inserter: SpliceInserter, cue: CueInsertion | CueFailure) -> None: ...

    def tell_break(self, status: BreakStatus) -> None: ...

    def warn(self, text: str) -> None: ...


def make_splice_stages(
    options: StageOptions,
    listener: SpliceListener,
    event_ids: EventIds | None = None,
    breaks: Sequence[PlacedBreak] | None = None,
) -> list[Stage]:
    """The stages that put in what the options ask for, none if that is nothing; the listener hears
    of all that becomes of it. event_ids: instead of those that the options name; breaks: instead of
    their breaks and cues, which have had their place."""
    wants_place = options.heartbeat is not None or options.on_demand
    if not (options.splice or options.cue or wants_place):
        return []
    named = [_parse_break(text, options) for text in options.splice]
    cues = [(section, _check_at(given)) for given in options.cue for section in _read(given)]
    if breaks is not None:
        cues = []
    wanted_breaks = named if breaks is None else breaks
    inserters = SpliceInserters(options, listener, wanted_breaks, event_ids)
    for wanted, service_id, pid in wanted_breaks:
        inserters.schedule(wanted, service_id, pid)
    for _, service_id, pid in named:
        inserters.get(service_id, pid)
    for section, at in cues:
        inserters.send(section, at)
    if options.on_demand or not (named or cues):
        inserters.get(options.service, options.pid)
    return inserters.stages


def open_event_ids(options: StageOptions) -> EventIds:
    """The supply of event ids that the options name."""
    if options.event_ids is None:
        return EventIdSequence(options.first_event_id)
    return EventIdStore(options.event_ids, first=options.first_event_id)


class SpliceInserters:
    """One SpliceInserter for each service and PID; all take their event ids from one supply."""

    def __init__(
        self,
        options: StageOptions,
        listener: SpliceListener,
        breaks: Sequence[PlacedBreak],
        event_ids: EventIds | None = None,
    ) -> None:
        if options.heartbeat == 0:
            raise UsageError("a heartbeat has an interval", heartbeat=options.heartbeat)
        for wanted, *_ in breaks:
            for warning in wanted.warnings:
                listener.warn(warning)
        self._options = options
        self._listener = listener
        self._snap_points = _make_snap_points(breaks, options.look_ahead)
        self._event_ids = open_event_ids(options) if event_ids is None else event_ids
        self._made: dict[tuple[int | None, int], SpliceInserter] = {}

    @property
    def stages(self) -> list[Stage]:
        """What looks ahead, then the inserters."""
        ahead = [stage for points in self._snap_points.values() for stage in points.stages]
        return [*ahead, *self._made.values()]

    def get(self, service_id: int | None, pid: int) -> SpliceInserter:
        place = service_id, pid
        if place not in self._made:
            inserter = self._made[place] = SpliceInserter(
                service_id=service_id,
                pid=pid,
                room=self._options.room,
                utc_start=self._options.utc_start,
                event_ids=self._event_ids,
                event_id_policy=self._options.event_id_policy,
                heartbeat=self._options.heartbeat,
                snap_points=self._snap_points.get(service_id),
                on_cue=lambda cue: self._listener.tell_cue(inserter, cue),
                on_break=self._listener.tell_break,
            )
        return self._made[place]

    def schedule(self, wanted: Break, service_id: int | None, pid: int) -> int:
        """Takes a break in; its id."""
        inserter = self.get(service_id, pid)
        break_id = inserter.schedule(wanted)
        self._listener.expect_break(inserter, break_id, wanted)
        return break_id

    def send(self, section: SpliceInfoSection, at: str) -> None:
        """Takes in a cue made elsewhere, for the place that the options name."""
        inserter = self.get(self._options.service, self._options.pid)
        inserter.send(section, at)
        self._listener.expect_cue(inserter)


def _parse_break(text: str, options: StageOptions) -> PlacedBreak:
    """The break, its service and its cue PID."""
    wanted, place = parse_break(text)
    return wanted, place.get("service", options.service), place.get("pid", options.pid)


def _make_snap_points(
    breaks: Sequence[PlacedBreak], look_ahead: float | None
) -> dict[int | None, SnapPoints]:
    """One look-ahead for each service with breaks that snap."""
    needed: dict[int | None, float] = {}
    for wanted, service_id, _ in breaks:
        if wanted.snap:
            needed[service_id] = max(needed.get(service_id, 0), wanted.preroll_s)
    return {
        service_id: SnapPoints(
            preroll + POINT_DISTANCE_S if look_ahead is None else look_ahead, service_id=service_id
        )
        for service_id, preroll in needed.items()
    }


def _check_at(given: GivenCue) -> str:
    at = "now" if given.at is None else given.at
    if isinstance(parse_start(at), Recurrence):
        raise UsageError("a cue is sent once", at=at)
    return at


def _read(given: GivenCue) -> list[SpliceInfoSection]:
    if given.text == "-":
        raise UsageError("a cue is a text or a file")
    return list(read_cues(given.text))
