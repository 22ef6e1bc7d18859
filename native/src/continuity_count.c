#include <stdlib.h>

#include "tsloom/continuity.h"

ts_status ts_continuity_count_init(ts_continuity_count *count) {
    count->marked = NULL;
    count->marked_capacity = 0;
    count->errors = 0;
    count->transport_errors = 0;
    return ts_continuity_init(&count->input);
}

void ts_continuity_count_free(ts_continuity_count *count) {
    free(count->marked);
    count->marked = NULL;
    count->marked_capacity = 0;
    ts_continuity_free(&count->input);
}

ts_status ts_continuity_count_process(void *state, ts_batch *batch) {
    ts_continuity_count *count = state;
    if (count->marked_capacity < batch->count) {
        ts_marked *marked = realloc(count->marked, batch->count * sizeof *marked);
        if (marked == NULL) {
            return TS_NO_MEMORY;
        }
        count->marked = marked;
        count->marked_capacity = batch->count;
    }
    size_t listed = ts_continuity_check(&count->input, batch, count->marked);
    for (size_t i = 0; i < listed; i++) {
        count->errors += (count->marked[i].marks & TS_MARK_CONTINUITY_ERROR) != 0;
        count->transport_errors += (count->marked[i].marks & TS_MARK_TRANSPORT_ERROR) != 0;
    }
    return TS_OK;
}
