"""Figures of arriving datagrams, bound."""

cimport cython
from libc.stdint cimport int64_t, uint32_t, uint64_t

from tsloom._native cimport c_ip_measure
from tsloom._native.c_ip_measure cimport TS_IP_BIN_COUNT, ts_ip_measure, ts_ip_point

# The upper edge of each bin; the last has none.
BIN_EDGES_NS = tuple(c_ip_measure.ts_ip_bin_edge_ns(bin) for bin in range(TS_IP_BIN_COUNT - 1))


cdef dict figures_of(const ts_ip_measure *measure):
    cdef size_t i
    cdef const ts_ip_point *point
    points = []
    for i in range(measure.point_count):
        point = &measure.points[i]
        points.append((point.start_ns, point.intervals, point.measured, point.delay_factor_s,
                       point.lost, point.bytes))
    return {
        "datagrams": measure.datagrams,
        "bytes": measure.bytes,
        "lost": measure.lost,
        "gaps": measure.gaps,
        "bins": tuple(measure.bins[i] for i in range(TS_IP_BIN_COUNT)),
        "gap_min_ns": measure.gap_min_ns,
        "gap_max_ns": measure.gap_max_ns,
        "gap_sum_ns": measure.gap_sum_ns,
        "breaks": measure.breaks,
        "delay_count": measure.delay_count,
        "delay_min_s": measure.delay_min_s,
        "delay_max_s": measure.delay_max_s,
        "delay_sum_s": measure.delay_sum_s,
        "delay_last_s": measure.delay_last_s,
        "loss_intervals": measure.loss_intervals,
        "loss_max": measure.loss_max,
        "intervals": measure.intervals,
        "points": points,
    }


@cython.final
cdef class IpMeasure:
    cdef ts_ip_measure _measure

    def __cinit__(self):
        c_ip_measure.ts_ip_measure_init(&self._measure)

    def see(self, int64_t arrival_ns, uint32_t size, uint64_t lost=0):
        c_ip_measure.ts_ip_measure_see(&self._measure, arrival_ns, size, lost)

    def figures(self):
        return figures_of(&self._measure)
