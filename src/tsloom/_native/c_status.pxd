cdef extern from "tsloom/status.h" nogil:
    ctypedef enum ts_status:
        TS_OK
        TS_NO_MEMORY
        TS_BAD_ARGUMENT
        TS_BAD_SYNC
        TS_BAD_LENGTH
        TS_BAD_CRC
        TS_BAD_SYNTAX
        TS_NO_ROOM
        TS_NOT_FOUND
        TS_WANTS_CONTROL
