"""The pipeline's engine: reads batches, runs stages over them without the GIL, hands them on."""

from threading import RLock

cimport cython
from cpython.buffer cimport PyBUF_READ, PyBUF_WRITE
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.errno cimport EINTR
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.unistd cimport usleep

from tsloom._native cimport c_arrival, c_batch, c_file, c_stage, c_sync, c_udp
from tsloom._native.arrival cimport DatagramTable
from tsloom._native.batch cimport PacketBatch, copy_batch
from tsloom._native.c_arrival cimport ts_arrivals
from tsloom._native.c_batch cimport TS_PACKET_SIZE, ts_batch
from tsloom._native.c_stage cimport ts_stage
from tsloom._native.c_status cimport (
    TS_BAD_ARGUMENT,
    TS_NO_MEMORY,
    TS_OK,
    TS_WANTS_CONTROL,
    ts_status,
)
from tsloom._native.c_sync cimport (
    TS_SYNC_LEFTOVER_MAX,
    ts_sync,
    ts_sync_columns,
    ts_sync_result,
)
from tsloom._native.datagram_sender cimport DatagramSender
from tsloom._native.sync cimport take_sync_events
from tsloom._native.udp cimport UdpReceiver
from tsloom.errors import SystemRefusedError, TsloomError, UsageError


cdef enum:
    BATCHES_A_STEP = 8
    # From socket to socket Python is asked so often, and where nothing has come for so long.
    STEP_NS = 10_000_000
    SILENCE_NS = 2_000_000
    # So long whoever wants to tell the stages something is waited for.
    TURN_US = 20
    TURNS = 50


cdef raise_for(ts_status status):
    if status == TS_OK:
        return
    if status == TS_NO_MEMORY:
        raise MemoryError
    if status == TS_BAD_ARGUMENT:
        raise UsageError("an argument is out of its range")
    raise TsloomError("the native core failed", status=<int> status)


cdef class Stage:
    """Base of all stages: a native machine, or a Python one with `transform`."""

    def __cinit__(self, *args, **kwargs):
        self.lock = RLock()

    def serve(self):
        """Takes the stage's events; called between batches and where the stage asks for it."""

    def transform(self, batch):
        raise NotImplementedError

    def poll(self):
        """Before each batch: whether there is anything new."""


@cython.final
cdef class PacketReader:
    """Reads a source into batches: packet synchronisation, in one buffer that is used again."""

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
    cdef readonly bint ended
    cdef readonly uint64_t bytes_read
    # Of a receive that was refused, as against a send.
    cdef readonly int read_errno

    def __cinit__(self, source, *, size_t batch_packets=4096):
        c_sync.ts_sync_init(&self._sync)
        c_batch.ts_batch_init(&self._batch)
        c_arrival.ts_arrivals_init(&self._arrivals)
        if batch_packets < 512 or batch_packets > 1 << 20:
            raise UsageError("a batch holds 512 to 1048576 packets", batch_packets=batch_packets)
        self._source = source
        self._is_file = hasattr(source, "descriptor")
        self._capacity = batch_packets
        self._datagrams = getattr(source, "datagrams", None)
        self._has_datagrams = self._datagrams is not None
        raise_for(c_batch.ts_batch_reserve(&self._batch, batch_packets + 64))
        raise_for(c_arrival.ts_arrivals_reserve(&self._arrivals, batch_packets + 64))

    def __dealloc__(self):
        c_arrival.ts_arrivals_free(&self._arrivals)
        c_sync.ts_sync_free(&self._sync)
        c_batch.ts_batch_free(&self._batch)

    cdef uint8_t *_begin(self, size_t *room) noexcept nogil:
        """Empties the batch; where the source's next bytes go."""
        c_batch.ts_batch_clear(&self._batch)
        self._batch.first_index = self._sync.packet_count
        memcpy(self._batch.packets, self._rest, self._rest_size)
        room[0] = self._capacity * TS_PACKET_SIZE - self._rest_size
        return self._batch.packets + self._rest_size

    cdef ts_batch *fill(self) except NULL:
        """The next batch; empty at a timeout of the source, and at the end."""
        cdef size_t room
        cdef uint8_t *into = self._begin(&room)
        got = self._read(into, room)
        if got is None:
            return &self._batch
        if self._datagrams is not None and got:
            raise_for(c_arrival.ts_arrivals_add(&self._arrivals, self._rest_size,
                                                self._datagrams.datagrams,
                                                self._datagrams.count))
        self._sort(got, got == 0)
        self.ended = got == 0
        return &self._batch

    cdef size_t receive(self, UdpReceiver receiver) except? 0 nogil:
        """The same from a socket, without the interpreter: the bytes that came, 0 at a timeout."""
        cdef size_t room
        cdef size_t received
        cdef uint8_t *into = self._begin(&room)
        cdef int error = c_udp.ts_udp_receive(&receiver._receiver, into, room, SILENCE_NS,
                                              &received)
        if error and error != EINTR:
            self.read_errno = error
            with gil:
                raise SystemRefusedError("the receiver failed", errno=error)
        if error or received == 0:
            return 0
        receiver._count_datagrams()
        if c_arrival.ts_arrivals_add(&self._arrivals, self._rest_size,
                                     receiver._receiver.datagrams,
                                     receiver._receiver.datagram_count) != TS_OK:
            with gil:
                raise MemoryError
        self._sort(received, False)
        return received

    cdef object _read(self, uint8_t *into, size_t room):
        """Bytes from the source; None at a timeout. A file is read without the interpreter."""
        cdef size_t size = 0
        cdef int error
        cdef int descriptor = self._source.descriptor if self._is_file else -1
        if descriptor < 0:
            return self._source.readinto(
                PyMemoryView_FromMemory(<char *> into, room, PyBUF_WRITE))
        with nogil:
            error = c_file.ts_file_read(descriptor, into, room, &size)
        if error:
            raise self._source.fail(error)
        return size

    cdef int _sort(self, size_t got, bint final) except -1 nogil:
        """What was read becomes the batch, and a rest that waits."""
        cdef ts_status status
        cdef ts_sync_result result
        cdef ts_sync_columns columns
        cdef size_t size = self._rest_size + got
        self.bytes_read += got
        columns.header = self._batch.header
        columns.timestamp = self._arrivals.timestamp
        columns.offset = self._arrivals.offset if self._has_datagrams else NULL
        if final:
            status = c_sync.ts_sync_finish(&self._sync, self._batch.packets, size,
                                           &columns, &result)
        else:
            status = c_sync.ts_sync_take(&self._sync, self._batch.packets, size,
                                         &columns, &result)
        self._batch.count = result.count
        self._rest_size = size - result.consumed
        memcpy(self._rest, self._batch.packets + result.consumed, self._rest_size)
        c_batch.ts_batch_number(&self._batch)
        c_arrival.ts_arrivals_settle(&self._arrivals, &result, &self._batch)
        if status != TS_OK:
            with gil:
                raise_for(status)
        return 0

    cdef ts_batch *end(self) except NULL:
        """The source is to be read no more: what waits for more bytes, as the last batch."""
        cdef size_t room
        self._begin(&room)
        self._sort(0, True)
        self.ended = True
        return &self._batch

    def next_batch(self):
        """A PacketBatch of its own memory; None at the end."""
        if self.ended:
            return None
        return copy_batch(self.fill())

    def take_events(self):
        return take_sync_events(&self._sync)

    @property
    def packets(self):
        return self._sync.packet_count

    @property
    def packet_size(self):
        return self._sync.unit or None

    @property
    def skipped_bytes(self):
        return self._sync.skipped_bytes

    @property
    def sync_losses(self):
        return self._sync.losses

    @property
    def bad_sync_bytes(self):
        return self._sync.bad_sync_bytes


@cython.final
cdef class Turnstile:
    """A lock that tells whether somebody waits for it: nobody has to be lucky to come by."""

    cdef object _lock
    cdef int waiting

    def __cinit__(self):
        self._lock = RLock()

    def __enter__(self):
        if self._lock.acquire(blocking=False):
            return True
        self.waiting += 1
        try:
            return self._lock.acquire()
        finally:
            self.waiting -= 1

    def __exit__(self, *exc_info):
        self._lock.release()


cdef int64_t now_ns() noexcept nogil:
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t> now.tv_sec * 1_000_000_000 + now.tv_nsec


@cython.final
cdef class Engine:
    """Runs a list of stages over batches."""

    cdef list _stages
    cdef ts_stage *_native
    cdef size_t _count
    cdef bint _is_native
    cdef Turnstile _lock
    cdef list _polls
    cdef ts_batch _batch
    cdef readonly uint64_t packets_in
    cdef readonly uint64_t packets_out

    def __cinit__(self, stages):
        cdef size_t i
        self._stages = list(stages)
        self._count = len(self._stages)
        c_batch.ts_batch_init(&self._batch)
        self._native = <ts_stage *> malloc((self._count + 1) * sizeof(ts_stage))
        if self._native is NULL:
            raise MemoryError
        self._lock = Turnstile()
        self._is_native = True
        for i in range(self._count):
            self._native[i] = (<Stage?> self._stages[i]).stage
            self._is_native = self._is_native and self._native[i].process is not NULL
            (<Stage> self._stages[i]).lock = self._lock
        self._polls = [stage.poll for stage in stages if type(stage).poll is not Stage.poll]

    def __dealloc__(self):
        free(self._native)
        c_batch.ts_batch_free(&self._batch)

    cdef _run(self, ts_batch *batch, size_t start):
        with self._lock:
            if start == 0:
                for poll in self._polls:
                    poll()
            with nogil:
                self._run_locked(batch, start)

    cdef int _run_locked(self, ts_batch *batch, size_t start) except -1 nogil:
        cdef size_t at = start
        cdef size_t stop
        cdef ts_status status
        if start == 0:
            self.packets_in += batch.count
        while at < self._count:
            if self._native[at].process is NULL:
                with gil:
                    self._transform(batch, self._stages[at])
                at += 1
                continue
            stop = at
            while stop < self._count and self._native[stop].process is not NULL:
                stop += 1
            status = c_stage.ts_stages_run(self._native, stop, &at, batch)
            if status == TS_WANTS_CONTROL:
                with gil:
                    self._stages[at].serve()
                continue
            if status != TS_OK:
                with gil:
                    raise_for(status)
            if self._native[at - 1].pending is not NULL and self._native[at - 1].pending[0]:
                with gil:
                    self._stages[at - 1].serve()
        self.packets_out += batch.count + batch.added_count
        return 0

    cdef _transform(self, ts_batch *batch, stage):
        result = stage.transform(copy_batch(batch))
        self._load(batch, PacketBatch() if result is None else result)

    cdef _load(self, ts_batch *batch, PacketBatch source):
        cdef size_t count = len(source)
        cdef const uint64_t[::1] index
        cdef size_t i
        c_batch.ts_batch_clear(batch)
        raise_for(c_batch.ts_batch_reserve(batch, count))
        batch.count = count
        if count == 0:
            return
        memcpy(batch.packets, source.packets(), count * TS_PACKET_SIZE)
        memcpy(batch.header, source.headers(), count * sizeof(uint32_t))
        batch.first_index = source.first_index
        index = source.packet_index
        for i in range(count):
            batch.position[i] = <uint32_t> (index[i] - source.first_index)

    def process(self, PacketBatch source not None):
        self._load(&self._batch, source)
        self._batch.first_index = source.first_index
        times = source.dense_arrival()
        cdef const int64_t[::1] arrival = times
        if times is not None and len(times):
            c_batch.ts_batch_set_arrival(&self._batch, <c_batch.ts_arrival_clock>
                                         source.arrival_clock, &arrival[0], len(times))
        try:
            self._run(&self._batch, 0)
            return copy_batch(&self._batch)
        finally:
            self._batch.arrival_count = 0

    def finish(self):
        """What the stages still hold, as a last batch."""
        with self._lock:
            return self._finish_locked()

    cdef _finish_locked(self):
        cdef size_t i
        cdef ts_status status
        parts = []
        for i in range(self._count):
            if self._native[i].process is NULL or self._native[i].finish is NULL:
                continue
            c_batch.ts_batch_clear(&self._batch)
            with nogil:
                status = self._native[i].finish(self._native[i].state, &self._batch)
            raise_for(status)
            self._stages[i].serve()
            if self._batch.count + self._batch.added_count:
                self._run(&self._batch, i + 1)
                parts.append(copy_batch(&self._batch))
        return PacketBatch.concatenate(parts)

    cdef size_t _flow(self, PacketReader reader, UdpReceiver receiver,
                      DatagramSender sender) except? 0:
        """Batches from socket to socket, for a while: how many packets came."""
        cdef size_t taken
        cdef int turns = 0
        receiver.enter()
        try:
            sender._enter()
            try:
                with self._lock:
                    for poll in self._polls:
                        poll()
                    with nogil:
                        taken = self._flow_locked(reader, receiver, sender)
            finally:
                sender._leave()
        finally:
            receiver.leave()
        with nogil:
            while self._lock.waiting and turns < TURNS:
                turns += 1
                usleep(TURN_US)
        return taken

    cdef size_t _flow_locked(self, PacketReader reader, UdpReceiver receiver,
                             DatagramSender sender) except? 0 nogil:
        cdef ts_batch *batch = &reader._batch
        cdef size_t taken = 0
        cdef int64_t end = now_ns() + STEP_NS
        while reader.receive(receiver):
            taken += batch.count
            if batch.count:
                self._run_locked(batch, 0)
                if c_batch.ts_batch_settle(batch) != TS_OK:
                    with gil:
                        raise MemoryError
                sender.send_now(batch.packets, batch.count * TS_PACKET_SIZE)
            if receiver._closing or sender._closing or self._lock.waiting or now_ns() >= end:
                break
        return taken

    def flow(self, PacketReader reader not None, UdpReceiver receiver not None,
             DatagramSender sender not None):
        """Batches from socket to socket without the interpreter, for some milliseconds: how many
        packets came; 0 where nothing did, or a stage or the sender wants Python for each batch."""
        if not self._is_native or sender.is_paced or reader.ended:
            return 0
        return self._flow(reader, receiver, sender)

    def step(self, PacketReader reader not None, write):
        """A batch from the reader through the stages to write; its size, None at the end. Of a file
        that is only read, some batches: nobody waits for each."""
        cdef ts_batch *batch
        cdef size_t taken = 0
        cdef int left = BATCHES_A_STEP
        if reader.ended:
            return None
        while write is None and reader._is_file and left > 1 and not reader.ended:
            batch = reader.fill()
            taken += batch.count
            left -= 1
            if batch.count:
                self._run(batch, 0)
        if reader.ended:
            return taken
        batch = reader.fill()
        taken += batch.count
        self._pass_on(batch, write)
        return taken

    def end(self, PacketReader reader not None, write):
        """Reads no more: what synchronisation still holds goes the way of all packets."""
        if not reader.ended:
            self._pass_on(reader.end(), write)

    cdef _pass_on(self, ts_batch *batch, write):
        if batch.count == 0:
            return
        self._run(batch, 0)
        if write is None:
            return
        raise_for(c_batch.ts_batch_settle(batch))
        if batch.count:
            write(PyMemoryView_FromMemory(<char *> batch.packets,
                                          batch.count * TS_PACKET_SIZE, PyBUF_READ))
