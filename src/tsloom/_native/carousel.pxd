from tsloom._native.c_carousel cimport ts_carousel


cdef class CarouselRings:
    cdef ts_carousel _carousel

    cdef ts_carousel *native(self) noexcept
