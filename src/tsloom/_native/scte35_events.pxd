cimport cython
from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    scte35_component,
    scte35_event,
    scte35_event_component,
    scte35_writer,
)
from tsloom._native.scte35_times cimport BreakDuration, SpliceTime
from tsloom._native.scte35_value cimport Value


@cython.final
@cython.no_gc
cdef class SpliceInsertComponent(Value):
    cdef scte35_component _value
    cdef readonly SpliceTime splice_time


@cython.final
cdef class SpliceScheduleComponent(Value):
    cdef scte35_event_component _value


@cython.final
@cython.no_gc
cdef class SpliceScheduleEvent(Value):
    cdef scte35_event _value
    cdef readonly BreakDuration break_duration
    cdef readonly tuple components
    cdef int write(self, scte35_writer *writer) except -1


cdef int set_event(scte35_event *value, object splice_event_id, object cancel,
                   object compliance, object out_of_network_indicator,
                   BreakDuration break_duration, tuple components, object unique_program_id,
                   object avail_num, object avails_expected) except -1
cdef dict event_to_dict(const scte35_event *value, list times, BreakDuration break_duration,
                        dict shown)
cdef SpliceScheduleEvent build_event(const uint8_t *data, size_t *offset)
