"""What commands that put cues into a stream share: the options, and the stages they ask for."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import duration, event_id_number, log, moment, pid_number, service_number
from tsloom.cli.scte35_input import read_cues
from tsloom.cli.splice_telling import SpliceJsonTeller, SpliceTeller
from tsloom.errors import UsageError
from tsloom.pipeline import Room, SnapPoints, SpliceInserter
from tsloom.recurrence import Recurrence
from tsloom.runner import EventIdStore
from tsloom.scte35.break_text import parse_break
from tsloom.scte35.breaks import Break, parse_start
from tsloom.scte35.event_ids import EventIdPolicy, EventIds, EventIdSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.pipeline import Stage
    from tsloom.scte35 import SpliceInfoSection

DEFAULT_CUE_PID = 500
# How far random access points are apart at most, where nobody says it.
POINT_DISTANCE_S = 3.0


@dataclass(slots=True)
class _GivenCue:
    text: str
    at: str | None = None


class _AddCue(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), _GivenCue(str(values))])


class _SetTimeOfCue(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        cues = namespace.cue
        if not cues or cues[-1].at is not None:
            parser.error("--at stands behind the --cue that it is the time of")
        cues[-1].at = str(values)


def add_splice_options(parser: argparse.ArgumentParser) -> None:
    """What goes in, when and where; `make_splice_stages` reads it."""
    group = parser.add_argument_group("breaks and cues")
    group.add_argument(
        "--splice",
        action="append",
        default=[],
        metavar="BREAK",
        help="such as start=+10s,duration=30s,preroll=5s,service=1,pid=500; may be given again",
    )
    group.add_argument(
        "--cue",
        action=_AddCue,
        default=[],
        metavar="TEXT|FILE",
        help="cues made elsewhere, sent as they are: base64, hex, XML, JSON; may be given again",
    )
    group.add_argument(
        "--at",
        action=_SetTimeOfCue,
        dest="cue",
        default=argparse.SUPPRESS,
        metavar="START",
        help="when the --cue before it is sent, as start= of a break says it (now)",
    )
    group.add_argument(
        "--heartbeat", type=duration, metavar="D", help="a splice_null on each cue PID so often"
    )
    _add_place_options(group)
    _add_time_options(group)
    _add_event_id_options(group)


def _add_place_options(group: Any) -> None:
    group.add_argument(
        "--service", type=service_number, metavar="ID", help="where no other is named (the first)"
    )
    group.add_argument(
        "--pid",
        type=pid_number,
        default=DEFAULT_CUE_PID,
        help=f"of the cues, where no other is named ({DEFAULT_CUE_PID})",
    )
    group.add_argument(
        "--room",
        choices=[room.value for room in Room],
        default=Room.NULLS_THEN_ADD.value,
        help="how room is made for what is inserted",
    )


def _add_time_options(group: Any) -> None:
    group.add_argument(
        "--utc-start",
        type=moment,
        metavar="ISO",
        help="UTC of the service's first PCR, for starts at wall-clock times in a recording",
    )
    group.add_argument(
        "--look-ahead",
        type=duration,
        metavar="D",
        help="how long the stream is held back for breaks with snap=yes (pre-roll and 3s)",
    )


def _add_event_id_options(group: Any) -> None:
    group.add_argument(
        "--event-ids",
        type=Path,
        metavar="FILE",
        help="keeps event ids over restarts: none is given twice; made if it is not there",
    )
    group.add_argument(
        "--first-event-id",
        type=event_id_number,
        default=1,
        metavar="N",
        help="where ids begin; means nothing to a file of ids that is there (1)",
    )
    group.add_argument(
        "--event-id-policy",
        choices=[policy.value for policy in EventIdPolicy],
        default=EventIdPolicy.PER_BREAK.value,
        help="per_message gives the return an id of its own (per_break)",
    )


def make_teller(options: argparse.Namespace) -> SpliceTeller:
    """Who says what becomes of it: `UsageError` if stdout would have to hold that and a stream."""
    if not options.json:
        return SpliceTeller()
    outputs = [options.output] if isinstance(options.output, str) else options.output
    if "-" in outputs:
        raise UsageError("--json and the output cannot both go to stdout")
    return SpliceJsonTeller()


def make_splice_stages(options: argparse.Namespace, teller: SpliceTeller) -> list[Stage]:
    """The stages that put in what the options ask for, none if that is nothing; the teller hears
    of all that becomes of it."""
    if not (options.splice or options.cue or options.heartbeat is not None):
        return []
    if options.heartbeat == 0:
        raise UsageError("a heartbeat has an interval", heartbeat=options.heartbeat)
    breaks = [_parse_break(text, options) for text in options.splice]
    cues = [(section, _check_at(given)) for given in options.cue for section in _read(given)]
    inserters = _Inserters(options, teller, _make_snap_points(breaks, options.look_ahead))
    for wanted, service_id, pid in breaks:
        inserter = inserters.get(service_id, pid)
        teller.expect_break(inserter, inserter.schedule(wanted), wanted)
    for section, at in cues:
        inserter = inserters.get(options.service, options.pid)
        inserter.send(section, at)
        teller.expect_cue(inserter)
    if not (breaks or cues):
        inserters.get(options.service, options.pid)
    return inserters.stages


def _parse_break(text: str, options: argparse.Namespace) -> tuple[Break, int | None, int]:
    """The break, its service and its cue PID."""
    wanted, place = parse_break(text)
    for warning in wanted.warnings:
        log(f"warning: {warning}")
    return wanted, place.get("service", options.service), place.get("pid", options.pid)


def _make_snap_points(
    breaks: list[tuple[Break, int | None, int]], look_ahead: float | None
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


class _Inserters:
    """One SpliceInserter for each service and PID; all take their event ids from one supply."""

    def __init__(
        self,
        options: argparse.Namespace,
        teller: SpliceTeller,
        snap_points: dict[int | None, SnapPoints],
    ) -> None:
        self._options = options
        self._teller = teller
        self._snap_points = snap_points
        self._event_ids = _open_event_ids(options)
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
                on_cue=lambda cue: self._teller.tell_cue(inserter, cue),
                on_break=self._teller.tell_break,
            )
        return self._made[place]


def _open_event_ids(options: argparse.Namespace) -> EventIds:
    first: int = options.first_event_id
    if options.event_ids is None:
        return EventIdSequence(first)
    return EventIdStore(options.event_ids, first=first)


def _check_at(given: _GivenCue) -> str:
    at = "now" if given.at is None else given.at
    if isinstance(parse_start(at), Recurrence):
        raise UsageError("a cue is sent once", at=at)
    return at


def _read(given: _GivenCue) -> list[SpliceInfoSection]:
    if given.text == "-":
        raise UsageError("a cue is a text or a file")
    return list(read_cues(given.text))
