#include "tsloom/batch.h"

#include <stdlib.h>

#include "tsloom/packet.h"

void ts_batch_init(ts_batch *batch) {
    *batch = (ts_batch){0};
}

ts_status ts_batch_reserve(ts_batch *batch, size_t capacity) {
    if (capacity <= batch->capacity) {
        return TS_OK;
    }
    if (capacity > SIZE_MAX / TS_PACKET_SIZE) {
        return TS_NO_MEMORY;
    }
    uint8_t *packets = realloc(batch->packets, capacity * TS_PACKET_SIZE);
    if (packets == NULL) {
        return TS_NO_MEMORY;
    }
    batch->packets = packets;
    uint32_t *header = realloc(batch->header, capacity * sizeof *header);
    if (header == NULL) {
        return TS_NO_MEMORY;
    }
    batch->header = header;
    uint32_t *position = realloc(batch->position, capacity * sizeof *position);
    if (position == NULL) {
        return TS_NO_MEMORY;
    }
    batch->position = position;
    batch->capacity = capacity;
    return TS_OK;
}

void ts_batch_free(ts_batch *batch) {
    free(batch->packets);
    free(batch->header);
    free(batch->position);
    *batch = (ts_batch){0};
}

void ts_batch_number(ts_batch *batch) {
    uint32_t *position = batch->position;
    size_t count = batch->count;
    for (size_t i = 0; i < count; i++) {
        position[i] = (uint32_t)i;
    }
}

void ts_batch_set_arrival(ts_batch *batch, ts_arrival_clock clock, const int64_t *arrival,
                          size_t count) {
    batch->arrival_clock = clock;
    batch->arrival = arrival;
    batch->arrival_first = batch->first_index;
    batch->arrival_count = clock == TS_ARRIVAL_UNKNOWN ? 0 : count;
}

int64_t ts_batch_get_arrival(const ts_batch *batch, uint64_t packet_index) {
    const uint64_t place = packet_index - batch->arrival_first;
    return place < batch->arrival_count ? batch->arrival[place] : TS_NO_ARRIVAL;
}

ts_status ts_batch_scan(ts_batch *batch, size_t *bad_index) {
    ts_batch_number(batch);
    size_t good = ts_scan_headers(batch->packets, batch->count, batch->header);
    if (bad_index != NULL) {
        *bad_index = good;
    }
    return good == batch->count ? TS_OK : TS_BAD_SYNC;
}
