from libc.stdint cimport int64_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/remux.h" nogil:
    ctypedef enum ts_remux_mode:
        TS_REMUX_CONSTANT
        TS_REMUX_INPUT
        TS_REMUX_VARIABLE

    ctypedef enum ts_remux_overflow:
        TS_REMUX_DROP
        TS_REMUX_DELAY

    ctypedef enum ts_remux_kind:
        TS_REMUX_STARTED
        TS_REMUX_NO_CLOCK
        TS_REMUX_PCR_LATE
        TS_REMUX_REFERENCE
        TS_REMUX_CLOCK_BROKEN
        TS_REMUX_PCR_STEP
        TS_REMUX_DRIFTING
        TS_REMUX_OVERFLOW_BEGAN
        TS_REMUX_OVERFLOW_ENDED
        TS_REMUX_TIME_SKIPPED

    ctypedef struct ts_remux_event:
        ts_remux_kind kind
        uint16_t pid
        uint64_t packet_index
        uint64_t slot
        int64_t value

    ctypedef struct ts_remux_settings:
        ts_remux_mode mode
        ts_remux_overflow overflow
        uint64_t bitrate
        uint16_t program_number
        int64_t max_delay
        int64_t max_hold
        int64_t pcr_interval
        uint64_t psi_leak
        uint64_t si_leak
        size_t max_held
        uint64_t max_fill

    ctypedef struct ts_remux_counters:
        uint64_t packets_in
        uint64_t packets_out
        uint64_t nulls_dropped
        uint64_t nulls_added
        uint64_t dropped
        uint64_t overflows
        uint64_t unplaced
        uint64_t restamped
        uint64_t pcrs_added
        uint64_t repeats_dropped
        uint64_t spaced
        uint64_t crowded
        int64_t longest_delay

    ctypedef struct ts_remux:
        ts_remux_settings settings
        ts_remux_counters counters
        uint16_t clock_pid
        size_t first
        size_t last
        size_t late_count
        ts_remux_event *events
        size_t event_count

    ts_status ts_remux_init(ts_remux *remux, const ts_remux_settings *settings)
    void ts_remux_free(ts_remux *remux)
    void ts_remux_clear_events(ts_remux *remux)
    ts_status ts_remux_process(void *remux, ts_batch *batch)
    ts_status ts_remux_finish(void *remux, ts_batch *batch)
