"""What an analysis found: frozen values that compare, print and go to JSON.

The key names of `Report.to_dict` are a contract with `tsloom analyze --json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from typing import TextIO

    import pandas as pd

    from tsloom.analysis.elementary import AudioFormat, VideoFormat
    from tsloom.analysis.figures import BitrateRange, BitrateSeries, TimestampReport
    from tsloom.analysis.indicators import IndicatorReport
    from tsloom.analysis.pcr import ArrivalClock, PcrFigures
    from tsloom.analysis.tstd import BufferReport
    from tsloom.io import IpReport


# What `Report.to_dict` has another form for.
_NESTED = frozenset(
    ("pids", "services", "events", "tr101290", "bitrate_range", "bitrates", "ip", "interval")
)


class StreamEvent(NamedTuple):
    """A defect or a change, and where it stands.

    `kind`: continuity_error, transport_error, discontinuity_indicator, adaptation_field_overrun,
    section_dropped, section_crc_error, section_syntax_error (the CRC_32 is right, the lengths or
    values are not), or a sync event's. `offset_bytes` for sync events only.
    """

    kind: str
    packet_index: int
    pid: int | None = None
    detail: str = ""
    offset_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ElementaryStreamReport:
    """One entry of the PMT."""

    pid: int
    stream_type: int
    stream_type_name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceReport:
    """One program of the PAT; names come from the SDT and are None without one."""

    service_id: int
    name: str | None
    provider: str | None
    pmt_pid: int
    pcr_pid: int | None
    elementary_streams: tuple[ElementaryStreamReport, ...] = ()


@dataclass(frozen=True, slots=True)
class PidReport:
    """Counts and figures of one PID.

    `bitrate_bps` is its share of the total bitrate, `bitrate_range` what it was in windows of a
    second. None for what the PID does not carry. `buffers`, of an Analyzer with `buffer_model`, are
    those of the decoder; the PID of a PMT has its program's TBsys and Bsys. `format`, of one with
    `formats`, is what the headers of a video or audio stream say that a PMT has listed.
    """

    pid: int
    packets: int
    continuity_errors: int
    duplicates: int
    scrambled_packets: int
    transport_errors: int
    discontinuities: int
    pcr_count: int
    bitrate_bps: float | None
    service_ids: tuple[int, ...]
    stream_type: int | None
    bitrate_range: BitrateRange | None = None
    timestamps: TimestampReport | None = None
    pcr: PcrFigures | None = None
    buffers: BufferReport | None = None
    format: VideoFormat | AudioFormat | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers."""
        plain = asdict(replace(self, format=None))
        plain["pcr"] = None if self.pcr is None else self.pcr.to_dict()
        plain["format"] = None if self.format is None else self.format.to_dict()
        return plain


@dataclass(frozen=True, slots=True)
class Interval:
    """Which part of a stream a report is of.

    `number` counts from 0; `first_packet` to `end_packet` (not in it) count those that passed.
    Seconds are stream time, up to which the indicators had judged, None before a PCR could tell.
    `ended_by`: stream_time, wall_time where no PCR moved, end (of the input), or request.
    """

    number: int
    first_packet: int
    end_packet: int
    start_s: float | None
    end_s: float | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a stream is made of and what is wrong with it.

    `duration_s` and `bitrate_bps` come from the PCRs of `reference_pid`: the sum of all intervals
    between two PCRs, and the bits sent in them; None without two PCRs. `tr101290` is keyed by the
    indicators' numbers. `arrival_clock` told when packets arrived: "arrival_time_stamp" of an M2TS
    input, "receive_time" of the system with datagrams. `ip` is of inputs that come as datagrams.
    `formats_read` says whether `PidReport.format` was asked for. A figure that could not be
    measured is None.

    With an `interval` it is of that part of the stream: counts are what the totals gained, events
    and occurrences those that were found in it; `bitrate_range`, `bitrates`, `buffers` and `ip` are
    None, and formats are those of the stream so far.
    """

    packets: int
    packet_size: int | None
    sync_losses: int
    skipped_bytes: int
    bad_sync_bytes: int
    transport_errors: int
    continuity_errors: int
    duplicates: int
    section_crc_errors: int
    null_packets: int
    transport_stream_id: int | None
    reference_pid: int | None
    duration_s: float | None
    bitrate_bps: float | None
    pids: Mapping[int, PidReport] = field(default_factory=dict, repr=False)
    services: Mapping[int, ServiceReport] = field(default_factory=dict, repr=False)
    events: tuple[StreamEvent, ...] = field(default=(), repr=False)
    events_not_listed: int = 0
    complete: bool = True
    tr101290: Mapping[str, IndicatorReport] = field(default_factory=dict, repr=False)
    bitrate_range: BitrateRange | None = None
    bitrates: BitrateSeries | None = field(default=None, repr=False)
    arrival_clock: ArrivalClock | None = None
    ip: IpReport | None = None
    interval: Interval | None = None
    formats_read: bool = False

    def errors(self, priority: int) -> int:
        """Occurrences of the indicators of a priority, 1 to 3."""
        return sum(
            indicator.count
            for indicator in self.tr101290.values()
            if indicator.priority == priority
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, strings and numbers; pids and services are lists."""
        plain: dict[str, Any] = {
            name: getattr(self, name) for name in self.__slots__ if name not in _NESTED
        }
        plain["interval"] = None if self.interval is None else asdict(self.interval)
        plain["pids"] = [pid.to_dict() for pid in self.pids.values()]
        plain["services"] = [asdict(service) for service in self.services.values()]
        plain["events"] = [
            {key: value for key, value in event._asdict().items() if value not in (None, "")}
            for event in self.events
        ]
        plain["tr101290"] = [indicator.to_dict() for indicator in self.tr101290.values()]
        plain["bitrate_range"] = None if self.bitrate_range is None else asdict(self.bitrate_range)
        plain["bitrates"] = None if self.bitrates is None else asdict(self.bitrates)
        if self.ip is not None:
            plain["ip"] = self.ip.to_dict()
        return plain

    def to_json(self, *, indent: int | None = None) -> str:
        """One JSON document."""
        return json.dumps(self.to_dict(), indent=indent)

    def to_csv(self, target: str | os.PathLike[str] | TextIO) -> None:
        """One long table in CSV, a figure to a row, into a file by its path or an open text file.

        Columns are those of `tsloom.analysis.csv_form.CsvRow`.
        """
        from tsloom.analysis.csv_form import write_csv

        write_csv(self, target)

    def to_html(self, title: str = "Transport stream") -> str:
        """One page that stands alone: no script, nothing from any network."""
        from tsloom.analysis.page import report_page

        return report_page(self, title)

    def to_pandas(self) -> dict[str, pd.DataFrame]:
        """Data frames: `pids` by PID, `indicators` by number, `occurrences` and `bitrates`.

        `MissingLibraryError` without `tsloom[pandas]`.
        """
        from tsloom.analysis.frames import data_frames

        return data_frames(self)

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Bitrate and alarms over time as an image, PNG or what the name's ending says.

        `MissingLibraryError` without `tsloom[plot]`.
        """
        from tsloom.analysis.plots import plot_report

        plot_report(self, path)
