from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_arrival_clock, ts_batch
from tsloom._native.c_bitrate cimport ts_bitrates, ts_timestamps
from tsloom._native.c_buffers cimport ts_buffers
from tsloom._native.c_demux cimport ts_demux, ts_recorder
from tsloom._native.c_elementary cimport ts_elementary_stage
from tsloom._native.c_pcr_measure cimport ts_pcr_measure
from tsloom._native.c_status cimport ts_status
from tsloom._native.c_tr101290 cimport ts_timeline, ts_tr101290

cdef extern from "tsloom/continuity.h" nogil:
    enum:
        TS_MARK_CONTINUITY_ERROR
        TS_MARK_DISCONTINUITY
        TS_MARK_TRANSPORT_ERROR

    ctypedef struct ts_pid_state:
        uint64_t packets

    ctypedef struct ts_continuity:
        ts_pid_state pid[8192]
        uint16_t active[8192]
        size_t active_count

    uint64_t ts_continuity_get_scrambled(const ts_continuity *continuity, uint16_t pid)

    ctypedef struct ts_continuity_repair:
        uint64_t repaired

    ctypedef struct ts_continuity_count:
        uint64_t errors
        uint64_t transport_errors

    ts_status ts_continuity_count_init(ts_continuity_count *count)
    void ts_continuity_count_free(ts_continuity_count *count)
    ts_status ts_continuity_count_process(void *count, ts_batch *batch)
    ts_status ts_continuity_repair_init(ts_continuity_repair *repair)
    void ts_continuity_repair_free(ts_continuity_repair *repair)
    void ts_continuity_repair_enable(ts_continuity_repair *repair, uint16_t pid)
    ts_status ts_continuity_repair_process(void *repair, ts_batch *batch)

cdef extern from "tsloom/analyze.h" nogil:
    ctypedef struct ts_pid_counters:
        uint64_t continuity_errors
        uint64_t duplicates
        uint64_t transport_errors
        uint64_t discontinuities
        uint64_t adaptation_errors

    ctypedef struct ts_stream_event:
        uint64_t packet_index
        uint16_t pid
        uint16_t marks
        uint8_t missing

    enum:
        TS_SPAN_TOTAL
        TS_SPAN_INTERVAL

    ctypedef struct ts_measured_pcr:
        ts_pcr_measure measure

    ctypedef struct ts_analyzer:
        ts_continuity continuity
        ts_demux demux
        ts_recorder recorder
        ts_timeline timeline
        ts_tr101290 tr
        ts_bitrates bitrates
        ts_buffers *buffers
        ts_elementary_stage *formats
        ts_measured_pcr *pcr[8192]
        ts_timestamps *timestamps[8192]
        ts_pid_counters counters[8192]
        uint64_t packets
        ts_arrival_clock arrival_clock
        ts_stream_event events[4096]
        size_t event_count
        uint64_t lost_events
        bint interval_due

    ts_status ts_analyzer_init(ts_analyzer *analyzer)
    ts_status ts_analyzer_model_buffers(ts_analyzer *analyzer)
    ts_status ts_analyzer_read_formats(ts_analyzer *analyzer)
    void ts_analyzer_set_interval(ts_analyzer *analyzer, int64_t ticks)
    void ts_analyzer_begin_interval(ts_analyzer *analyzer)
    void ts_analyzer_free(ts_analyzer *analyzer)
    ts_status ts_analyzer_process(void *analyzer, ts_batch *batch)
    ts_status ts_analyzer_finish(ts_analyzer *analyzer)
