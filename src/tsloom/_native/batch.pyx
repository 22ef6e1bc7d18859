"""PacketBatch: packets in one buffer, with the columns of their headers."""

cimport cython
from cpython.buffer cimport PyBUF_WRITABLE, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

import numpy as np

from tsloom._native cimport c_batch as kernels
from tsloom._native.c_batch cimport TS_PACKET_SIZE, ts_batch
from tsloom.errors import SyncLostError, UsageError


cdef enum:
    DENSE_MAX = 1 << 22


cdef const uint8_t *first_byte(object data) noexcept:
    cdef const uint8_t[:, ::1] view = data
    return &view[0, 0] if view.shape[0] else NULL


cdef const uint32_t *first_word(object column) noexcept:
    cdef const uint32_t[::1] view = column
    return &view[0] if view.shape[0] else NULL


cdef PacketBatch make_batch(object data, object header, object position, uint64_t first_index):
    cdef PacketBatch batch = PacketBatch.__new__(PacketBatch)
    batch.data = data
    batch._header = header
    batch._position = position
    batch.first_index = first_index
    batch._count = data.shape[0]
    return batch


cdef PacketBatch copy_batch(const ts_batch *source):
    """A PacketBatch of its own memory with what a native batch holds now."""
    cdef size_t count = source.count + source.added_count
    data = np.empty((count, TS_PACKET_SIZE), dtype=np.uint8)
    header = np.empty(count, dtype=np.uint32)
    position = np.empty(count, dtype=np.uint32)
    cdef uint8_t[:, ::1] data_view = data
    cdef uint32_t[::1] header_view = header
    cdef uint32_t[::1] position_view = position
    if count:
        kernels.ts_batch_copy(source, &data_view[0, 0], &header_view[0], &position_view[0])
    batch = make_batch(data, header, position, source.first_index)
    if source.arrival_count:
        batch._arrival = copy_arrival(source, position_view)
        batch.arrival_clock = source.arrival_clock
    return batch


cdef object copy_arrival(const ts_batch *source, const uint32_t[::1] position):
    """Of each packet that is in the batch, or beside it."""
    cdef Py_ssize_t i
    times = np.empty(position.shape[0], dtype=np.int64)
    cdef int64_t[::1] view = times
    for i in range(position.shape[0]):
        view[i] = kernels.ts_batch_get_arrival(source, source.first_index + position[i])
    return times


@cython.final
cdef class PacketBatch:
    def __init__(self, data=b"", *, uint64_t first_index=0):
        array = np.frombuffer(data, dtype=np.uint8)
        if array.size % TS_PACKET_SIZE:
            raise UsageError("a batch is whole packets of 188 bytes", size_bytes=array.size)
        self.data = array.reshape(-1, TS_PACKET_SIZE)
        self.first_index = first_index
        self._count = self.data.shape[0]
        self._header = np.empty(self._count, dtype=np.uint32)
        self._scan()

    cdef object dense_arrival(self):
        """By input packet index from first_index on; None where the batch does not tell."""
        if self._arrival is None or self._position is None or not self._count:
            return self._arrival
        size = int(self._position.max()) + 1
        if size > DENSE_MAX + self._count:
            return None
        dense = np.full(size, kernels.TS_NO_ARRIVAL, dtype=np.int64)
        dense[self._position] = self._arrival
        return dense

    cdef const uint8_t *packets(self) noexcept:
        return first_byte(self.data)

    cdef const uint32_t *headers(self) noexcept:
        return first_word(self._header)

    cdef _scan(self):
        if not self._count:
            return
        cdef const uint8_t *packets = self.packets()
        cdef uint32_t *header = <uint32_t *> self.headers()
        cdef size_t count = self._count
        cdef size_t good
        with nogil:
            good = kernels.ts_scan_headers(packets, count, header)
        if good != count:
            raise SyncLostError(packet_index=self.first_index + good)

    def __len__(self):
        return self._count

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyObject_GetBuffer(self.data, buffer, flags & ~PyBUF_WRITABLE)

    def __repr__(self):
        return f"PacketBatch({self._count} packets from {self.first_index})"

    def __getitem__(self, key):
        data = self.data[key]
        if data.ndim == 1:
            return bytes(data)
        if data.ndim != 2 or data.shape[1] != TS_PACKET_SIZE:
            raise UsageError("a batch is indexed along its packets", key=key)
        position = self.packet_index - self.first_index
        batch = make_batch(
            np.ascontiguousarray(data),
            np.ascontiguousarray(self._header[key]),
            np.ascontiguousarray(position[key], dtype=np.uint32),
            self.first_index,
        )
        if self._timestamp is not None:
            batch._timestamp = np.ascontiguousarray(self._timestamp[key])
        if self._arrival is not None:
            batch._arrival = np.ascontiguousarray(self._arrival[key])
            batch.arrival_clock = self.arrival_clock
        return batch

    def select(self, pids):
        wanted = np.zeros(kernels.TS_PID_COUNT, dtype=bool)
        for pid in pids:
            if not 0 <= pid < kernels.TS_PID_COUNT:
                raise UsageError("a PID is a whole number from 0 to 8191", pid=pid)
            wanted[pid] = True
        return self[wanted[self.pid]]

    @staticmethod
    def concatenate(batches):
        parts = list(batches)
        if not parts:
            return PacketBatch()
        first = parts[0].first_index
        position = np.concatenate([part.packet_index for part in parts]) - first
        if len(position) and (position.min() < 0 or position.max() >= 2**32):
            raise UsageError("batches are concatenated in the order of the stream")
        batch = make_batch(
            np.concatenate([part.data for part in parts]),
            np.concatenate([part.header for part in parts]),
            position.astype(np.uint32),
            first,
        )
        if any(part.arrival_timestamp is not None for part in parts):
            batch._timestamp = np.concatenate([
                np.zeros(len(part), dtype=np.uint32)
                if part.arrival_timestamp is None else part.arrival_timestamp
                for part in parts])
        told = [part for part in parts if part.arrival_27mhz is not None]
        if told:
            batch.arrival_clock = (<PacketBatch> told[0]).arrival_clock
            batch._arrival = np.concatenate([
                np.full(len(part), kernels.TS_NO_ARRIVAL, dtype=np.int64)
                if part.arrival_27mhz is None else part.arrival_27mhz
                for part in parts])
        return batch

    @property
    def header(self):
        return self._header

    @property
    def packet_index(self):
        if self._position is None:
            return np.arange(self.first_index, self.first_index + self._count, dtype=np.uint64)
        return self._position + np.uint64(self.first_index)

    @property
    def arrival_timestamp(self):
        return self._timestamp

    @property
    def arrival_27mhz(self):
        return self._arrival

    @property
    def pid(self):
        cdef uint16_t[::1] view
        cdef const uint32_t *header
        cdef size_t count = self._count
        if self._pid is None:
            self._pid = np.empty(count, dtype=np.uint16)
            if count:
                view = self._pid
                header = self.headers()
                with nogil:
                    kernels.ts_scan_pids(header, count, &view[0])
        return self._pid

    cdef object _field(self, unsigned shift, uint32_t mask, object dtype):
        column = np.empty(self._count, dtype=np.uint8)
        cdef uint8_t[::1] view = column
        if self._count:
            kernels.ts_scan_field(self.headers(), self._count, shift, mask, &view[0])
        return column.view(dtype)

    @property
    def transport_error_indicator(self):
        return self._field(23, 1, np.bool_)

    @property
    def payload_unit_start_indicator(self):
        return self._field(22, 1, np.bool_)

    @property
    def transport_priority(self):
        return self._field(21, 1, np.bool_)

    @property
    def scrambling_control(self):
        return self._field(6, 3, np.uint8)

    @property
    def adaptation_field_control(self):
        return self._field(4, 3, np.uint8)

    @property
    def continuity_counter(self):
        return self._field(0, 15, np.uint8)

    cdef _scan_clocks(self):
        cdef size_t count = self._count
        index = np.empty(count, dtype=np.uint32)
        value = np.empty(count, dtype=np.uint64)
        cdef uint32_t[::1] index_view = index
        cdef uint64_t[::1] value_view = value
        cdef size_t found = 0
        cdef const uint8_t *packets = self.packets()
        cdef const uint32_t *header = self.headers()
        if count:
            with nogil:
                found = kernels.ts_scan_pcrs(packets, header, count, &index_view[0],
                                             &value_view[0])
        self._pcrs = (index[:found].copy(), value[:found].copy())
        if count:
            with nogil:
                found = kernels.ts_scan_opcrs(packets, header, count, &index_view[0],
                                              &value_view[0])
        self._opcrs = (index[:found].copy(), value[:found].copy())

    @property
    def pcr_index(self):
        if self._pcrs is None:
            self._scan_clocks()
        return self._pcrs[0]

    @property
    def pcr_27mhz(self):
        if self._pcrs is None:
            self._scan_clocks()
        return self._pcrs[1]

    @property
    def opcr_index(self):
        if self._opcrs is None:
            self._scan_clocks()
        return self._opcrs[0]

    @property
    def opcr_27mhz(self):
        if self._opcrs is None:
            self._scan_clocks()
        return self._opcrs[1]
