# cython: auto_pickle=False
"""SRT sockets that take and give transport packets, through libsrt (tsloom/srt.h)."""

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
from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy

from tsloom._native cimport c_srt, c_udp
from tsloom._native.address cimport describe_address, set_address
from tsloom._native.datagram_sender cimport DatagramSender

from tsloom.errors import MissingLibraryError, OpenError, UsageError

# Whoever waits comes back this often, to see to signals and to whether it was closed.
cdef int64_t SLICE_MS = 100

IN = c_srt.TS_SRT_IN
OUT = c_srt.TS_SRT_OUT
PKT_SIZE = c_srt.TS_SRT_PKT_SIZE


@cython.final
cdef class SrtLibrary:
    """libsrt, loaded and started; MissingLibraryError with the loader's words."""

    cdef c_srt.ts_srt_library _table

    def __init__(self, str name not None):
        cdef bytes encoded = os.fsencode(name)
        cdef const char *reason
        if self._table.handle != NULL:
            raise UsageError("the library is loaded already")
        reason = c_srt.ts_srt_library_load(&self._table, encoded)
        if reason != NULL:
            raise MissingLibraryError(reason.decode(errors="replace"))

    @property
    def version(self):
        return self._table.getversion()

    def end(self):
        """Closes all its sockets and ends its threads."""
        with nogil:
            c_srt.ts_srt_library_end(&self._table)


# Not cleared before its socket is closed: the library's threads read the access table.
@cython.no_gc_clear
@cython.final
cdef class SrtSocket:
    """A socket that never blocks; its waits may be interrupted by signals and by close."""

    cdef c_srt.ts_srt_socket _socket
    cdef SrtLibrary _library
    cdef object _access
    cdef tuple _peer
    cdef int _busy
    cdef bint _closing

    def __cinit__(self):
        self._socket.id = c_srt.TS_SRT_NONE

    def __init__(self, SrtLibrary library not None):
        if self._library is not None:
            raise UsageError("the socket is open already")
        self._library = library
        cdef int error = c_srt.ts_srt_create(&self._socket, &library._table)
        if error:
            raise self._explain("socket", error)

    def __dealloc__(self):
        with nogil:
            c_srt.ts_srt_close(&self._socket)

    def close(self):
        """Closes, after the wait that another thread may be in."""
        self._closing = True
        if not self._busy:
            with nogil:
                c_srt.ts_srt_close(&self._socket)

    cdef object _explain(self, str step, int error):
        """An OpenError with the library's words, of the call that has just failed."""
        cdef int system_errno = 0
        words = "the library is not there"
        if self._library._table.handle != NULL:
            self._library._table.getlasterror(&system_errno)
            words = self._library._table.getlasterror_str().decode(errors="replace")
        return OpenError(words, step=step, code=error, errno=system_errno)

    def set_number(self, unsigned int option, int32_t value):
        self._set(option, &value, sizeof(value))

    def set_long_number(self, unsigned int option, int64_t value):
        self._set(option, &value, sizeof(value))

    def set_text(self, unsigned int option, bytes value not None):
        self._set(option, <const char *>value, <int>len(value))

    cdef int _set(self, unsigned int option, const void *value, int size) except -1:
        self._check_open()
        if self._library._table.setsockflag(self._socket.id, option, value, size) < 0:
            raise self._explain("option", 1)
        return 0

    def get_number(self, unsigned int option):
        """An option of 32 bits; 0 where the library does not tell."""
        cdef int32_t value = 0
        cdef int size = sizeof(value)
        if self._is_open():
            self._library._table.getsockflag(self._socket.id, option, &value, &size)
        return value

    @property
    def streamid(self):
        cdef char text[513]
        cdef int size = 512
        if not self._is_open():
            return ""
        if self._library._table.getsockflag(self._socket.id, c_srt.TS_SRT_STREAMID, text,
                                            &size) < 0:
            return ""
        return text[:size].decode(errors="replace")

    def bind(self, str address not None, uint16_t port, uint32_t scope_id=0):
        cdef c_udp.ts_udp_address local
        self._check_open()
        set_address(&local, address, port, scope_id)
        cdef int error = c_srt.ts_srt_bind(&self._socket, &local)
        if error:
            raise self._explain("bind", error)

    def connect(self, str address not None, uint16_t port, uint32_t scope_id=0):
        """Begins to connect; `state` and a wait for OUT tell what becomes of it."""
        cdef c_udp.ts_udp_address remote
        cdef int error
        self._check_open()
        set_address(&remote, address, port, scope_id)
        self._peer = (address, port)
        with nogil:
            error = c_srt.ts_srt_connect(&self._socket, &remote)
        if error:
            raise self._explain("connect", error)

    def listen(self, SrtAccess access not None, int backlog):
        self._check_open()
        access._table.srt = &self._library._table
        self._access = access
        cdef int error
        with nogil:
            error = c_srt.ts_srt_listen(&self._socket, &access._table, backlog)
        if error:
            raise self._explain("listen", error)

    def accept(self):
        """The socket of who has come; None where nobody has."""
        cdef SrtSocket accepted = SrtSocket.__new__(SrtSocket)
        self._check_open()
        cdef int error
        with nogil:
            error = c_srt.ts_srt_accept(&self._socket, &accepted._socket)
        if error == c_srt.TS_SRT_EASYNCRCV:
            return None
        if error:
            raise self._explain("accept", error)
        accepted._library = self._library
        return accepted

    def wait(self, int events, int64_t timeout_ns):
        """Whether one of the events or an error came before the timeout or a signal."""
        cdef int64_t left_ms = (timeout_ns + 999_999) // 1_000_000
        cdef int64_t slice_ms
        cdef bint ready
        self._busy += 1
        try:
            while True:
                slice_ms = min(left_ms, SLICE_MS)
                with nogil:
                    ready = c_srt.ts_srt_wait(&self._socket, events, slice_ms)
                PyErr_CheckSignals()
                left_ms -= slice_ms
                if ready or left_ms <= 0 or self._closing:
                    return ready
        finally:
            self._leave()

    cdef int _leave(self) except -1:
        self._busy -= 1
        if self._closing and not self._busy:
            with nogil:
                c_srt.ts_srt_close(&self._socket)
        return 0

    def receive_into(self, buffer, int64_t timeout_ns):
        """Bytes received; 0: nothing came in time; OpenError: the connection is gone."""
        cdef Py_buffer view
        cdef size_t received = 0
        cdef int64_t timeout_ms = min((timeout_ns + 999_999) // 1_000_000, SLICE_MS)
        cdef int error
        self._check_open()
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE | PyBUF_WRITABLE)
        self._busy += 1
        try:
            if view.len < c_srt.TS_SRT_MESSAGE_MAX:
                raise UsageError("the buffer is too small for a message", size_bytes=view.len)
            with nogil:
                error = c_srt.ts_srt_receive(&self._socket, <uint8_t *>view.buf, <size_t>view.len,
                                             timeout_ms, &received)
            if error:
                raise self._explain("receive", error)
            PyErr_CheckSignals()
            return received
        finally:
            self._leave()
            PyBuffer_Release(&view)

    cdef bint _is_open(self):
        return self._socket.id != c_srt.TS_SRT_NONE and self._library._table.handle != NULL

    cdef int _check_open(self) except -1:
        if not self._is_open():
            raise UsageError("the SRT socket is closed")
        return 0

    @property
    def state(self):
        """SRT_SOCKSTATUS: 4 connecting, 5 connected, from 6 on gone."""
        return self._library._table.getsockstate(self._socket.id) if self._is_open() else 8

    @property
    def reject_reason(self):
        return self._library._table.getrejectreason(self._socket.id) if self._is_open() else 0

    @property
    def peer_address(self):
        """Address and port of the other end, also when it has gone after being asked for."""
        cdef c_udp.ts_udp_address address
        if (self._is_open() and c_srt.ts_srt_get_peer(&self._socket, &address) == 0
                and address.any.sa_family != c_udp.AF_UNSPEC):
            self._peer = describe_address(&address)
        return self._peer

    @property
    def local_address(self):
        cdef c_udp.ts_udp_address address
        if not self._is_open() or c_srt.ts_srt_get_local(&self._socket, &address):
            return None
        return describe_address(&address)

    def counters(self):
        return self._socket.counters

    def stats(self):
        """The library's figures of this connection; None where it has none any more."""
        cdef c_srt.ts_srt_stats stats
        if not self._is_open() or self._library._table.bstats(self._socket.id, &stats, 0) < 0:
            return None
        return stats


@cython.final
cdef class SrtAccess:
    """Who may come in: streamids with their passphrases (b"": the listener's own), and how many.

    gives: the listener sends; a caller that wants to publish is refused.
    """

    cdef c_srt.ts_srt_access _table

    def __init__(self, list entries not None, bint gives):
        cdef c_srt.ts_srt_access_entry *entry
        cdef bytes streamid
        cdef bytes passphrase
        cdef size_t size
        if self._table.entries != NULL:
            raise UsageError("the table is filled already")
        self._table.gives = gives
        if not entries:
            return
        self._table.entries = <c_srt.ts_srt_access_entry *>calloc(
            len(entries), sizeof(c_srt.ts_srt_access_entry))
        if self._table.entries == NULL:
            raise MemoryError
        for streamid, passphrase in entries:
            if (len(streamid) > c_srt.TS_SRT_STREAMID_MAX
                    or len(passphrase) > c_srt.TS_SRT_PASSPHRASE_MAX):
                raise UsageError("a streamid has 512 bytes at most, a passphrase 79")
            entry = &self._table.entries[self._table.count]
            size = <size_t>len(streamid)
            memcpy(entry.streamid, <const char *>streamid, size)
            size = <size_t>len(passphrase)
            memcpy(entry.passphrase, <const char *>passphrase, size)
            self._table.count += 1

    def __dealloc__(self):
        free(self._table.entries)

    def set_room(self, int count):
        """How many more may come in."""
        self._table.room = count

    @property
    def refused_streamids(self):
        return self._table.refused_streamids

    @property
    def refused_full(self):
        return self._table.refused_full


@cython.final
cdef class SrtSender(DatagramSender):
    """Sends packets to all its peers; pace_bitrate_bps and should_stop as in DatagramSender.

    waits: without a peer a write waits for one, rather than dropping.
    """

    cdef c_srt.ts_srt_fan _fan
    cdef list _peers

    def __init__(self, SrtLibrary library not None, *, unsigned int max_peers, bint waits,
                 pace_bitrate_bps=None, should_stop=None):
        if self._fan.peers != NULL:
            raise UsageError("the sender is open already")
        self._fan.peers = <c_srt.ts_srt_peer *>calloc(max_peers, sizeof(c_srt.ts_srt_peer))
        if self._fan.peers == NULL:
            raise MemoryError
        self._fan.srt = &library._table
        self._fan.capacity = max_peers
        self._fan.waits = waits
        self._peers = []
        c_udp.ts_udp_sender_init(&self._sender, c_srt.TS_SRT_PKT_SIZE, c_srt.ts_srt_fan_send,
                                 &self._fan)
        self._begin(pace_bitrate_bps, should_stop)

    def __dealloc__(self):
        free(self._fan.peers)

    def add_peer(self, SrtSocket peer not None):
        """From now on it gets what is sent; between writes, or out of should_stop."""
        if self._fan.count == self._fan.capacity:
            raise UsageError("there is no room for another peer", max_peers=self._fan.capacity)
        self._fan.peers[self._fan.count] = c_srt.ts_srt_peer(peer._socket.id, False, 0)
        self._fan.count += 1
        self._peers.append(peer)

    def take_broken(self):
        """The sockets that can be sent to no more, which are forgotten here."""
        cdef c_srt.ts_srt_id id
        cdef unsigned int kept = 0
        cdef unsigned int n
        cdef list broken = []
        cdef list peers = []
        for n in range(self._fan.count):
            id = self._fan.peers[n].id
            if self._fan.peers[n].broken or self._fan.srt.getsockstate(id) > c_srt.TS_SRT_CONNECTED:
                broken.append((self._peers[n], self._fan.peers[n].dropped_messages))
                continue
            self._fan.peers[kept] = self._fan.peers[n]
            peers.append(self._peers[n])
            kept += 1
        self._fan.count = kept
        self._peers = peers
        return broken

    @property
    def peers(self):
        """The sockets, each with the number of messages that found its buffer full."""
        return [(peer, self._fan.peers[n].dropped_messages)
                for n, peer in enumerate(self._peers)]

    @property
    def pending_bytes(self):
        """What some peer has not acknowledged yet, at the most."""
        return c_srt.ts_srt_fan_get_pending(&self._fan)
