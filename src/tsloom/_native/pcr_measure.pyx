"""PCR measurements, bound."""

from threading import RLock

cimport cython
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc

from tsloom._native cimport c_pcr_measure as kernels
from tsloom._native.c_pcr_measure cimport (
    TS_PCR_WINDOW,
    ts_pcr_config,
    ts_pcr_figures,
    ts_pcr_frequency,
    ts_pcr_measure,
    ts_pcr_verdict,
)

from tsloom.errors import UsageError

MGF1_HZ = kernels.TS_PCR_MGF1_HZ
MGF2_HZ = kernels.TS_PCR_MGF2_HZ
MGF3_HZ = kernels.TS_PCR_MGF3_HZ
ACCURACY_LIMIT_NS = kernels.TS_PCR_AC_LIMIT_NS
JITTER_LIMIT_NS = kernels.TS_PCR_OJ_LIMIT_NS
NO_ARRIVAL = kernels.TS_PCR_NO_ARRIVAL
RATE_NAMES = {
    kernels.TS_PCR_RATE_UNKNOWN: "unknown",
    kernels.TS_PCR_RATE_CONSTANT: "constant",
    kernels.TS_PCR_RATE_VARIABLE: "variable",
}
KIND_NAMES = {
    kernels.TS_PCR_ACCURACY: "accuracy",
    kernels.TS_PCR_OVERALL_JITTER: "overall_jitter",
}
# So many PCRs at a time: what they and those that waited can get of verdicts has room.
cdef enum:
    RUN = 1024
    ROOM = 2 * (RUN + TS_PCR_WINDOW)


cdef struct verdict_list:
    ts_pcr_verdict *items
    size_t count


cdef void note_verdict(void *context, const ts_pcr_verdict *verdict) noexcept nogil:
    cdef verdict_list *verdicts = <verdict_list *> context
    verdicts.items[verdicts.count] = verdict[0]
    verdicts.count += 1


cdef object figures_of(const ts_pcr_figures *figures):
    cdef ts_pcr_frequency frequency
    known = kernels.ts_pcr_figures_get_frequency(figures, &frequency)
    plain = <object> figures[0]
    plain["rate"] = RATE_NAMES[kernels.ts_pcr_figures_get_rate(figures)]
    plain["frequency"] = frequency if known else None
    return plain


@cython.final
cdef class PcrMeasure:
    cdef ts_pcr_measure _measure
    cdef verdict_list _verdicts
    # feed_columns lets other threads run: none of them may come in here meanwhile.
    cdef object _lock

    def __cinit__(self, *, double filter_hz=0, int64_t accuracy_limit_ns=0,
                  int64_t jitter_limit_ns=0, int64_t jump_limit_27mhz=0):
        cdef ts_pcr_config config
        self._lock = RLock()
        self._verdicts.items = <ts_pcr_verdict *> malloc(ROOM * sizeof(ts_pcr_verdict))
        if self._verdicts.items is NULL:
            raise MemoryError
        config.filter_hz = filter_hz
        config.ac_limit_ns = accuracy_limit_ns
        config.oj_limit_ns = jitter_limit_ns
        config.jump_limit_ticks = jump_limit_27mhz
        config.sink = note_verdict
        config.context = &self._verdicts
        kernels.ts_pcr_measure_init(&self._measure, &config)

    def __dealloc__(self):
        free(self._verdicts.items)

    cdef list take(self):
        cdef size_t i
        cdef ts_pcr_verdict *verdict
        taken = []
        for i in range(self._verdicts.count):
            verdict = &self._verdicts.items[i]
            taken.append((KIND_NAMES[verdict.kind], verdict.packet_index,
                          verdict.deviation_ns if verdict.known else None, verdict.error))
        self._verdicts.count = 0
        return taken

    def feed(self, uint64_t packet_index, uint64_t pcr_27mhz, bint discontinuity_indicator=False,
             arrival_27mhz=None):
        cdef int64_t arrival = NO_ARRIVAL if arrival_27mhz is None else arrival_27mhz
        with self._lock:
            kernels.ts_pcr_measure_feed(&self._measure, packet_index, pcr_27mhz,
                                        discontinuity_indicator, arrival)
            return self.take()

    def feed_columns(self, const uint64_t[::1] packet_index, const uint64_t[::1] pcr_27mhz,
                     const uint8_t[::1] discontinuity_indicator=None,
                     const int64_t[::1] arrival_27mhz=None):
        cdef Py_ssize_t count = packet_index.shape[0]
        cdef Py_ssize_t done = 0
        cdef Py_ssize_t i
        cdef bint has_flags = discontinuity_indicator is not None
        cdef bint has_arrivals = arrival_27mhz is not None
        if (pcr_27mhz.shape[0] != count
                or (has_flags and discontinuity_indicator.shape[0] != count)
                or (has_arrivals and arrival_27mhz.shape[0] != count)):
            raise UsageError("columns of one length are needed", packet_indices=count)
        verdicts = []
        with self._lock:
            while done < count:
                with nogil:
                    for i in range(done, min(done + RUN, count)):
                        kernels.ts_pcr_measure_feed(
                            &self._measure, packet_index[i], pcr_27mhz[i],
                            has_flags and discontinuity_indicator[i] != 0,
                            arrival_27mhz[i] if has_arrivals else kernels.TS_PCR_NO_ARRIVAL)
                done += RUN
                verdicts += self.take()
        return verdicts

    def finish(self):
        with self._lock:
            kernels.ts_pcr_measure_finish(&self._measure)
            return self.take()

    def reset_interval(self):
        with self._lock:
            kernels.ts_pcr_measure_reset_interval(&self._measure)

    @property
    def total(self):
        with self._lock:
            return figures_of(&self._measure.total)

    @property
    def interval(self):
        with self._lock:
            return figures_of(&self._measure.interval)

    @property
    def filter_hz(self):
        return self._measure.config.filter_hz
