"""Splice descriptors as values: ANSI/SCTE 35 2023r1, clause 10."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from tsloom._native.c_scte35 cimport (
    SCTE35_AUDIO_DESCRIPTOR,
    SCTE35_AVAIL_DESCRIPTOR,
    SCTE35_DTMF_DESCRIPTOR,
    SCTE35_KIND_AUDIO,
    SCTE35_KIND_AVAIL,
    SCTE35_KIND_DTMF,
    SCTE35_KIND_PRIVATE,
    SCTE35_KIND_SEGMENTATION,
    SCTE35_KIND_TIME,
    SCTE35_SECTION_SIZE_MAX,
    SCTE35_TIME_DESCRIPTOR,
    scte35_descriptor,
    scte35_issues,
    scte35_next_descriptor,
    scte35_read_audio_channel,
    scte35_write_audio_channel,
    scte35_write_audio_head,
    scte35_write_bytes,
    scte35_write_dtmf,
    scte35_write_time,
    scte35_write_u32,
    scte35_write_u8,
    scte35_writer,
    scte35_writer_init,
)
from tsloom._native.scte35_segmentation cimport build_segmentation
from tsloom._native.scte35_value cimport (
    SpliceDescriptor,
    Value,
    checked,
    checked_bool,
    checked_tuple,
)

from tsloom.errors import SectionLengthError, UsageError

cdef enum:
    U8 = 0xFF
    U16 = 0xFFFF
    U32 = 0xFFFFFFFF
    U48 = 0xFFFFFFFFFFFF


@cython.final
cdef class AudioChannel(Value):
    """One channel of an audio_descriptor(); component_tag 0xFF means the order of the PMT."""

    _fields = (
        "component_tag", "iso_code", "bit_stream_mode", "num_channels", "full_srvc_audio",
    )
    __match_args__ = _fields

    def __init__(self, component_tag, iso_code, bit_stream_mode, num_channels, full_srvc_audio):
        cdef bytes code = iso_code.encode("latin-1")
        if len(code) != 3:
            raise UsageError("not three characters", field="ISO_code", value=iso_code)
        memcpy(self._value.iso_code, PyBytes_AS_STRING(code), 3)
        self._value.component_tag = checked(component_tag, "component_tag", U8)
        self._value.bit_stream_mode = checked(bit_stream_mode, "Bit_Stream_Mode", 7)
        self._value.num_channels = checked(num_channels, "Num_Channels", 15)
        self._value.full_srvc_audio = checked_bool(full_srvc_audio, "Full_Srvc_Audio")

    @property
    def component_tag(self):
        return self._value.component_tag

    @property
    def iso_code(self):
        return PyBytes_FromStringAndSize(<const char *>self._value.iso_code, 3).decode("latin-1")

    @property
    def bit_stream_mode(self):
        return self._value.bit_stream_mode

    @property
    def num_channels(self):
        return self._value.num_channels

    @property
    def full_srvc_audio(self):
        return self._value.full_srvc_audio

    def to_dict(self):
        return {
            "component_tag": self._value.component_tag,
            "ISO_code": self.iso_code,
            "Bit_Stream_Mode": self._value.bit_stream_mode,
            "Num_Channels": self._value.num_channels,
            "Full_Srvc_Audio": self._value.full_srvc_audio,
        }


@cython.final
cdef class AvailDescriptor(SpliceDescriptor):
    """avail_descriptor(), 10.3.1."""

    _fields = ("provider_avail_id",)
    __match_args__ = _fields

    def __cinit__(self):
        self._tag = SCTE35_AVAIL_DESCRIPTOR

    def __init__(self, provider_avail_id):
        self.provider_avail_id = checked(provider_avail_id, "provider_avail_id", U32)

    cdef int _write_body(self, scte35_writer *writer) except -1:
        scte35_write_u32(writer, self.provider_avail_id)
        return 0

    def to_dict(self):
        shown = self._begin_dict()
        shown["provider_avail_id"] = self.provider_avail_id
        return shown


@cython.final
cdef class DtmfDescriptor(SpliceDescriptor):
    """DTMF_descriptor(): preroll in tenths of a second, up to 7 tones (10.3.2)."""

    _fields = ("preroll", "dtmf_chars")
    __match_args__ = _fields

    def __cinit__(self):
        self._tag = SCTE35_DTMF_DESCRIPTOR

    def __init__(self, preroll, dtmf_chars=""):
        self.preroll = checked(preroll, "preroll", U8)
        self.dtmf_chars = dtmf_chars
        checked(len(self.dtmf_chars.encode("latin-1")), "dtmf_count", 7)

    cdef int _write_body(self, scte35_writer *writer) except -1:
        cdef bytes chars = self.dtmf_chars.encode("latin-1")
        scte35_write_dtmf(writer, self.preroll, <const uint8_t *>PyBytes_AS_STRING(chars),
                          len(chars))
        return 0

    def to_dict(self):
        shown = self._begin_dict()
        shown["preroll"] = self.preroll
        shown["dtmf_chars"] = self.dtmf_chars
        return shown


@cython.final
cdef class TimeDescriptor(SpliceDescriptor):
    """time_descriptor(): TAI seconds and nanoseconds; UTC is TAI less utc_offset (10.3.4)."""

    _fields = ("tai_seconds", "tai_ns", "utc_offset")
    __match_args__ = _fields

    def __cinit__(self):
        self._tag = SCTE35_TIME_DESCRIPTOR

    def __init__(self, tai_seconds, tai_ns, utc_offset):
        self.tai_seconds = checked(tai_seconds, "TAI_seconds", U48)
        self.tai_ns = checked(tai_ns, "TAI_ns", U32)
        self.utc_offset = checked(utc_offset, "UTC_offset", U16)

    cdef int _write_body(self, scte35_writer *writer) except -1:
        scte35_write_time(writer, self.tai_seconds, self.tai_ns, self.utc_offset)
        return 0

    def to_dict(self):
        shown = self._begin_dict()
        shown["TAI_seconds"] = self.tai_seconds
        shown["TAI_ns"] = self.tai_ns
        shown["UTC_offset"] = self.utc_offset
        return shown


@cython.final
@cython.no_gc
cdef class AudioDescriptor(SpliceDescriptor):
    """audio_descriptor(): up to 15 channels (10.3.5)."""

    _fields = ("audio",)
    __match_args__ = _fields

    def __cinit__(self):
        self._tag = SCTE35_AUDIO_DESCRIPTOR

    def __init__(self, audio=()):
        self.audio = checked_tuple(audio, AudioChannel, "audio")
        checked(len(self.audio), "audio_count", 15)

    cdef int _write_body(self, scte35_writer *writer) except -1:
        cdef AudioChannel channel
        scte35_write_audio_head(writer, <uint8_t>len(self.audio))
        for channel in self.audio:
            scte35_write_audio_channel(writer, &channel._value)
        return 0

    def to_dict(self):
        shown = self._begin_dict()
        shown["audio"] = [channel.to_dict() for channel in self.audio]
        return shown


@cython.final
cdef class PrivateDescriptor(SpliceDescriptor):
    """A descriptor kept as bytes: another identifier than "CUEI", a tag that is not
    defined, or one whose length does not hold its fields.
    """

    _fields = ("splice_descriptor_tag", "identifier", "private_bytes")
    __match_args__ = _fields

    def __init__(self, splice_descriptor_tag, identifier, private_bytes=b""):
        self._tag = checked(splice_descriptor_tag, "splice_descriptor_tag", U8)
        self._identifier = checked(identifier, "identifier", U32)
        self.private_bytes = bytes(private_bytes)

    @property
    def identifier(self):
        return self._identifier

    cdef int _write_body(self, scte35_writer *writer) except -1:
        scte35_write_bytes(writer, <const uint8_t *>PyBytes_AS_STRING(self.private_bytes),
                           len(self.private_bytes))
        return 0

    def to_dict(self):
        return {
            "splice_descriptor_tag": self._tag,
            "identifier": self._identifier,
            "private_bytes": self.private_bytes.hex(),
        }


@cython.final
cdef class UnreadableDescriptor(SpliceDescriptor):
    """A descriptor too short for an identifier: the bytes after its length."""

    _fields = ("splice_descriptor_tag", "raw")
    __match_args__ = _fields

    def __init__(self, splice_descriptor_tag, raw=b""):
        self._tag = checked(splice_descriptor_tag, "splice_descriptor_tag", U8)
        self.raw = bytes(raw)
        checked(len(self.raw), "descriptor_length", 3)

    @property
    def identifier(self):
        return None

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        scte35_write_u8(writer, self._tag)
        scte35_write_u8(writer, <uint8_t>len(self.raw))
        scte35_write_bytes(writer, <const uint8_t *>PyBytes_AS_STRING(self.raw), len(self.raw))
        return 0

    def to_dict(self):
        return {"splice_descriptor_tag": self._tag, "raw": self.raw.hex()}


cdef AudioDescriptor build_audio(const uint8_t *data, const scte35_descriptor *found):
    cdef AudioDescriptor descriptor = AudioDescriptor.__new__(AudioDescriptor)
    cdef AudioChannel channel
    cdef size_t offset = found.body_offset + 1
    cdef list audio = []
    for _ in range(found.audio_count):
        channel = AudioChannel.__new__(AudioChannel)
        scte35_read_audio_channel(data, &offset, &channel._value)
        audio.append(channel)
    descriptor.audio = tuple(audio)
    return descriptor


cdef bytes body_bytes(const uint8_t *data, const scte35_descriptor *found):
    return PyBytes_FromStringAndSize(<const char *>data + found.body_offset,
                                     found.end - found.body_offset)


cdef SpliceDescriptor build_small(const uint8_t *data, const scte35_descriptor *found):
    """The kinds whose fields the parser has already taken out, and those that stay bytes."""
    cdef AvailDescriptor avail
    cdef DtmfDescriptor dtmf
    cdef TimeDescriptor time
    cdef PrivateDescriptor private_descriptor
    cdef UnreadableDescriptor unreadable
    if found.kind == SCTE35_KIND_AVAIL:
        avail = AvailDescriptor.__new__(AvailDescriptor)
        avail.provider_avail_id = found.provider_avail_id
        return avail
    if found.kind == SCTE35_KIND_DTMF:
        dtmf = DtmfDescriptor.__new__(DtmfDescriptor)
        dtmf.preroll = found.preroll
        dtmf.dtmf_chars = PyBytes_FromStringAndSize(
            <const char *>data + found.body_offset + 2, found.dtmf_count).decode("latin-1")
        return dtmf
    if found.kind == SCTE35_KIND_TIME:
        time = TimeDescriptor.__new__(TimeDescriptor)
        time.tai_seconds = found.tai_seconds
        time.tai_ns = found.tai_ns
        time.utc_offset = found.utc_offset
        return time
    if found.kind == SCTE35_KIND_PRIVATE:
        private_descriptor = PrivateDescriptor.__new__(PrivateDescriptor)
        private_descriptor._tag = found.splice_descriptor_tag
        private_descriptor._identifier = found.identifier
        private_descriptor.private_bytes = body_bytes(data, found)
        return private_descriptor
    unreadable = UnreadableDescriptor.__new__(UnreadableDescriptor)
    unreadable._tag = found.splice_descriptor_tag
    unreadable.raw = body_bytes(data, found)
    return unreadable


cdef SpliceDescriptor build_descriptor(bytes source, const scte35_descriptor *found):
    """The descriptor that the parser found at the offset it names."""
    cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(source)
    cdef SpliceDescriptor descriptor
    if found.kind == SCTE35_KIND_SEGMENTATION:
        descriptor = build_segmentation(data, &found.segmentation)
    elif found.kind == SCTE35_KIND_AUDIO:
        descriptor = build_audio(data, found)
    else:
        descriptor = build_small(data, found)
    if found.is_whole:
        descriptor._came_from(source, found.offset, found.end)
    return descriptor


def parse_descriptor(bytes data not None):
    """The descriptor in these bytes, which begin with its tag and length."""
    cdef scte35_descriptor found
    cdef scte35_issues issues
    cdef size_t offset = 0
    issues.count = 0
    issues.lost = 0
    if not scte35_next_descriptor(<const uint8_t *>PyBytes_AS_STRING(data), &offset, len(data),
                                  &found, &issues):
        raise SectionLengthError("too short for a descriptor", field="descriptor_length",
                                 clause="10.2", size=len(data))
    return build_descriptor(data, &found)


def encode_descriptor(SpliceDescriptor descriptor not None):
    """The descriptor with its tag and length."""
    cdef uint8_t buffer[SCTE35_SECTION_SIZE_MAX]
    cdef scte35_writer writer
    scte35_writer_init(&writer, buffer, SCTE35_SECTION_SIZE_MAX)
    descriptor._write(&writer)
    return PyBytes_FromStringAndSize(<const char *>buffer, writer.size)
