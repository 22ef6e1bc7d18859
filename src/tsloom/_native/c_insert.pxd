from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_carousel cimport ts_carousel
from tsloom._native.c_clock cimport ts_clock
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/psi.h" nogil:
    ctypedef struct psi_slice:
        const uint8_t *bytes
        size_t size

cdef extern from "tsloom/insert.h" nogil:
    ctypedef enum ts_room:
        TS_ROOM_NULLS
        TS_ROOM_NULLS_THEN_ADD
        TS_ROOM_ADD

    ctypedef enum ts_insert_kind:
        TS_INSERT_CONFIRMED
        TS_INSERT_FAILED
        TS_INSERT_CLOCK_STARTED
        TS_INSERT_CLOCK_BROKEN
        TS_INSERT_ANNOUNCED
        TS_INSERT_PID_CLASH
        TS_INSERT_PMT_FULL
        TS_INSERT_ALARM
        TS_INSERT_SDT
        TS_INSERT_UTC

    ctypedef enum ts_insert_reason:
        TS_INSERT_NO_REASON
        TS_INSERT_NO_NULL_PACKET
        TS_INSERT_STREAM_ENDED

    ctypedef struct ts_insert_event:
        ts_insert_kind kind
        ts_insert_reason reason
        uint16_t pid
        bint added
        uint64_t id
        uint64_t packet_index
        uint64_t last_packet_index
        int64_t stream_time
        uint64_t pts_90khz

    ctypedef struct ts_insert_item:
        uint64_t id
        int64_t due
        int64_t deadline
        int64_t interval
        uint8_t *section
        size_t size
        uint16_t pid
        uint32_t group
        bint wants_control

    ctypedef struct ts_insert_si:
        bint has_pat
        bint has_sdt
        uint16_t pat_transport_stream_id
        uint16_t transport_stream_id
        uint16_t original_network_id
        uint8_t utc_time[5]
        uint8_t tot[1024]
        size_t tot_size

    ctypedef struct ts_insert_carousel:
        bint tells
        uint64_t confirmed
        uint64_t failed

    ctypedef struct ts_inserter:
        uint16_t program_number
        ts_insert_si si
        ts_insert_carousel carousel
        int64_t spacing[8192]
        int64_t group_spacing
        uint8_t in_use[8192]
        ts_insert_event *events
        size_t event_count
        uint64_t out_base

    ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number)
    void ts_inserter_free(ts_inserter *inserter)
    ts_status ts_inserter_announce(ts_inserter *inserter, uint16_t pid, psi_slice program_info,
                                   psi_slice es_info)
    ts_status ts_inserter_replace(ts_inserter *inserter, uint16_t pid)
    ts_status ts_inserter_follow_sdt(ts_inserter *inserter)
    ts_status ts_inserter_follow_time(ts_inserter *inserter)
    ts_status ts_inserter_queue(ts_inserter *inserter, const ts_insert_item *item)
    ts_status ts_inserter_set_alarm(ts_inserter *inserter, uint64_t id, int64_t time)
    ts_status ts_inserter_cancel(ts_inserter *inserter, uint64_t id)
    ts_status ts_inserter_set_carousel(ts_inserter *inserter, ts_carousel *carousel,
                                       int64_t patience, size_t kept)
    void ts_inserter_set_until(ts_inserter *inserter, int64_t until)
    size_t ts_inserter_count_kept(const ts_inserter *inserter)
    const ts_insert_event *ts_inserter_get_kept(const ts_inserter *inserter, size_t index)
    void ts_inserter_clear_events(ts_inserter *inserter)
    const ts_clock *ts_inserter_get_clock(const ts_inserter *inserter)
    ts_status ts_inserter_process(void *inserter, ts_batch *batch)
    ts_status ts_inserter_finish(void *inserter, ts_batch *batch)
