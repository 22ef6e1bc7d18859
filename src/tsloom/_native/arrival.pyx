"""What datagrams the bytes of a source came in."""

cimport cython
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from tsloom._native.c_arrival cimport ts_datagram
from tsloom._native.c_batch cimport TS_NO_ARRIVAL

from tsloom.errors import UsageError

NO_ARRIVAL = TS_NO_ARRIVAL


@cython.final
cdef class DatagramTable:
    def __dealloc__(self):
        free(self.datagrams)

    cdef int take(self, const ts_datagram *datagrams, size_t count) except -1:
        cdef void *room = realloc(self.datagrams, (count + 1) * sizeof(ts_datagram))
        if room is NULL:
            raise MemoryError
        self.datagrams = <ts_datagram *> room
        self.count = count
        if datagrams is not NULL:
            memcpy(self.datagrams, datagrams, count * sizeof(ts_datagram))
        return 0

    def set(self, rows):
        cdef size_t i = 0
        cdef uint32_t offset = 0
        cdef uint32_t size
        cdef int64_t arrival_ns
        listed = list(rows)
        if sum(size for size, _ in listed) >= 1 << 32 or any(size < 0 for size, _ in listed):
            raise UsageError("datagrams hold less than 4 GiB together")
        self.take(NULL, len(listed))
        for size, arrival_ns in listed:
            self.datagrams[i] = ts_datagram(offset, size, arrival_ns)
            offset += size
            i += 1

    def __len__(self):
        return self.count
