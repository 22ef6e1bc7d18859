from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    scte35_break_duration,
    scte35_component,
    scte35_event,
    scte35_event_component,
    scte35_section,
    scte35_splice_time,
    scte35_writer,
)
from tsloom._native.scte35_value cimport Value, WireValue


cdef class SpliceTime(Value):
    cdef scte35_splice_time _value


cdef class BreakDuration(Value):
    cdef scte35_break_duration _value


cdef class SpliceInsertComponent(Value):
    cdef scte35_component _value
    cdef readonly SpliceTime splice_time


cdef class SpliceScheduleComponent(Value):
    cdef scte35_event_component _value


cdef class SpliceCommand(WireValue):
    cdef uint8_t _type


cdef class SpliceNull(SpliceCommand):
    pass


cdef class BandwidthReservation(SpliceCommand):
    pass


cdef class SpliceInsert(SpliceCommand):
    cdef scte35_event _value
    cdef readonly SpliceTime splice_time
    cdef readonly BreakDuration break_duration
    cdef readonly tuple components
    cdef bint _check_immediate(self, object wanted) except -1


cdef class SpliceScheduleEvent(Value):
    cdef scte35_event _value
    cdef readonly BreakDuration break_duration
    cdef readonly tuple components
    cdef int write(self, scte35_writer *writer) except -1


cdef class SpliceSchedule(SpliceCommand):
    cdef readonly tuple events


cdef class TimeSignal(SpliceCommand):
    cdef readonly SpliceTime splice_time


cdef class PrivateCommand(SpliceCommand):
    cdef readonly unsigned int identifier
    cdef readonly bytes private_bytes


cdef class ReservedCommand(SpliceCommand):
    cdef readonly bytes command_bytes


cdef SpliceCommand build_command(bytes source, const scte35_section *section)
