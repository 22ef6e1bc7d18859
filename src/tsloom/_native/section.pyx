"""Sections in packets, bound: packets in, reports out, and sections into packets."""

cimport cython
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native cimport c_section as kernels
from tsloom._native.batch cimport PacketBatch
from tsloom._native.c_batch cimport TS_PACKET_SIZE, TS_PID_COUNT, ts_batch
from tsloom._native.c_section cimport TS_SECTION_MAX, ts_section_assembler, ts_section_report
from tsloom.errors import UsageError


cdef void collect(void *context, const ts_section_report *report) noexcept with gil:
    """An exception cannot leave a callback: it is kept in the list's place."""
    cdef Reports reports = <Reports> context
    try:
        reports.items.append((
            <int> report.reason,
            (<const char *> report.bytes)[:report.size],
            report.first_packet,
            report.last_packet,
        ))
    except MemoryError as error:
        reports.error = error


@cython.final
cdef class Reports:
    cdef list items
    cdef object error

    def __cinit__(self):
        self.items = []

    cdef list take(self):
        if self.error is not None:
            raise self.error
        return self.items


@cython.final
cdef class Assembler:
    cdef ts_section_assembler _assembler
    cdef uint16_t _pid
    cdef uint64_t _next_index

    def __cinit__(self, pid=None):
        if pid is not None and not 0 <= pid < TS_PID_COUNT:
            raise UsageError("a PID has 13 bits", pid=pid)
        self._pid = TS_PID_COUNT if pid is None else pid
        kernels.ts_section_assembler_init(&self._assembler)

    def feed_batch(self, PacketBatch source not None):
        cdef const uint32_t[::1] position = source._position
        cdef ts_batch batch
        batch.packets = <uint8_t *> source.packets()
        batch.position = NULL
        if position is not None and position.shape[0]:
            batch.position = <uint32_t *> &position[0]
        batch.count = source._count
        batch.first_index = source.first_index
        return self._feed(&batch)

    def feed_bytes(self, const uint8_t[::1] data not None, first_index=None):
        if data.shape[0] % TS_PACKET_SIZE:
            raise UsageError("packets are 188 bytes each", size_bytes=data.shape[0])
        cdef ts_batch batch
        batch.packets = <uint8_t *> &data[0] if data.shape[0] else NULL
        batch.position = NULL
        batch.count = data.shape[0] // TS_PACKET_SIZE
        batch.first_index = self._next_index if first_index is None else first_index
        return self._feed(&batch)

    cdef list _feed(self, const ts_batch *batch):
        reports = Reports()
        cdef void *context = <void *> reports
        with nogil:
            kernels.ts_section_assembler_feed_batch(
                &self._assembler, self._pid, batch, collect, context)
        self._next_index = batch.first_index + batch.count
        return reports.take()

    def flush(self):
        reports = Reports()
        kernels.ts_section_assembler_flush(
            &self._assembler, self._next_index, collect, <void *> reports)
        return reports.take()


def packetize(const uint8_t[::1] section not None, uint16_t pid, uint8_t continuity_counter):
    cdef size_t size = section.shape[0]
    if not 0 < size <= TS_SECTION_MAX:
        raise UsageError("a section is 3 to 4096 bytes", size_bytes=size)
    if pid >= TS_PID_COUNT or continuity_counter > 15:
        raise UsageError("PID or continuity_counter out of range", pid=pid,
                         continuity_counter=continuity_counter)
    cdef size_t offset = 0
    cdef size_t packet = 0
    packets = bytearray(kernels.ts_section_get_packet_count(size) * TS_PACKET_SIZE)
    cdef uint8_t[::1] view = packets
    while offset < size:
        offset = kernels.ts_section_put_packet(
            &section[0], size, offset, pid, <uint8_t> ((continuity_counter + packet) % 16),
            &view[packet * TS_PACKET_SIZE])
        packet += 1
    return bytes(packets)
