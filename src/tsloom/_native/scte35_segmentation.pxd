cimport cython
from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport scte35_segmentation, scte35_segmentation_component
from tsloom._native.scte35_value cimport SpliceDescriptor, Value


@cython.final
cdef class SegmentationComponent(Value):
    cdef scte35_segmentation_component _value


@cython.final
cdef class SegmentationUpid(Value):
    cdef readonly unsigned char segmentation_upid_type
    cdef readonly bytes segmentation_upid


@cython.final
@cython.no_gc
cdef class SegmentationDescriptor(SpliceDescriptor):
    cdef scte35_segmentation _value
    cdef readonly bytes segmentation_upid
    cdef readonly tuple components
    cdef int _set_sub_segments(self, object num, object expected) except -1
    cdef int _set_upid(self, object kind, object upid) except -1
    cdef int _set_restrictions(self, object web, object blackout, object archive,
                               object device) except -1
    cdef bint _is_restricted(self) noexcept


cdef SegmentationDescriptor build_segmentation(const uint8_t *data,
                                               const scte35_segmentation *value)
