cimport cython

from tsloom._native.c_scte35 cimport scte35_audio_channel, scte35_descriptor
from tsloom._native.scte35_value cimport SpliceDescriptor, Value


@cython.final
cdef class AudioChannel(Value):
    cdef scte35_audio_channel _value


@cython.final
cdef class AvailDescriptor(SpliceDescriptor):
    cdef readonly unsigned int provider_avail_id


@cython.final
cdef class DtmfDescriptor(SpliceDescriptor):
    cdef readonly unsigned char preroll
    cdef readonly str dtmf_chars


@cython.final
cdef class TimeDescriptor(SpliceDescriptor):
    cdef readonly unsigned long long tai_seconds
    cdef readonly unsigned int tai_ns
    cdef readonly unsigned short utc_offset


@cython.final
@cython.no_gc
cdef class AudioDescriptor(SpliceDescriptor):
    cdef readonly tuple audio


@cython.final
cdef class PrivateDescriptor(SpliceDescriptor):
    cdef unsigned int _identifier
    cdef readonly bytes private_bytes


@cython.final
cdef class UnreadableDescriptor(SpliceDescriptor):
    cdef readonly bytes raw


cdef SpliceDescriptor build_descriptor(bytes source, const scte35_descriptor *found)
