/* Holds a stream back by a span of stream time: a stage in front of this one sees what a stage
 * behind it is about to send. Packets, their order and their positions stay as they are.
 *
 * The span is measured on one program's clock. Between two PCRs that have passed, a packet's time
 * is what both say, so that what is held is not mistimed by what the rate was before. Nothing is
 * released before that clock has started, unless the bound says so; over a break stream time goes
 * on, and so does the release. */
#ifndef TSLOOM_LOOK_AHEAD_H
#define TSLOOM_LOOK_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/demux.h"

typedef struct ts_look_ahead {
    ts_demux demux;
    uint16_t program_number; /* 0: the first that has a PMT */
    int64_t delay;           /* 27 MHz ticks; 0 holds nothing */
    size_t max_packets;      /* held when a batch has passed */
    /* The packets that are held: count of them from the slot first on, round the end. */
    uint8_t *packets;
    uint32_t *header;
    uint64_t *index;
    int64_t *time;
    size_t capacity;
    size_t first;
    size_t count;
    size_t released; /* of them, that leave with this batch */
    size_t timed;    /* of them, whose time is known */
    /* The last packet whose time is known. */
    uint64_t anchor_index;
    int64_t anchor_time;
    const ts_clock *clock; /* of the program; NULL while it has not started */
    uint16_t clock_pid;
    bool has_started;
    uint64_t role_changes;
    uint64_t early_packets; /* that the bound made leave before their time */
} ts_look_ahead;

ts_status ts_look_ahead_init(ts_look_ahead *stage, uint16_t program_number, int64_t delay,
                             size_t max_packets);
void ts_look_ahead_free(ts_look_ahead *stage);
/* From the first packet that is held to the last one, in ticks; 0 while the clock has not started.
 */
int64_t ts_look_ahead_get_held(const ts_look_ahead *stage);
/* A stage: state is a ts_look_ahead. */
ts_status ts_look_ahead_process(void *stage, ts_batch *batch);
/* All that is held leaves. */
ts_status ts_look_ahead_finish(void *stage, ts_batch *batch);

#endif
