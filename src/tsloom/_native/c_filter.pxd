from libc.stdint cimport uint8_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/filter.h" nogil:
    ctypedef struct ts_filter:
        uint8_t keeps[8192]
        uint64_t dropped

    void ts_filter_init(ts_filter *filter)
    ts_status ts_filter_process(void *filter, ts_batch *batch)

cdef extern from "tsloom/service_filter.h" nogil:
    ctypedef struct ts_service_filter:
        ts_filter filter

    ts_status ts_service_filter_init(ts_service_filter *stage, const uint16_t *program_numbers,
                                     size_t program_count)
    void ts_service_filter_free(ts_service_filter *stage)
    ts_status ts_service_filter_process(void *stage, ts_batch *batch)

cdef extern from "tsloom/pid_remap.h" nogil:
    ctypedef struct ts_pid_remap:
        uint64_t remapped
        uint64_t clashes

    ts_status ts_pid_remap_init(ts_pid_remap *stage)
    void ts_pid_remap_free(ts_pid_remap *stage)
    void ts_pid_remap_set(ts_pid_remap *stage, uint16_t pid, uint16_t target)
    ts_status ts_pid_remap_process(void *stage, ts_batch *batch)
