from tsloom._native.c_status cimport ts_status


cdef raise_for(ts_status status)
