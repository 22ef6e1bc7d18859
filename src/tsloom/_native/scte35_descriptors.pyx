"""Splice descriptors as values: ANSI/SCTE 35 2023r1, clause 10."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from tsloom._native.c_scte35 cimport (
    SCTE35_AUDIO_DESCRIPTOR,
    SCTE35_AVAIL_DESCRIPTOR,
    SCTE35_DTMF_DESCRIPTOR,
    SCTE35_IDENTIFIER_CUEI,
    SCTE35_KIND_AUDIO,
    SCTE35_KIND_AVAIL,
    SCTE35_KIND_DTMF,
    SCTE35_KIND_PRIVATE,
    SCTE35_KIND_SEGMENTATION,
    SCTE35_KIND_TIME,
    SCTE35_SEGMENTATION_DESCRIPTOR,
    SCTE35_TIME_DESCRIPTOR,
    SCTE35_UPID_MID,
    scte35_audio_channel,
    scte35_begin_descriptor,
    scte35_descriptor,
    scte35_finish_descriptor,
    scte35_next_mid_upid,
    scte35_read_audio_channel,
    scte35_read_segmentation_component,
    scte35_segmentation,
    scte35_segmentation_component,
    scte35_write_audio_channel,
    scte35_write_audio_head,
    scte35_write_bytes,
    scte35_write_dtmf,
    scte35_write_segmentation_component,
    scte35_write_segmentation_head,
    scte35_write_segmentation_tail,
    scte35_write_time,
    scte35_write_u8,
    scte35_write_u32,
    scte35_writer,
)
from tsloom._native.c_status cimport TS_BAD_LENGTH
from tsloom._native.scte35_value cimport Value, WireValue, checked, checked_tuple

from tsloom.errors import SectionLengthError, UsageError

cdef enum:
    U8 = 0xFF
    U16 = 0xFFFF
    U32 = 0xFFFFFFFF
    U33 = 0x1FFFFFFFF
    U40 = 0xFFFFFFFFFF
    U48 = 0xFFFFFFFFFFFF


cdef class SegmentationComponent(Value):
    _fields = ("component_tag", "pts_offset")
    __match_args__ = _fields

    def __init__(self, component_tag, pts_offset):
        self._value.component_tag = checked(component_tag, "component_tag", U8)
        self._value.pts_offset = checked(pts_offset, "pts_offset", U33)

    @property
    def component_tag(self):
        return self._value.component_tag

    @property
    def pts_offset(self):
        return self._value.pts_offset

    def to_dict(self):
        return {"component_tag": self._value.component_tag, "pts_offset": self._value.pts_offset}


cdef class SegmentationUpid(Value):
    _fields = ("segmentation_upid_type", "segmentation_upid")
    __match_args__ = _fields

    def __init__(self, segmentation_upid_type, segmentation_upid=b""):
        self.segmentation_upid_type = checked(segmentation_upid_type, "segmentation_upid_type", U8)
        self.segmentation_upid = bytes(segmentation_upid)


cdef tuple split_mid(bytes mid):
    cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(mid)
    cdef size_t offset = 0, upid_offset = 0, upid_size = 0
    cdef uint8_t kind = 0
    cdef list upids = []
    while scte35_next_mid_upid(data, len(mid), &offset, &kind, &upid_offset, &upid_size):
        upids.append(SegmentationUpid(
            kind, PyBytes_FromStringAndSize(<const char *>data + upid_offset, upid_size)))
    return tuple(upids)


cdef class AudioChannel(Value):
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
        self._value.full_srvc_audio = full_srvc_audio

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


cdef class SpliceDescriptor(WireValue):
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

    cdef dict _begin_dict(self):
        return {"splice_descriptor_tag": self._tag, "identifier": SCTE35_IDENTIFIER_CUEI}


cdef class AvailDescriptor(SpliceDescriptor):
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


cdef class DtmfDescriptor(SpliceDescriptor):
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


cdef class SegmentationDescriptor(SpliceDescriptor):
    _fields = (
        "segmentation_event_id",
        "segmentation_event_cancel_indicator",
        "segmentation_event_id_compliance_indicator",
        "segmentation_type_id",
        "segment_num",
        "segments_expected",
        "sub_segment_num",
        "sub_segments_expected",
        "segmentation_duration",
        "segmentation_upid_type",
        "segmentation_upid",
        "web_delivery_allowed_flag",
        "no_regional_blackout_flag",
        "archive_allowed_flag",
        "device_restrictions",
        "components",
    )

    def __cinit__(self):
        self._tag = SCTE35_SEGMENTATION_DESCRIPTOR

    def __init__(self, segmentation_event_id, *, segmentation_event_cancel_indicator=False,
                 segmentation_event_id_compliance_indicator=True, segmentation_type_id=0,
                 segment_num=0, segments_expected=0, sub_segment_num=None,
                 sub_segments_expected=None, segmentation_duration=None,
                 segmentation_upid_type=0, segmentation_upid=b"",
                 web_delivery_allowed_flag=None, no_regional_blackout_flag=None,
                 archive_allowed_flag=None, device_restrictions=None, components=None):
        cdef scte35_segmentation *value = &self._value
        value.segmentation_event_id = checked(segmentation_event_id, "segmentation_event_id", U32)
        value.segmentation_event_cancel_indicator = segmentation_event_cancel_indicator
        value.segmentation_event_id_compliance_indicator = (
            segmentation_event_id_compliance_indicator)
        self.segmentation_upid = b""
        if segmentation_event_cancel_indicator:  # nothing follows the indicators (10.3.3)
            return
        value.segmentation_type_id = checked(segmentation_type_id, "segmentation_type_id", U8)
        value.segment_num = checked(segment_num, "segment_num", U8)
        value.segments_expected = checked(segments_expected, "segments_expected", U8)
        value.segmentation_duration_flag = segmentation_duration is not None
        if segmentation_duration is not None:
            value.segmentation_duration = checked(segmentation_duration, "segmentation_duration",
                                                  U40)
        self._set_sub_segments(sub_segment_num, sub_segments_expected)
        self._set_upid(segmentation_upid_type, segmentation_upid)
        self._set_restrictions(web_delivery_allowed_flag, no_regional_blackout_flag,
                               archive_allowed_flag, device_restrictions)
        value.program_segmentation_flag = components is None
        if components is not None:
            self.components = checked_tuple(components, SegmentationComponent, "components")
            value.component_count = checked(len(self.components), "component_count", U8)

    cdef int _set_sub_segments(self, object num, object expected) except -1:
        self._value.has_sub_segments = num is not None or expected is not None
        if self._value.has_sub_segments:
            self._value.sub_segment_num = checked(num or 0, "sub_segment_num", U8)
            self._value.sub_segments_expected = checked(expected or 0, "sub_segments_expected", U8)
        return 0

    cdef int _set_upid(self, object kind, object upid) except -1:
        self._value.segmentation_upid_type = checked(kind, "segmentation_upid_type", U8)
        self.segmentation_upid = bytes(upid)
        self._value.segmentation_upid_length = checked(
            len(self.segmentation_upid), "segmentation_upid_length", U8)
        return 0

    cdef int _set_restrictions(self, object web, object blackout, object archive,
                               object device) except -1:
        """Those not given are not restricted; none given is delivery_not_restricted_flag."""
        cdef scte35_segmentation *value = &self._value
        value.delivery_not_restricted_flag = (
            web is None and blackout is None and archive is None and device is None)
        if not value.delivery_not_restricted_flag:
            value.web_delivery_allowed_flag = web is None or web
            value.no_regional_blackout_flag = blackout is None or blackout
            value.archive_allowed_flag = archive is None or archive
            value.device_restrictions = (
                3 if device is None else checked(device, "device_restrictions", 3))
        return 0

    @property
    def segmentation_event_id(self):
        return self._value.segmentation_event_id

    @property
    def segmentation_event_cancel_indicator(self):
        return self._value.segmentation_event_cancel_indicator

    @property
    def segmentation_event_id_compliance_indicator(self):
        return self._value.segmentation_event_id_compliance_indicator

    @property
    def program_segmentation_flag(self):
        return self._value.program_segmentation_flag

    @property
    def segmentation_duration_flag(self):
        return self._value.segmentation_duration_flag

    @property
    def delivery_not_restricted_flag(self):
        return self._value.delivery_not_restricted_flag

    cdef bint _is_restricted(self) noexcept:
        return not (self._value.delivery_not_restricted_flag
                    or self._value.segmentation_event_cancel_indicator)

    @property
    def web_delivery_allowed_flag(self):
        return self._value.web_delivery_allowed_flag if self._is_restricted() else None

    @property
    def no_regional_blackout_flag(self):
        return self._value.no_regional_blackout_flag if self._is_restricted() else None

    @property
    def archive_allowed_flag(self):
        return self._value.archive_allowed_flag if self._is_restricted() else None

    @property
    def device_restrictions(self):
        return self._value.device_restrictions if self._is_restricted() else None

    @property
    def segmentation_duration(self):
        if self._value.segmentation_duration_flag:
            return self._value.segmentation_duration
        return None

    @property
    def segmentation_upid_type(self):
        return self._value.segmentation_upid_type

    @property
    def upids(self):
        if self._value.segmentation_upid_type == SCTE35_UPID_MID:
            return split_mid(self.segmentation_upid)
        if self._value.segmentation_upid_type == 0 and not self.segmentation_upid:
            return ()
        return (SegmentationUpid(self._value.segmentation_upid_type, self.segmentation_upid),)

    @property
    def segmentation_type_id(self):
        return self._value.segmentation_type_id

    @property
    def segment_num(self):
        return self._value.segment_num

    @property
    def segments_expected(self):
        return self._value.segments_expected

    @property
    def sub_segment_num(self):
        return self._value.sub_segment_num if self._value.has_sub_segments else None

    @property
    def sub_segments_expected(self):
        return self._value.sub_segments_expected if self._value.has_sub_segments else None

    cdef int _write_body(self, scte35_writer *writer) except -1:
        cdef SegmentationComponent component
        scte35_write_segmentation_head(writer, &self._value)
        if self.components is not None:
            for component in self.components:
                scte35_write_segmentation_component(writer, &component._value)
        scte35_write_segmentation_tail(
            writer, &self._value, <const uint8_t *>PyBytes_AS_STRING(self.segmentation_upid))
        return 0

    def to_dict(self):
        cdef const scte35_segmentation *value = &self._value
        shown = self._begin_dict()
        shown["segmentation_event_id"] = value.segmentation_event_id
        shown["segmentation_event_cancel_indicator"] = value.segmentation_event_cancel_indicator
        shown["segmentation_event_id_compliance_indicator"] = (
            value.segmentation_event_id_compliance_indicator)
        if value.segmentation_event_cancel_indicator:
            return shown
        shown["program_segmentation_flag"] = value.program_segmentation_flag
        shown["segmentation_duration_flag"] = value.segmentation_duration_flag
        shown["delivery_not_restricted_flag"] = value.delivery_not_restricted_flag
        if not value.delivery_not_restricted_flag:
            shown["web_delivery_allowed_flag"] = value.web_delivery_allowed_flag
            shown["no_regional_blackout_flag"] = value.no_regional_blackout_flag
            shown["archive_allowed_flag"] = value.archive_allowed_flag
            shown["device_restrictions"] = value.device_restrictions
        if self.components is not None:
            shown["components"] = [component.to_dict() for component in self.components]
        if value.segmentation_duration_flag:
            shown["segmentation_duration"] = value.segmentation_duration
        shown["segmentation_upid_type"] = value.segmentation_upid_type
        shown["segmentation_upid_length"] = value.segmentation_upid_length
        shown["segmentation_upid_hex"] = self.segmentation_upid.hex()
        if value.segmentation_upid_type == SCTE35_UPID_MID:
            shown["mid"] = [
                {"type": upid.segmentation_upid_type, "value_hex": upid.segmentation_upid.hex()}
                for upid in split_mid(self.segmentation_upid)
            ]
        shown["segmentation_type_id"] = value.segmentation_type_id
        shown["segment_num"] = value.segment_num
        shown["segments_expected"] = value.segments_expected
        if value.has_sub_segments:
            shown["sub_segment_num"] = value.sub_segment_num
            shown["sub_segments_expected"] = value.sub_segments_expected
        return shown


cdef class TimeDescriptor(SpliceDescriptor):
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


cdef class AudioDescriptor(SpliceDescriptor):
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


cdef class PrivateDescriptor(SpliceDescriptor):
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


cdef class UnreadableDescriptor(SpliceDescriptor):
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


cdef SegmentationDescriptor build_segmentation(const uint8_t *data,
                                               const scte35_segmentation *value):
    cdef SegmentationDescriptor descriptor = SegmentationDescriptor.__new__(SegmentationDescriptor)
    cdef SegmentationComponent component
    cdef size_t offset = value.components_offset
    cdef list components
    descriptor._value = value[0]
    descriptor.segmentation_upid = PyBytes_FromStringAndSize(
        <const char *>data + value.upid_offset, value.segmentation_upid_length)
    if value.program_segmentation_flag or value.segmentation_event_cancel_indicator:
        return descriptor
    components = []
    for _ in range(value.component_count):
        component = SegmentationComponent.__new__(SegmentationComponent)
        scte35_read_segmentation_component(data, &offset, &component._value)
        components.append(component)
    descriptor.components = tuple(components)
    return descriptor


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
