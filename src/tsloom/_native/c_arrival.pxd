from libc.stdint cimport int64_t, uint8_t, uint32_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status
from tsloom._native.c_sync cimport ts_sync_result

cdef extern from "tsloom/arrival.h" nogil:
    ctypedef struct ts_datagram:
        uint32_t offset
        uint32_t size
        int64_t arrival_ns

    ctypedef struct ts_arrivals:
        uint32_t *timestamp
        uint32_t *offset
        size_t span_count

    void ts_arrivals_init(ts_arrivals *arrivals)
    void ts_arrivals_free(ts_arrivals *arrivals)
    ts_status ts_arrivals_reserve(ts_arrivals *arrivals, size_t capacity)
    ts_status ts_arrivals_add(ts_arrivals *arrivals, size_t rest, const ts_datagram *datagrams,
                              size_t count)
    bint ts_datagrams_end_whole(const uint8_t *bytes, const ts_datagram *datagrams, size_t count)
    void ts_arrivals_settle(ts_arrivals *arrivals, const ts_sync_result *result, ts_batch *batch)
    void ts_arrivals_unwrap(ts_arrivals *arrivals, const uint32_t *timestamp, size_t count,
                            int64_t *time)
