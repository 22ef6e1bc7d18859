"""segmentation_descriptor() as a value: ANSI/SCTE 35 2023r1, 10.3.3."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    SCTE35_SEGMENTATION_DESCRIPTOR,
    SCTE35_UPID_MID,
    scte35_next_mid_upid,
    scte35_read_segmentation_component,
    scte35_segmentation,
    scte35_write_segmentation_component,
    scte35_write_segmentation_head,
    scte35_write_segmentation_tail,
    scte35_writer,
)
from tsloom._native.scte35_value cimport (
    SpliceDescriptor,
    Value,
    checked,
    checked_bool,
    checked_tuple,
)

cdef enum:
    U8 = 0xFF
    U32 = 0xFFFFFFFF
    U33 = 0x1FFFFFFFF
    U40 = 0xFFFFFFFFFF


@cython.final
cdef class SegmentationComponent(Value):
    """One component of a segmentation_descriptor(): an offset of 33 bits to the adjusted time."""

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


@cython.final
cdef class SegmentationUpid(Value):
    """A UPID: its type by table 22 and its bytes as they came."""

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


@cython.final
@cython.no_gc
cdef class SegmentationDescriptor(SpliceDescriptor):
    """segmentation_descriptor(), 10.3.3.

    Durations are 40 bits of 90 kHz ticks. `components` None is the whole program. Delivery is not
    restricted where none of the four restrictions is given; those left out of some given allow.
    Sub segments are there where a number is. Flags, counts and lengths follow; a cancelled event
    has no further fields.
    """

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
        value.segmentation_event_cancel_indicator = checked_bool(
            segmentation_event_cancel_indicator, "segmentation_event_cancel_indicator")
        value.segmentation_event_id_compliance_indicator = checked_bool(
            segmentation_event_id_compliance_indicator,
            "segmentation_event_id_compliance_indicator")
        self.segmentation_upid = b""
        if value.segmentation_event_cancel_indicator:  # nothing follows the indicators (10.3.3)
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
            value.web_delivery_allowed_flag = web is None or checked_bool(
                web, "web_delivery_allowed_flag")
            value.no_regional_blackout_flag = blackout is None or checked_bool(
                blackout, "no_regional_blackout_flag")
            value.archive_allowed_flag = archive is None or checked_bool(
                archive, "archive_allowed_flag")
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
        """The UPIDs: those of a MID one by one, none where the type is 0 and no bytes are there."""
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
