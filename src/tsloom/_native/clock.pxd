from tsloom._native.c_clock cimport ts_clock


cdef class ProgramClock:
    cdef ts_clock _clock


cdef ProgramClock snapshot(const ts_clock *clock)
