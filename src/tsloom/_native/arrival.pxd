from tsloom._native.c_arrival cimport ts_datagram


cdef class DatagramTable:
    cdef ts_datagram *datagrams
    cdef size_t count

    cdef int take(self, const ts_datagram *datagrams, size_t count) except -1
