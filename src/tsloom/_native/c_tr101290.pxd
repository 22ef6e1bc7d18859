from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_clock cimport ts_clock

cdef extern from "tsloom/timeline.h" nogil:
    ctypedef struct ts_timeline:
        ts_clock clock
        uint16_t reference_pid
        bint measured
        uint64_t switches

    int64_t ts_timeline_get_time(const ts_timeline *timeline, uint64_t packet_index)

cdef extern from "tsloom/tr101290.h" nogil:
    enum:
        TS_INDICATOR_COUNT
        TS_LIMIT_COUNT

    ctypedef enum ts_indicator:
        TS_SYNC_LOSS

    ctypedef struct ts_occurrence:
        uint64_t packet_index
        int64_t time
        int64_t seen
        int64_t allowed
        uint16_t pid
        uint16_t table_id_extension
        uint8_t table_id
        uint8_t indicator
        bint has_time

    ctypedef struct ts_indicator_state:
        uint64_t count
        int64_t last_time
        uint64_t peak
        uint64_t recent_peak

    ctypedef struct ts_occurrence_list:
        ts_occurrence *items
        size_t count

    ctypedef struct ts_tr101290:
        int64_t limit[64]
        bint same_number_gap
        ts_indicator_state state[64]
        ts_occurrence_list occurrences
        ts_occurrence_list recent
        int64_t now
        int64_t start
        bint started
        bint has_si
        bint is_scrambled

    bint ts_tr101290_is_late(const ts_tr101290 *tr, ts_indicator indicator)
