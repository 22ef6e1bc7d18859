"""The section inserter, bound."""

from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint16_t, uint64_t

from tsloom._native cimport c_insert
from tsloom._native.c_batch cimport TS_PID_COUNT
from tsloom._native.carousel cimport CarouselRings
from tsloom._native.c_insert cimport psi_slice, ts_insert_event, ts_insert_item, ts_inserter
from tsloom._native.clock cimport snapshot
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for

ROOMS = {
    "nulls": c_insert.TS_ROOM_NULLS,
    "nulls_then_add": c_insert.TS_ROOM_NULLS_THEN_ADD,
    "add": c_insert.TS_ROOM_ADD,
}
KINDS = {
    c_insert.TS_INSERT_CONFIRMED: "confirmed",
    c_insert.TS_INSERT_FAILED: "failed",
    c_insert.TS_INSERT_CLOCK_STARTED: "clock_started",
    c_insert.TS_INSERT_CLOCK_BROKEN: "clock_broken",
    c_insert.TS_INSERT_ANNOUNCED: "announced",
    c_insert.TS_INSERT_PID_CLASH: "pid_clash",
    c_insert.TS_INSERT_PMT_FULL: "pmt_full",
    c_insert.TS_INSERT_ALARM: "alarm",
    c_insert.TS_INSERT_SDT: "sdt",
    c_insert.TS_INSERT_UTC: "utc",
}
REASONS = {
    c_insert.TS_INSERT_NO_REASON: None,
    c_insert.TS_INSERT_NO_NULL_PACKET: "no null packet before the deadline",
    c_insert.TS_INSERT_STREAM_ENDED: "the stream ended",
}


cdef psi_slice slice_of(const uint8_t[::1] data):
    cdef psi_slice part
    part.size = <size_t> data.shape[0]
    part.bytes = &data[0] if part.size else NULL
    return part


cdef describe(const ts_insert_event *event):
    return (KINDS[event.kind], REASONS[event.reason], event.pid, event.added, event.id,
            event.packet_index, event.last_packet_index, event.stream_time, event.pts_90khz)


cdef class InserterStage(Stage):
    """Puts sections into the stream."""

    cdef ts_inserter _inserter
    cdef CarouselRings _rings

    def __cinit__(self, *, str room="nulls_then_add", uint16_t program_number=0, **kwargs):
        raise_for(c_insert.ts_inserter_init(&self._inserter, ROOMS[room], program_number))
        self.stage.process = c_insert.ts_inserter_process
        self.stage.finish = c_insert.ts_inserter_finish
        self.stage.pending = &self._inserter.event_count
        self.stage.state = &self._inserter

    def __dealloc__(self):
        c_insert.ts_inserter_free(&self._inserter)

    def announce(self, uint16_t pid, const uint8_t[::1] program_info not None,
                 const uint8_t[::1] es_info not None):
        raise_for(c_insert.ts_inserter_announce(&self._inserter, pid, slice_of(program_info),
                                                slice_of(es_info)))

    def replace(self, uint16_t pid):
        """What the PID carries is read, and becomes null packets."""
        raise_for(c_insert.ts_inserter_replace(&self._inserter, pid))

    def follow_sdt(self):
        """SDTs are read and told of."""
        raise_for(c_insert.ts_inserter_follow_sdt(&self._inserter))

    def follow_time(self):
        """TDT and TOT are read and told of."""
        raise_for(c_insert.ts_inserter_follow_time(&self._inserter))

    def queue(self, uint64_t section_id, uint16_t pid, const uint8_t[::1] section not None,
              int64_t due, int64_t deadline, int64_t interval=0, *, bint wants_control=False):
        cdef ts_insert_item item
        cdef psi_slice data = slice_of(section)
        item.id = section_id
        item.pid = pid
        item.due = due
        item.deadline = deadline
        item.interval = interval
        item.wants_control = wants_control
        item.group = 0
        item.section = <uint8_t *> data.bytes
        item.size = data.size
        raise_for(c_insert.ts_inserter_queue(&self._inserter, &item))

    def set_alarm(self, uint64_t alarm_id, int64_t time):
        raise_for(c_insert.ts_inserter_set_alarm(&self._inserter, alarm_id, time))

    def cancel(self, uint64_t section_id):
        with self.lock:
            return c_insert.ts_inserter_cancel(&self._inserter, section_id) == 0

    def set_spacing(self, uint16_t pid, int64_t ticks):
        if pid < TS_PID_COUNT:
            self._inserter.spacing[pid] = ticks

    def space_groups(self, int64_t ticks):
        """From the end of a section to the begin of the next one of its group."""
        self._inserter.group_spacing = ticks

    def take_events(self):
        cdef size_t i
        events = [describe(&self._inserter.events[i]) for i in range(self._inserter.event_count)]
        c_insert.ts_inserter_clear_events(&self._inserter)
        return events

    def set_carousel(self, CarouselRings rings not None, int64_t patience, size_t kept, *,
                     bint tells):
        raise_for(c_insert.ts_inserter_set_carousel(&self._inserter, rings.native(), patience,
                                                    kept))
        self._rings = rings
        self._inserter.carousel.tells = tells

    def set_until(self, until):
        c_insert.ts_inserter_set_until(&self._inserter, INT64_MAX if until is None else until)

    @property
    def kept_events(self):
        cdef size_t i
        with self.lock:
            return [describe(c_insert.ts_inserter_get_kept(&self._inserter, i))
                    for i in range(c_insert.ts_inserter_count_kept(&self._inserter))]

    @property
    def carousel_counts(self):
        return self._inserter.carousel.confirmed, self._inserter.carousel.failed

    @property
    def clock(self):
        with self.lock:
            return snapshot(c_insert.ts_inserter_get_clock(&self._inserter))

    @property
    def program_number(self):
        return self._inserter.program_number or None

    @property
    def pat_transport_stream_id(self):
        return self._inserter.si.pat_transport_stream_id if self._inserter.si.has_pat else None

    @property
    def sdt_ids(self):
        """original_network_id and transport_stream_id of the SDT; None before there was one."""
        if not self._inserter.si.has_sdt:
            return None
        return self._inserter.si.original_network_id, self._inserter.si.transport_stream_id

    @property
    def utc_time(self):
        """The field of the last TDT or TOT."""
        return bytes(self._inserter.si.utc_time[:5])

    @property
    def time_offset_section(self):
        """The last TOT; None before there was one."""
        if not self._inserter.si.tot_size:
            return None
        return bytes(self._inserter.si.tot[:self._inserter.si.tot_size])

    @property
    def pids_in_use(self):
        cdef size_t pid
        return {pid for pid in range(TS_PID_COUNT) if self._inserter.in_use[pid]}
