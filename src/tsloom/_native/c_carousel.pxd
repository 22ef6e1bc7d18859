from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t

from tsloom._native.c_status cimport ts_status


cdef extern from "tsloom/carousel.h" nogil:
    ctypedef struct ts_carousel_slot:
        uint8_t *section
        size_t size
        uint16_t pid

    ctypedef struct ts_carousel_ring:
        size_t count
        int64_t origin
        int64_t period

    ctypedef struct ts_carousel:
        ts_carousel_ring ring[16]
        ts_carousel_slot *slots
        int64_t free_from
        int64_t due

    ctypedef struct ts_carousel_section:
        const uint8_t *section
        size_t size
        uint32_t place
        uint32_t group
        uint16_t pid
        uint8_t ring

    ctypedef struct ts_carousel_due:
        int64_t due
        size_t slot

    void ts_carousel_init(ts_carousel *carousel, int64_t spacing, int64_t packet_ticks)
    void ts_carousel_free(ts_carousel *carousel)
    ts_status ts_carousel_put(ts_carousel *carousel, const ts_carousel_section *wanted,
                              size_t *slot)
    ts_status ts_carousel_replace(ts_carousel *carousel, size_t slot, const uint8_t *section,
                                  size_t size)
    ts_status ts_carousel_remove(ts_carousel *carousel, size_t slot)
    ts_status ts_carousel_set_turn(ts_carousel *carousel, size_t ring, int64_t origin,
                                   int64_t period)
    bint ts_carousel_take(ts_carousel *carousel, int64_t until, ts_carousel_due *due)
    void ts_carousel_skip_to(ts_carousel *carousel, int64_t time)
