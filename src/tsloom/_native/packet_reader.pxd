cimport cython
from libc.stdint cimport uint8_t, uint64_t

from tsloom._native.arrival cimport DatagramTable
from tsloom._native.c_arrival cimport ts_arrivals, ts_datagram
from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_sync cimport TS_SYNC_LEFTOVER_MAX, ts_sync
from tsloom._native.udp cimport UdpReceiver


@cython.final
cdef class PacketReader:
    cdef ts_batch _batch
    cdef ts_sync _sync
    cdef uint8_t _rest[TS_SYNC_LEFTOVER_MAX]
    cdef size_t _rest_size
    cdef size_t _capacity
    cdef object _source
    cdef bint _is_file
    cdef ts_arrivals _arrivals
    cdef DatagramTable _datagrams
    cdef bint _has_datagrams
    cdef bint _ends_whole
    cdef readonly bint ended
    cdef readonly uint64_t bytes_read
    # Of a receive that was refused, as against a send.
    cdef readonly int read_errno

    cdef uint8_t *_begin(self, size_t *room) noexcept nogil
    cdef ts_batch *fill(self) except NULL
    cdef size_t receive(self, UdpReceiver receiver) except? 0 nogil
    cdef int _take_datagrams(self, const uint8_t *bytes, const ts_datagram *datagrams,
                             size_t count) except -1 nogil
    cdef object _read(self, uint8_t *into, size_t room)
    cdef int _sort(self, size_t got, bint final) except -1 nogil
    cdef ts_batch *end(self) except NULL
