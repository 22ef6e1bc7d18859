from tsloom._native.c_sync cimport ts_sync


cdef list take_sync_events(ts_sync *sync)
