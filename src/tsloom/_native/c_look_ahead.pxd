from libc.stdint cimport int64_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_clock cimport ts_clock
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/look_ahead.h" nogil:
    ctypedef struct ts_look_ahead:
        int64_t delay
        size_t max_packets
        size_t count
        uint64_t early_packets
        const ts_clock *clock

    ts_status ts_look_ahead_init(ts_look_ahead *stage, uint16_t program_number, int64_t delay,
                                 size_t max_packets)
    void ts_look_ahead_free(ts_look_ahead *stage)
    int64_t ts_look_ahead_get_held(const ts_look_ahead *stage)
    ts_status ts_look_ahead_process(void *stage, ts_batch *batch)
    ts_status ts_look_ahead_finish(void *stage, ts_batch *batch)
