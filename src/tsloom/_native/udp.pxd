"""UDP sockets, for what stands on them."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t

from tsloom._native cimport c_udp
from tsloom._native.arrival cimport DatagramTable
from tsloom._native.c_ip_measure cimport ts_ip_measure


cdef class UdpReceiver:
    cdef c_udp.ts_udp_receiver _receiver
    cdef readonly DatagramTable datagrams
    cdef ts_ip_measure _measure
    cdef bint _busy
    cdef bint _closing

    cdef int enter(self) except -1
    cdef int leave(self) except -1
    cdef void _count_datagrams(self) noexcept nogil
    cdef size_t _receive(self, uint8_t *buffer, size_t size, int64_t timeout_ns) except? 0
