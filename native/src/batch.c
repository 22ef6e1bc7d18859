#include "tsloom/batch.h"

#include <stdlib.h>
#include <string.h>

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
    free(batch->added);
    *batch = (ts_batch){0};
}

void ts_batch_clear(ts_batch *batch) {
    batch->count = 0;
    batch->added_count = 0;
}

uint8_t *ts_batch_add(ts_batch *batch, size_t before) {
    if (batch->added_count == batch->added_capacity) {
        size_t capacity = batch->added_capacity ? batch->added_capacity * 2 : 64;
        ts_added_packet *added = realloc(batch->added, capacity * sizeof *added);
        if (added == NULL) {
            return NULL;
        }
        batch->added = added;
        batch->added_capacity = capacity;
    }
    batch->added[batch->added_count].before = before;
    return batch->added[batch->added_count++].packet;
}

/* Packets from one index on up to another, as the first of those from `into` on. */
static void move_packets(const ts_batch *from_batch, size_t from, size_t to, const ts_batch *batch,
                         size_t into) {
    memmove(batch->packets + into * TS_PACKET_SIZE, from_batch->packets + from * TS_PACKET_SIZE,
            (to - from) * TS_PACKET_SIZE);
    memmove(batch->header + into, from_batch->header + from, (to - from) * sizeof *batch->header);
    memmove(batch->position + into, from_batch->position + from,
            (to - from) * sizeof *batch->position);
}

static void put_packet(const ts_batch *batch, const ts_added_packet *added, size_t into,
                       uint32_t position) {
    memcpy(batch->packets + into * TS_PACKET_SIZE, added->packet, TS_PACKET_SIZE);
    batch->header[into] = ts_load_be32(added->packet);
    batch->position[into] = position;
}

/* From the end, so that each packet moves once. */
ts_status ts_batch_settle(ts_batch *batch) {
    size_t rest = batch->added_count;
    ts_status status = rest == 0 ? TS_OK : ts_batch_reserve(batch, batch->count + rest);
    if (rest == 0 || status != TS_OK) {
        return status;
    }
    size_t end = batch->count;
    batch->count += rest;
    for (; rest > 0; rest--) {
        const ts_added_packet *added = &batch->added[rest - 1];
        const size_t from = added->before;
        const size_t into = from + rest - 1;
        move_packets(batch, from, end, batch, into + 1);
        put_packet(batch, added, into, batch->position[from > 0 ? from - 1 : into + 1]);
        end = from;
    }
    batch->added_count = 0;
    return TS_OK;
}

void ts_batch_copy(const ts_batch *batch, uint8_t *packets, uint32_t *header, uint32_t *position) {
    const ts_batch copy = {.packets = packets, .header = header, .position = position};
    size_t from = 0;
    for (size_t i = 0; i < batch->added_count; i++) {
        const ts_added_packet *added = &batch->added[i];
        move_packets(batch, from, added->before, &copy, from + i);
        from = added->before;
        put_packet(&copy, added, from + i, batch->position[from > 0 ? from - 1 : 0]);
    }
    if (batch->count > from) {
        move_packets(batch, from, batch->count, &copy, from + batch->added_count);
    }
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
