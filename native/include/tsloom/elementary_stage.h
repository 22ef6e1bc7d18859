/* A stage that changes nothing and reads what the elementary streams of all programs are. PAT and
 * PMTs are followed; what was read of a PID stays when no PMT lists it any more, until one lists it
 * as something else. */
#ifndef TSLOOM_ELEMENTARY_STAGE_H
#define TSLOOM_ELEMENTARY_STAGE_H

#include "tsloom/batch.h"
#include "tsloom/demux.h"
#include "tsloom/elementary.h"

typedef struct ts_elementary_stage {
    ts_demux demux;
    ts_elementary *stream[TS_PID_COUNT];
    uint8_t listed[TS_PID_COUNT];  /* PIDs whose packets are looked at */
    uint8_t wanting[TS_PID_COUNT]; /* the stream asks for its next packet */
    uint8_t counter[TS_PID_COUNT]; /* continuity_counter of the last packet, 0xFF: none yet */
    uint64_t role_changes;         /* of demux, up to which listed is true */
} ts_elementary_stage;

ts_status ts_elementary_stage_init(ts_elementary_stage *stage);
void ts_elementary_stage_free(ts_elementary_stage *stage);
/* The packets from `from` on, before `end`, of a batch. */
ts_status ts_elementary_stage_process_some(ts_elementary_stage *stage, const ts_batch *batch,
                                           size_t from, size_t end);
/* state is a ts_elementary_stage. */
ts_status ts_elementary_stage_process(void *stage, ts_batch *batch);

#endif
