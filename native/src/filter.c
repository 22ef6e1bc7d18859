#include "tsloom/filter.h"

#include <string.h>

void ts_filter_init(ts_filter *filter) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        filter->target[pid] = (uint16_t)pid;
    }
    filter->dropped = 0;
    filter->remapped = 0;
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

static void renumber(ts_filter *filter, ts_batch *batch, size_t index, uint16_t pid) {
    uint32_t header = ts_header_set_pid(batch->header[index], pid);
    batch->header[index] = header;
    ts_store_be32(batch->packets + index * TS_PACKET_SIZE, header);
    filter->remapped++;
}

/* Runs of packets that stay are moved at once: neighbours mostly share their fate. */
size_t ts_filter_span(ts_filter *filter, ts_batch *batch, size_t from, size_t to, size_t into) {
    size_t run = from;
    for (size_t i = from; i < to; i++) {
        uint16_t pid = ts_header_get_pid(batch->header[i]);
        uint16_t target = filter->target[pid];
        if (target == pid) {
            continue;
        }
        if (target != TS_FILTER_DROP) {
            renumber(filter, batch, i, target);
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
