# cython: auto_pickle=False
"""What cuts packets into datagrams and sends them at their times (tsloom/udp_paced.h)."""

import os

from cpython.buffer cimport Py_buffer, PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from libc.errno cimport EINTR
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t

from tsloom._native cimport c_udp, c_udp_paced

from tsloom.errors import OpenError, SystemRefusedError, UsageError

# Whoever waits comes back this often, to see to signals and to whether it was closed.
cdef int64_t SLICE_NS = 100_000_000


cdef class DatagramSender:
    """Sends packets, so many to a datagram, at once or each at its time; others open it.

    pace_bitrate_bps: None sends at once, 0 by the PCRs, other rates are constant. should_stop is
    asked now and then while a write sleeps; what has not left when it says so never does.
    """

    def __cinit__(self):
        self._sender.fd = -1

    cdef int _begin(self, pace_bitrate_bps, should_stop) except -1:
        """The sender is open: from now on it may be written to."""
        self._closing = False
        self._should_stop = should_stop
        self._is_paced = pace_bitrate_bps is not None
        if self._is_paced:
            error = c_udp_paced.ts_udp_paced_init(&self._paced, pace_bitrate_bps)
            if error:
                raise OpenError(os.strerror(error), step="pace", errno=error)
        return 0

    def __dealloc__(self):
        self._release()

    def close(self):
        """Closes the socket, after the write that another thread may be in; sends nothing."""
        self._closing = True
        if not self._busy:
            self._release()

    cdef void _release(self) noexcept:
        c_udp.ts_udp_sender_close(&self._sender)
        c_udp_paced.ts_udp_paced_free(&self._paced)

    def counters(self):
        return self._sender.counters

    def pace_counters(self):
        """The pacer's counters, error_us as a list; None where nothing is paced."""
        if not self._is_paced:
            return None
        cdef c_udp_paced.ts_pace *pace = &self._paced.pace
        cdef c_udp_paced.ts_pace_counters *counters = &pace.counters
        cdef int bucket
        return {
            "pcr_pid": pace.pcr_pid if pace.has_pid else None,
            "timed": counters.timed,
            "untimed": counters.untimed,
            "late_anchors": counters.late_anchors,
            "leaps": counters.leaps,
            "discontinuities": counters.discontinuities,
            "pid_changes": counters.pid_changes,
            "late_max_ns": counters.late_max_ns,
            "early_max_ns": counters.early_max_ns,
            "error_us": [counters.error_us[bucket]
                         for bucket in range(c_udp_paced.TS_PACE_BUCKETS)],
        }

    def write(self, packets):
        """Sends all full datagrams; the rest waits for more packets or for flush."""
        cdef Py_buffer view
        PyObject_GetBuffer(packets, &view, PyBUF_SIMPLE)
        try:
            if view.len % 188:
                raise UsageError("only whole packets can be sent", size_bytes=view.len)
            self._enter()
            try:
                self._write(<const uint8_t *>view.buf, <size_t>view.len)
            finally:
                self._leave()
        finally:
            PyBuffer_Release(&view)

    def flush(self):
        """Sends what waits for its datagram to fill."""
        self._enter()
        try:
            self._flush()
        finally:
            self._leave()

    @property
    def is_paced(self):
        return self._is_paced

    cdef int send_now(self, const uint8_t *packets, size_t size) except -1 nogil:
        """Of one that is not paced: all at once, without the interpreter."""
        cdef size_t taken = 0
        cdef int error = c_udp.ts_udp_send(&self._sender, packets, size, &taken)
        if error:
            with gil:
                if not self._settle(error, False):
                    self._write(packets + taken, size - taken)
        return 0

    cdef int _write(self, const uint8_t *packets, size_t size) except -1:
        cdef size_t taken = 0
        cdef int error
        while True:
            with nogil:
                if self._is_paced:
                    error = c_udp_paced.ts_udp_paced_send(&self._paced, &self._sender, packets,
                                                          size, SLICE_NS, &taken)
                else:
                    error = c_udp.ts_udp_send(&self._sender, packets, size, &taken)
            if self._settle(error, taken == size):
                return 0
            packets += taken
            size -= taken

    cdef int _flush(self) except -1:
        cdef c_udp_paced.c_bool done = False
        cdef int error
        while True:
            with nogil:
                if self._is_paced:
                    error = c_udp_paced.ts_udp_paced_flush(&self._paced, &self._sender, SLICE_NS,
                                                           &done)
                else:
                    error = c_udp.ts_udp_sender_flush(&self._sender)
                    done = error == 0
            if self._settle(error, done):
                return 0

    cdef bint _settle(self, int error, bint done) except -1:
        """Whether to stop: the work is done, or is not wanted any more."""
        if error and error != EINTR:
            raise SystemRefusedError(os.strerror(error), errno=error)
        if error == 0 and done:
            return True
        PyErr_CheckSignals()
        return self._closing or (self._should_stop is not None and self._should_stop())

    cdef int _enter(self) except -1:
        if self._busy:
            raise UsageError("another thread is sending on this socket")
        self._busy = True
        return 0

    cdef int _leave(self) except -1:
        self._busy = False
        if self._closing:
            self._release()
        return 0
