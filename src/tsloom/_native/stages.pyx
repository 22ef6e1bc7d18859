"""Filter, service, remap and continuity stages, bound."""

from libc.stdint cimport uint16_t
from libc.stdlib cimport free, malloc

from tsloom._native cimport c_analyze, c_filter
from tsloom._native.c_analyze cimport ts_continuity_count, ts_continuity_repair
from tsloom._native.c_batch cimport TS_PID_COUNT
from tsloom._native.c_filter cimport ts_filter, ts_pid_remap, ts_service_filter
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for


cdef class FilterStage(Stage):
    """Drops packets by PID."""

    cdef ts_filter _filter

    def __cinit__(self, *args, **kwargs):
        c_filter.ts_filter_init(&self._filter)
        self.stage.process = c_filter.ts_filter_process
        self.stage.state = &self._filter

    def drop(self, uint16_t pid):
        if pid < TS_PID_COUNT:
            self._filter.keeps[pid] = 0

    def keep(self, uint16_t pid):
        if pid < TS_PID_COUNT:
            self._filter.keeps[pid] = 1

    @property
    def dropped_packets(self):
        return self._filter.dropped


cdef class ServiceFilterStage(Stage):
    """Keeps programs by program_number."""

    cdef ts_service_filter _filter

    def __cinit__(self, *program_numbers):
        cdef size_t count = len(program_numbers)
        cdef uint16_t *numbers = <uint16_t *> malloc((count + 1) * sizeof(uint16_t))
        if numbers is NULL:
            raise MemoryError
        try:
            for i in range(count):
                numbers[i] = program_numbers[i]
            raise_for(c_filter.ts_service_filter_init(&self._filter, numbers, count))
        finally:
            free(numbers)
        self.stage.process = c_filter.ts_service_filter_process
        self.stage.state = &self._filter

    def __dealloc__(self):
        c_filter.ts_service_filter_free(&self._filter)

    @property
    def dropped_packets(self):
        return self._filter.filter.dropped


cdef class RemapStage(Stage):
    """Renumbers PIDs."""

    cdef ts_pid_remap _remap

    def __cinit__(self, mapping):
        raise_for(c_filter.ts_pid_remap_init(&self._remap))
        for pid, target in mapping.items():
            c_filter.ts_pid_remap_set(&self._remap, pid, target)
        self.stage.process = c_filter.ts_pid_remap_process
        self.stage.state = &self._remap

    def __dealloc__(self):
        c_filter.ts_pid_remap_free(&self._remap)

    @property
    def remapped_packets(self):
        return self._remap.remapped

    @property
    def clashing_packets(self):
        return self._remap.clashes


cdef class ContinuityRepairStage(Stage):
    """Writes continuity_counters anew where they are wrong."""

    cdef ts_continuity_repair _repair

    def __cinit__(self, *args, **kwargs):
        raise_for(c_analyze.ts_continuity_repair_init(&self._repair))
        self.stage.process = c_analyze.ts_continuity_repair_process
        self.stage.state = &self._repair

    def __dealloc__(self):
        c_analyze.ts_continuity_repair_free(&self._repair)

    def enable(self, uint16_t pid):
        if pid < TS_PID_COUNT:
            c_analyze.ts_continuity_repair_enable(&self._repair, pid)

    @property
    def repaired_packets(self):
        return self._repair.repaired


cdef class ContinuityCountStage(Stage):
    """Counts continuity_counters that are wrong and packets with transport_error_indicator."""

    cdef ts_continuity_count _count

    def __cinit__(self, *args, **kwargs):
        raise_for(c_analyze.ts_continuity_count_init(&self._count))
        self.stage.process = c_analyze.ts_continuity_count_process
        self.stage.state = &self._count

    def __dealloc__(self):
        c_analyze.ts_continuity_count_free(&self._count)

    @property
    def continuity_errors(self):
        return self._count.errors

    @property
    def transport_errors(self):
        return self._count.transport_errors
