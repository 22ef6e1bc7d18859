"""Splice information in HLS playlists: RFC 8216 4.3.2.7 (EXT-X-DATERANGE) and the tags in use
beside it (EXT-OATCLS-SCTE35, EXT-X-CUE-OUT, EXT-X-CUE-IN)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tsloom._native.scte35 import SpliceInfoSection
from tsloom._native.scte35_commands import SpliceInsert
from tsloom._native.scte35_times import BreakDuration
from tsloom.errors import SectionSyntaxError, UsageError
from tsloom.scte35.codec import parse
from tsloom.scte35.signals import PTS_HZ, Direction, direction_of, duration_of, event_id_of

_DATERANGE = "#EXT-X-DATERANGE:"
_OATCLS = "#EXT-OATCLS-SCTE35:"
_CUE_OUT = "#EXT-X-CUE-OUT"
_CUE_IN = "#EXT-X-CUE-IN"
_CUE_CONTINUES = "#EXT-X-CUE-OUT-CONT"
_ATTRIBUTE = re.compile(r'\s*([A-Z0-9-]+)\s*=\s*("[^"\r\n]*"|[^",\s][^,]*?)\s*(?:,|$)')
_SECONDS = re.compile(r"(?:DURATION=)?(\d{1,9}(?:\.\d{1,9})?)")


def _tag_error(message: str, field: str, value: str) -> SectionSyntaxError:
    return SectionSyntaxError(message, field=field, clause="RFC 8216 4.3.2.7", value=value[:80])


@dataclass(frozen=True, slots=True)
class DateRange:
    """An EXT-X-DATERANGE tag. Durations are in seconds; start_date and end_date have a zone."""

    id: str
    start_date: datetime | None = None
    end_date: datetime | None = None
    duration: float | None = None
    planned_duration: float | None = None
    scte35_cmd: SpliceInfoSection | None = None
    scte35_out: SpliceInfoSection | None = None
    scte35_in: SpliceInfoSection | None = None

    def __post_init__(self) -> None:
        if '"' in self.id or "\n" in self.id or "\r" in self.id:
            raise UsageError("may not stand in a quoted string", field="ID", value=self.id)
        for date in (self.start_date, self.end_date):
            if date is not None and date.tzinfo is None:
                raise UsageError("a date without a zone", field="START-DATE", value=date)

    def to_tag(self) -> str:
        """The tag on one line, without its end."""
        attributes = [f'ID="{self.id}"']
        for name, date in (("START-DATE", self.start_date), ("END-DATE", self.end_date)):
            if date is not None:
                attributes.append(f'{name}="{date.isoformat()}"')
        for name, seconds in (
            ("DURATION", self.duration),
            ("PLANNED-DURATION", self.planned_duration),
        ):
            if seconds is not None:
                attributes.append(f"{name}={seconds:.6f}")
        for name, section in (
            ("SCTE35-CMD", self.scte35_cmd),
            ("SCTE35-OUT", self.scte35_out),
            ("SCTE35-IN", self.scte35_in),
        ):
            if section is not None:
                attributes.append(f"{name}=0x{section.encode().hex().upper()}")
        return _DATERANGE + ",".join(attributes)

    @classmethod
    def from_tag(cls, line: str) -> DateRange:
        """The tag on this line. Raises `SectionSyntaxError` that names the attribute."""
        attributes = _attributes(line)
        return cls(
            id=attributes.get("ID", "").strip('"'),
            start_date=_date(attributes, "START-DATE"),
            end_date=_date(attributes, "END-DATE"),
            duration=_seconds(attributes, "DURATION"),
            planned_duration=_seconds(attributes, "PLANNED-DURATION"),
            scte35_cmd=_section(attributes, "SCTE35-CMD"),
            scte35_out=_section(attributes, "SCTE35-OUT"),
            scte35_in=_section(attributes, "SCTE35-IN"),
        )


def _attributes(line: str) -> dict[str, str]:
    text = line.strip()
    if not text.startswith(_DATERANGE):
        raise _tag_error("not an EXT-X-DATERANGE tag", "EXT-X-DATERANGE", text)
    at = len(_DATERANGE)
    attributes: dict[str, str] = {}
    while at < len(text):
        match = _ATTRIBUTE.match(text, at)
        if match is None:
            raise _tag_error("not an attribute", "EXT-X-DATERANGE", text[at:])
        attributes[match[1]] = match[2]
        at = match.end()
    return attributes


def _date(attributes: dict[str, str], name: str) -> datetime | None:
    if name not in attributes:
        return None
    try:
        date = datetime.fromisoformat(attributes[name].strip('"'))
    except ValueError as error:
        raise _tag_error("not a date", name, attributes[name]) from error
    if date.tzinfo is None:
        raise _tag_error("a date without a zone", name, attributes[name])
    return date


def _seconds(attributes: dict[str, str], name: str) -> float | None:
    if name not in attributes:
        return None
    match = re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", attributes[name])
    if match is None:
        raise _tag_error("not a number of seconds", name, attributes[name])
    return float(match[0])


def _section(attributes: dict[str, str], name: str) -> SpliceInfoSection | None:
    if name not in attributes:
        return None
    if not re.fullmatch(r"0[xX](?:[0-9a-fA-F]{2})+", attributes[name]):
        raise _tag_error("not a hexadecimal sequence", name, attributes[name])
    return parse(bytes.fromhex(attributes[name][2:]))


def to_daterange(
    section: SpliceInfoSection,
    start_date: datetime,
    *,
    daterange_id: str | None = None,
    end_date: datetime | None = None,
) -> DateRange:
    """The date range of a cue that takes place at `start_date`.

    An OUT goes to SCTE35-OUT with the planned duration, an IN to SCTE35-IN, the rest to
    SCTE35-CMD. The ID is the event id in decimal unless given.
    """
    direction = direction_of(section)
    event_id = event_id_of(section)
    return DateRange(
        id=daterange_id or ("scte35" if event_id is None else str(event_id)),
        start_date=start_date,
        end_date=end_date,
        planned_duration=duration_of(section) if direction is Direction.OUT else None,
        scte35_cmd=section if direction is Direction.NEITHER else None,
        scte35_out=section if direction is Direction.OUT else None,
        scte35_in=section if direction is Direction.IN else None,
    )


def close_daterange(opened: DateRange, section: SpliceInfoSection, end_date: datetime) -> DateRange:
    """The same date range once its IN is known: the tag that a playlist adds then."""
    if opened.start_date is None or end_date < opened.start_date:
        raise UsageError("ends before it starts", field="END-DATE", value=end_date)
    return DateRange(
        id=opened.id,
        start_date=opened.start_date,
        end_date=end_date,
        duration=(end_date - opened.start_date) / timedelta(seconds=1),
        scte35_in=section,
    )


def to_cue_tags(section: SpliceInfoSection) -> tuple[str, ...]:
    """EXT-OATCLS-SCTE35 with the cue, and EXT-X-CUE-OUT or EXT-X-CUE-IN where it is one."""
    data = base64.b64encode(section.encode()).decode("ascii")
    direction = direction_of(section)
    if direction is Direction.OUT:
        seconds = duration_of(section)
        out = _CUE_OUT if seconds is None else f"{_CUE_OUT}:{seconds:.6f}"
        return (_OATCLS + data, out)
    if direction is Direction.IN:
        return (_OATCLS + data, _CUE_IN)
    return (_OATCLS + data,)


def from_cue_tags(lines: Iterable[str], *, splice_event_id: int = 0) -> SpliceInfoSection | None:
    """The cue that the tags before one media segment stand for, None where there is none.

    EXT-OATCLS-SCTE35 holds the cue itself. EXT-X-CUE-OUT and EXT-X-CUE-IN alone become an immediate
    splice_insert with the event id that you give; EXT-X-CUE-OUT-CONT is no new cue.
    """
    found: SpliceInfoSection | None = None
    for line in lines:
        text = line.strip()
        if text.startswith(_OATCLS):
            return parse(text[len(_OATCLS) :].strip('"'))
        if text.startswith(_CUE_CONTINUES):
            continue
        if text.startswith(_CUE_OUT):
            found = _cue_out(text, splice_event_id)
        elif text.startswith(_CUE_IN):
            found = SpliceInfoSection(SpliceInsert(splice_event_id))
    return found


def _cue_out(text: str, splice_event_id: int) -> SpliceInfoSection:
    value = text[len(_CUE_OUT) :].removeprefix(":").strip()
    duration = None
    if value:
        match = _SECONDS.match(value)
        if match is None:
            raise _tag_error("not a number of seconds", "EXT-X-CUE-OUT", text)
        ticks = round(float(match[1]) * PTS_HZ)
        duration = BreakDuration(auto_return=False, duration=ticks)
    return SpliceInfoSection(
        SpliceInsert(splice_event_id, out_of_network_indicator=True, break_duration=duration)
    )
