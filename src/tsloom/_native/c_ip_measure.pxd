from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef extern from "tsloom/ip_measure.h" nogil:
    enum:
        TS_IP_BIN_COUNT
    const int64_t TS_IP_INTERVAL_NS

    ctypedef struct ts_ip_point:
        int64_t start_ns
        uint32_t intervals
        uint32_t measured
        double delay_factor_s
        uint64_t lost
        uint64_t bytes

    ctypedef struct ts_ip_measure:
        uint64_t datagrams
        uint64_t bytes
        uint64_t lost
        uint64_t gaps
        uint64_t bins[17]
        int64_t gap_min_ns
        int64_t gap_max_ns
        double gap_sum_ns
        uint64_t breaks
        uint64_t delay_count
        double delay_min_s
        double delay_max_s
        double delay_sum_s
        double delay_last_s
        uint64_t loss_intervals
        uint64_t loss_max
        uint64_t intervals
        ts_ip_point points[1024]
        size_t point_count

    void ts_ip_measure_init(ts_ip_measure *measure)
    void ts_ip_measure_see(ts_ip_measure *measure, int64_t arrival_ns, uint32_t size,
                           uint64_t lost)
    int64_t ts_ip_bin_edge_ns(size_t bin)
