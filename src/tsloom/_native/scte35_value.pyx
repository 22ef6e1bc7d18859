"""What the values of splice information have in common.

They hold each other only downwards and never change, so no cycle can come of them: those with
members that the garbage collector would follow say no_gc, and a million sections cost it nothing.
"""

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport uint8_t, uint64_t

from tsloom._native.c_scte35 cimport (
    SCTE35_IDENTIFIER_CUEI,
    scte35_begin_descriptor,
    scte35_finish_descriptor,
    scte35_write_bytes,
    scte35_writer,
)
from tsloom._native.c_status cimport TS_BAD_LENGTH

from tsloom.errors import SectionLengthError, UsageError


cdef uint64_t checked(object value, str field, uint64_t limit) except? 0xFFFFFFFFFFFFFFFF:
    """The number, which must lie between 0 and the limit."""
    if not isinstance(value, int):
        raise UsageError("not a whole number", field=field, value=value)
    if value < 0 or value > limit:
        raise UsageError("does not fit its field", field=field, value=value, limit=limit)
    return value


cdef bint checked_bool(object value, str field) except -1:
    """The flag; text such as "false", which is true to Python, is refused."""
    if value is True or value is False:
        return value
    return checked(value, field, 1)


cdef object checked_type(object value, type of, str field):
    if not isinstance(value, of):
        raise UsageError(f"not a {of.__name__}", field=field, value=value)
    return value


cdef tuple checked_tuple(object values, type of, str field):
    cdef tuple result = tuple(values)
    for value in result:
        checked_type(value, of, field)
    return result


def _rebuild(cls, values):
    return cls(**values)


cdef class Value:
    _fields = ()

    def replace(self, **changes):
        """A copy with some fields changed; the rest is kept."""
        for name in changes:
            if name not in self._fields:
                raise UsageError("no such field", field=name, type=type(self).__name__)
        return type(self)(**{**{name: getattr(self, name) for name in self._fields}, **changes})

    def __replace__(self, **changes):
        return self.replace(**changes)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        for name in self._fields:
            if getattr(self, name) != getattr(other, name):
                return False
        return True

    def __hash__(self):
        return hash((type(self), *[getattr(self, name) for name in self._fields]))

    def __repr__(self):
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in self._fields])
        return f"{type(self).__name__}({shown})"

    def __reduce__(self):
        return _rebuild, (type(self), {name: getattr(self, name) for name in self._fields})


cdef class WireValue(Value):
    cdef void _came_from(self, bytes source, size_t begin, size_t end) noexcept:
        self._source = source
        self._begin = begin
        self._end = end

    cdef int _write(self, scte35_writer *writer) except -1:
        if self._source is not None:
            scte35_write_bytes(writer, <const uint8_t *>PyBytes_AS_STRING(self._source)
                               + self._begin, self._end - self._begin)
            return 0
        return self._write_fields(writer)

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        raise NotImplementedError


cdef class SpliceCommand(WireValue):
    """Base of the splice commands (9.7)."""

    @property
    def splice_command_type(self):
        return self._type

    def to_dict(self):
        return {}


cdef class SpliceDescriptor(WireValue):
    """Base of the splice descriptors (clause 10)."""

    @property
    def splice_descriptor_tag(self):
        return self._tag

    @property
    def identifier(self):
        return SCTE35_IDENTIFIER_CUEI

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        cdef size_t begin = scte35_begin_descriptor(writer, self._tag, self.identifier)
        self._write_body(writer)
        if scte35_finish_descriptor(writer, begin) == TS_BAD_LENGTH:
            raise SectionLengthError("longer than a descriptor can be", field="descriptor_length",
                                     clause="10.2.1", value=writer.size - begin - 2)
        return 0

    cdef int _write_body(self, scte35_writer *writer) except -1:
        raise NotImplementedError

    def to_dict(self):
        return self._begin_dict()

    cdef dict _begin_dict(self):
        return {"splice_descriptor_tag": self._tag, "identifier": SCTE35_IDENTIFIER_CUEI}
