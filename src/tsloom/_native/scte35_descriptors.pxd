from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    scte35_audio_channel,
    scte35_descriptor,
    scte35_segmentation,
    scte35_segmentation_component,
    scte35_writer,
)
from tsloom._native.scte35_value cimport Value, WireValue


cdef class SegmentationComponent(Value):
    cdef scte35_segmentation_component _value


cdef class SegmentationUpid(Value):
    cdef readonly unsigned char segmentation_upid_type
    cdef readonly bytes segmentation_upid


cdef class AudioChannel(Value):
    cdef scte35_audio_channel _value


cdef class SpliceDescriptor(WireValue):
    cdef uint8_t _tag
    cdef int _write_body(self, scte35_writer *writer) except -1
    cdef dict _begin_dict(self)


cdef class AvailDescriptor(SpliceDescriptor):
    cdef readonly unsigned int provider_avail_id


cdef class DtmfDescriptor(SpliceDescriptor):
    cdef readonly unsigned char preroll
    cdef readonly str dtmf_chars


cdef class SegmentationDescriptor(SpliceDescriptor):
    cdef scte35_segmentation _value
    cdef readonly bytes segmentation_upid
    cdef readonly tuple components
    cdef int _set_sub_segments(self, object num, object expected) except -1
    cdef int _set_upid(self, object kind, object upid) except -1
    cdef int _set_restrictions(self, object web, object blackout, object archive,
                               object device) except -1
    cdef bint _is_restricted(self) noexcept


cdef class TimeDescriptor(SpliceDescriptor):
    cdef readonly unsigned long long tai_seconds
    cdef readonly unsigned int tai_ns
    cdef readonly unsigned short utc_offset


cdef class AudioDescriptor(SpliceDescriptor):
    cdef readonly tuple audio


cdef class PrivateDescriptor(SpliceDescriptor):
    cdef unsigned int _identifier
    cdef readonly bytes private_bytes


cdef class UnreadableDescriptor(SpliceDescriptor):
    cdef readonly bytes raw


cdef SpliceDescriptor build_descriptor(bytes source, const scte35_descriptor *found)
