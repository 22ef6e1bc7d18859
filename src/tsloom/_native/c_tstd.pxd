from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/tstd.h" nogil:
    int64_t TS_TSTD_NO_TIME

    enum:
        TS_TSTD_ASSUMED_LEVEL
        TS_TSTD_ASSUMED_BUFFER
        TS_TSTD_ASSUMED_RATE
        TS_TSTD_ASSUMED_CHANNELS
        TS_TSTD_ASSUMED_CODEC

    ctypedef enum ts_tstd_kind:
        TS_TSTD_VIDEO
        TS_TSTD_AUDIO
        TS_TSTD_SYSTEMS

    ctypedef enum ts_tstd_buffer:
        TS_TSTD_TB
        TS_TSTD_MB
        TS_TSTD_EB
        TS_TSTD_BUFFER_COUNT

    ctypedef enum ts_tstd_codec:
        TS_TSTD_MPEG1_VIDEO
        TS_TSTD_MPEG2_VIDEO
        TS_TSTD_AVC
        TS_TSTD_HEVC
        TS_TSTD_MPEG_AUDIO
        TS_TSTD_AAC
        TS_TSTD_AC3
        TS_TSTD_EAC3
        TS_TSTD_DTS
        TS_TSTD_PRIVATE
        TS_TSTD_SECTIONS

    ctypedef struct ts_tstd_stream:
        ts_tstd_codec codec
        uint8_t profile
        uint8_t level
        bint high_tier
        bint still
        uint16_t channels
        uint32_t bitrate_bps
        uint32_t buffer_bits

    ctypedef struct ts_tstd_params:
        ts_tstd_kind kind
        uint32_t size[3]
        uint32_t rx_bps
        uint32_t rbx_bps
        int64_t delay_limit
        unsigned assumed

    ctypedef enum ts_tstd_event_kind:
        TS_TSTD_OVERFLOW
        TS_TSTD_NOT_EMPTY
        TS_TSTD_DELAY
        TS_TSTD_UNDERFLOW

    ctypedef struct ts_tstd_event:
        ts_tstd_event_kind kind
        ts_tstd_buffer buffer
        uint64_t packet_index
        int64_t time
        int64_t amount
        int64_t limit

    ctypedef void (*ts_tstd_sink)(void *context, const ts_tstd_event *event) noexcept

    ctypedef struct ts_tstd_unit_start:
        size_t offset
        int64_t decode_time

    ctypedef struct ts_tstd_packet:
        uint64_t packet_index
        int64_t time
        int64_t duration
        uint8_t header_size
        uint8_t data_size
        const ts_tstd_unit_start *units
        size_t unit_count

    ctypedef struct ts_tstd_figures:
        uint64_t packets
        uint64_t units
        uint64_t overflows[3]
        uint64_t overflow_packets[3]
        uint64_t not_empty[3]
        uint64_t delays
        uint64_t underflows
        uint64_t units_dropped
        int64_t max_fill[3]
        int64_t max_delay

    ctypedef struct ts_tstd:
        ts_tstd_params params

    ts_tstd_params ts_tstd_get_params(const ts_tstd_stream *stream)
    ts_status ts_tstd_init(ts_tstd *tstd, const ts_tstd_params *params, ts_tstd_sink sink,
                           void *context)
    void ts_tstd_feed(ts_tstd *tstd, const ts_tstd_packet *packet)
    void ts_tstd_advance(ts_tstd *tstd, int64_t time)
    void ts_tstd_restart(ts_tstd *tstd)
    ts_tstd_figures ts_tstd_get_figures(const ts_tstd *tstd)
    int64_t ts_tstd_get_fill(const ts_tstd *tstd, ts_tstd_buffer buffer)
