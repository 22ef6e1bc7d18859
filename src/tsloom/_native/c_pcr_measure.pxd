from libc.stdint cimport int64_t, uint64_t

from tsloom._native.c_clock cimport ts_clock_event

cdef extern from "tsloom/pcr_measure.h" nogil:
    double TS_PCR_MGF1_HZ
    double TS_PCR_MGF2_HZ
    double TS_PCR_MGF3_HZ
    int64_t TS_PCR_NO_ARRIVAL

    enum:
        TS_PCR_WINDOW
        TS_PCR_AC_LIMIT_NS
        TS_PCR_OJ_LIMIT_NS
        TS_PCR_BIN_COUNT

    ctypedef enum ts_pcr_rate:
        TS_PCR_RATE_UNKNOWN
        TS_PCR_RATE_CONSTANT
        TS_PCR_RATE_VARIABLE

    ctypedef enum ts_pcr_kind:
        TS_PCR_ACCURACY
        TS_PCR_OVERALL_JITTER

    ctypedef struct ts_pcr_verdict:
        ts_pcr_kind kind
        bint known
        bint error
        uint64_t packet_index
        double deviation_ns

    ctypedef void (*ts_pcr_sink)(void *context, const ts_pcr_verdict *verdict) noexcept

    ctypedef struct ts_pcr_config:
        double filter_hz
        int64_t ac_limit_ns
        int64_t oj_limit_ns
        int64_t jump_limit_ticks
        ts_pcr_sink sink
        void *context

    ctypedef struct ts_pcr_deviations:
        uint64_t count
        uint64_t errors
        uint64_t worst_index
        double worst
        double min
        double max
        double sum_squares
        uint64_t unjudged

    ctypedef struct ts_pcr_moments:
        uint64_t count

    ctypedef struct ts_pcr_figures:
        uint64_t pcr_count
        uint64_t interval_count
        int64_t interval_min
        int64_t interval_max
        int64_t interval_sum
        uint64_t bins[13]
        uint64_t discontinuities
        uint64_t jumps
        uint64_t restarts
        uint64_t compared_intervals
        uint64_t uneven_intervals
        ts_pcr_deviations accuracy
        ts_pcr_deviations jitter
        ts_pcr_moments moments

    ctypedef struct ts_pcr_frequency:
        double offset_hz
        double offset_variance
        double drift_mhz_per_s
        double drift_variance
        double span_s
        double arrival_drift_ns
        double arrival_drift_min
        double arrival_drift_max

    ctypedef struct ts_pcr_measure:
        ts_pcr_config config
        ts_pcr_figures total
        ts_pcr_figures interval

    void ts_pcr_measure_init(ts_pcr_measure *measure, const ts_pcr_config *config)
    ts_clock_event ts_pcr_measure_feed(ts_pcr_measure *measure, uint64_t packet_index,
                                       uint64_t pcr_27mhz, bint discontinuity_indicator,
                                       int64_t arrival_27mhz)
    void ts_pcr_measure_finish(ts_pcr_measure *measure)
    void ts_pcr_measure_reset_interval(ts_pcr_measure *measure)
    ts_pcr_rate ts_pcr_figures_get_rate(const ts_pcr_figures *figures)
    bint ts_pcr_figures_get_frequency(const ts_pcr_figures *figures, ts_pcr_frequency *frequency)
