from libc.stdint cimport uint8_t


cdef extern from "tsloom/file.h" nogil:
    int ts_file_read(int descriptor, uint8_t *buffer, size_t capacity, size_t *size)
