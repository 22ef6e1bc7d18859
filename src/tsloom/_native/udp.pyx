# cython: auto_pickle=False
"""UDP sockets that take and give transport packets in batches (tsloom/udp.h)."""

import os

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
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

from tsloom._native cimport c_ip_measure, c_udp
from tsloom._native.address cimport describe_address, set_address
from tsloom._native.arrival cimport DatagramTable
from tsloom._native.datagram_sender cimport DatagramSender
from tsloom._native.ip_measure cimport figures_of

from tsloom.errors import OpenError, SystemRefusedError, UsageError

# Whoever waits comes back this often, to see to signals and to whether it was closed.
cdef int64_t SLICE_NS = 100_000_000

DATAGRAM_MAX = c_udp.TS_UDP_DATAGRAM_MAX
PKT_SIZE = c_udp.TS_UDP_PKT_SIZE

cdef dict _STEPS = {
    c_udp.TS_UDP_SOCKET: "socket",
    c_udp.TS_UDP_OPTION: "option",
    c_udp.TS_UDP_INTERFACE: "interface",
    c_udp.TS_UDP_BIND: "bind",
    c_udp.TS_UDP_JOIN: "join",
    c_udp.TS_UDP_CONNECT: "connect",
}


def find_interface(str address not None):
    """Index of the interface that has this IP address; OpenError where none has."""
    cdef c_udp.ts_udp_address wanted
    cdef unsigned int index
    set_address(&wanted, address, 0, 0)
    cdef int error = c_udp.ts_udp_find_interface(&wanted, &index)
    if error:
        raise OpenError("no interface has this address", address=address, errno=error)
    return index


def is_multicast(str address not None):
    """Whether a numeric IP address is that of a group."""
    cdef c_udp.ts_udp_address asked
    set_address(&asked, address, 0, 0)
    return bool(c_udp.ts_udp_address_is_multicast(&asked))


@cython.final
cdef class UdpReceiver:
    """A bound socket that receives batches of datagrams into the caller's buffer."""

    def __cinit__(self):
        self._receiver.fd = -1
        self.datagrams = DatagramTable()
        c_ip_measure.ts_ip_measure_init(&self._measure)

    def __init__(self, str address not None, uint16_t port, *, uint32_t scope_id=0,
                 str source=None, unsigned int interface=0, int rcvbuf_bytes=0,
                 bint reuse=False, bint dual_stack=False, int64_t gather_ns=0):
        cdef c_udp.ts_udp_receiver_config config
        cdef c_udp.ts_udp_step step
        self.close()
        set_address(&config.local, address, port, scope_id)
        set_address(&config.source, source, 0, 0)
        config.interface = interface
        config.rcvbuf_bytes = rcvbuf_bytes
        config.reuse = reuse
        config.dual_stack = dual_stack
        config.gather_ns = gather_ns
        cdef int error = c_udp.ts_udp_receiver_open(&self._receiver, &config, &step)
        if error:
            raise OpenError(os.strerror(error), step=_STEPS[step], errno=error)

    def __dealloc__(self):
        c_udp.ts_udp_receiver_close(&self._receiver)

    def close(self):
        """Closes the socket, after the receive that another thread may be in."""
        if self._busy:
            self._closing = True
        else:
            c_udp.ts_udp_receiver_close(&self._receiver)

    def fileno(self):
        return self._receiver.fd

    @property
    def local_address(self):
        cdef c_udp.ts_udp_address local
        cdef int error = c_udp.ts_udp_receiver_get_local(&self._receiver, &local)
        if error:
            raise SystemRefusedError(os.strerror(error), errno=error)
        return describe_address(&local)

    @property
    def rcvbuf_bytes(self):
        return self._receiver.rcvbuf_bytes

    @property
    def arrival_ns(self):
        if self._receiver.datagram_count == 0:
            return 0
        return self._receiver.datagrams[0].arrival_ns

    def counters(self):
        c_udp.ts_udp_receiver_update_drops(&self._receiver)
        return self._receiver.counters

    def receive_into(self, buffer, int64_t timeout_ns):
        """Bytes received, or 0 when nothing came within the timeout or a signal did."""
        cdef Py_buffer view
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE | PyBUF_WRITABLE)
        try:
            if view.len < c_udp.TS_UDP_DATAGRAM_MAX:
                raise UsageError("the buffer is too small for a datagram", size_bytes=view.len,
                                 needed_bytes=DATAGRAM_MAX)
            self.enter()
            try:
                return self._receive(<uint8_t *>view.buf, <size_t>view.len, timeout_ns)
            finally:
                self.leave()
        finally:
            PyBuffer_Release(&view)

    cdef int enter(self) except -1:
        """Whoever receives is alone until it leaves."""
        if self._busy:
            raise UsageError("another thread is receiving from this socket")
        self._busy = True
        return 0

    cdef int leave(self) except -1:
        self._busy = False
        if self._closing:
            c_udp.ts_udp_receiver_close(&self._receiver)
        return 0

    cdef size_t _receive(self, uint8_t *buffer, size_t size, int64_t timeout_ns) except? 0:
        cdef size_t received = 0
        cdef int64_t slice_ns
        cdef int error
        while True:
            slice_ns = min(timeout_ns, SLICE_NS)
            with nogil:
                error = c_udp.ts_udp_receive(&self._receiver, buffer, size, slice_ns, &received)
            self.datagrams.take(self._receiver.datagrams, self._receiver.datagram_count)
            self._count_datagrams()
            if error == EINTR:
                PyErr_CheckSignals()
                return 0
            if error:
                raise SystemRefusedError(os.strerror(error), errno=error)
            timeout_ns -= slice_ns
            if received or timeout_ns <= 0 or self._closing:
                return received
            # A signal may also have come just before the wait, which it then did not end.
            PyErr_CheckSignals()

    cdef void _count_datagrams(self) noexcept nogil:
        cdef unsigned i
        cdef const c_udp.ts_udp_datagram *datagram
        for i in range(self._receiver.datagram_count):
            datagram = &self._receiver.datagrams[i]
            c_ip_measure.ts_ip_measure_see(&self._measure, datagram.arrival_ns, datagram.size, 0)

    def ip_figures(self):
        return figures_of(&self._measure)


@cython.final
cdef class UdpSender(DatagramSender):
    """A connected socket that sends packets, so many to a datagram, at once or each at its time.

    pace_bitrate_bps and should_stop: see DatagramSender.
    """

    def __init__(self, str address not None, uint16_t port, *, uint32_t scope_id=0,
                 str local=None, unsigned int interface=0, int ttl=-1, int tos=-1, int loop=-1,
                 int sndbuf_bytes=0, uint32_t pkt_size=PKT_SIZE, bint drop_null=False,
                 bint segments=True, pace_bitrate_bps=None, should_stop=None):
        cdef c_udp.ts_udp_sender_config config
        cdef c_udp.ts_udp_step step
        if pkt_size == 0 or pkt_size % 188 or pkt_size > c_udp.TS_UDP_DATAGRAM_MAX:
            raise UsageError("a datagram holds whole packets", pkt_size=pkt_size)
        self.close()
        set_address(&config.remote, address, port, scope_id)
        set_address(&config.local, local, 0, 0)
        config.interface = interface
        config.ttl = ttl
        config.tos = tos
        config.loop = loop
        config.sndbuf_bytes = sndbuf_bytes
        config.pkt_size = pkt_size
        config.drop_null = drop_null
        config.segments = segments
        cdef int error = c_udp.ts_udp_sender_open(&self._sender, &config, &step)
        if error:
            raise OpenError(os.strerror(error), step=_STEPS[step], errno=error)
        self._begin(pace_bitrate_bps, should_stop)

    def fileno(self):
        return self._sender.fd

    @property
    def sndbuf_bytes(self):
        return self._sender.sndbuf_bytes
