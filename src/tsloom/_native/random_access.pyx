"""The scanner of random access points, bound."""

from libc.stdint cimport uint16_t

from tsloom._native cimport c_random_access
from tsloom._native.c_random_access cimport ts_random_access, ts_random_access_point
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for

KINDS = {
    c_random_access.TS_RANDOM_ACCESS_INDICATOR: "random_access_indicator",
    c_random_access.TS_RANDOM_ACCESS_I_PICTURE: "i_picture",
    c_random_access.TS_RANDOM_ACCESS_IDR: "idr",
    c_random_access.TS_RANDOM_ACCESS_RECOVERY_POINT: "recovery_point",
    c_random_access.TS_RANDOM_ACCESS_BLA_W_LP: "bla_w_lp",
    c_random_access.TS_RANDOM_ACCESS_BLA_W_RADL: "bla_w_radl",
    c_random_access.TS_RANDOM_ACCESS_BLA_N_LP: "bla_n_lp",
    c_random_access.TS_RANDOM_ACCESS_IDR_W_RADL: "idr_w_radl",
    c_random_access.TS_RANDOM_ACCESS_IDR_N_LP: "idr_n_lp",
    c_random_access.TS_RANDOM_ACCESS_CRA: "cra",
}


cdef class RandomAccessStage(Stage):
    """Collects random access points."""

    cdef ts_random_access _scanner

    def __cinit__(self, *, uint16_t program_number=0, **kwargs):
        raise_for(c_random_access.ts_random_access_init(&self._scanner, program_number))
        self.stage.process = c_random_access.ts_random_access_process
        self.stage.pending = &self._scanner.point_count
        self.stage.state = &self._scanner

    def __dealloc__(self):
        c_random_access.ts_random_access_free(&self._scanner)

    def take_records(self):
        cdef size_t i
        cdef ts_random_access_point *point
        taken = []
        for i in range(self._scanner.point_count):
            point = &self._scanner.points[i]
            has_presentation_time = point.has_time and point.has_pts
            taken.append((
                KINDS[point.kind], point.program_number, point.pid, point.packet_index,
                point.stream_time if point.has_time else None,
                point.pts_90khz if point.has_pts else None,
                point.presentation_time if has_presentation_time else None,
                point.has_sequence_header, point.random_access_indicator))
        c_random_access.ts_random_access_clear_points(&self._scanner)
        return taken
