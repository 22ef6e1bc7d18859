"""What tsloom/pace.h and tsloom/udp_paced.h declare."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from tsloom._native.c_udp cimport ts_udp_sender


cdef extern from "<stdbool.h>" nogil:
    ctypedef bint c_bool "bool"


cdef extern from "tsloom/pace.h" nogil:
    const int TS_PACE_BUCKETS
    const uint64_t TS_PACE_BITRATE_MAX

    ctypedef struct ts_pace_counters:
        uint64_t timed
        uint64_t untimed
        uint64_t late_anchors
        uint64_t leaps
        uint64_t discontinuities
        uint64_t pid_changes
        int64_t late_max_ns
        int64_t early_max_ns
        uint64_t *error_us

    ctypedef struct ts_pace:
        uint16_t pcr_pid
        bint has_pid
        ts_pace_counters counters


cdef extern from "tsloom/udp_paced.h" nogil:
    ctypedef struct ts_udp_paced:
        ts_pace pace

    int ts_udp_paced_init(ts_udp_paced *paced, uint64_t bitrate_bps)
    void ts_udp_paced_free(ts_udp_paced *paced)
    int ts_udp_paced_send(ts_udp_paced *paced, ts_udp_sender *sender, const uint8_t *packets,
                          size_t size, int64_t slice_ns, size_t *taken)
    int ts_udp_paced_flush(ts_udp_paced *paced, ts_udp_sender *sender, int64_t slice_ns,
                           c_bool *done)
