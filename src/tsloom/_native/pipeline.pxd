from tsloom._native.c_stage cimport ts_stage
from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_status cimport ts_status


cdef class Stage:
    cdef ts_stage stage
    cdef readonly object lock


cdef raise_for(ts_status status)
