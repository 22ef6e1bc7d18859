from tsloom._native.c_pcr_measure cimport ts_pcr_figures


cdef object figures_of(const ts_pcr_figures *figures)
