from libc.stdint cimport uint8_t, uint32_t

cdef extern from "tsloom/crc32.h" nogil:
    uint32_t TS_CRC32_START
    uint32_t ts_crc32(const uint8_t *data, size_t size)
    uint32_t ts_crc32_update(uint32_t crc, const uint8_t *data, size_t size)
    uint32_t ts_crc32_bytewise(uint32_t crc, const uint8_t *data, size_t size)
    uint32_t ts_crc32_slicing(uint32_t crc, const uint8_t *data, size_t size)
    uint32_t ts_crc32_clmul(uint32_t crc, const uint8_t *data, size_t size)
    bint ts_crc32_has_clmul()
