from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/packet.h" nogil:
    enum:
        TS_PACKET_SIZE
        TS_PID_COUNT
        TS_PID_NULL

cdef extern from "tsloom/batch.h" nogil:
    const int64_t TS_NO_ARRIVAL

    ctypedef enum ts_arrival_clock:
        TS_ARRIVAL_UNKNOWN
        TS_ARRIVAL_M2TS
        TS_ARRIVAL_RECEIVED

    ctypedef struct ts_batch:
        uint8_t *packets
        uint32_t *header
        uint32_t *position
        size_t count
        size_t capacity
        uint64_t first_index
        size_t added_count
        const int64_t *arrival
        uint64_t arrival_first
        size_t arrival_count
        ts_arrival_clock arrival_clock

    void ts_batch_init(ts_batch *batch)
    ts_status ts_batch_reserve(ts_batch *batch, size_t capacity)
    void ts_batch_free(ts_batch *batch)
    ts_status ts_batch_settle(ts_batch *batch)
    void ts_batch_copy(const ts_batch *batch, uint8_t *packets, uint32_t *header,
                       uint32_t *position)
    void ts_batch_clear(ts_batch *batch)
    void ts_batch_number(ts_batch *batch)
    void ts_batch_set_arrival(ts_batch *batch, ts_arrival_clock clock, const int64_t *arrival,
                              size_t count)
    int64_t ts_batch_get_arrival(const ts_batch *batch, uint64_t packet_index)
    ts_status ts_batch_scan(ts_batch *batch, size_t *bad_index)
    size_t ts_scan_headers(const uint8_t *packets, size_t count, uint32_t *header)
    void ts_scan_pids(const uint32_t *header, size_t count, uint16_t *pid)
    void ts_scan_field(const uint32_t *header, size_t count, unsigned shift, uint32_t mask,
                       uint8_t *field)
    size_t ts_scan_pcrs(const uint8_t *packets, const uint32_t *header, size_t count,
                        uint32_t *index, uint64_t *pcr_27mhz)
    size_t ts_scan_opcrs(const uint8_t *packets, const uint32_t *header, size_t count,
                         uint32_t *index, uint64_t *opcr_27mhz)
