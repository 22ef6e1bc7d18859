"""Times of splice information as values: ANSI/SCTE 35 2023r1, 9.8."""

cimport cython

from tsloom._native.c_scte35 cimport (
    scte35_event,
    scte35_splice_time,
)
from tsloom._native.scte35_value cimport Value, checked, checked_bool

cdef enum:
    U33 = 0x1FFFFFFFF


@cython.final
cdef class SpliceTime(Value):
    """splice_time(): a PTS of 33 bits in 90 kHz ticks, or None for no time specified (9.8.1)."""

    _fields = ("pts_time",)
    __match_args__ = _fields

    def __init__(self, pts_time=None):
        self._value.time_specified_flag = pts_time is not None
        self._value.pts_time = 0 if pts_time is None else checked(pts_time, "pts_time", U33)

    @property
    def time_specified_flag(self):
        return self._value.time_specified_flag

    @property
    def pts_time(self):
        return self._value.pts_time if self._value.time_specified_flag else None

    def to_dict(self):
        if not self._value.time_specified_flag:
            return {"time_specified_flag": False}
        return {"time_specified_flag": True, "pts_time": self._value.pts_time}


cdef SpliceTime build_splice_time(const scte35_splice_time *value):
    cdef SpliceTime splice_time = SpliceTime.__new__(SpliceTime)
    splice_time._value = value[0]
    return splice_time


@cython.final
cdef class BreakDuration(Value):
    """break_duration(): 33 bits of 90 kHz ticks, and whether the return is automatic (9.8.2)."""

    _fields = ("auto_return", "duration")
    __match_args__ = _fields

    def __init__(self, auto_return, duration):
        self._value.auto_return = checked_bool(auto_return, "auto_return")
        self._value.duration = checked(duration, "duration", U33)

    @property
    def auto_return(self):
        return self._value.auto_return

    @property
    def duration(self):
        return self._value.duration

    def to_dict(self):
        return {"auto_return": self._value.auto_return, "duration": self._value.duration}


cdef BreakDuration build_break_duration(const scte35_event *event):
    cdef BreakDuration break_duration
    if not event.duration_flag:
        return None
    break_duration = BreakDuration.__new__(BreakDuration)
    break_duration._value = event.break_duration
    return break_duration
