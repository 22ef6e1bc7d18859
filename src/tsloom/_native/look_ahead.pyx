"""The stage that holds a stream back, bound."""

from libc.stdint cimport int64_t, uint16_t

from tsloom._native cimport c_look_ahead
from tsloom._native.c_look_ahead cimport ts_look_ahead
from tsloom._native.clock cimport snapshot
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for


cdef class LookAheadStage(Stage):
    """Holds packets for a span of stream time."""

    cdef ts_look_ahead _delay

    def __cinit__(self, *, int64_t delay_27mhz=0, size_t max_packets=0, uint16_t program_number=0,
                  **kwargs):
        raise_for(c_look_ahead.ts_look_ahead_init(&self._delay, program_number, delay_27mhz,
                                                  max_packets))
        self.stage.process = c_look_ahead.ts_look_ahead_process
        self.stage.finish = c_look_ahead.ts_look_ahead_finish
        self.stage.state = &self._delay

    def __dealloc__(self):
        c_look_ahead.ts_look_ahead_free(&self._delay)

    @property
    def delay_27mhz(self):
        return self._delay.delay

    @delay_27mhz.setter
    def delay_27mhz(self, int64_t ticks):
        with self.lock:
            self._delay.delay = ticks

    @property
    def held_27mhz(self):
        with self.lock:
            return c_look_ahead.ts_look_ahead_get_held(&self._delay)

    @property
    def held_packets(self):
        return self._delay.count

    @property
    def early_packets(self):
        return self._delay.early_packets

    @property
    def clock(self):
        with self.lock:
            return snapshot(self._delay.clock)
