#include "tsloom/filter.h"

#include <string.h>

void ts_filter_init(ts_filter *filter) {
    memset(filter, 0, sizeof *filter);
}

static void move_run(ts_batch *batch, size_t from, size_t count, size_t into) {
    if (count == 0 || from == into) {
        return;
    }
    memmove(batch->packets + into * TS_PACKET_SIZE, batch->packets + from * TS_PACKET_SIZE,
            count * TS_PACKET_SIZE);
    memmove(batch->header + into, batch->header + from, count * sizeof *batch->header);
    memmove(batch->position + into, batch->position + from, count * sizeof *batch->position);
}

/* Runs of packets that stay are moved at once: neighbours mostly share their fate. */
size_t ts_filter_span(ts_filter *filter, ts_batch *batch, size_t from, size_t to, size_t into) {
    size_t run = from;
    for (size_t i = from; i < to; i++) {
        if (!filter->drops[ts_header_get_pid(batch->header[i])]) {
            continue;
        }
        move_run(batch, run, i - run, into);
        into += i - run;
        run = i + 1;
        filter->dropped++;
    }
    move_run(batch, run, to - run, into);
    return into + (to - run);
}

ts_status ts_filter_process(void *state, ts_batch *batch) {
    batch->count = ts_filter_span(state, batch, 0, batch->count, 0);
    return TS_OK;
}
