cimport cython

from tsloom._native.c_scte35 cimport scte35_section
from tsloom._native.scte35_value cimport Value


@cython.no_gc
cdef class SectionHeader(Value):
    cdef scte35_section _value
    cdef int _set_header(self, dict fields) except -1
