from tsloom._native.c_stage cimport ts_stage


cdef class Stage:
    cdef ts_stage stage
    cdef readonly object lock
