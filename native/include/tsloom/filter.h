/* Dropping packets by PID: one table, one pass, in place. */
#ifndef TSLOOM_FILTER_H
#define TSLOOM_FILTER_H

#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/packet.h"

typedef struct ts_filter {
    uint8_t keeps[TS_PID_COUNT];
    uint64_t dropped;
} ts_filter;

/* All PIDs pass. */
void ts_filter_init(ts_filter *filter);
/* A stage: state is a ts_filter. */
ts_status ts_filter_process(void *filter, ts_batch *batch);
/* The packets from one index on up to another, moved down to an index at or before the first;
 * returns where they end. */
size_t ts_filter_span(ts_filter *filter, ts_batch *batch, size_t from, size_t to, size_t into);

#endif
