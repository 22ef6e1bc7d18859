"""What commands that make an EIT share: the guide, and the options of its tables."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.cli.console import duration, log
from tsloom.cli.eit_files import find_form
from tsloom.dvb import CycleClass, EitTables, Overflow, Versions
from tsloom.dvb.eit import PID
from tsloom.dvb.epg import EventDatabase
from tsloom.errors import TsloomError, UsageError
from tsloom.pipeline import DropPids, EitInserter, Stage

if TYPE_CHECKING:
    from datetime import datetime

    from tsloom.pipeline import Room

PROFILES = ("satellite", "cable", "terrestrial")
WATCH_S = 1.0


def add_guide_options(parser: Any, *, required: bool) -> None:
    """Where the guide is, and what is made of it."""
    parser.add_argument(
        "--epg", type=Path, required=required, metavar="FILE", help="a guide: XMLTV, or JSON"
    )
    parser.add_argument("--epg-map", metavar="TOML", help="the services of XMLTV's channel ids")
    parser.add_argument(
        "--actual",
        type=_stream_ids,
        metavar="ONID:TSID",
        help="original_network_id and transport_stream_id of the stream (what its SDT says)",
    )
    parser.add_argument(
        "--eit-profile", choices=PROFILES, default="satellite", help="the cycles of TS 101 211"
    )
    parser.add_argument(
        "--eit-cycle",
        type=_cycle,
        action="append",
        default=[],
        metavar="CLASS=D",
        help=f"another cycle; classes: {', '.join(CycleClass)}; prime_days=N",
    )
    parser.add_argument(
        "--eit-bitrate", type=_bitrate, metavar="BPS", help="at most, such as 500k; no limit"
    )
    parser.add_argument(
        "--eit-tables",
        type=lambda text: text.split(","),
        default=list(EitTables),
        metavar="LIST",
        help=f"some of {','.join(EitTables)} (all)",
    )
    parser.add_argument("--eit-days", type=int, default=8, metavar="N", help="of the schedule (8)")
    parser.add_argument("--eit-versions", choices=list(Versions), default=Versions.TABLE.value)
    parser.add_argument("--eit-overflow", choices=list(Overflow), default=Overflow.SHORTEN.value)


def _stream_ids(text: str) -> tuple[int, int]:
    try:
        network, stream = (int(part, 0) for part in text.split(":"))
        if not (0 <= network <= 0xFFFF and 0 <= stream <= 0xFFFF):
            raise ValueError(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not ONID:TSID") from error
    return network, stream


def _cycle(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not CLASS=D")
    return name, duration(value)


def _bitrate(text: str) -> float:
    """Bits a second, with an optional k or M."""
    factor = {"k": 1e3, "K": 1e3, "M": 1e6}.get(text[-1:], 1.0)
    try:
        bitrate = float(text[:-1] if factor > 1 else text) * factor
        if not 0 < bitrate < 1e12:
            raise ValueError(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no bitrate") from error
    return bitrate


def load_guide(options: argparse.Namespace) -> EventDatabase:
    """The guide that --epg and --epg-map name."""
    if not options.epg.is_file():
        raise UsageError("no such guide", epg=str(options.epg))
    if find_form(str(options.epg)) == "json":
        return EventDatabase.from_json(options.epg)
    return EventDatabase.from_xmltv(options.epg, options.epg_map)


def table_options(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of EitGenerator."""
    return {
        "tables": options.eit_tables,
        "schedule_days": options.eit_days,
        "versions": options.eit_versions,
        "overflow": options.eit_overflow,
    }


def cycle_options(options: argparse.Namespace) -> dict[str, Any]:
    """Arguments of Carousel and check_cycles."""
    return {
        "profile": options.eit_profile,
        "cycles": dict(options.eit_cycle),
        "bitrate_limit": options.eit_bitrate,
    }


def make_eit_stages(
    options: argparse.Namespace, room: Room | str, utc_start: datetime | None
) -> list[Stage]:
    """The stages that put the guide in, in the place of the stream's own EIT; none without a
    guide."""
    if options.epg is None:
        return []
    inserter = EitInserter(
        load_guide(options),
        actual=options.actual,
        utc_start=utc_start,
        service_id=options.service,
        room=room,
        **cycle_options(options),
        **table_options(options),
    )
    return [DropPids(PID), inserter]


class GuideWatcher:
    """Reads the guide's file anew when it has changed, while a stream runs. A file that cannot be
    read leaves the guide as it was."""

    def __init__(self, options: argparse.Namespace, database: EventDatabase) -> None:
        self._options = options
        self._database = database
        self._seen = self._look()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> GuideWatcher:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self._options.epg.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _run(self) -> None:
        while not self._stop.wait(WATCH_S):
            now = self._look()
            if now is not None and now != self._seen:
                self._seen = now
                self._read()

    def _read(self) -> None:
        try:
            changed = self._database.update_from(load_guide(self._options))
        except (TsloomError, OSError) as error:
            log(f"the guide stays as it was: {error}")
        else:
            log(f"{changed} changes in {self._options.epg}")
