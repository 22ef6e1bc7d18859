from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef extern from "tsloom/bitrate.h" nogil:
    enum:
        TS_BITRATE_SLOTS

    ctypedef struct ts_bitrate_range:
        double least_bps
        double most_bps
        double last_bps
        uint64_t windows

    ctypedef struct ts_bitrate_point:
        int64_t start "from"
        int64_t to
        uint32_t packets[64]

    ctypedef struct ts_bitrates:
        int64_t window_ticks
        uint64_t windows
        ts_bitrate_range total
        ts_bitrate_range pid[8192]
        ts_bitrate_point *points
        size_t point_count

cdef extern from "tsloom/timestamps.h" nogil:
    ctypedef struct ts_timestamps:
        uint64_t pts_count
        uint64_t dts_count
        uint64_t intervals
        uint64_t jumps
        int64_t interval_min
        int64_t interval_max
        int64_t interval_sum
        uint64_t against_clock
        int64_t ahead_min
        int64_t ahead_max
        int64_t ahead_sum
        int64_t ahead_last
        uint64_t first_pts_90khz
        uint64_t last_pts_90khz
