"""A glance at sections: is the CRC right, and which command is it?"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int16_t, int64_t, uint8_t

from tsloom._native.c_scte35 cimport (
    scte35_glance,
    scte35_peek,
    scte35_peek_all,
)

import numpy

from tsloom.errors import UsageError


def peek(bytes data not None):
    """Whether CRC_32 is right, and splice_command_type.

    The type is -1 where it is encrypted, or where the bytes are no whole splice_info_section.
    """
    cdef scte35_glance glance = scte35_peek(<const uint8_t *>PyBytes_AS_STRING(data),
                                            PyBytes_GET_SIZE(data))
    return glance.crc_ok, glance.splice_command_type


def peek_many(sections):
    """`peek` of many sections: a bool array and an int16 array, one element a section."""
    cdef list items = sections if type(sections) is list else list(sections)
    cdef size_t i, count = len(items)
    cdef scte35_glance glance
    cdef bytes data
    crc_ok = numpy.empty(count, dtype=numpy.bool_)
    splice_command_type = numpy.empty(count, dtype=numpy.int16)
    if count == 0:
        return crc_ok, splice_command_type
    cdef uint8_t[::1] good = crc_ok.view(numpy.uint8)
    cdef int16_t[::1] kind = splice_command_type
    for i in range(count):
        data = items[i]
        if data is None:
            raise UsageError("not bytes", index=i)
        glance = scte35_peek(<const uint8_t *>PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
        good[i] = glance.crc_ok
        kind[i] = glance.splice_command_type
    return crc_ok, splice_command_type


def peek_buffer(buffer, offsets):
    """`peek` of sections that lie in one buffer, each from its offset to the next one's.

    Gives a bool array and an int16 array, one element an offset. Bytes after a section are skipped.
    """
    cdef const uint8_t[::1] data = buffer
    cdef const int64_t[::1] begins = numpy.ascontiguousarray(offsets, dtype=numpy.int64)
    cdef size_t size = data.shape[0], count = begins.shape[0]
    crc_ok = numpy.zeros(count, dtype=numpy.bool_)
    splice_command_type = numpy.full(count, -1, dtype=numpy.int16)
    if count == 0 or size == 0:
        return crc_ok, splice_command_type
    cdef uint8_t[::1] good = crc_ok.view(numpy.uint8)
    cdef int16_t[::1] kind = splice_command_type
    with nogil:
        scte35_peek_all(&data[0], size, &begins[0], count, &good[0], &kind[0])
    return crc_ok, splice_command_type
