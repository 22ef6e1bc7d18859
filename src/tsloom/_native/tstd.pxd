from tsloom._native.c_tstd cimport ts_tstd_params


cdef dict describe_parameters(const ts_tstd_params *params)
