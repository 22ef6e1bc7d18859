"""The pipeline's engine: reads batches, runs stages over them without the GIL, hands them on."""

from threading import RLock

cimport cython
from cpython.buffer cimport PyBUF_READ
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec
from posix.unistd cimport usleep

from tsloom._native cimport c_batch, c_stage
from tsloom._native.batch cimport PacketBatch, copy_batch
from tsloom._native.c_batch cimport TS_PACKET_SIZE, ts_batch
from tsloom._native.c_stage cimport ts_stage
from tsloom._native.c_status cimport TS_OK, TS_WANTS_CONTROL, ts_status
from tsloom._native.datagram_sender cimport DatagramSender
from tsloom._native.packet_reader cimport PacketReader
from tsloom._native.status cimport raise_for
from tsloom._native.udp cimport UdpReceiver


cdef enum:
    BATCHES_A_STEP = 8
    # From socket to socket Python is asked so often.
    STEP_NS = 10_000_000
    # So long whoever wants to tell the stages something is waited for.
    TURN_US = 20
    TURNS = 50


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
