"""What senders of one protocol each build on."""

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t

from tsloom._native cimport c_udp, c_udp_paced


cdef class DatagramSender:
    cdef c_udp.ts_udp_sender _sender
    cdef c_udp_paced.ts_udp_paced _paced
    cdef bint _is_paced
    cdef object _should_stop
    cdef bint _busy
    cdef bint _closing

    cdef int _begin(self, pace_bitrate_bps, should_stop) except -1
    cdef void _release(self) noexcept
    cdef int send_now(self, const uint8_t *packets, size_t size) except -1 nogil
    cdef int _write(self, const uint8_t *packets, size_t size) except -1
    cdef int _flush(self) except -1
    cdef bint _settle(self, int error, bint done) except -1
    cdef int _enter(self) except -1
    cdef int _leave(self) except -1
