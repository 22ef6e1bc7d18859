/* Between cue_rewriter.c and cue_rewriter_room.c. */
#ifndef TSLOOM_CUE_REWRITER_INTERNAL_H
#define TSLOOM_CUE_REWRITER_INTERNAL_H

#include "tsloom/cue_rewriter.h"

/* cue_rewriter_room.c */
/* Has a PID been filled and still something to send? Called behind each fill. */
void cue_note_backlog(ts_cue_rewriter *stage, uint16_t pid, uint64_t packet_index);
/* Puts a packet that waits in the place of the one at index, if that is null, or behind it. */
ts_status cue_serve_backlog(ts_cue_rewriter *stage, ts_batch *batch, size_t index);
ts_status cue_drop(ts_cue_rewriter *stage, size_t index);
/* Takes the packets that were dropped out of the batch. */
void cue_edit_batch(ts_cue_rewriter *stage, ts_batch *batch);

#endif
