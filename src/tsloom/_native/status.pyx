"""A status of the native core as the exception it stands for."""

from tsloom._native.c_status cimport TS_BAD_ARGUMENT, TS_NO_MEMORY, TS_OK, ts_status

from tsloom.errors import TsloomError, UsageError


cdef raise_for(ts_status status):
    if status == TS_OK:
        return
    if status == TS_NO_MEMORY:
        raise MemoryError
    if status == TS_BAD_ARGUMENT:
        raise UsageError("an argument is out of its range")
    raise TsloomError("the native core failed", status=<int> status)
