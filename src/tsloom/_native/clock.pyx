"""ProgramClock, bound."""

cimport cython
from libc.stdint cimport int64_t, uint64_t

from tsloom._native cimport c_clock as kernels
from tsloom._native.c_clock cimport ts_clock

EVENT_NAMES = {
    kernels.TS_CLOCK_STARTED: "started",
    kernels.TS_CLOCK_CONTINUED: "continued",
    kernels.TS_CLOCK_DISCONTINUITY: "discontinuity",
    kernels.TS_CLOCK_JUMPED: "jumped",
}


cdef ProgramClock snapshot(const ts_clock *clock):
    """A copy of a native clock; None where there is none."""
    if clock is NULL:
        return None
    cdef ProgramClock copy = ProgramClock.__new__(ProgramClock)
    copy._clock = clock[0]
    return copy


@cython.final
cdef class ProgramClock:
    def __cinit__(self, int64_t jump_limit_27mhz=0):
        kernels.ts_clock_init(&self._clock, jump_limit_27mhz)

    def feed(self, uint64_t packet_index, uint64_t pcr_27mhz, bint discontinuity_indicator=False):
        return EVENT_NAMES[kernels.ts_clock_feed(&self._clock, packet_index, pcr_27mhz,
                                                 discontinuity_indicator)]

    def stream_time(self, uint64_t packet_index):
        return kernels.ts_clock_get_time(&self._clock, packet_index)

    def pcr_at(self, int64_t stream_time_27mhz):
        return kernels.ts_clock_time_to_pcr(&self._clock, stream_time_27mhz)

    def pts_at(self, int64_t stream_time_27mhz):
        return kernels.ts_clock_time_to_pts(&self._clock, stream_time_27mhz)

    def time_of_pts(self, uint64_t pts_90khz):
        return kernels.ts_clock_pts_to_time(&self._clock, pts_90khz)

    @property
    def started(self):
        return self._clock.started

    @property
    def now_27mhz(self):
        return self._clock.stream_time

    @property
    def pcr_27mhz(self):
        return self._clock.pcr_27mhz if self._clock.started else None

    @property
    def packet_index(self):
        return self._clock.packet_index

    @property
    def pcr_count(self):
        return self._clock.pcr_count

    @property
    def discontinuities(self):
        return self._clock.discontinuities

    @property
    def jumps(self):
        return self._clock.jumps

    @property
    def joined_27mhz(self):
        return self._clock.joined_ticks

    @property
    def joined_packets(self):
        return self._clock.joined_packets

    @property
    def bitrate_bps(self):
        if self._clock.joined_ticks == 0:
            return None
        return <double> self._clock.joined_packets * (188 * 8) * 27e6 / self._clock.joined_ticks
