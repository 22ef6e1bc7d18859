from tsloom._native.c_analyze cimport ts_analyzer
from tsloom._native.pipeline cimport Stage


cdef class AnalyzerStage(Stage):
    cdef ts_analyzer _analyzer
    cdef size_t _taken
