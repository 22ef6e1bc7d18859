from libc.stdint cimport int64_t, uint8_t, uint16_t, uint64_t

from tsloom._native.c_batch cimport ts_batch
from tsloom._native.c_insert cimport ts_room
from tsloom._native.c_status cimport ts_status

cdef extern from "tsloom/rewriter.h" nogil:
    ctypedef struct ts_rewriter:
        uint64_t overflows

cdef extern from "tsloom/cue_rewriter.h" nogil:
    ctypedef enum ts_cue_verdict:
        TS_CUE_KEEP
        TS_CUE_REPLACE
        TS_CUE_REMOVE

    ctypedef struct ts_passing_section:
        uint8_t bytes[4096]
        size_t size
        bint is_asked
        bint crc_ok
        bint has_time
        uint16_t pid
        uint64_t packet_index
        int64_t stream_time
        uint64_t pts_90khz

    ctypedef struct ts_cue_rewriter:
        ts_rewriter rewriter
        ts_room room
        bint drops_freed
        bint asks
        bint named_only
        uint8_t asked[256]
        uint64_t pts_offset
        ts_passing_section *sections
        size_t section_count
        uint64_t restamped_sections
        uint64_t replaced_sections
        uint64_t removed_sections
        uint64_t lost_sections

    ts_status ts_cue_rewriter_init(ts_cue_rewriter *stage, uint16_t program_number)
    void ts_cue_rewriter_free(ts_cue_rewriter *stage)
    ts_status ts_cue_rewriter_name(ts_cue_rewriter *stage, uint16_t pid)
    ts_status ts_cue_rewriter_set_offset(ts_cue_rewriter *stage, uint64_t pts_offset,
                                         uint64_t packet_index)
    ts_status ts_cue_rewriter_answer(ts_cue_rewriter *stage, size_t section,
                                     ts_cue_verdict verdict, const uint8_t *bytes, size_t size)
    ts_status ts_cue_rewriter_process(void *stage, ts_batch *batch)
    ts_status ts_cue_rewriter_finish(void *stage, ts_batch *batch)
