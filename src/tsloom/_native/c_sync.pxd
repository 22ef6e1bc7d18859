from libc.stdint cimport uint8_t, uint32_t, uint64_t

from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/sync.h" nogil:
    enum:
        TS_SYNC_LEFTOVER_MAX

    ctypedef enum ts_sync_kind:
        TS_SYNC_ACQUIRED
        TS_SYNC_LOST
        TS_SYNC_SKIPPED
        TS_SYNC_BAD_SYNC_BYTE

    ctypedef struct ts_sync_event:
        ts_sync_kind kind
        uint64_t offset_bytes
        uint64_t packet_index
        uint64_t length

    ctypedef struct ts_sync:
        size_t unit
        bint locked
        uint64_t offset_bytes
        uint64_t packet_count
        uint64_t junk_offset
        uint64_t junk_length
        uint64_t skipped_bytes
        uint64_t losses
        uint64_t bad_sync_bytes
        ts_sync_event *events
        size_t event_count

    ctypedef struct ts_sync_result:
        size_t count
        size_t consumed
        bint stamped

    ctypedef struct ts_sync_columns:
        uint32_t *header
        uint32_t *timestamp
        uint32_t *offset

    void ts_sync_init(ts_sync *sync)
    void ts_sync_free(ts_sync *sync)
    void ts_sync_clear_events(ts_sync *sync)
    ts_status ts_sync_take(ts_sync *sync, uint8_t *buffer, size_t size,
                           const ts_sync_columns *columns, ts_sync_result *result)
    ts_status ts_sync_take_whole(ts_sync *sync, uint8_t *buffer, size_t size,
                                 const ts_sync_columns *columns, ts_sync_result *result)
    ts_status ts_sync_finish(ts_sync *sync, uint8_t *buffer, size_t size,
                             const ts_sync_columns *columns, ts_sync_result *result)
