#include <stdlib.h>
#include <string.h>

#include "tsloom/continuity.h"

ts_status ts_continuity_repair_init(ts_continuity_repair *repair) {
    repair->marked = NULL;
    repair->marked_capacity = 0;
    memset(repair->shift, 0, sizeof repair->shift);
    memset(repair->enabled, 0, sizeof repair->enabled);
    repair->shifted = 0;
    repair->repaired = 0;
    return ts_continuity_init(&repair->input);
}

void ts_continuity_repair_free(ts_continuity_repair *repair) {
    free(repair->marked);
    repair->marked = NULL;
    repair->marked_capacity = 0;
    ts_continuity_free(&repair->input);
}

void ts_continuity_repair_enable(ts_continuity_repair *repair, uint16_t pid) {
    repair->enabled[pid] = 1;
}

static void set_shift(ts_continuity_repair *repair, uint16_t pid, uint8_t shift) {
    repair->shifted -= repair->shift[pid] != 0;
    repair->shift[pid] = shift;
    repair->shifted += shift != 0;
}

static void absorb(ts_continuity_repair *repair, const ts_batch *batch, const ts_marked *marked) {
    uint16_t pid = ts_header_get_pid(batch->header[marked->index]);
    if (!(marked->marks & TS_MARK_CONTINUITY_ERROR) || !repair->enabled[pid]) {
        return;
    }
    /* A third occurrence counts on like a new packet; any other error is taken off. */
    unsigned change = marked->missing == 0 ? 1u : 16u - marked->missing;
    set_shift(repair, pid, (uint8_t)((repair->shift[pid] + change) & 15u));
}

static void shift_packets(ts_continuity_repair *repair, ts_batch *batch, size_t from, size_t to) {
    if (repair->shifted == 0) {
        return;
    }
    uint64_t repaired = 0;
    for (size_t i = from; i < to; i++) {
        uint32_t header = batch->header[i];
        uint8_t shift = repair->shift[ts_header_get_pid(header)];
        /* Written even where nothing changes: which PID comes next is hard to guess. */
        header = (header & ~TS_HEADER_CC) | ((header + shift) & TS_HEADER_CC);
        batch->header[i] = header;
        batch->packets[i * TS_PACKET_SIZE + 3] = (uint8_t)header;
        repaired += shift != 0;
    }
    repair->repaired += repaired;
}

ts_status ts_continuity_repair_process(void *state, ts_batch *batch) {
    ts_continuity_repair *repair = state;
    if (repair->marked_capacity < batch->count) {
        ts_marked *marked = realloc(repair->marked, batch->count * sizeof *marked);
        if (marked == NULL) {
            return TS_NO_MEMORY;
        }
        repair->marked = marked;
        repair->marked_capacity = batch->count;
    }
    size_t listed = ts_continuity_check(&repair->input, batch, repair->marked);
    size_t from = 0;
    for (size_t i = 0; i < listed; i++) {
        shift_packets(repair, batch, from, repair->marked[i].index);
        from = repair->marked[i].index;
        absorb(repair, batch, &repair->marked[i]);
    }
    shift_packets(repair, batch, from, batch->count);
    return TS_OK;
}
