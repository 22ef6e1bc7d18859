"""The Analyzer: a stage that changes nothing and gives a `Report`."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tsloom._native.analyzer import AnalyzerStage
from tsloom.analysis.elementary import make_format
from tsloom.analysis.figures import bitrate_range, bitrate_series, timestamp_report
from tsloom.analysis.indicators import (
    BY_NUMBER,
    ERROR,
    MAX_OCCURRENCES,
    OK,
    SI_INDICATORS,
    TIMED_INDICATORS,
    IndicatorReport,
    Occurrence,
    list_occurrences,
    report_indicators,
)
from tsloom.analysis.interval_report import IntervalBook, Recent, Totals
from tsloom.analysis.limits import Limits
from tsloom.analysis.pcr import read_figures
from tsloom.analysis.report import (
    ElementaryStreamReport,
    PidReport,
    Report,
    ServiceReport,
    StreamEvent,
)
from tsloom.analysis.tables import DROP_REASONS, StreamTables
from tsloom.analysis.tstd import BufferParameters, read_report
from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError
from tsloom.psi.descriptors import ISO639LanguageDescriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tsloom.analysis.intervals import SyncCounts
    from tsloom.analysis.pcr import PcrFigures
    from tsloom.analysis.tstd import BufferReport
    from tsloom.packets import SyncEvent
    from tsloom.pipeline import RunResult
    from tsloom.psi import ElementaryStream

# PIDs of PSI and SI with a fixed meaning, whose sections TR 101 290 judges: CAT, NIT, SDT and BAT,
# EIT, RST, TDT and TOT.
CHECKED_PIDS = (0x01, 0x10, 0x11, 0x12, 0x13, 0x14)
BUFFER_INDICATORS = ("3.3", "3.9", "3.10")
MAX_EVENTS = 10_000
SHORTEST_INTERVAL_S, LONGEST_INTERVAL_S = 0.001, 86400.0
NULL_PID = 0x1FFF
PACKET_BITS = 188 * 8


class Analyzer(AnalyzerStage):
    """Judges a stream by TR 101 290 and counts packets, clocks, tables and bits, PID by PID.

    Stands anywhere in a pipeline and reports on what passes there. `report` may be asked for at any
    time. With `buffer_model` the decoder's buffers are modelled too, for indicators 3.3, 3.9 and
    3.10 and `PidReport.buffers`; docs/explanation/buffer-model.md says how. With `formats` the
    headers of video and audio are read, for `PidReport.format`; pieces (`Evidence`) lack them.

    `on_interval` is called with the report of each `interval_s` seconds of stream time (0.001 to a
    day): where an interval ends does not depend on how the stream is cut into batches.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        buffer_model: bool = False,
        formats: bool = False,
        interval_s: float | None = None,
        on_interval: Callable[[Report], None] | None = None,
    ) -> None:
        self._set_limits(limits or Limits())
        self._models_buffers = buffer_model
        if buffer_model:
            self.model_buffers()
        self._reads_formats = formats
        if formats:
            self.read_formats()
        self._tables = StreamTables()
        # The first of each kind: which ones are listed does not depend on when they were taken.
        self._section_events: list[StreamEvent] = []
        self._packet_events: list[StreamEvent] = []
        self._not_kept = 0
        self._intervals = IntervalBook()
        self._on_interval = on_interval
        if interval_s is not None:
            self._set_interval(interval_s)
        for pid in CHECKED_PIDS:
            self.watch(pid)

    def _set_interval(self, seconds: float) -> None:
        if not SHORTEST_INTERVAL_S <= seconds <= LONGEST_INTERVAL_S:
            raise UsageError("an interval is 0.001 to 86400 seconds", interval_s=seconds)
        if self._on_interval is None:
            raise UsageError("interval_s wants on_interval", interval_s=seconds)
        self.set_interval(round(seconds * PCR_HZ))

    def _set_limits(self, limits: Limits) -> None:
        for index, ticks in enumerate(limits.ticks()):
            self.set_limit(index, ticks)
        self.set_same_number_gap(limits.section_gap_of_same_number)

    def serve(self) -> None:
        self._serve_tables()
        if self.interval_due and self._on_interval is not None:
            self._on_interval(self.take_interval("stream_time"))

    def _serve_tables(self) -> None:
        for record in self.take_records():
            pid, _, reason, crc_ok, _, last_packet, *_, data = record
            if reason:
                self._keep(StreamEvent("section_dropped", last_packet, pid, DROP_REASONS[reason]))
            elif not crc_ok:
                self._keep(StreamEvent("section_crc_error", last_packet, pid))
            elif error := self._tables.feed(pid, data):
                self._keep(StreamEvent("section_syntax_error", last_packet, pid, str(error)))
        self._packet_events += self.take_events(StreamEvent)

    def _keep(self, event: StreamEvent) -> None:
        if len(self._section_events) < MAX_EVENTS:
            self._section_events.append(event)
        else:
            self._not_kept += 1

    def report(self, run: RunResult | None = None) -> Report:
        """What passed so far. With the run that fed it, also what synchronisation found.

        The indicators judge up to the last PCR; the rest at the end of the stream
        (`Pipeline.finish`, which a run calls). A report in between changes nothing of a later one.
        """
        with self.lock:
            self._serve_tables()
            synced = () if run is None else run.sync_events
            report = self._report_packets(
                *_list_events(
                    [sync_stream_event(event) for event in synced],
                    self._section_events,
                    self._packet_events,
                )
            )
        if run is None:
            return report
        return replace(
            report,
            packet_size=run.packet_size,
            sync_losses=run.sync_losses,
            skipped_bytes=run.skipped_bytes,
            bad_sync_bytes=run.bad_sync_bytes,
            complete=not run.stopped,
            ip=run.ip,
            events_not_listed=report.events_not_listed + run.sync_events_not_listed,
            tr101290={**report.tr101290, **report_sync(run)},
        )

    def take_interval(self, ended_by: str = "request") -> Report:
        """What passed since the last interval, or since the begin; nothing of a total changes.

        Indicators and accuracies count when they are judged, some behind the packet at fault.
        `ended_by` is for `Report.interval`. Packet synchronisation is the run's to report.
        """
        with self.lock:
            self._serve_tables()
            totals = self._totals()
            span = self.judged()[0]
            recent = Recent(
                events=self._intervals.new_events(self._section_events, self._packet_events),
                occurrences=list_occurrences(self.recent_occurrences()),
                peaks=dict(zip(BY_NUMBER, self.recent_peaks(), strict=True)),
                timestamps=self.recent_timestamps(),
                pcrs=self.recent_pcrs(),
            )
            start = None if span is None else span[0] / PCR_HZ
            report = self._intervals.end(totals, recent, start, ended_by)
            self.begin_interval()
        return report

    def _totals(self) -> Totals:
        span = self.judged()[0]
        clock = None if self.reference_pid is None else self.clock(self.reference_pid)
        return Totals(
            self._report_packets((), 0),
            None if span is None else span[1] / PCR_HZ,
            0 if clock is None else clock.joined_27mhz,
            0 if clock is None else clock.joined_packets,
        )

    def _report_packets(self, events: tuple[StreamEvent, ...], not_listed: int) -> Report:
        rows = self.pids()
        bitrate, duration = self._rate()
        ranges = self.bitrate_ranges()
        return Report(
            packets=self.packets,
            packet_size=188 if self.packets else None,
            sync_losses=0,
            skipped_bytes=0,
            bad_sync_bytes=0,
            transport_errors=sum(row[4] for row in rows.values()),
            continuity_errors=sum(row[1] for row in rows.values()),
            duplicates=sum(row[2] for row in rows.values()),
            section_crc_errors=self.section_crc_errors,
            null_packets=rows[NULL_PID][0] if NULL_PID in rows else 0,
            transport_stream_id=self._tables.transport_stream_id,
            reference_pid=self.reference_pid,
            arrival_clock=self.arrival_clock,
            duration_s=duration,
            bitrate_bps=bitrate,
            pids=self._report_pids(rows, bitrate, ranges),
            services=self._report_services(),
            events=events,
            events_not_listed=not_listed + self._not_kept + self.lost_events,
            tr101290=self._report_indicators(),
            bitrate_range=bitrate_range(ranges[None]),
            bitrates=bitrate_series(*self.bitrate_points(), window_s=1.0),
            formats_read=self._reads_formats,
        )

    def _report_indicators(self) -> dict[str, IndicatorReport]:
        span, has_si, _ = self.judged()
        reasons: dict[str, str] = {}
        if not self._models_buffers:
            reasons |= dict.fromkeys(BUFFER_INDICATORS, "the buffer model is off")
        elif not self.buffers():
            reasons |= dict.fromkeys(BUFFER_INDICATORS, "no stream of a PMT could be timed by PCRs")
        reasons |= dict.fromkeys(("1.1", "1.2"), "packets came without their synchronisation")
        if not has_si:
            reasons |= dict.fromkeys(SI_INDICATORS, "the stream has no DVB SI")
        if not any(_has_exact_accuracy(pcr) for pcr in self.pcrs().values()):
            reasons["2.4"] = "the bitrate is not constant: the accuracy of PCRs is an estimate"
        if span is None:
            reasons |= dict.fromkeys(
                TIMED_INDICATORS, "neither PCRs nor times of arrival tell the time"
            )
        now = None if span is None else span[1]
        return report_indicators(self.indicators(), self.occurrences(), now, reasons)

    def _rate(self) -> tuple[float | None, float | None]:
        clock = None if self.reference_pid is None else self.clock(self.reference_pid)
        if clock is None or clock.joined_27mhz == 0:
            return None, None
        return clock.bitrate_bps, clock.joined_27mhz / PCR_HZ

    def _report_pids(
        self,
        rows: Mapping[int, tuple[int, ...]],
        bitrate: float | None,
        ranges: Mapping[int | None, tuple[float, float, float, int]],
    ) -> dict[int, PidReport]:
        roles = self._tables.roles()
        timestamps = self.timestamps()
        pcrs = self.pcrs()
        buffers = self.buffers()
        formats = self.measured_formats()
        reports = {}
        for pid in sorted(rows):
            packets, errors, duplicates, scrambled, transport, discontinuities, *_ = rows[pid]
            clock = self.clock(pid)
            services, stream_type = roles.get(pid, ((), None))
            reports[pid] = PidReport(
                pid=pid,
                packets=packets,
                continuity_errors=errors,
                duplicates=duplicates,
                scrambled_packets=scrambled,
                transport_errors=transport,
                discontinuities=discontinuities,
                pcr_count=0 if clock is None else clock.pcr_count,
                bitrate_bps=None if bitrate is None else bitrate * packets / self.packets,
                service_ids=services,
                stream_type=stream_type,
                bitrate_range=bitrate_range(ranges[pid]),
                timestamps=timestamp_report(timestamps[pid]) if pid in timestamps else None,
                pcr=self._read_pcr(pcrs[pid]) if pid in pcrs else None,
                buffers=_buffer_report(*buffers[pid]) if pid in buffers else None,
                format=make_format(formats[pid]) if pid in formats else None,
            )
        return reports

    def _read_pcr(self, raw: dict[str, Any]) -> PcrFigures:
        return read_figures(raw, arrival_clock=self.arrival_clock)

    def _report_services(self) -> dict[int, ServiceReport]:
        services = {}
        for service_id, pmt_pid in sorted(self._tables.programs.items()):
            pmt = self._tables.pmts.get(service_id)
            names = self._tables.services.get(service_id)
            services[service_id] = ServiceReport(
                service_id=service_id,
                name=None if names is None else names.service_name,
                provider=None if names is None else names.service_provider_name,
                pmt_pid=pmt_pid,
                pcr_pid=None if pmt is None else pmt.pcr_pid,
                elementary_streams=_report_streams(pmt.elementary_streams if pmt else ()),
            )
        return services


def _buffer_report(parameters: Mapping[str, Any], raw: Mapping[str, Any]) -> BufferReport:
    return read_report(BufferParameters(**parameters), raw)


def _report_streams(streams: Iterable[ElementaryStream]) -> tuple[ElementaryStreamReport, ...]:
    return tuple(
        ElementaryStreamReport(
            pid=stream.elementary_pid,
            stream_type=stream.stream_type,
            stream_type_name=stream.stream_type_name,
            language=_language(stream),
        )
        for stream in streams
    )


def _list_events(
    *kinds: Iterable[StreamEvent],
) -> tuple[tuple[StreamEvent, ...], int]:
    """The first MAX_EVENTS of all in the order of their packets, and how many more there are."""
    events = sorted(chain(*kinds), key=itemgetter(1))
    return tuple(events[:MAX_EVENTS]), max(0, len(events) - MAX_EVENTS)


def _language(stream: ElementaryStream) -> str | None:
    for descriptor in stream.descriptors:
        if isinstance(descriptor, ISO639LanguageDescriptor) and descriptor.languages:
            return descriptor.languages[0].iso_639_language_code
    return None


def _has_exact_accuracy(pcr: Mapping[str, Any]) -> bool:
    return bool(pcr["rate"] == "constant")


def report_sync(run: RunResult | SyncCounts) -> dict[str, IndicatorReport]:
    """1.1 and 1.2 are packet synchronisation's to count."""
    counts = {"1.1": ("lost", run.sync_losses), "1.2": ("bad_sync_byte", run.bad_sync_bytes)}
    reports = {}
    for number, (kind, count) in counts.items():
        found = tuple(
            Occurrence(event.packet_index, None, None, 1, 0)
            for event in run.sync_events
            if event.kind == kind
        )[:MAX_OCCURRENCES]
        reports[number] = IndicatorReport(
            number=number,
            name=BY_NUMBER[number].name,
            priority=1,
            count=count,
            state=ERROR if count else OK,
            unit=BY_NUMBER[number].unit,
            occurrences=found,
            not_listed=count - len(found),
        )
    return reports


def sync_stream_event(event: SyncEvent) -> StreamEvent:
    detail = f"{event.length} bytes" if event.kind != "lost" else ""
    if event.kind == "acquired":
        detail = f"packets of {event.length} bytes"
    return StreamEvent(f"sync_{event.kind}", event.packet_index, None, detail, event.offset_bytes)
