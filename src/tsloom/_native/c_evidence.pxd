from libc.stdint cimport uint8_t, uint32_t, uint64_t

from tsloom._native.c_analyze cimport ts_analyzer
from tsloom._native.c_arrival cimport ts_arrivals
from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/evidence.h" nogil:
    ctypedef struct ts_collector:
        uint8_t *bytes
        size_t size
        uint64_t packets

    ts_status ts_collector_init(ts_collector *collector)
    void ts_collector_free(ts_collector *collector)
    ts_status ts_collector_take(ts_collector *collector, const ts_batch *batch,
                                const uint32_t *timestamp)
    ts_status ts_evidence_replay(ts_analyzer *analyzer, const uint8_t *bytes, size_t size,
                                 size_t *offset, ts_arrivals *arrivals,
                                 ts_batch *batch)
