"""The rings of a carousel, bound."""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport INT64_MAX, int64_t, uint8_t, uint16_t, uint32_t

from tsloom._native cimport c_carousel
from tsloom._native.c_carousel cimport (
    ts_carousel,
    ts_carousel_due,
    ts_carousel_section,
    ts_carousel_slot,
)
from tsloom._native.status cimport raise_for


@cython.final
cdef class CarouselRings:
    def __cinit__(self, *, int64_t spacing, int64_t packet_ticks=0):
        c_carousel.ts_carousel_init(&self._carousel, spacing, packet_ticks)

    def __dealloc__(self):
        c_carousel.ts_carousel_free(&self._carousel)

    cdef ts_carousel *native(self) noexcept:
        return &self._carousel

    def put(self, uint8_t ring, uint32_t place, uint32_t group, uint16_t pid,
            const uint8_t[::1] section not None):
        cdef ts_carousel_section wanted
        cdef size_t slot = 0
        wanted.size = <size_t> section.shape[0]
        wanted.section = &section[0] if wanted.size else NULL
        wanted.place = place
        wanted.group = group
        wanted.pid = pid
        wanted.ring = ring
        raise_for(c_carousel.ts_carousel_put(&self._carousel, &wanted, &slot))
        return slot

    def replace(self, size_t slot, const uint8_t[::1] section not None):
        cdef size_t size = <size_t> section.shape[0]
        raise_for(c_carousel.ts_carousel_replace(&self._carousel, slot,
                                                 &section[0] if size else NULL, size))

    def remove(self, size_t slot):
        raise_for(c_carousel.ts_carousel_remove(&self._carousel, slot))

    def set_turn(self, size_t ring, int64_t origin, int64_t period):
        raise_for(c_carousel.ts_carousel_set_turn(&self._carousel, ring, origin, period))

    def get_turn(self, uint8_t ring):
        if ring >= len(self._carousel.ring):
            raise IndexError(ring)
        return self._carousel.ring[ring].origin, self._carousel.ring[ring].period

    def skip_to(self, int64_t time):
        c_carousel.ts_carousel_skip_to(&self._carousel, time)

    def take(self, int64_t until):
        cdef ts_carousel_due due
        cdef ts_carousel_slot *slot
        taken = []
        while c_carousel.ts_carousel_take(&self._carousel, until, &due):
            slot = &self._carousel.slots[due.slot]
            section = PyBytes_FromStringAndSize(<char *> slot.section, <Py_ssize_t> slot.size)
            taken.append((due.due, slot.pid, section))
        return taken

    @property
    def due(self):
        return None if self._carousel.due == INT64_MAX else self._carousel.due

    @property
    def free_from(self):
        return self._carousel.free_from
