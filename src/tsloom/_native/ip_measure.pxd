from tsloom._native.c_ip_measure cimport ts_ip_measure


cdef dict figures_of(const ts_ip_measure *measure)
