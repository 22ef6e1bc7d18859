"""CRC_32, bound. Each way to compute it is there for itself, so that tests can compare them."""

from libc.stdint cimport uint8_t, uint32_t

from tsloom._native cimport c_crc32 as kernels
from tsloom.errors import UsageError

ctypedef uint32_t (*crc_function)(uint32_t, const uint8_t *, size_t) noexcept nogil


cdef uint32_t compute(crc_function function, const uint8_t[::1] data, uint32_t crc) noexcept:
    cdef size_t size = data.shape[0]
    if not size:
        return crc
    cdef const uint8_t *first = &data[0]
    with nogil:
        crc = function(crc, first, size)
    return crc


def crc_32(const uint8_t[::1] data not None, uint32_t crc=kernels.TS_CRC32_START):
    return compute(kernels.ts_crc32_update, data, crc)


def crc_32_bytewise(const uint8_t[::1] data not None, uint32_t crc=kernels.TS_CRC32_START):
    return compute(kernels.ts_crc32_bytewise, data, crc)


def crc_32_slicing(const uint8_t[::1] data not None, uint32_t crc=kernels.TS_CRC32_START):
    return compute(kernels.ts_crc32_slicing, data, crc)


def crc_32_clmul(const uint8_t[::1] data not None, uint32_t crc=kernels.TS_CRC32_START):
    if not has_clmul():
        raise UsageError("this processor has no carry-less multiplication")
    return compute(kernels.ts_crc32_clmul, data, crc)


def has_clmul():
    return kernels.ts_crc32_has_clmul()
