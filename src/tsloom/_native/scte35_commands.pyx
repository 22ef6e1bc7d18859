"""Splice commands as values: ANSI/SCTE 35 2023r1, 9.7."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t

from tsloom._native.c_scte35 cimport (
    SCTE35_BANDWIDTH_RESERVATION,
    SCTE35_COMMAND_OFFSET,
    SCTE35_PRIVATE_COMMAND,
    SCTE35_SPLICE_INSERT,
    SCTE35_SPLICE_NULL,
    SCTE35_SPLICE_SCHEDULE,
    SCTE35_TIME_SIGNAL,
    scte35_event,
    scte35_read_component,
    scte35_section,
    scte35_write_bytes,
    scte35_write_component,
    scte35_write_event_tail,
    scte35_write_insert_head,
    scte35_write_splice_time,
    scte35_write_u32,
    scte35_write_u8,
    scte35_writer,
)
from tsloom._native.scte35_events cimport (
    SpliceInsertComponent,
    SpliceScheduleEvent,
    build_event,
    event_to_dict,
    set_event,
)
from tsloom._native.scte35_times cimport SpliceTime, build_break_duration, build_splice_time
from tsloom._native.scte35_value cimport (
    SpliceCommand,
    Value,
    checked,
    checked_bool,
    checked_tuple,
    checked_type,
)

from tsloom.errors import UsageError

cdef enum:
    U8 = 0xFF
    U32 = 0xFFFFFFFF


@cython.final
cdef class SpliceNull(SpliceCommand):
    """splice_null(), 9.7.1."""

    def __cinit__(self):
        self._type = SCTE35_SPLICE_NULL

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        return 0


@cython.final
cdef class BandwidthReservation(SpliceCommand):
    """bandwidth_reservation(), 9.7.5."""

    def __cinit__(self):
        self._type = SCTE35_BANDWIDTH_RESERVATION

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        return 0


@cython.final
@cython.no_gc
cdef class SpliceInsert(SpliceCommand):
    """splice_insert(), 9.7.3.

    `components` None is a splice of the whole program, at `splice_time` or, where that is None,
    immediate. program_splice_flag, duration_flag and splice_immediate_flag follow from the rest;
    a cancelled event has no further fields.
    """

    _fields = (
        "splice_event_id",
        "splice_event_cancel_indicator",
        "event_id_compliance_flag",
        "out_of_network_indicator",
        "splice_immediate_flag",
        "splice_time",
        "components",
        "break_duration",
        "unique_program_id",
        "avail_num",
        "avails_expected",
    )

    def __cinit__(self):
        self._type = SCTE35_SPLICE_INSERT

    def __init__(self, splice_event_id, *, splice_event_cancel_indicator=False,
                 event_id_compliance_flag=True, out_of_network_indicator=False,
                 splice_immediate_flag=None, splice_time=None, components=None,
                 break_duration=None, unique_program_id=0, avail_num=0, avails_expected=0):
        if checked_bool(splice_event_cancel_indicator, "splice_event_cancel_indicator"):
            # nothing follows the indicator (9.7.3)
            set_event(&self._value, splice_event_id, True, True, False, None, (), 0, 0, 0)
            return
        if components is not None:
            components = checked_tuple(components, SpliceInsertComponent, "components")
        set_event(&self._value, splice_event_id, splice_event_cancel_indicator,
                  event_id_compliance_flag, out_of_network_indicator, break_duration, components,
                  unique_program_id, avail_num, avails_expected)
        self.splice_time = splice_time
        self.break_duration = break_duration
        self.components = components
        self._value.splice_immediate_flag = self._check_immediate(splice_immediate_flag)
        if splice_time is not None:
            self._value.splice_time = self.splice_time._value

    def replace(self, **changes):
        """A copy with some fields changed; splice_immediate_flag follows the times."""
        if "splice_immediate_flag" not in changes and not self.splice_event_cancel_indicator:
            if "splice_time" in changes or "components" in changes:
                changes["splice_immediate_flag"] = None
        return Value.replace(self, **changes)

    cdef bint _check_immediate(self, object wanted) except -1:
        """The flag is 1 where no time is given, and only there (9.7.3.1)."""
        cdef int timed, count
        if self.components is None:
            timed, count = self.splice_time is not None, 1
        else:
            if self.splice_time is not None:
                raise UsageError("components have times of their own", field="splice_time",
                                 value=self.splice_time)
            timed = sum([component.splice_time is not None for component in self.components])
            count = len(self.components)
        if 0 < timed < count:
            raise UsageError("all components have a splice_time or none", field="components",
                             value=self.components)
        if wanted is not None and count and checked_bool(
                wanted, "splice_immediate_flag") == (timed > 0):
            raise UsageError("contradicts splice_time", field="splice_immediate_flag",
                             value=wanted)
        return timed == 0 if wanted is None else bool(wanted)

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
    def splice_immediate_flag(self):
        return self._value.splice_immediate_flag

    @property
    def unique_program_id(self):
        return self._value.unique_program_id

    @property
    def avail_num(self):
        return self._value.avail_num

    @property
    def avails_expected(self):
        return self._value.avails_expected

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        cdef SpliceInsertComponent component
        scte35_write_insert_head(writer, &self._value)
        if self.components is not None and not self._value.splice_event_cancel_indicator:
            for component in self.components:
                scte35_write_component(writer, &component._value,
                                       self._value.splice_immediate_flag)
        scte35_write_event_tail(writer, &self._value)
        return 0

    def to_dict(self):
        cdef const scte35_event *value = &self._value
        shown = {
            "splice_event_id": value.splice_event_id,
            "splice_event_cancel_indicator": value.splice_event_cancel_indicator,
        }
        if value.splice_event_cancel_indicator:
            return shown
        shown["out_of_network_indicator"] = value.out_of_network_indicator
        shown["program_splice_flag"] = value.program_splice_flag
        shown["duration_flag"] = value.duration_flag
        shown["splice_immediate_flag"] = value.splice_immediate_flag
        shown["event_id_compliance_flag"] = value.event_id_compliance_flag
        times = []
        if self.splice_time is not None:
            times.append(("splice_time", self.splice_time.to_dict()))
        if self.components is not None:
            times.append(("components", [one.to_dict() for one in self.components]))
        return event_to_dict(value, times, self.break_duration, shown)


@cython.final
@cython.no_gc
cdef class SpliceSchedule(SpliceCommand):
    """splice_schedule(): up to 255 events (9.7.2)."""

    _fields = ("events",)
    __match_args__ = _fields

    def __cinit__(self):
        self._type = SCTE35_SPLICE_SCHEDULE

    def __init__(self, events=()):
        self.events = checked_tuple(events, SpliceScheduleEvent, "events")
        checked(len(self.events), "splice_count", U8)

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        cdef SpliceScheduleEvent event
        scte35_write_u8(writer, <unsigned int>len(self.events))
        for event in self.events:
            event.write(writer)
        return 0

    def to_dict(self):
        return {
            "splice_count": len(self.events),
            "events": [event.to_dict() for event in self.events],
        }


@cython.final
@cython.no_gc
cdef class TimeSignal(SpliceCommand):
    """time_signal(): a time for the descriptors that come along (9.7.4)."""

    _fields = ("splice_time",)
    __match_args__ = _fields

    def __cinit__(self):
        self._type = SCTE35_TIME_SIGNAL

    def __init__(self, splice_time=SpliceTime()):
        self.splice_time = checked_type(splice_time, SpliceTime, "splice_time")

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        scte35_write_splice_time(writer, &self.splice_time._value)
        return 0

    def to_dict(self):
        return {"splice_time": self.splice_time.to_dict()}


@cython.final
cdef class PrivateCommand(SpliceCommand):
    """private_command(): a registered identifier and bytes of its own syntax (9.7.6)."""

    _fields = ("identifier", "private_bytes")
    __match_args__ = _fields

    def __cinit__(self):
        self._type = SCTE35_PRIVATE_COMMAND

    def __init__(self, identifier, private_bytes=b""):
        self.identifier = checked(identifier, "identifier", U32)
        self.private_bytes = bytes(private_bytes)

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        scte35_write_u32(writer, self.identifier)
        scte35_write_bytes(writer, <const uint8_t *>PyBytes_AS_STRING(self.private_bytes),
                           len(self.private_bytes))
        return 0

    def to_dict(self):
        return {"identifier": self.identifier, "private_bytes": self.private_bytes.hex()}


@cython.final
cdef class ReservedCommand(SpliceCommand):
    """A command whose splice_command_type is reserved: its bytes (9.6.1)."""

    _fields = ("splice_command_type", "command_bytes")
    __match_args__ = _fields

    def __init__(self, splice_command_type, command_bytes=b""):
        self._type = checked(splice_command_type, "splice_command_type", U8)
        self.command_bytes = bytes(command_bytes)

    cdef int _write_fields(self, scte35_writer *writer) except -1:
        scte35_write_bytes(writer, <const uint8_t *>PyBytes_AS_STRING(self.command_bytes),
                           len(self.command_bytes))
        return 0

    def to_dict(self):
        return {"command_bytes": self.command_bytes.hex()}


cdef SpliceInsert build_insert(const uint8_t *data, const scte35_event *value):
    cdef SpliceInsert command = SpliceInsert.__new__(SpliceInsert)
    cdef SpliceInsertComponent component
    cdef size_t offset = value.components_offset
    cdef list components
    command._value = value[0]
    if value.splice_event_cancel_indicator:
        return command
    command.break_duration = build_break_duration(value)
    if value.program_splice_flag:
        if not value.splice_immediate_flag:
            command.splice_time = build_splice_time(&value.splice_time)
        return command
    components = []
    for _ in range(value.component_count):
        component = SpliceInsertComponent.__new__(SpliceInsertComponent)
        scte35_read_component(data, &offset, value.splice_immediate_flag, &component._value)
        if not value.splice_immediate_flag:
            component.splice_time = build_splice_time(&component._value.splice_time)
        components.append(component)
    command.components = tuple(components)
    return command


cdef SpliceSchedule build_schedule(const uint8_t *data, const scte35_section *section):
    cdef SpliceSchedule command = SpliceSchedule.__new__(SpliceSchedule)
    cdef size_t offset = section.events_offset
    command.events = tuple([build_event(data, &offset) for _ in range(section.splice_count)])
    return command


cdef bytes command_bytes(const uint8_t *data, const scte35_section *section):
    return PyBytes_FromStringAndSize(<const char *>data + section.private_offset,
                                     section.command_end - section.private_offset)


cdef SpliceCommand build_command(bytes source, const scte35_section *section):
    """The command that the parser found whole."""
    cdef const uint8_t *data = <const uint8_t *>PyBytes_AS_STRING(source)
    cdef SpliceCommand command
    cdef TimeSignal time_signal
    cdef PrivateCommand private_command
    cdef ReservedCommand reserved
    cdef int kind = section.splice_command_type
    if kind == SCTE35_TIME_SIGNAL:
        command = time_signal = TimeSignal.__new__(TimeSignal)
        time_signal.splice_time = build_splice_time(&section.splice_time)
    elif kind == SCTE35_SPLICE_INSERT:
        command = build_insert(data, &section.splice_insert)
    elif kind == SCTE35_SPLICE_NULL:
        command = SpliceNull.__new__(SpliceNull)
    elif kind == SCTE35_BANDWIDTH_RESERVATION:
        command = BandwidthReservation.__new__(BandwidthReservation)
    elif kind == SCTE35_SPLICE_SCHEDULE:
        command = build_schedule(data, section)
    elif kind == SCTE35_PRIVATE_COMMAND:
        command = private_command = PrivateCommand.__new__(PrivateCommand)
        private_command.identifier = section.identifier
        private_command.private_bytes = command_bytes(data, section)
    else:
        command = reserved = ReservedCommand.__new__(ReservedCommand)
        reserved._type = section.splice_command_type
        reserved.command_bytes = command_bytes(data, section)
    command._came_from(source, SCTE35_COMMAND_OFFSET, section.command_end)
    return command
