"""What a command line or a channel's file can ask of a stream, as one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

from tsloom.dvb import EitTables, Overflow, Versions
from tsloom.pipeline import Room
from tsloom.scte35.event_ids import EventIdPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo
    from pathlib import Path

DEFAULT_CUE_PID = 500
EIT_PROFILES = ("satellite", "cable", "terrestrial")


@dataclass(frozen=True, slots=True)
class GivenCue:
    """A cue made elsewhere: its text, or the file it is in, and when it is sent."""

    text: str
    at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOptions:
    """Which stages there are, and what they do; the makers beside this file read it.

    The names are those of the command line's options.
    """

    # filter and renumber
    keep_service: Sequence[int] = ()
    keep_pid: Sequence[int] = ()
    drop_pid: Sequence[int] = ()
    drop_nulls: bool = False
    remap: Sequence[tuple[int, int]] = ()
    fix_continuity: bool = False
    bitrate: str | None = None
    # service information
    service_name: Sequence[tuple[int, str]] = ()
    service_provider: Sequence[tuple[int | None, str]] = ()
    service_type: Sequence[tuple[int, int]] = ()
    network_name: str | None = None
    tdt: bool = False
    tot: Sequence[tuple[str, tzinfo]] = ()
    # breaks and cues
    splice: Sequence[str] = ()
    cue: Sequence[GivenCue] = ()
    heartbeat: float | None = None
    on_demand: bool = False
    service: int | None = None
    pid: int = DEFAULT_CUE_PID
    room: str = Room.NULLS_THEN_ADD.value
    utc_start: datetime | None = None
    look_ahead: float | None = None
    event_ids: Path | None = None
    first_event_id: int = 1
    event_id_policy: str = EventIdPolicy.PER_BREAK.value
    # a guide
    epg: Path | None = None
    epg_map: str | None = None
    actual: tuple[int, int] | None = None
    eit_profile: str = EIT_PROFILES[0]
    eit_cycle: Sequence[tuple[str, float]] = ()
    eit_bitrate: float | None = None
    eit_tables: Sequence[str] = tuple(EitTables)
    eit_days: int = 8
    eit_versions: str = Versions.TABLE.value
    eit_overflow: str = Overflow.SHORTEN.value

    @classmethod
    def of(cls, options: object) -> Self:
        """Of whatever has some of these as attributes, such as a parsed command line."""
        names = (field.name for field in fields(cls))
        return cls(**{name: getattr(options, name) for name in names if hasattr(options, name)})
