from libc.stdint cimport uint8_t, uint64_t

from tsloom._native.c_scte35 cimport scte35_writer


cdef class Value:
    """Frozen, compared, hashed, shown and copied by the names in _fields."""


cdef class WireValue(Value):
    # The bytes that a parsed value was read from: they are written again as they came, reserved
    # bits, surplus bytes and all. A value made by the caller has none.
    cdef bytes _source
    cdef size_t _begin
    cdef size_t _end
    cdef void _came_from(self, bytes source, size_t begin, size_t end) noexcept
    cdef int _write(self, scte35_writer *writer) except -1
    cdef int _write_fields(self, scte35_writer *writer) except -1


cdef class SpliceCommand(WireValue):
    cdef uint8_t _type


cdef class SpliceDescriptor(WireValue):
    cdef uint8_t _tag
    cdef int _write_body(self, scte35_writer *writer) except -1
    cdef dict _begin_dict(self)


cdef uint64_t checked(object value, str field, uint64_t limit) except? 0xFFFFFFFFFFFFFFFF
cdef bint checked_bool(object value, str field) except -1
cdef tuple checked_tuple(object values, type of, str field)
cdef object checked_type(object value, type of, str field)
