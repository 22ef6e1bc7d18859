"""The analyser and the demultiplexer, bound."""

from libc.stdint cimport int64_t, uint16_t

from tsloom._native cimport c_analyze, c_bitrate, c_buffers, c_demux, c_tr101290, c_tstd
from tsloom._native.c_analyze cimport ts_analyzer, ts_pid_counters, ts_stream_event
from tsloom._native.c_batch cimport (
    TS_ARRIVAL_M2TS,
    TS_ARRIVAL_RECEIVED,
    TS_ARRIVAL_UNKNOWN,
    TS_PID_COUNT,
    ts_batch,
)
from tsloom._native.c_demux cimport (
    TS_FOLLOW_CLOCKS,
    TS_FOLLOW_CUES,
    TS_FOLLOW_PROGRAMS,
    ts_demux,
    ts_recorder,
    ts_section_record,
)
from tsloom._native.c_status cimport ts_status
from tsloom._native.clock cimport snapshot
from tsloom._native.elementary cimport read_measured
from tsloom._native.pcr_measure cimport figures_of
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for
from tsloom._native.tstd cimport describe_parameters

ROLE_PAT = c_demux.TS_ROLE_PAT
ROLE_PMT = c_demux.TS_ROLE_PMT
ROLE_CUES = c_demux.TS_ROLE_CUES
ARRIVAL_CLOCKS = {
    TS_ARRIVAL_UNKNOWN: None,
    TS_ARRIVAL_M2TS: "arrival_time_stamp",
    TS_ARRIVAL_RECEIVED: "receive_time",
}
# By how far a counter went on.
DETAILS = ("", *(f"{missing} missing" for missing in range(1, 16)))
MARK_NAMES = {
    c_analyze.TS_MARK_CONTINUITY_ERROR: "continuity_error",
    c_analyze.TS_MARK_TRANSPORT_ERROR: "transport_error",
    c_analyze.TS_MARK_DISCONTINUITY: "discontinuity_indicator",
    0: "adaptation_field_overrun",
}


cdef list take_records(ts_recorder *recorder):
    cdef size_t i
    cdef ts_section_record *record
    taken = []
    for i in range(recorder.record_count):
        record = &recorder.records[i]
        taken.append((
            record.pid, record.role, record.reason, record.crc_ok, record.first_packet,
            record.last_packet, record.stream_time if record.has_time else None,
            record.pts_90khz if record.has_time else None,
            (<char *> recorder.bytes + record.offset)[:record.size] if record.size else b""))
    c_demux.ts_recorder_clear(recorder)
    return taken


cdef ts_status feed_demux(void *state, ts_batch *batch) noexcept nogil:
    return c_demux.ts_demux_feed(<ts_demux *> state, batch, 0)


cdef class DemuxStage(Stage):
    """Collects sections: of programs and cues by itself, of other PIDs where told."""

    cdef ts_demux _demux
    cdef ts_recorder _recorder

    def __cinit__(self, *args, every_section=False, **kwargs):
        c_demux.ts_recorder_init(
            &self._recorder,
            c_demux.TS_RECORD_ALL if every_section else c_demux.TS_RECORD_CHANGES)
        raise_for(c_demux.ts_demux_init(
            &self._demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
            c_demux.ts_recorder_keep, &self._recorder))
        self.stage.process = feed_demux
        self.stage.pending = &self._recorder.record_count
        self.stage.state = &self._demux

    def __dealloc__(self):
        c_demux.ts_demux_free(&self._demux)
        c_demux.ts_recorder_free(&self._recorder)

    def watch(self, uint16_t pid):
        raise_for(c_demux.ts_demux_watch(&self._demux, pid))

    def take_records(self):
        return take_records(&self._recorder)

    @property
    def crc_errors(self):
        return self._recorder.crc_errors


cdef tuple bitrate_range(const c_bitrate.ts_bitrate_range *span):
    return span.least_bps, span.most_bps, span.last_bps, span.windows


cdef list list_occurrences(const c_tr101290.ts_occurrence_list *listed):
    cdef size_t i
    cdef const c_tr101290.ts_occurrence *what
    rows = []
    for i in range(listed.count):
        what = &listed.items[i]
        rows.append((what.indicator, what.packet_index, what.time if what.has_time else None,
                     what.pid, what.table_id, what.table_id_extension, what.seen, what.allowed))
    return rows


cdef tuple timestamp_row(const c_bitrate.ts_timestamps *figures):
    return (figures.pts_count, figures.dts_count, figures.intervals, figures.jumps,
            figures.interval_min, figures.interval_max, figures.interval_sum,
            figures.against_clock, figures.ahead_min, figures.ahead_max, figures.ahead_sum,
            figures.ahead_last, figures.first_pts_90khz, figures.last_pts_90khz)


cdef dict timestamp_rows(const ts_analyzer *analyzer, size_t span):
    cdef size_t i
    cdef uint16_t pid
    rows = {}
    for i in range(analyzer.continuity.active_count):
        pid = analyzer.continuity.active[i]
        if analyzer.timestamps[pid] is not NULL:
            rows[pid] = timestamp_row(&analyzer.timestamps[pid][span])
    return rows


cdef list pcr_pids(const ts_analyzer *analyzer):
    cdef size_t i
    return [analyzer.continuity.active[i] for i in range(analyzer.continuity.active_count)
            if analyzer.pcr[analyzer.continuity.active[i]] is not NULL]


cdef ts_status finish(void *state, ts_batch *batch) noexcept nogil:
    return c_analyze.ts_analyzer_finish(<ts_analyzer *> state)


cdef class AnalyzerStage(Stage):
    """Counts packets, errors, clocks; collects tables."""

    def __cinit__(self, *args, **kwargs):
        raise_for(c_analyze.ts_analyzer_init(&self._analyzer))
        self.stage.process = c_analyze.ts_analyzer_process
        self.stage.finish = finish
        self.stage.pending = &self._analyzer.recorder.record_count
        self.stage.state = &self._analyzer

    def __dealloc__(self):
        c_analyze.ts_analyzer_free(&self._analyzer)

    def watch(self, uint16_t pid):
        raise_for(c_demux.ts_demux_watch(&self._analyzer.demux, pid))

    def take_records(self):
        return take_records(&self._analyzer.recorder)

    def take_events(self, event_type not None):
        """Values of a named tuple of kind, packet_index, pid, detail and offset_bytes."""
        cdef size_t i
        cdef ts_stream_event *event
        taken = []
        make = tuple.__new__
        for i in range(self._taken, self._analyzer.event_count):
            event = &self._analyzer.events[i]
            taken.append(make(event_type, (MARK_NAMES[event.marks], event.packet_index, event.pid,
                                           DETAILS[event.missing], None)))
        self._taken = self._analyzer.event_count
        return taken

    def pids(self):
        cdef size_t i
        cdef uint16_t pid
        cdef ts_pid_counters *counters
        rows = {}
        for i in range(self._analyzer.continuity.active_count):
            pid = self._analyzer.continuity.active[i]
            counters = &self._analyzer.counters[pid]
            rows[pid] = (
                self._analyzer.continuity.pid[pid].packets, counters.continuity_errors,
                counters.duplicates,
                c_analyze.ts_continuity_get_scrambled(&self._analyzer.continuity, pid),
                counters.transport_errors, counters.discontinuities, counters.adaptation_errors)
        return rows

    def clock(self, uint16_t pid):
        return snapshot(self._analyzer.demux.clock[pid]) if pid < TS_PID_COUNT else None

    @property
    def reference_pid(self):
        cdef uint16_t pid = self._analyzer.demux.reference_pid
        return None if self._analyzer.demux.clock[pid] is NULL else pid

    @property
    def packets(self):
        return self._analyzer.packets

    @property
    def arrival_clock(self):
        return ARRIVAL_CLOCKS[self._analyzer.arrival_clock]

    @property
    def section_crc_errors(self):
        return self._analyzer.recorder.crc_errors

    @property
    def dropped_sections(self):
        return self._analyzer.recorder.drops

    @property
    def lost_events(self):
        return self._analyzer.lost_events

    def set_limit(self, size_t limit, int64_t ticks):
        """Before the first packet: a limit in 27 MHz ticks, by its place in the list."""
        if limit >= c_tr101290.TS_LIMIT_COUNT:
            raise IndexError(limit)
        self._analyzer.tr.limit[limit] = ticks

    def set_same_number_gap(self, bint same_number):
        self._analyzer.tr.same_number_gap = same_number

    def model_buffers(self):
        """Before the first packet: the decoder's buffers are modelled too."""
        raise_for(c_analyze.ts_analyzer_model_buffers(&self._analyzer))

    def buffers(self):
        """By PID, what the decoder model was given for it, and its raw figures."""
        cdef size_t i
        cdef uint16_t pid
        cdef const c_buffers.ts_buffer_model *model
        rows = {}
        if self._analyzer.buffers is NULL:
            return rows
        for i in range(self._analyzer.continuity.active_count):
            pid = self._analyzer.continuity.active[i]
            model = c_buffers.ts_buffers_find(self._analyzer.buffers, pid)
            if model is not NULL:
                rows[pid] = (describe_parameters(&model.tstd.params),
                             <object> c_tstd.ts_tstd_get_figures(&model.tstd))
        return rows

    def read_formats(self):
        """Before the first packet: the headers of elementary streams are read too."""
        raise_for(c_analyze.ts_analyzer_read_formats(&self._analyzer))

    def measured_formats(self):
        """By PID, what was read of the elementary streams' headers."""
        cdef size_t pid
        rows = {}
        if self._analyzer.formats is not NULL:
            for pid in range(TS_PID_COUNT):
                if self._analyzer.formats.stream[pid] is not NULL:
                    rows[pid] = read_measured(self._analyzer.formats.stream[pid])
        return rows

    def indicators(self):
        """Of each indicator in order: count, most in a second, time of the last, whether an absence
        goes on."""
        cdef size_t i
        cdef c_tr101290.ts_indicator_state *state
        rows = []
        for i in range(c_tr101290.TS_INDICATOR_COUNT):
            state = &self._analyzer.tr.state[i]
            rows.append((
                state.count, state.peak, state.last_time if state.count else None,
                bool(c_tr101290.ts_tr101290_is_late(&self._analyzer.tr,
                                                    <c_tr101290.ts_indicator> i))))
        return rows

    def occurrences(self):
        """The first ones of each indicator."""
        return list_occurrences(&self._analyzer.tr.occurrences)

    def recent_occurrences(self):
        """The first ones of each indicator in the interval."""
        return list_occurrences(&self._analyzer.tr.recent)

    def recent_peaks(self):
        """Of each indicator in order: the most in one second of the interval."""
        cdef size_t i
        return [self._analyzer.tr.state[i].recent_peak
                for i in range(c_tr101290.TS_INDICATOR_COUNT)]

    def judged(self):
        """Times of the first packet and the last one judged, or None; whether there is DVB SI, and
        whether anything is scrambled."""
        cdef c_tr101290.ts_tr101290 *tr = &self._analyzer.tr
        span = (tr.start, tr.now) if tr.started else None
        return span, bool(tr.has_si), bool(tr.is_scrambled)

    def bitrate_ranges(self):
        """By PID, None for all: least, most, last in bits a second, and how many windows."""
        cdef size_t i
        cdef uint16_t pid
        rows = {None: bitrate_range(&self._analyzer.bitrates.total)}
        for i in range(self._analyzer.continuity.active_count):
            pid = self._analyzer.continuity.active[i]
            rows[pid] = bitrate_range(&self._analyzer.bitrates.pid[pid])
        return rows

    def bitrate_points(self):
        """PIDs of the columns, None for all others; and rows of begin, end (27 MHz) and packets."""
        cdef size_t i, slot
        cdef c_bitrate.ts_bitrate_point *point
        cdef size_t active = self._analyzer.continuity.active_count
        cdef size_t slots = min(active, <size_t> c_bitrate.TS_BITRATE_SLOTS)
        columns = [self._analyzer.continuity.active[i] for i in range(slots)]
        if active >= c_bitrate.TS_BITRATE_SLOTS:
            columns[c_bitrate.TS_BITRATE_SLOTS - 1] = None
        rows = []
        for i in range(self._analyzer.bitrates.point_count):
            point = &self._analyzer.bitrates.points[i]
            rows.append((point.start, point.to, [point.packets[slot] for slot in range(slots)]))
        return columns, rows

    def timestamps(self):
        """By PID, the figures of its PTS and DTS in 90 kHz ticks."""
        return timestamp_rows(&self._analyzer, c_analyze.TS_SPAN_TOTAL)

    def recent_timestamps(self):
        """By PID, those of the interval."""
        return timestamp_rows(&self._analyzer, c_analyze.TS_SPAN_INTERVAL)

    def pcrs(self):
        """By PID, the raw figures of its PCRs."""
        return {pid: figures_of(&self._analyzer.pcr[pid].measure.total)
                for pid in pcr_pids(&self._analyzer)}

    def recent_pcrs(self):
        """By PID, those of the interval."""
        return {pid: figures_of(&self._analyzer.pcr[pid].measure.interval)
                for pid in pcr_pids(&self._analyzer)}

    def set_interval(self, int64_t ticks):
        """Before the first packet: control is wanted at each multiple of so many 27 MHz ticks."""
        c_analyze.ts_analyzer_set_interval(&self._analyzer, ticks)

    def begin_interval(self):
        """What is of the interval begins anew."""
        c_analyze.ts_analyzer_begin_interval(&self._analyzer)

    @property
    def interval_due(self):
        """Whether the stage wants control for the end of an interval."""
        return bool(self._analyzer.interval_due)
