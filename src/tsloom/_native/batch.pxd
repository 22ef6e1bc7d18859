from libc.stdint cimport uint8_t, uint32_t, uint64_t

from tsloom._native.c_batch cimport ts_batch


cdef class PacketBatch:
    cdef readonly object data
    cdef readonly uint64_t first_index
    cdef object _header
    cdef object _position
    cdef object _timestamp
    cdef object _arrival
    cdef int arrival_clock
    cdef object _pid
    cdef object _pcrs
    cdef object _opcrs
    cdef size_t _count

    cdef const uint8_t *packets(self) noexcept
    cdef const uint32_t *headers(self) noexcept
    cdef _scan(self)
    cdef object _field(self, unsigned shift, uint32_t mask, object dtype)
    cdef _scan_clocks(self)
    cdef object dense_arrival(self)


cdef PacketBatch make_batch(object data, object header, object position, uint64_t first_index)
cdef PacketBatch copy_batch(const ts_batch *batch)
