from libc.stdint cimport int64_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/random_access.h" nogil:
    ctypedef enum ts_random_access_kind:
        TS_RANDOM_ACCESS_INDICATOR
        TS_RANDOM_ACCESS_I_PICTURE
        TS_RANDOM_ACCESS_IDR
        TS_RANDOM_ACCESS_RECOVERY_POINT
        TS_RANDOM_ACCESS_BLA_W_LP
        TS_RANDOM_ACCESS_BLA_W_RADL
        TS_RANDOM_ACCESS_BLA_N_LP
        TS_RANDOM_ACCESS_IDR_W_RADL
        TS_RANDOM_ACCESS_IDR_N_LP
        TS_RANDOM_ACCESS_CRA

    ctypedef struct ts_random_access_point:
        ts_random_access_kind kind
        uint16_t program_number
        uint16_t pid
        bint has_time
        bint has_pts
        bint has_sequence_header
        bint random_access_indicator
        uint64_t packet_index
        int64_t stream_time
        uint64_t pts_90khz
        int64_t presentation_time

    ctypedef struct ts_random_access:
        ts_random_access_point *points
        size_t point_count

    ts_status ts_random_access_init(ts_random_access *stage, uint16_t program_number)
    void ts_random_access_free(ts_random_access *stage)
    void ts_random_access_clear_points(ts_random_access *stage)
    ts_status ts_random_access_process(void *stage, ts_batch *batch)
