cimport cython
from libc.stdint cimport uint32_t

from tsloom._native.c_scte35 cimport scte35_issues
from tsloom._native.c_status cimport ts_status
from tsloom._native.scte35_value cimport Value


@cython.final
cdef class Diagnostic(Value):
    cdef readonly str name
    cdef readonly str field
    cdef readonly str clause
    cdef readonly str text
    cdef readonly uint32_t offset_bytes
    cdef readonly uint32_t value
    cdef readonly bint is_error
    cdef ts_status _status


cdef tuple build_diagnostics(const scte35_issues *issues)
cdef int raise_first_error(const scte35_issues *issues) except -1
