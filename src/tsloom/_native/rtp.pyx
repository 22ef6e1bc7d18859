# cython: auto_pickle=False
"""RTP on UDP sockets (tsloom/rtp.h)."""

import os
import time

cimport cython
from cpython.buffer cimport (
    Py_buffer,
    PyBUF_SIMPLE,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.exc cimport PyErr_CheckSignals
from libc.errno cimport EINTR
from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint32_t

from tsloom._native cimport c_rtp, c_udp
from tsloom._native.arrival cimport DatagramTable
from tsloom._native.datagram_sender cimport DatagramSender
from tsloom._native.ip_measure cimport figures_of
from tsloom._native.udp cimport UdpReceiver

from tsloom.errors import OpenError, SystemRefusedError, UsageError

# Whoever waits comes back this often, to see to signals and to whether it was closed.
cdef int64_t SLICE_NS = 100_000_000

PAYLOAD_TYPE_MP2T = c_rtp.TS_RTP_PAYLOAD_TYPE_MP2T
FEC_SIZE_MAX = c_rtp.TS_RTP_FEC_SIZE_MAX


@cython.no_gc_clear
@cython.final
cdef class RtpReceiver:
    """Payloads in order, out of one socket or the two legs of SMPTE ST 2022-7."""

    cdef c_rtp.ts_rtp_receiver _receiver
    cdef readonly DatagramTable datagrams
    cdef UdpReceiver _first
    cdef UdpReceiver _second
    cdef UdpReceiver _columns
    cdef UdpReceiver _rows
    cdef bint _busy
    cdef bint _closing

    def __init__(self, UdpReceiver first not None, UdpReceiver second, *, uint32_t window,
                 int64_t wait_ns, uint8_t payload_type):
        cdef c_udp.ts_udp_receiver *other = NULL
        if self._first is not None:
            raise UsageError("the receiver is open already")
        if second is not None:
            other = &second._receiver
        cdef int error = c_rtp.ts_rtp_receiver_init(&self._receiver, &first._receiver, other,
                                                    window, wait_ns, payload_type)
        if error:
            raise OpenError(os.strerror(error), errno=error)
        self._first = first
        self._second = second
        self.datagrams = DatagramTable()

    def __dealloc__(self):
        c_rtp.ts_rtp_receiver_free(&self._receiver)

    def add_fec(self, UdpReceiver columns not None, UdpReceiver rows not None):
        """From now on what is lost is made good by the FEC datagrams of these sockets."""
        if self._columns is not None:
            raise UsageError("the receiver has FEC already")
        cdef int error = c_rtp.ts_rtp_receiver_add_fec(&self._receiver, &columns._receiver,
                                                       &rows._receiver)
        if error:
            raise OpenError(os.strerror(error), errno=error)
        self._columns = columns
        self._rows = rows

    def close(self):
        """Closes the sockets, after the receive that another thread may be in."""
        self._closing = True
        if not self._busy:
            self._release()

    cdef void _release(self):
        self._first.close()
        for other in (self._second, self._columns, self._rows):
            if other is not None:
                other.close()
        c_rtp.ts_rtp_receiver_free(&self._receiver)

    @property
    def ssrc(self):
        return self._receiver.ring.ssrc if self._receiver.ring.started else None

    def counters(self):
        cdef c_rtp.ts_rtp_counters *counters = &self._receiver.ring.counters
        return {
            "received": (counters.received[0], counters.received[1]),
            "malformed": counters.malformed,
            "lost": counters.lost,
            "duplicate": counters.duplicate,
            "reordered": counters.reordered,
            "late": counters.late,
            "resyncs": counters.resyncs,
            "odd": counters.odd,
            "repaired": self._receiver.fec.repaired,
            "fec_received": self._receiver.fec.received,
        }

    def ip_figures(self):
        """Of each leg."""
        legs = 1 if self._second is None else 2
        return [figures_of(&self._receiver.measure[leg]) for leg in range(legs)]

    def receive_into(self, buffer, int64_t timeout_ns):
        """Bytes in order, or 0 when none came within the timeout or a signal did."""
        cdef Py_buffer view
        if self._closing:
            raise UsageError("the receiver is closed")
        if self._busy:
            raise UsageError("another thread is receiving from this socket")
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE | PyBUF_WRITABLE)
        try:
            if view.len < c_udp.TS_UDP_DATAGRAM_MAX:
                raise UsageError("the buffer is too small for a datagram", size_bytes=view.len)
            self._busy = True
            try:
                return self._receive(<uint8_t *>view.buf, <size_t>view.len, timeout_ns)
            finally:
                self._busy = False
                if self._closing:
                    self._release()
        finally:
            PyBuffer_Release(&view)

    cdef size_t _receive(self, uint8_t *buffer, size_t size, int64_t timeout_ns) except? 0:
        cdef size_t received = 0
        cdef int64_t slice_ns
        cdef int error
        # A datagram that must wait for others ends a slice early, so the time is read from a clock.
        cdef int64_t end_ns = time.monotonic_ns() + timeout_ns
        while True:
            slice_ns = max(0, min(timeout_ns, SLICE_NS))
            with nogil:
                error = c_rtp.ts_rtp_receive(&self._receiver, buffer, size, slice_ns, &received)
            self.datagrams.take(self._receiver.ring.taken, self._receiver.ring.taken_count)
            PyErr_CheckSignals()
            if error == EINTR:
                return 0
            if error:
                raise SystemRefusedError(os.strerror(error), errno=error)
            timeout_ns = end_ns - time.monotonic_ns()
            if received or timeout_ns <= 0 or self._closing:
                return received


@cython.no_gc_clear
@cython.final
cdef class RtpPacketizer:
    """Puts an RTP header before each datagram of a sender, and sends it on the second leg too.

    ssrc None: random.
    """

    cdef c_rtp.ts_rtp_packetizer _packetizer
    cdef c_rtp.ts_rtp_fec_encoder _fec
    cdef DatagramSender _first
    cdef DatagramSender _second
    cdef DatagramSender _columns
    cdef DatagramSender _rows

    def __init__(self, DatagramSender first not None, DatagramSender second, *,
                 uint8_t payload_type, ssrc=None):
        if self._first is not None:
            raise UsageError("the packetizer is in use already")
        cdef int error = c_rtp.ts_rtp_packetizer_init(&self._packetizer, payload_type)
        if error:
            raise OpenError(os.strerror(error), errno=error)
        if ssrc is not None:
            self._packetizer.ssrc = ssrc
        if second is not None:
            self._packetizer.second = &second._sender
        self._first = first
        self._second = second
        first._sender.transport = c_rtp.ts_rtp_send
        first._sender.transport_context = &self._packetizer

    def __dealloc__(self):
        if self._first is not None:
            self._first._sender.transport = NULL
        c_rtp.ts_rtp_fec_encoder_free(&self._fec)

    def add_fec(self, uint32_t columns, uint32_t rows, DatagramSender column_sender not None,
                DatagramSender row_sender not None):
        """From now on FEC datagrams for a matrix of columns and rows leave by these senders."""
        if self._columns is not None:
            raise UsageError("the packetizer has FEC already")
        cdef int error = c_rtp.ts_rtp_fec_encoder_init(
            &self._fec, columns, rows, &column_sender._sender, &row_sender._sender)
        if error:
            raise OpenError(os.strerror(error), errno=error)
        self._columns = column_sender
        self._rows = row_sender
        self._packetizer.fec = &self._fec

    def flush_fec(self):
        """Sends the FEC of columns that are complete."""
        if self._columns is not None:
            c_rtp.ts_rtp_fec_encoder_flush(&self._fec)

    @property
    def fec_sent(self):
        """FEC datagrams of columns and rows that have left."""
        if self._columns is None:
            return 0
        return (self._columns._sender.counters.datagrams
                + self._rows._sender.counters.datagrams)

    @property
    def fec_lost(self):
        """Those that the system would not take."""
        if self._columns is None:
            return 0
        return (self._columns._sender.counters.lost_datagrams
                + self._rows._sender.counters.lost_datagrams)

    @property
    def ssrc(self):
        return self._packetizer.ssrc

    @property
    def second_leg_lost(self):
        """Datagrams that the system would not take on the second leg."""
        return 0 if self._second is None else self._second._sender.counters.lost_datagrams
