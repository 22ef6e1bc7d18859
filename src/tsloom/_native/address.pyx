# cython: auto_pickle=False
"""Numeric IP addresses and ports, as the core has them (tsloom/udp.h)."""

from libc.stdint cimport uint16_t, uint32_t

from tsloom._native cimport c_udp
from tsloom._native.c_status cimport TS_OK

from tsloom.errors import UsageError


cdef int set_address(c_udp.ts_udp_address *address, str text, uint16_t port,
                     uint32_t scope_id) except -1:
    if text is None:
        address.any.sa_family = c_udp.AF_UNSPEC
        return 0
    cdef bytes encoded = text.encode()
    if c_udp.ts_udp_address_set(address, encoded, port, scope_id) != TS_OK:
        raise UsageError("not a numeric IP address", address=text)
    return 0


cdef tuple describe_address(const c_udp.ts_udp_address *address):
    cdef char text[64]
    c_udp.ts_udp_address_get_text(address, text)
    return text.decode(), c_udp.ts_udp_address_get_port(address)
