cimport cython

from tsloom._native.c_scte35 cimport scte35_writer
from tsloom._native.scte35_header cimport SectionHeader
from tsloom._native.scte35_value cimport SpliceCommand


@cython.final
@cython.no_gc
cdef class SpliceInfoSection(SectionHeader):
    cdef bytes _source       # as it came; None for a section made by the caller
    cdef bytes _clear        # the same, decrypted; the parts' offsets refer to it
    cdef bint _is_header_edited
    cdef bint _is_payload_edited
    cdef readonly SpliceCommand splice_command
    cdef readonly tuple splice_descriptors
    cdef readonly tuple diagnostics
    cdef int _set_payload(self, object splice_command, object splice_descriptors) except -1
    cdef bytes _patch(self)
    cdef bytes _compose(self, bint strict, object keys)
    cdef int _write_payload(self, scte35_writer *writer) except -1
    cdef SpliceInfoSection _wire_form(self)
