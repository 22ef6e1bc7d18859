"""Packet synchronisation, bound: bytes in, packets and events out."""

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

import numpy as np

from tsloom._native cimport c_arrival
from tsloom._native cimport c_sync as kernels
from tsloom._native.batch cimport PacketBatch, make_batch
from tsloom._native.c_arrival cimport ts_arrivals
from tsloom._native.c_batch cimport TS_ARRIVAL_M2TS, TS_PACKET_SIZE
from tsloom._native.c_status cimport TS_OK, ts_status
from tsloom._native.c_sync cimport (
    TS_SYNC_LEFTOVER_MAX,
    ts_sync,
    ts_sync_columns,
    ts_sync_result,
)
from tsloom.errors import UsageError


cdef list take_sync_events(ts_sync *sync):
    cdef size_t i
    events = [
        (sync.events[i].kind, sync.events[i].offset_bytes, sync.events[i].packet_index,
         sync.events[i].length)
        for i in range(sync.event_count)
    ]
    kernels.ts_sync_clear_events(sync)
    return events


@cython.final
cdef class SyncMachine:
    cdef ts_sync _sync
    cdef uint8_t _rest[TS_SYNC_LEFTOVER_MAX]
    cdef size_t _rest_size
    cdef ts_arrivals _arrivals

    def __cinit__(self):
        kernels.ts_sync_init(&self._sync)
        c_arrival.ts_arrivals_init(&self._arrivals)

    def __dealloc__(self):
        kernels.ts_sync_free(&self._sync)
        c_arrival.ts_arrivals_free(&self._arrivals)

    def feed(self, const uint8_t[::1] data not None):
        return self._take(data, False)

    def flush(self):
        return self._take(None, True)

    cdef _take(self, const uint8_t[::1] data, bint final):
        cdef size_t added = 0 if data is None else <size_t> data.shape[0]
        cdef size_t size = self._rest_size + added
        cdef uint64_t first = self._sync.packet_count
        room = np.empty(size + 1, dtype=np.uint8)
        if size >= 1 << 32:
            raise UsageError("bytes come in pieces of less than 4 GiB", size_bytes=size)
        words = np.empty(size // TS_PACKET_SIZE + 1, dtype=np.uint32)
        stamps = np.empty(size // TS_PACKET_SIZE + 1, dtype=np.uint32)
        cdef uint8_t[::1] buffer = room
        cdef uint32_t[::1] header = words
        cdef uint32_t[::1] timestamp = stamps
        cdef ts_sync_columns columns
        cdef ts_sync_result result
        cdef ts_status status
        columns.header = &header[0]
        columns.timestamp = &timestamp[0]
        columns.offset = NULL
        memcpy(&buffer[0], self._rest, self._rest_size)
        if added:
            memcpy(&buffer[self._rest_size], &data[0], added)
        with nogil:
            if final:
                status = kernels.ts_sync_finish(&self._sync, &buffer[0], size, &columns,
                                                &result)
            else:
                status = kernels.ts_sync_take(&self._sync, &buffer[0], size, &columns,
                                              &result)
        if status != TS_OK:
            raise MemoryError
        self._rest_size = size - result.consumed
        memcpy(self._rest, &buffer[result.consumed], self._rest_size)
        batch = make_batch(
            room[:result.count * TS_PACKET_SIZE].reshape(-1, TS_PACKET_SIZE),
            words[:result.count], None, first)
        if result.stamped:
            self._stamp(batch, stamps[:result.count])
        return batch

    cdef _stamp(self, PacketBatch batch, stamps):
        """The packet size may have changed within these bytes: those of others are 0."""
        times = np.empty(len(stamps), dtype=np.int64)
        cdef const uint32_t[::1] timestamp = stamps
        cdef int64_t[::1] time = times
        batch._timestamp = stamps
        batch._arrival = times
        batch.arrival_clock = TS_ARRIVAL_M2TS
        if len(stamps):
            c_arrival.ts_arrivals_unwrap(&self._arrivals, &timestamp[0], len(stamps), &time[0])

    def take_events(self):
        return take_sync_events(&self._sync)

    @property
    def packet_size(self):
        return self._sync.unit or None

    @property
    def locked(self):
        return self._sync.locked

    @property
    def packets(self):
        return self._sync.packet_count

    @property
    def skipped_bytes(self):
        return self._sync.skipped_bytes

    @property
    def sync_losses(self):
        return self._sync.losses

    @property
    def bad_sync_bytes(self):
        return self._sync.bad_sync_bytes
