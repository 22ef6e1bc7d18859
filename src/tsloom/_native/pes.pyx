"""PES headers, bound."""

from libc.stdint cimport uint8_t, uint64_t

from tsloom._native cimport c_pes as kernels
from tsloom._native.c_status cimport TS_BAD_LENGTH, TS_BAD_SYNTAX, TS_OK, ts_status


cdef str name_defect(ts_status status):
    if status == TS_BAD_SYNTAX:
        return "syntax"
    if status == TS_BAD_LENGTH:
        return "length"
    return None


def parse_header(const uint8_t[::1] payload not None):
    cdef size_t size = payload.shape[0]
    cdef const uint8_t *first = &payload[0] if size else NULL
    cdef size_t header_size = 0
    cdef uint64_t pts = 0
    cdef uint64_t dts = 0
    if not kernels.pes_has_start_code(first, size):
        return None
    cdef ts_status header = kernels.pes_get_header_size(first, size, &header_size)
    cdef ts_status pts_status = kernels.pes_get_pts(first, size, &pts)
    cdef ts_status dts_status = kernels.pes_get_dts(first, size, &dts)
    return (
        kernels.pes_get_stream_id(first),
        kernels.pes_get_packet_length(first),
        header_size if header == TS_OK else None,
        name_defect(header),
        pts if pts_status == TS_OK else None,
        name_defect(pts_status),
        dts if dts_status == TS_OK else None,
        name_defect(dts_status),
    )
