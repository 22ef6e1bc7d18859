from libc.stdint cimport uint8_t, uint16_t

from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/psi.h" nogil:
    enum:
        PSI_SECTION_MAX

    ctypedef struct psi_slice:
        const uint8_t *bytes
        size_t size

    ctypedef struct psi_elementary_stream:
        uint8_t stream_type
        uint16_t elementary_pid
        psi_slice es_info

    ctypedef struct psi_pmt_addition:
        psi_slice program_info
        psi_elementary_stream stream

    ts_status psi_check_crc(const uint8_t *section, size_t size)
    ts_status psi_check_section(const uint8_t *section, size_t size)
    ts_status psi_pat_check(const uint8_t *section, size_t size)
    ts_status psi_cat_check(const uint8_t *section, size_t size)
    ts_status psi_pmt_check(const uint8_t *section, size_t size)
    ts_status psi_seal(uint8_t *section, size_t size)
    void psi_raise_version(uint8_t *section)
    ts_status psi_pat_keep(const uint8_t *source, size_t size, const uint16_t *program_numbers,
                           size_t program_count, uint8_t *out, size_t capacity, size_t *out_size)
    ts_status psi_remap(const uint8_t *source, size_t size, const uint16_t *pid_map, uint8_t *out,
                        size_t capacity, size_t *out_size)
    ts_status psi_pmt_append(const uint8_t *source, size_t size, const psi_pmt_addition *addition,
                             uint8_t *out, size_t capacity, size_t *out_size)
    ts_status psi_pmt_remove(const uint8_t *source, size_t size, uint16_t elementary_pid,
                             uint8_t *out, size_t capacity, size_t *out_size)
