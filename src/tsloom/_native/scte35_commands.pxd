cimport cython

from tsloom._native.c_scte35 cimport scte35_event, scte35_section
from tsloom._native.scte35_times cimport BreakDuration, SpliceTime
from tsloom._native.scte35_value cimport SpliceCommand


@cython.final
cdef class SpliceNull(SpliceCommand):
    pass


@cython.final
cdef class BandwidthReservation(SpliceCommand):
    pass


@cython.final
@cython.no_gc
cdef class SpliceInsert(SpliceCommand):
    cdef scte35_event _value
    cdef readonly SpliceTime splice_time
    cdef readonly BreakDuration break_duration
    cdef readonly tuple components
    cdef bint _check_immediate(self, object wanted) except -1


@cython.final
@cython.no_gc
cdef class SpliceSchedule(SpliceCommand):
    cdef readonly tuple events


@cython.final
@cython.no_gc
cdef class TimeSignal(SpliceCommand):
    cdef readonly SpliceTime splice_time


@cython.final
cdef class PrivateCommand(SpliceCommand):
    cdef readonly unsigned int identifier
    cdef readonly bytes private_bytes


@cython.final
cdef class ReservedCommand(SpliceCommand):
    cdef readonly bytes command_bytes


cdef SpliceCommand build_command(bytes source, const scte35_section *section)
