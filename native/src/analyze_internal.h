/* Between the parts of the analyser. */
#ifndef TSLOOM_ANALYZE_INTERNAL_H
#define TSLOOM_ANALYZE_INTERNAL_H

#include "tsloom/analyze.h"

/* One packet that continuity has listed; it has counted the batch up to `to`. */
ts_status analyzer_take_marked(ts_analyzer *analyzer, const ts_batch *batch, size_t to,
                               const ts_marked *marked);
/* A batch whose continuity another check has found, see ts_continuity_replay. */
ts_status analyzer_replay(ts_analyzer *analyzer, const ts_batch *batch, ts_marked *marked,
                          size_t listed);
/* One packet of a PID that carries sections, listed or not. */
ts_status analyzer_note_section_packet(ts_analyzer *analyzer, const ts_batch *batch, size_t index);
/* A demux hook: context is the analyzer. */
ts_status analyzer_take_section(void *context, const ts_demux_section *section);
/* A time line's sink: context is the analyzer. */
ts_status analyzer_take_sighting(void *context, const ts_sighting *sighting);
/* After a piece of the batch: whether control is wanted. */
bool analyzer_ends_interval(ts_analyzer *analyzer);

#endif
