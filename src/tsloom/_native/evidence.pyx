"""Evidence of pieces of a stream, collected and replayed."""

from os import strerror

cimport cython
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcpy

from tsloom._native cimport c_arrival, c_batch, c_evidence, c_file, c_sync
from tsloom._native.analyzer cimport AnalyzerStage
from tsloom._native.c_arrival cimport ts_arrivals
from tsloom._native.c_batch cimport TS_PACKET_SIZE, ts_batch
from tsloom._native.c_evidence cimport ts_collector
from tsloom._native.c_status cimport TS_BAD_LENGTH, TS_NOT_FOUND, TS_OK, ts_status
from tsloom._native.c_sync cimport (
    TS_SYNC_LEFTOVER_MAX,
    ts_sync,
    ts_sync_columns,
    ts_sync_result,
)
from tsloom._native.status cimport raise_for
from tsloom._native.sync cimport take_sync_events
from tsloom.errors import InputError

cdef enum:
    BATCH_BYTES = 4096 * TS_PACKET_SIZE


cdef class _Synchronised:
    """Bytes in, batches out, through one buffer that is used again."""

    cdef ts_sync _sync
    cdef ts_batch _batch
    cdef uint8_t _rest[TS_SYNC_LEFTOVER_MAX]
    cdef size_t _rest_size
    cdef ts_arrivals _arrivals
    cdef bint _stamped

    def __cinit__(self, *args):
        c_arrival.ts_arrivals_init(&self._arrivals)
        c_sync.ts_sync_init(&self._sync)
        c_batch.ts_batch_init(&self._batch)
        raise_for(c_batch.ts_batch_reserve(&self._batch, BATCH_BYTES // TS_PACKET_SIZE + 64))
        raise_for(c_arrival.ts_arrivals_reserve(&self._arrivals,
                                                BATCH_BYTES // TS_PACKET_SIZE + 64))

    def __dealloc__(self):
        c_sync.ts_sync_free(&self._sync)
        c_batch.ts_batch_free(&self._batch)
        c_arrival.ts_arrivals_free(&self._arrivals)

    cdef ts_status take(self, const uint8_t *data, size_t size, bint final) noexcept nogil:
        """At most BATCH_BYTES; what is left over waits for more."""
        if size:
            memcpy(self._batch.packets + self._rest_size, data, size)
        return self.sort(size, final)

    cdef ts_status sort(self, size_t size, bint final) noexcept nogil:
        """The same of bytes that stand in the buffer behind what was left over."""
        cdef ts_status status
        cdef ts_sync_columns columns
        cdef ts_sync_result result
        columns.header = self._batch.header
        columns.timestamp = self._arrivals.timestamp
        columns.offset = NULL
        cdef size_t whole = self._rest_size + size
        memcpy(self._batch.packets, self._rest, self._rest_size)
        self._batch.first_index = self._sync.packet_count
        if final:
            status = c_sync.ts_sync_finish(&self._sync, self._batch.packets, whole,
                                           &columns, &result)
        else:
            status = c_sync.ts_sync_take(&self._sync, self._batch.packets, whole,
                                         &columns, &result)
        self._batch.count = result.count
        self._rest_size = whole - result.consumed
        memcpy(self._rest, self._batch.packets + result.consumed, self._rest_size)
        c_batch.ts_batch_number(&self._batch)
        self._stamped = result.stamped
        c_arrival.ts_arrivals_settle(&self._arrivals, &result, &self._batch)
        return status

    @property
    def unit(self):
        return self._sync.unit if self._sync.locked else 0

    @property
    def offset_bytes(self):
        return self._sync.offset_bytes

    @property
    def packets(self):
        return self._sync.packet_count

    def state(self):
        """What packet synchronisation has counted, and its events so far."""
        return (self._sync.unit, bool(self._sync.locked), self._sync.offset_bytes,
                self._sync.packet_count, self._sync.junk_offset, self._sync.junk_length,
                self._sync.skipped_bytes, self._sync.losses, self._sync.bad_sync_bytes,
                take_sync_events(&self._sync))

    def take_events(self):
        return take_sync_events(&self._sync)


@cython.final
cdef class LockFinder(_Synchronised):
    """Where packets begin in the bytes at the front of a piece."""

    def feed(self, const uint8_t[::1] data not None):
        cdef size_t at = 0
        cdef size_t size = <size_t> data.shape[0]
        cdef size_t some
        while at < size:
            some = min(size - at, <size_t> BATCH_BYTES)
            raise_for(self.take(&data[at], some, False))
            at += some


@cython.final
cdef class PieceCollector(_Synchronised):
    """Collects the evidence of a piece, from a place on where it is in lock."""

    cdef ts_collector _collector

    def __cinit__(self, size_t unit):
        raise_for(c_evidence.ts_collector_init(&self._collector))
        self._sync.unit = unit
        self._sync.locked = True

    def __dealloc__(self):
        c_evidence.ts_collector_free(&self._collector)

    cdef ts_status collect(self) noexcept nogil:
        return c_evidence.ts_collector_take(
            &self._collector, &self._batch, self._arrivals.timestamp if self._stamped else NULL)

    def feed(self, const uint8_t[::1] data not None):
        cdef size_t at = 0
        cdef size_t size = <size_t> data.shape[0]
        cdef size_t some
        cdef ts_status status = TS_OK
        with nogil:
            while at < size and status == TS_OK:
                some = min(size - at, <size_t> BATCH_BYTES)
                status = self.take(&data[at], some, False)
                at += some
                if status == TS_OK:
                    status = self.collect()
        raise_for(status)

    def read(self, int descriptor, size_t size):
        """Reads so many bytes of a file, fewer at its end; how many there were. `OSError`."""
        cdef size_t left = size
        cdef size_t got = 1
        cdef int error = 0
        cdef ts_status status = TS_OK
        with nogil:
            while left and got and not error and status == TS_OK:
                error = c_file.ts_file_read(
                    descriptor, self._batch.packets + self._rest_size,
                    min(left, <size_t> BATCH_BYTES), &got)
                left -= 0 if error else got
                status = self.sort(0 if error else got, False)
                if status == TS_OK:
                    status = self.collect()
        if error:
            raise OSError(error, strerror(error))
        raise_for(status)
        return size - left

    def finish(self):
        """The evidence, and the bytes behind it that wait for what comes next."""
        return ((<char *> self._collector.bytes)[:self._collector.size],
                (<char *> self._rest)[:self._rest_size])


@cython.final
cdef class Replayer(_Synchronised):
    """Feeds an analyzer with bytes and with evidence, in the order of the stream."""

    cdef AnalyzerStage _stage

    def __cinit__(self, AnalyzerStage stage not None):
        self._stage = stage

    cdef _analyze(self):
        cdef ts_status status
        with nogil:
            status = self._stage.stage.process(self._stage.stage.state, &self._batch)
        raise_for(status)
        self._stage.serve()

    def feed(self, const uint8_t[::1] data not None):
        cdef size_t at = 0
        cdef size_t size = <size_t> data.shape[0]
        cdef size_t some
        while at < size:
            some = min(size - at, <size_t> BATCH_BYTES)
            raise_for(self.take(&data[at], some, False))
            at += some
            self._analyze()

    def forget(self, size_t size):
        """The last bytes fed, which were to be looked at only."""
        if size > self._rest_size:
            raise ValueError("they are gone already")
        self._rest_size -= size

    def replay(self, const uint8_t[::1] evidence not None):
        """False where the evidence is not enough for what the stream asks of it."""
        cdef size_t offset = 0
        cdef size_t size = <size_t> evidence.shape[0]
        cdef uint64_t index = self._sync.packet_count
        cdef ts_status status = TS_OK
        while offset < size:
            self._batch.first_index = index
            with nogil:
                status = c_evidence.ts_evidence_replay(&self._stage._analyzer, &evidence[0], size,
                                                       &offset, &self._arrivals, &self._batch)
            if status == TS_NOT_FOUND:
                return False
            if status == TS_BAD_LENGTH:
                raise InputError("these bytes are no evidence of a stream")
            raise_for(status)
            index += self._batch.count
            self._stage.serve()
        return True

    def go_on(self, state, const uint8_t[::1] tail not None):
        """Synchronisation stands where that of the piece stood at its end."""
        cdef size_t size = <size_t> tail.shape[0]
        unit, locked, offset, packets, junk_offset, junk_length, skipped, losses, bad, _ = state
        if size > TS_SYNC_LEFTOVER_MAX:
            raise InputError("these bytes are no evidence of a stream")
        self._sync.unit = unit
        self._sync.locked = locked
        self._sync.junk_offset = self._sync.offset_bytes + junk_offset
        self._sync.junk_length = junk_length
        self._sync.offset_bytes += offset
        self._sync.packet_count += packets
        self._sync.skipped_bytes += skipped
        self._sync.losses += losses
        self._sync.bad_sync_bytes += bad
        if size:
            memcpy(self._rest, &tail[0], size)
        self._rest_size = size

    def finish(self):
        raise_for(self.take(NULL, 0, True))
        self._analyze()
        raise_for(self._stage.stage.finish(self._stage.stage.state, &self._batch))
