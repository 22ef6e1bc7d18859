"""The remultiplexer, bound."""

from libc.stdint cimport int64_t, uint16_t, uint64_t

from tsloom._native cimport c_remux
from tsloom._native.c_batch cimport TS_PID_COUNT
from tsloom._native.c_remux cimport ts_remux, ts_remux_event, ts_remux_settings
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for

MODES = {
    "constant": c_remux.TS_REMUX_CONSTANT,
    "input": c_remux.TS_REMUX_INPUT,
    "variable": c_remux.TS_REMUX_VARIABLE,
}
OVERFLOWS = {"drop": c_remux.TS_REMUX_DROP, "delay": c_remux.TS_REMUX_DELAY}
KINDS = {
    c_remux.TS_REMUX_STARTED: "started",
    c_remux.TS_REMUX_NO_CLOCK: "no_clock",
    c_remux.TS_REMUX_PCR_LATE: "pcr_late",
    c_remux.TS_REMUX_REFERENCE: "reference",
    c_remux.TS_REMUX_CLOCK_BROKEN: "clock_broken",
    c_remux.TS_REMUX_PCR_STEP: "pcr_step",
    c_remux.TS_REMUX_DRIFTING: "drifting",
    c_remux.TS_REMUX_OVERFLOW_BEGAN: "overflow_began",
    c_remux.TS_REMUX_OVERFLOW_ENDED: "overflow_ended",
    c_remux.TS_REMUX_TIME_SKIPPED: "time_skipped",
}


cdef class RemuxStage(Stage):
    """Packets into the slots of a constant bitrate."""

    cdef ts_remux _remux

    def __cinit__(self, *, str mode="constant", str overflow="drop", uint64_t bitrate=0,
                  uint16_t program_number=0, int64_t max_delay_27mhz=0, int64_t max_hold_27mhz=0,
                  int64_t pcr_interval_27mhz=0, uint64_t psi_leak_bps=0, uint64_t si_leak_bps=0,
                  size_t max_held=1, uint64_t max_fill=1, **kwargs):
        cdef ts_remux_settings settings
        settings.mode = MODES[mode]
        settings.overflow = OVERFLOWS[overflow]
        settings.bitrate = bitrate
        settings.program_number = program_number
        settings.max_delay = max_delay_27mhz
        settings.max_hold = max_hold_27mhz
        settings.pcr_interval = pcr_interval_27mhz
        settings.psi_leak = psi_leak_bps
        settings.si_leak = si_leak_bps
        settings.max_held = max_held
        settings.max_fill = max_fill
        raise_for(c_remux.ts_remux_init(&self._remux, &settings))
        self.stage.process = c_remux.ts_remux_process
        self.stage.finish = c_remux.ts_remux_finish
        self.stage.pending = &self._remux.event_count
        self.stage.state = &self._remux

    def __dealloc__(self):
        c_remux.ts_remux_free(&self._remux)

    def take_events(self):
        cdef size_t i
        cdef ts_remux_event *event
        events = []
        for i in range(self._remux.event_count):
            event = &self._remux.events[i]
            events.append((KINDS[event.kind], event.pid if event.pid < TS_PID_COUNT - 1 else None,
                           event.packet_index, event.slot, event.value))
        c_remux.ts_remux_clear_events(&self._remux)
        return events

    def get_counters(self):
        with self.lock:
            return self._remux.counters

    @property
    def bitrate_bps(self):
        return self._remux.settings.bitrate or None

    @property
    def reference_pid(self):
        cdef uint16_t pid = self._remux.clock_pid
        return pid if pid < TS_PID_COUNT - 1 else None

    @property
    def held_packets(self):
        with self.lock:
            return self._remux.last - self._remux.first + self._remux.late_count
