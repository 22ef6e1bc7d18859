"""What commands that put cues into a stream share: the options, and who tells of them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import duration, event_id_number, moment, pid_number, service_number
from tsloom.cli.splice_telling import SpliceJsonTeller, SpliceTeller
from tsloom.errors import UsageError
from tsloom.pipeline import Room
from tsloom.runner.stage_options import DEFAULT_CUE_PID, GivenCue
from tsloom.scte35.event_ids import EventIdPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence


class _AddCue(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest), GivenCue(str(values))])


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
        cues[-1] = replace(cues[-1], at=str(values))


def add_splice_options(parser: argparse.ArgumentParser) -> None:
    """What goes in, when and where; runner/splice_stages.py reads it."""
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
