"""Reads a source into batches: from a file or a socket without the interpreter."""

cimport cython
from cpython.buffer cimport PyBUF_WRITE
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.errno cimport EINTR
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from tsloom._native cimport c_arrival, c_batch, c_file, c_sync, c_udp
from tsloom._native.batch cimport copy_batch
from tsloom._native.c_arrival cimport ts_datagram
from tsloom._native.c_batch cimport TS_PACKET_SIZE, ts_batch
from tsloom._native.c_status cimport TS_OK, ts_status
from tsloom._native.c_sync cimport ts_sync_columns, ts_sync_result
from tsloom._native.status cimport raise_for
from tsloom._native.sync cimport take_sync_events
from tsloom._native.udp cimport UdpReceiver
from tsloom.errors import SystemRefusedError, UsageError


cdef enum:
    # After so long without a datagram the reader hands over what it has.
    SILENCE_NS = 2_000_000


@cython.final
cdef class PacketReader:
    """Reads a source into batches: packet synchronisation, in one buffer that is used again."""

    def __cinit__(self, source, *, size_t batch_packets=4096):
        c_sync.ts_sync_init(&self._sync)
        c_batch.ts_batch_init(&self._batch)
        c_arrival.ts_arrivals_init(&self._arrivals)
        if batch_packets < 512 or batch_packets > 1 << 20:
            raise UsageError("a batch holds 512 to 1048576 packets", batch_packets=batch_packets)
        self._source = source
        self._is_file = hasattr(source, "descriptor")
        self._capacity = batch_packets
        self._datagrams = getattr(source, "datagrams", None)
        self._has_datagrams = self._datagrams is not None
        raise_for(c_batch.ts_batch_reserve(&self._batch, batch_packets + 64))
        raise_for(c_arrival.ts_arrivals_reserve(&self._arrivals, batch_packets + 64))

    def __dealloc__(self):
        c_arrival.ts_arrivals_free(&self._arrivals)
        c_sync.ts_sync_free(&self._sync)
        c_batch.ts_batch_free(&self._batch)

    cdef uint8_t *_begin(self, size_t *room) noexcept nogil:
        """Empties the batch; where the source's next bytes go."""
        c_batch.ts_batch_clear(&self._batch)
        self._batch.first_index = self._sync.packet_count
        memcpy(self._batch.packets, self._rest, self._rest_size)
        room[0] = self._capacity * TS_PACKET_SIZE - self._rest_size
        return self._batch.packets + self._rest_size

    cdef ts_batch *fill(self) except NULL:
        """The next batch; empty at a timeout of the source, and at the end."""
        cdef size_t room
        cdef uint8_t *into = self._begin(&room)
        got = self._read(into, room)
        if got is None:
            return &self._batch
        if self._datagrams is not None and got:
            self._take_datagrams(into, self._datagrams.datagrams, self._datagrams.count)
        self._sort(got, got == 0)
        self.ended = got == 0
        return &self._batch

    cdef size_t receive(self, UdpReceiver receiver) except? 0 nogil:
        """The same from a socket, without the interpreter: the bytes that came, 0 at a timeout."""
        cdef size_t room
        cdef size_t received
        cdef uint8_t *into = self._begin(&room)
        cdef int error = c_udp.ts_udp_receive(&receiver._receiver, into, room, SILENCE_NS,
                                              &received)
        if error and error != EINTR:
            self.read_errno = error
            with gil:
                raise SystemRefusedError("the receiver failed", errno=error)
        if error or received == 0:
            return 0
        receiver._count_datagrams()
        self._take_datagrams(into, receiver._receiver.datagrams,
                             receiver._receiver.datagram_count)
        self._sort(received, False)
        return received

    cdef int _take_datagrams(self, const uint8_t *bytes, const ts_datagram *datagrams,
                             size_t count) except -1 nogil:
        """What was read came in these."""
        self._ends_whole = c_arrival.ts_datagrams_end_whole(bytes, datagrams, count)
        if c_arrival.ts_arrivals_add(&self._arrivals, self._rest_size, datagrams,
                                     count) != TS_OK:
            with gil:
                raise MemoryError
        return 0

    cdef object _read(self, uint8_t *into, size_t room):
        """Bytes from the source; None at a timeout. A file is read without the interpreter."""
        cdef size_t size = 0
        cdef int error
        cdef int descriptor = self._source.descriptor if self._is_file else -1
        if descriptor < 0:
            return self._source.readinto(
                PyMemoryView_FromMemory(<char *> into, room, PyBUF_WRITE))
        with nogil:
            error = c_file.ts_file_read(descriptor, into, room, &size)
        if error:
            raise self._source.fail(error)
        return size

    cdef int _sort(self, size_t got, bint final) except -1 nogil:
        """What was read becomes the batch, and a rest that waits."""
        cdef ts_status status
        cdef ts_sync_result result
        cdef ts_sync_columns columns
        cdef size_t size = self._rest_size + got
        self.bytes_read += got
        columns.header = self._batch.header
        columns.timestamp = self._arrivals.timestamp
        columns.offset = self._arrivals.offset if self._has_datagrams else NULL
        if final:
            status = c_sync.ts_sync_finish(&self._sync, self._batch.packets, size,
                                           &columns, &result)
        elif self._ends_whole:
            status = c_sync.ts_sync_take_whole(&self._sync, self._batch.packets, size,
                                               &columns, &result)
        else:
            status = c_sync.ts_sync_take(&self._sync, self._batch.packets, size,
                                         &columns, &result)
        self._batch.count = result.count
        self._rest_size = size - result.consumed
        memcpy(self._rest, self._batch.packets + result.consumed, self._rest_size)
        c_batch.ts_batch_number(&self._batch)
        c_arrival.ts_arrivals_settle(&self._arrivals, &result, &self._batch)
        if status != TS_OK:
            with gil:
                raise_for(status)
        return 0

    cdef ts_batch *end(self) except NULL:
        """The source is to be read no more: what waits for more bytes, as the last batch."""
        cdef size_t room
        self._begin(&room)
        self._sort(0, True)
        self.ended = True
        return &self._batch

    def next_batch(self):
        """A PacketBatch of its own memory; None at the end."""
        if self.ended:
            return None
        return copy_batch(self.fill())

    def take_events(self):
        return take_sync_events(&self._sync)

    @property
    def packets(self):
        return self._sync.packet_count

    @property
    def packet_size(self):
        return self._sync.unit or None

    @property
    def skipped_bytes(self):
        return self._sync.skipped_bytes

    @property
    def sync_losses(self):
        return self._sync.losses

    @property
    def bad_sync_bytes(self):
        return self._sync.bad_sync_bytes
