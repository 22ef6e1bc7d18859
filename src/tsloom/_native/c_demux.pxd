from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_clock cimport ts_clock
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/demux.h" nogil:
    enum:
        TS_ROLE_PAT
        TS_ROLE_PMT
        TS_ROLE_CUES
        TS_ROLE_SECTIONS
        TS_FOLLOW_PROGRAMS
        TS_FOLLOW_CUES
        TS_FOLLOW_CLOCKS

    ctypedef struct ts_demux_section:
        pass

    ctypedef ts_status (*ts_demux_hook)(void *context,
                                        const ts_demux_section *section) noexcept nogil

    ctypedef struct ts_demux:
        ts_clock *clock[8192]
        uint16_t clock_pid[8192]
        uint16_t reference_pid

    ts_status ts_demux_init(ts_demux *demux, unsigned follow, ts_demux_hook hook, void *context)
    void ts_demux_free(ts_demux *demux)
    ts_status ts_demux_watch(ts_demux *demux, uint16_t pid)
    ts_status ts_demux_feed(ts_demux *demux, const ts_batch *batch, size_t start)

cdef extern from "tsloom/recorder.h" nogil:
    ctypedef enum ts_record_policy:
        TS_RECORD_CHANGES
        TS_RECORD_ALL

    ctypedef struct ts_section_record:
        uint64_t first_packet
        uint64_t last_packet
        int64_t stream_time
        uint64_t pts_90khz
        size_t offset
        size_t size
        uint16_t pid
        uint8_t role
        uint8_t reason
        bint crc_ok
        bint is_new
        bint has_time

    ctypedef struct ts_recorder:
        ts_section_record *records
        size_t record_count
        uint8_t *bytes
        uint64_t sections
        uint64_t crc_errors
        uint64_t drops

    void ts_recorder_init(ts_recorder *recorder, ts_record_policy policy)
    void ts_recorder_free(ts_recorder *recorder)
    void ts_recorder_clear(ts_recorder *recorder)
    ts_status ts_recorder_keep(void *recorder, const ts_demux_section *section)
