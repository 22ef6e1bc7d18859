cimport cython

from tsloom._native.c_scte35 cimport scte35_break_duration, scte35_event, scte35_splice_time
from tsloom._native.scte35_value cimport Value


@cython.final
cdef class SpliceTime(Value):
    cdef scte35_splice_time _value


@cython.final
cdef class BreakDuration(Value):
    cdef scte35_break_duration _value


cdef SpliceTime build_splice_time(const scte35_splice_time *value)
cdef BreakDuration build_break_duration(const scte35_event *event)
