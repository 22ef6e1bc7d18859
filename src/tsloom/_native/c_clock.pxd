from libc.stdint cimport int64_t, uint64_t

cdef extern from "tsloom/clock.h" nogil:
    ctypedef enum ts_clock_event:
        TS_CLOCK_STARTED
        TS_CLOCK_CONTINUED
        TS_CLOCK_DISCONTINUITY
        TS_CLOCK_JUMPED

    ctypedef struct ts_clock:
        uint64_t pcr_27mhz
        uint64_t packet_index
        int64_t stream_time
        int64_t rate_ticks
        uint64_t rate_packets
        int64_t joined_ticks
        uint64_t joined_packets
        int64_t jump_limit_ticks
        uint64_t pcr_count
        uint64_t discontinuities
        uint64_t jumps
        bint started

    void ts_clock_init(ts_clock *clock, int64_t jump_limit_ticks)
    ts_clock_event ts_clock_feed(ts_clock *clock, uint64_t packet_index, uint64_t pcr_27mhz,
                                 bint discontinuity_indicator)
    int64_t ts_clock_get_time(const ts_clock *clock, uint64_t packet_index)
    uint64_t ts_clock_time_to_pcr(const ts_clock *clock, int64_t stream_time)
    uint64_t ts_clock_time_to_pts(const ts_clock *clock, int64_t stream_time)
    int64_t ts_clock_pts_to_time(const ts_clock *clock, uint64_t pts_90khz)
