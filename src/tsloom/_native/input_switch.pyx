"""The stage that makes one clean stream of several inputs in turn, bound."""

from libc.stdint cimport uint32_t, uint64_t

from tsloom._native cimport c_input_switch
from tsloom._native.c_input_switch cimport ts_input_switch, ts_switch_mark
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for


cdef class InputSwitchStage(Stage):
    """Goes on over switches of the input."""

    cdef ts_input_switch _switch

    def __cinit__(self, *args, **kwargs):
        raise_for(c_input_switch.ts_input_switch_init(&self._switch))
        self.stage.process = c_input_switch.ts_input_switch_process
        self.stage.state = &self._switch

    def __dealloc__(self):
        c_input_switch.ts_input_switch_free(&self._switch)

    def mark(self, uint64_t packet_index, uint32_t psi_every=0):
        cdef ts_switch_mark mark
        mark.packet_index = packet_index
        mark.psi_every = psi_every
        with self.lock:
            raise_for(c_input_switch.ts_input_switch_mark(&self._switch, mark))

    @property
    def switches(self):
        return self._switch.epoch

    @property
    def withheld_packets(self):
        return self._switch.withheld

    @property
    def announced_discontinuities(self):
        return self._switch.announced

    @property
    def raised_versions(self):
        return self._switch.raised
