"""Numeric IP addresses and ports."""

from libc.stdint cimport uint16_t, uint32_t

from tsloom._native cimport c_udp


cdef int set_address(c_udp.ts_udp_address *address, str text, uint16_t port,
                     uint32_t scope_id) except -1
cdef tuple describe_address(const c_udp.ts_udp_address *address)
