from libc.stdint cimport uint32_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/input_switch.h" nogil:
    ctypedef struct ts_switch_mark:
        uint64_t packet_index
        uint32_t psi_every

    ctypedef struct ts_input_switch:
        uint32_t epoch
        uint64_t withheld
        uint64_t announced
        uint64_t raised

    ts_status ts_input_switch_init(ts_input_switch *stage)
    void ts_input_switch_free(ts_input_switch *stage)
    ts_status ts_input_switch_mark(ts_input_switch *stage, ts_switch_mark mark)
    ts_status ts_input_switch_process(void *stage, ts_batch *batch)
