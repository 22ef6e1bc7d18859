from libc.stdint cimport uint16_t

from tsloom._native.c_tstd cimport ts_tstd

cdef extern from "tsloom/buffers.h" nogil:
    ctypedef struct ts_buffer_model:
        ts_tstd tstd

    ctypedef struct ts_buffers:
        size_t model_count

    const ts_buffer_model *ts_buffers_find(const ts_buffers *buffers, uint16_t pid)
