from libc.stdint cimport uint8_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch

cdef extern from "tsloom/section.h" nogil:
    enum:
        TS_SECTION_MAX

    ctypedef enum ts_section_kind:
        TS_SECTION_COMPLETE
        TS_SECTION_INCOMPLETE

    ctypedef enum ts_section_drop:
        TS_SECTION_DROP_NONE
        TS_SECTION_DROP_CONTINUITY
        TS_SECTION_DROP_EARLY_START
        TS_SECTION_DROP_TRANSPORT_ERROR
        TS_SECTION_DROP_ADAPTATION
        TS_SECTION_DROP_POINTER
        TS_SECTION_DROP_LENGTH
        TS_SECTION_DROP_SCRAMBLED
        TS_SECTION_DROP_ENDED

    ctypedef struct ts_section_report:
        ts_section_kind kind
        ts_section_drop reason
        const uint8_t *bytes
        size_t size
        uint64_t first_packet
        uint64_t last_packet

    ctypedef void (*ts_section_sink)(void *context, const ts_section_report *report) noexcept

    ctypedef struct ts_section_assembler:
        pass

    void ts_section_assembler_init(ts_section_assembler *assembler)
    void ts_section_assembler_feed(ts_section_assembler *assembler, const uint8_t *packet,
                                   uint64_t packet_index, ts_section_sink sink, void *context)
    void ts_section_assembler_feed_batch(ts_section_assembler *assembler, uint16_t pid,
                                         const ts_batch *batch, ts_section_sink sink,
                                         void *context)
    void ts_section_assembler_flush(ts_section_assembler *assembler, uint64_t packet_index,
                                    ts_section_sink sink, void *context)
    size_t ts_section_get_packet_count(size_t section_size)
    size_t ts_section_put_packet(const uint8_t *section, size_t size, size_t offset, uint16_t pid,
                                 uint8_t continuity_counter, uint8_t *packet)
