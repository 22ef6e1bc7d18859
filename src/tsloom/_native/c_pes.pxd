from libc.stdint cimport uint8_t, uint16_t, uint64_t

from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/pes.h" nogil:
    bint pes_has_start_code(const uint8_t *pes, size_t size)
    uint8_t pes_get_stream_id(const uint8_t *pes)
    uint16_t pes_get_packet_length(const uint8_t *pes)
    bint pes_has_optional_header(const uint8_t *pes, size_t size)
    ts_status pes_get_header_size(const uint8_t *pes, size_t size, size_t *header_size)
    ts_status pes_get_pts(const uint8_t *pes, size_t size, uint64_t *pts_90khz)
    ts_status pes_get_dts(const uint8_t *pes, size_t size, uint64_t *dts_90khz)
