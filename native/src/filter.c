#include "tsloom/filter.h"

#include <string.h>

void ts_filter_init(ts_filter *filter) {
    memset(filter->keeps, 1, sizeof filter->keeps);
    filter->dropped = 0;
}

static void move_packet(ts_batch *batch, size_t from, size_t into) {
    memcpy(batch->packets + into * TS_PACKET_SIZE, batch->packets + from * TS_PACKET_SIZE,
           TS_PACKET_SIZE);
    batch->header[into] = batch->header[from];
    batch->position[into] = batch->position[from];
}

/* Which packets stay is listed first: a branch for each would be guessed wrong too often. */
size_t ts_filter_span(ts_filter *filter, ts_batch *batch, size_t from, size_t to, size_t into) {
    uint32_t kept[TS_LIST_MAX];
    while (from < to) {
        size_t end = to - from > TS_LIST_MAX ? from + TS_LIST_MAX : to;
        size_t count = ts_scan_list(batch->header, from, end, filter->keeps, kept);
        for (size_t i = 0; i < count; i++, into++) {
            if (kept[i] != into) {
                move_packet(batch, kept[i], into);
            }
        }
        filter->dropped += end - from - count;
        from = end;
    }
    return into;
}

ts_status ts_filter_process(void *state, ts_batch *batch) {
    batch->count = ts_filter_span(state, batch, 0, batch->count, 0);
    return TS_OK;
}
