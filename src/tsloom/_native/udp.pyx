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

from tsloom._native cimport c_udp, c_udp_paced
from tsloom._native.c_status cimport TS_OK

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


cdef int _set_address(c_udp.ts_udp_address *address, str text, uint16_t port,
                      uint32_t scope_id) except -1:
    if text is None:
        address.any.sa_family = c_udp.AF_UNSPEC
        return 0
    cdef bytes encoded = text.encode()
    if c_udp.ts_udp_address_set(address, encoded, port, scope_id) != TS_OK:
        raise UsageError("not a numeric IP address", address=text)
    return 0


cdef tuple _describe_address(const c_udp.ts_udp_address *address):
    cdef char text[64]
    c_udp.ts_udp_address_get_text(address, text)
    return text.decode(), c_udp.ts_udp_address_get_port(address)


def find_interface(str address not None):
    """Index of the interface that has this IP address; OpenError where none has."""
    cdef c_udp.ts_udp_address wanted
    cdef unsigned int index
    _set_address(&wanted, address, 0, 0)
    cdef int error = c_udp.ts_udp_find_interface(&wanted, &index)
    if error:
        raise OpenError("no interface has this address", address=address, errno=error)
    return index


def is_multicast(str address not None):
    """Whether a numeric IP address is that of a group."""
    cdef c_udp.ts_udp_address asked
    _set_address(&asked, address, 0, 0)
    return bool(c_udp.ts_udp_address_is_multicast(&asked))


@cython.final
cdef class UdpReceiver:
    """A bound socket that receives batches of datagrams into the caller's buffer."""

    cdef c_udp.ts_udp_receiver _receiver
    cdef bint _busy
    cdef bint _closing

    def __cinit__(self):
        self._receiver.fd = -1

    def __init__(self, str address not None, uint16_t port, *, uint32_t scope_id=0,
                 str source=None, unsigned int interface=0, int rcvbuf_bytes=0,
                 bint reuse=False, bint dual_stack=False):
        cdef c_udp.ts_udp_receiver_config config
        cdef c_udp.ts_udp_step step
        self.close()
        _set_address(&config.local, address, port, scope_id)
        _set_address(&config.source, source, 0, 0)
        config.interface = interface
        config.rcvbuf_bytes = rcvbuf_bytes
        config.reuse = reuse
        config.dual_stack = dual_stack
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
        return _describe_address(&local)

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
        if self._busy:
            raise UsageError("another thread is receiving from this socket")
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE | PyBUF_WRITABLE)
        try:
            if view.len < c_udp.TS_UDP_DATAGRAM_MAX:
                raise UsageError("the buffer is too small for a datagram", size_bytes=view.len,
                                 needed_bytes=DATAGRAM_MAX)
            self._busy = True
            try:
                return self._receive(<uint8_t *>view.buf, <size_t>view.len, timeout_ns)
            finally:
                self._busy = False
                if self._closing:
                    c_udp.ts_udp_receiver_close(&self._receiver)
        finally:
            PyBuffer_Release(&view)

    cdef size_t _receive(self, uint8_t *buffer, size_t size, int64_t timeout_ns) except? 0:
        cdef size_t received = 0
        cdef int64_t slice_ns
        cdef int error
        while True:
            slice_ns = min(timeout_ns, SLICE_NS)
            with nogil:
                error = c_udp.ts_udp_receive(&self._receiver, buffer, size, slice_ns, &received)
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


@cython.final
cdef class UdpSender:
    """A connected socket that sends packets, so many to a datagram, at once or each at its time.

    pace_bitrate_bps: None sends at once, 0 by the PCRs, other rates are constant. should_stop is
    asked now and then while a write sleeps; what has not left when it says so never does.
    """

    cdef c_udp.ts_udp_sender _sender
    cdef c_udp_paced.ts_udp_paced _paced
    cdef bint _is_paced
    cdef object _should_stop
    cdef bint _busy
    cdef bint _closing

    def __cinit__(self):
        self._sender.fd = -1

    def __init__(self, str address not None, uint16_t port, *, uint32_t scope_id=0,
                 str local=None, unsigned int interface=0, int ttl=-1, int tos=-1, int loop=-1,
                 int sndbuf_bytes=0, uint32_t pkt_size=PKT_SIZE, bint drop_null=False,
                 pace_bitrate_bps=None, should_stop=None):
        cdef c_udp.ts_udp_sender_config config
        cdef c_udp.ts_udp_step step
        if pkt_size == 0 or pkt_size % 188 or pkt_size > c_udp.TS_UDP_DATAGRAM_MAX:
            raise UsageError("a datagram holds whole packets", pkt_size=pkt_size)
        self.close()
        self._closing = False
        self._should_stop = should_stop
        _set_address(&config.remote, address, port, scope_id)
        _set_address(&config.local, local, 0, 0)
        config.interface = interface
        config.ttl = ttl
        config.tos = tos
        config.loop = loop
        config.sndbuf_bytes = sndbuf_bytes
        config.pkt_size = pkt_size
        config.drop_null = drop_null
        cdef int error = c_udp.ts_udp_sender_open(&self._sender, &config, &step)
        if error:
            raise OpenError(os.strerror(error), step=_STEPS[step], errno=error)
        self._is_paced = pace_bitrate_bps is not None
        if self._is_paced:
            error = c_udp_paced.ts_udp_paced_init(&self._paced, pace_bitrate_bps)
            if error:
                raise OpenError(os.strerror(error), step="pace", errno=error)

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

    def fileno(self):
        return self._sender.fd

    @property
    def sndbuf_bytes(self):
        return self._sender.sndbuf_bytes

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
