from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/stage.h" nogil:
    ctypedef struct ts_stage:
        ts_status (*process)(void *state, ts_batch *batch) noexcept nogil
        ts_status (*finish)(void *state, ts_batch *batch) noexcept nogil
        const size_t *pending
        void *state

    ts_status ts_stages_run(const ts_stage *stages, size_t count, size_t *at, ts_batch *batch)
