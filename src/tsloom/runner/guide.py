"""A guide as EIT: the stages that put it in, and who reads its file again."""

from __future__ import annotations

import logging
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.dvb.eit import PID
from tsloom.dvb.epg import EventDatabase
from tsloom.errors import TsloomError, UsageError
from tsloom.pipeline import DropPids, EitInserter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from tsloom.pipeline import Stage
    from tsloom.runner.stage_options import StageOptions

_log = logging.getLogger(__name__)

WATCH_S = 1.0
SNIFFED_BYTES = 256
XML_STARTS = ("<", "\0<", "<\0")


def load_guide(options: StageOptions) -> EventDatabase:
    """The guide that epg and epg_map name."""
    if options.epg is None or not options.epg.is_file():
        raise UsageError("no such guide", epg=str(options.epg))
    if find_form(str(options.epg)) == "json":
        return EventDatabase.from_json(options.epg)
    return EventDatabase.from_xmltv(options.epg, options.epg_map)


def find_form(given: str) -> str:
    """What the first bytes of a file are; all that is no file is a stream."""
    path = Path(given)
    if given == "-" or not path.is_file():
        return "stream"
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    text = start.decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip("\xff\xfe \t\r\n")
    if text.startswith(XML_STARTS):
        return "xmltv"
    return "json" if text.startswith("{") else "stream"


def table_options(options: StageOptions) -> dict[str, Any]:
    """Arguments of EitGenerator."""
    return {
        "tables": options.eit_tables,
        "schedule_days": options.eit_days,
        "versions": options.eit_versions,
        "overflow": options.eit_overflow,
    }


def cycle_options(options: StageOptions) -> dict[str, Any]:
    """Arguments of Carousel and check_cycles."""
    return {
        "profile": options.eit_profile,
        "cycles": dict(options.eit_cycle),
        "bitrate_limit": options.eit_bitrate,
    }


def make_eit_stages(options: StageOptions) -> list[Stage]:
    """The stages that put the guide in, in the place of the stream's own EIT; none without a
    guide."""
    if options.epg is None:
        return []
    inserter = EitInserter(
        load_guide(options),
        actual=options.actual,
        utc_start=options.utc_start,
        service_id=options.service,
        room=options.room,
        **cycle_options(options),
        **table_options(options),
    )
    return [DropPids(PID), inserter]


class GuideWatcher:
    """Reads the guide's file anew when it has changed, while a stream runs. A file that cannot be
    read leaves the guide as it was. tell hears of both, a line each."""

    def __init__(
        self,
        options: StageOptions,
        database: EventDatabase,
        tell: Callable[[str], None] = _log.info,
    ) -> None:
        self._options = options
        self._database = database
        self._tell = tell
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
        if self._options.epg is None:
            return None
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
            self._tell(f"the guide stays as it was: {error}")
        else:
            self._tell(f"{changed} changes in {self._options.epg}")


def watch_guide(
    options: StageOptions, stages: Iterable[Stage], tell: Callable[[str], None] = _log.info
) -> AbstractContextManager[object]:
    """Whoever reads the guide's file again, where one of the stages has a guide."""
    for stage in stages:
        if isinstance(stage, EitInserter) and isinstance(stage.database, EventDatabase):
            return GuideWatcher(options, stage.database, tell)
    return nullcontext()
