"""The stage that rewrites splice information as it passes, bound."""

from libc.stdint cimport uint8_t, uint16_t, uint64_t

from tsloom._native cimport c_cue_rewriter
from tsloom._native.c_cue_rewriter cimport ts_cue_rewriter, ts_passing_section
from tsloom._native.inserter import ROOMS as _ROOMS
from tsloom._native.pipeline cimport Stage
from tsloom._native.status cimport raise_for


cdef class CueRewriterStage(Stage):
    """Restamps, replaces and removes sections of splice information; with table_ids, of those."""

    cdef ts_cue_rewriter _rewriter

    def __cinit__(self, *, uint16_t program_number=0, pids=(), str room="nulls_then_add",
                  bint drops_freed=False, bint asks=False, bytes table_ids=None, **kwargs):
        cdef size_t table_id
        raise_for(c_cue_rewriter.ts_cue_rewriter_init(&self._rewriter, program_number))
        self._rewriter.room = _ROOMS[room]
        self._rewriter.drops_freed = drops_freed
        self._rewriter.asks = asks
        if table_ids is not None:
            # Of other tables than splice information PMTs say nothing.
            self._rewriter.named_only = True
            for table_id in range(256):
                self._rewriter.asked[table_id] = table_id in table_ids
        for pid in pids:
            raise_for(c_cue_rewriter.ts_cue_rewriter_name(&self._rewriter, pid))
        self.stage.process = c_cue_rewriter.ts_cue_rewriter_process
        self.stage.finish = c_cue_rewriter.ts_cue_rewriter_finish
        self.stage.state = &self._rewriter

    def __dealloc__(self):
        c_cue_rewriter.ts_cue_rewriter_free(&self._rewriter)

    def passing(self):
        cdef size_t i
        cdef ts_passing_section *section
        waiting = []
        for i in range(self._rewriter.section_count):
            section = &self._rewriter.sections[i]
            if section.is_asked:
                waiting.append((
                    i, section.pid, section.packet_index,
                    section.stream_time if section.has_time else None,
                    section.pts_90khz if section.has_time else None, section.crc_ok,
                    (<char *> section.bytes)[:section.size]))
        return waiting

    def remove_section(self, size_t number):
        raise_for(c_cue_rewriter.ts_cue_rewriter_answer(
            &self._rewriter, number, c_cue_rewriter.TS_CUE_REMOVE, NULL, 0))

    def replace_section(self, size_t number, const uint8_t[::1] section not None):
        cdef size_t size = section.shape[0]
        raise_for(c_cue_rewriter.ts_cue_rewriter_answer(
            &self._rewriter, number, c_cue_rewriter.TS_CUE_REPLACE, &section[0] if size else NULL,
            size))

    def offset_from(self, uint64_t pts_offset, uint64_t packet_index):
        with self.lock:
            raise_for(c_cue_rewriter.ts_cue_rewriter_set_offset(&self._rewriter, pts_offset,
                                                                packet_index))

    @property
    def pts_offset_90khz(self):
        return self._rewriter.pts_offset

    @property
    def restamped_sections(self):
        return self._rewriter.restamped_sections

    @property
    def replaced_sections(self):
        return self._rewriter.replaced_sections

    @property
    def removed_sections(self):
        return self._rewriter.removed_sections

    @property
    def lost_sections(self):
        return self._rewriter.lost_sections + self._rewriter.rewriter.overflows
