/* Renumbers PIDs; PAT, CAT and PMTs follow (programs, PCR_PID, elementary streams, CA_PIDs). */
#ifndef TSLOOM_PID_REMAP_H
#define TSLOOM_PID_REMAP_H

#include "tsloom/demux.h"
#include "tsloom/rewriter.h"

typedef struct ts_pid_remap {
    ts_demux demux;
    ts_rewriter rewriter;
    uint16_t target[TS_PID_COUNT];
    uint8_t concern[TS_PID_COUNT]; /* why packets of a PID are looked at; 0: they pass */
    uint64_t role_changes;         /* of demux, up to which concern is true */
    uint64_t remapped;
    uint64_t clashes; /* packets that came in on a PID which another one was moved to */
} ts_pid_remap;

ts_status ts_pid_remap_init(ts_pid_remap *stage);
void ts_pid_remap_free(ts_pid_remap *stage);
/* Before the first packet. */
void ts_pid_remap_set(ts_pid_remap *stage, uint16_t pid, uint16_t target);
/* A stage: state is a ts_pid_remap. */
ts_status ts_pid_remap_process(void *stage, ts_batch *batch);

#endif
