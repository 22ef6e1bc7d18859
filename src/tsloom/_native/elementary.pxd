from tsloom._native.c_elementary cimport ts_elementary


# For other machines that hold a ts_elementary: what it has measured, as plain values.
cdef dict read_measured(const ts_elementary *elementary)
