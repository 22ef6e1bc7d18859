/* PIDs whose sections are written anew: each packet of such a PID is a slot for the next packet of
 * the sections that take the place of its own. */
#ifndef TSLOOM_REWRITER_H
#define TSLOOM_REWRITER_H

#include "tsloom/batch.h"
#include "tsloom/packet.h"
#include "tsloom/section_queue.h"

typedef struct ts_rewritten_pid {
    ts_section_queue queue;
    bool passing;  /* the last packet was passed, not filled */
    uint8_t shift; /* then: what is added to its counters */
} ts_rewritten_pid;

typedef struct ts_rewriter {
    ts_rewritten_pid *pid[TS_PID_COUNT]; /* those that are taken over */
    uint64_t overflows;                  /* sections that found the queue full */
} ts_rewriter;

void ts_rewriter_init(ts_rewriter *rewriter);
void ts_rewriter_free(ts_rewriter *rewriter);
/* From now on; what leaves bears target_pid and counts from continuity_counter on. A PID that is
 * taken over stays so. */
ts_status ts_rewriter_take_over(ts_rewriter *rewriter, uint16_t pid, uint16_t target_pid,
                                uint8_t continuity_counter);
static inline bool ts_rewriter_has(const ts_rewriter *rewriter, uint16_t pid) {
    return rewriter->pid[pid] != NULL;
}
/* One that waits and differs in content only is replaced: a table repeated faster than it can leave
 * leaves as it is now, not as it was. */
void ts_rewriter_push(ts_rewriter *rewriter, uint16_t pid, const uint8_t *section, size_t size);
/* Puts the PID's next packet in the place of one of its packets, or a null packet if there is none.
 * A PCR in the old packet stays. */
void ts_rewriter_fill(ts_rewriter *rewriter, ts_batch *batch, size_t index);
/* Passes a packet of a PID that was taken over and carries no such sections any more. What waited
 * is dropped; the counters run on. */
void ts_rewriter_pass(ts_rewriter *rewriter, ts_batch *batch, size_t index);
/* The counter of one packet more that is put in on the PID. */
uint8_t ts_rewriter_take_counter(ts_rewriter *rewriter, uint16_t pid);

#endif
