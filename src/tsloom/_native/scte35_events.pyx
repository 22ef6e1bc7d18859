"""Splice events as values, of splice_insert() and splice_schedule(): 9.7.2 and 9.7.3."""

cimport cython
from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    scte35_event,
    scte35_read_event,
    scte35_read_event_component,
    scte35_write_event_component,
    scte35_write_event_head,
    scte35_write_event_tail,
    scte35_writer,
)
from tsloom._native.scte35_times cimport BreakDuration, build_break_duration
from tsloom._native.scte35_value cimport Value, checked, checked_bool, checked_tuple

from tsloom.errors import UsageError

cdef enum:
    U8 = 0xFF
    U16 = 0xFFFF
    U32 = 0xFFFFFFFF


@cython.final
@cython.no_gc
cdef class SpliceInsertComponent(Value):
    """One component of a splice_insert(), with its splice_time unless the splice is immediate."""

    _fields = ("component_tag", "splice_time")
    __match_args__ = _fields

    def __init__(self, component_tag, splice_time=None):
        self._value.component_tag = checked(component_tag, "component_tag", U8)
        self.splice_time = splice_time
        if splice_time is not None:
            self._value.splice_time = self.splice_time._value

    @property
    def component_tag(self):
        return self._value.component_tag

    def to_dict(self):
        shown = {"component_tag": self._value.component_tag}
        if self.splice_time is not None:
            shown["splice_time"] = self.splice_time.to_dict()
        return shown


@cython.final
cdef class SpliceScheduleComponent(Value):
    """One component of a splice_schedule() event; seconds from 1980-01-06, leap seconds too."""

    _fields = ("component_tag", "utc_splice_time")
    __match_args__ = _fields

    def __init__(self, component_tag, utc_splice_time):
        self._value.component_tag = checked(component_tag, "component_tag", U8)
        self._value.utc_splice_time = checked(utc_splice_time, "utc_splice_time", U32)

    @property
    def component_tag(self):
        return self._value.component_tag

    @property
    def utc_splice_time(self):
        return self._value.utc_splice_time

    def to_dict(self):
        return {
            "component_tag": self._value.component_tag,
            "utc_splice_time": self._value.utc_splice_time,
        }


cdef int set_event(scte35_event *value, object splice_event_id, object cancel,
                   object compliance, object out_of_network_indicator,
                   BreakDuration break_duration, tuple components, object unique_program_id,
                   object avail_num, object avails_expected) except -1:
    value.splice_event_id = checked(splice_event_id, "splice_event_id", U32)
    value.splice_event_cancel_indicator = checked_bool(
        cancel, "splice_event_cancel_indicator")
    value.event_id_compliance_flag = checked_bool(compliance, "event_id_compliance_flag")
    value.out_of_network_indicator = checked_bool(
        out_of_network_indicator, "out_of_network_indicator")
    value.program_splice_flag = components is None
    value.duration_flag = break_duration is not None
    if break_duration is not None:
        value.break_duration = break_duration._value
    if components is not None:
        value.component_count = checked(len(components), "component_count", U8)
    value.unique_program_id = checked(unique_program_id, "unique_program_id", U16)
    value.avail_num = checked(avail_num, "avail_num", U8)
    value.avails_expected = checked(avails_expected, "avails_expected", U8)
    return 0


cdef dict event_to_dict(const scte35_event *value, list times, BreakDuration break_duration,
                        dict shown):
    """The fields that an event of either command has after its flags, in the order they stand."""
    for name, time in times:
        shown[name] = time
    if break_duration is not None:
        shown["break_duration"] = break_duration.to_dict()
    shown["unique_program_id"] = value.unique_program_id
    shown["avail_num"] = value.avail_num
    shown["avails_expected"] = value.avails_expected
    return shown


@cython.final
@cython.no_gc
cdef class SpliceScheduleEvent(Value):
    """One event of a splice_schedule(), 9.7.2: at `utc_splice_time`, or one of each component.

    utc_splice_time counts seconds from 1980-01-06 00:00:00 UTC with leap seconds included.
    """

    _fields = (
        "splice_event_id",
        "splice_event_cancel_indicator",
        "event_id_compliance_flag",
        "out_of_network_indicator",
        "utc_splice_time",
        "components",
        "break_duration",
        "unique_program_id",
        "avail_num",
        "avails_expected",
    )

    def __init__(self, splice_event_id, *, splice_event_cancel_indicator=False,
                 event_id_compliance_flag=True, out_of_network_indicator=False,
                 utc_splice_time=None, components=None, break_duration=None,
                 unique_program_id=0, avail_num=0, avails_expected=0):
        if checked_bool(splice_event_cancel_indicator, "splice_event_cancel_indicator"):
            # nothing follows the indicators (9.7.2)
            set_event(&self._value, splice_event_id, True, event_id_compliance_flag, False, None,
                      (), 0, 0, 0)
            return
        if components is not None:
            components = checked_tuple(components, SpliceScheduleComponent, "components")
        set_event(&self._value, splice_event_id, splice_event_cancel_indicator,
                  event_id_compliance_flag, out_of_network_indicator, break_duration, components,
                  unique_program_id, avail_num, avails_expected)
        self.break_duration = break_duration
        self.components = components
        if utc_splice_time is not None:
            self._value.utc_splice_time = checked(utc_splice_time, "utc_splice_time", U32)
        if (utc_splice_time is None) == (components is None):
            raise UsageError("an event has a time or components with times",
                             field="utc_splice_time", value=utc_splice_time)

    @property
    def splice_event_id(self):
        return self._value.splice_event_id

    @property
    def splice_event_cancel_indicator(self):
        return self._value.splice_event_cancel_indicator

    @property
    def event_id_compliance_flag(self):
        return self._value.event_id_compliance_flag

    @property
    def out_of_network_indicator(self):
        return self._value.out_of_network_indicator

    @property
    def program_splice_flag(self):
        return self._value.program_splice_flag

    @property
    def duration_flag(self):
        return self._value.duration_flag

    @property
    def utc_splice_time(self):
        return self._value.utc_splice_time if self._value.program_splice_flag else None

    @property
    def unique_program_id(self):
        return self._value.unique_program_id

    @property
    def avail_num(self):
        return self._value.avail_num

    @property
    def avails_expected(self):
        return self._value.avails_expected

    cdef int write(self, scte35_writer *writer) except -1:
        cdef SpliceScheduleComponent component
        scte35_write_event_head(writer, &self._value)
        if self.components is not None and not self._value.splice_event_cancel_indicator:
            for component in self.components:
                scte35_write_event_component(writer, &component._value)
        scte35_write_event_tail(writer, &self._value)
        return 0

    def to_dict(self):
        cdef const scte35_event *value = &self._value
        shown = {
            "splice_event_id": value.splice_event_id,
            "splice_event_cancel_indicator": value.splice_event_cancel_indicator,
            "event_id_compliance_flag": value.event_id_compliance_flag,
        }
        if value.splice_event_cancel_indicator:
            return shown
        shown["out_of_network_indicator"] = value.out_of_network_indicator
        shown["program_splice_flag"] = value.program_splice_flag
        shown["duration_flag"] = value.duration_flag
        times = []
        if value.program_splice_flag:
            times.append(("utc_splice_time", value.utc_splice_time))
        else:
            times.append(("components", [one.to_dict() for one in self.components]))
        return event_to_dict(value, times, self.break_duration, shown)


cdef SpliceScheduleEvent build_event(const uint8_t *data, size_t *offset):
    cdef SpliceScheduleEvent event = SpliceScheduleEvent.__new__(SpliceScheduleEvent)
    cdef SpliceScheduleComponent component
    cdef scte35_event *value = &event._value
    cdef size_t component_offset
    cdef list components
    scte35_read_event(data, offset, value)
    if value.splice_event_cancel_indicator:
        return event
    event.break_duration = build_break_duration(value)
    if value.program_splice_flag:
        return event
    components = []
    component_offset = value.components_offset
    for _ in range(value.component_count):
        component = SpliceScheduleComponent.__new__(SpliceScheduleComponent)
        scte35_read_event_component(data, &component_offset, &component._value)
        components.append(component)
    event.components = tuple(components)
    return event
