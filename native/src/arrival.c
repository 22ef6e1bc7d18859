#include "tsloom/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"

#define STAMP_MASK ((UINT32_C(1) << TS_ARRIVAL_STAMP_BITS) - 1)

void ts_arrivals_init(ts_arrivals *arrivals) {
    memset(arrivals, 0, sizeof *arrivals);
}

void ts_arrivals_free(ts_arrivals *arrivals) {
    free(arrivals->timestamp);
    free(arrivals->offset);
    free(arrivals->time);
    free(arrivals->spans);
    ts_arrivals_init(arrivals);
}

ts_status ts_arrivals_reserve(ts_arrivals *arrivals, size_t capacity) {
    if (capacity <= arrivals->capacity) {
        return TS_OK;
    }
    uint32_t *timestamp = realloc(arrivals->timestamp, capacity * sizeof *timestamp);
    arrivals->timestamp = timestamp != NULL ? timestamp : arrivals->timestamp;
    uint32_t *offset = realloc(arrivals->offset, capacity * sizeof *offset);
    arrivals->offset = offset != NULL ? offset : arrivals->offset;
    int64_t *time = realloc(arrivals->time, capacity * sizeof *time);
    arrivals->time = time != NULL ? time : arrivals->time;
    if (timestamp == NULL || offset == NULL || time == NULL) {
        return TS_NO_MEMORY;
    }
    arrivals->capacity = capacity;
    return TS_OK;
}

/* Whole microseconds first: nanoseconds times 27 would leave 64 bits. */
static int64_t ticks_of(int64_t arrival_ns) {
    return arrival_ns == 0 ? TS_NO_ARRIVAL : arrival_ns / 1000 * 27 + arrival_ns % 1000 * 27 / 1000;
}

static ts_status reserve_spans(ts_arrivals *arrivals, size_t count) {
    size_t capacity = arrivals->span_count + count;
    if (capacity <= arrivals->span_capacity) {
        return TS_OK;
    }
    ts_arrival_span *spans = realloc(arrivals->spans, capacity * sizeof *spans);
    if (spans == NULL) {
        return TS_NO_MEMORY;
    }
    arrivals->spans = spans;
    arrivals->span_capacity = capacity;
    return TS_OK;
}

ts_status ts_arrivals_add(ts_arrivals *arrivals, size_t rest, const ts_datagram *datagrams,
                          size_t count) {
    ts_status status = reserve_spans(arrivals, count);
    for (size_t i = 0; status == TS_OK && i < count; i++) {
        arrivals->spans[arrivals->span_count++] = (ts_arrival_span){
            rest + datagrams[i].offset + datagrams[i].size, ticks_of(datagrams[i].arrival_ns)};
    }
    return status;
}

bool ts_datagrams_end_whole(const uint8_t *bytes, const ts_datagram *datagrams, size_t count) {
    if (count == 0) {
        return false;
    }
    const ts_datagram *last = &datagrams[count - 1];
    return last->size > 0 && last->size % TS_PACKET_SIZE == 0 &&
           bytes[last->offset + last->size - TS_PACKET_SIZE] == TS_SYNC_BYTE;
}

void ts_arrivals_unwrap(ts_arrivals *arrivals, const uint32_t *timestamp, size_t count,
                        int64_t *time) {
    for (size_t i = 0; i < count; i++) {
        if (timestamp[i] == 0) {
            time[i] = TS_NO_ARRIVAL;
            continue;
        }
        uint32_t stamp = timestamp[i] & STAMP_MASK;
        if (arrivals->last_stamp == 0) {
            arrivals->last_time = stamp;
        } else {
            uint32_t step = (stamp - arrivals->last_stamp) & STAMP_MASK;
            arrivals->last_time += step > STAMP_MASK - TS_PCR_HZ ? 0 : step;
        }
        /* A bit above the counter: this is not the first one any more. */
        arrivals->last_stamp = stamp | ~STAMP_MASK;
        time[i] = arrivals->last_time;
    }
}

/* Both go up: packets by their offset, and the ends of what was received together. */
static void place_datagrams(ts_arrivals *arrivals, size_t count) {
    size_t span = 0;
    for (size_t i = 0; i < count; i++) {
        while (span < arrivals->span_count && arrivals->spans[span].end <= arrivals->offset[i]) {
            span++;
        }
        arrivals->time[i] =
            span < arrivals->span_count ? arrivals->spans[span].arrival : TS_NO_ARRIVAL;
    }
}

static void drop_consumed(ts_arrivals *arrivals, size_t consumed) {
    size_t kept = 0;
    for (size_t i = 0; i < arrivals->span_count; i++) {
        if (arrivals->spans[i].end > consumed) {
            arrivals->spans[kept++] =
                (ts_arrival_span){arrivals->spans[i].end - consumed, arrivals->spans[i].arrival};
        }
    }
    arrivals->span_count = kept;
}

void ts_arrivals_settle(ts_arrivals *arrivals, const ts_sync_result *result, ts_batch *batch) {
    ts_arrival_clock clock = TS_ARRIVAL_UNKNOWN;
    if (arrivals->span_count > 0) {
        clock = TS_ARRIVAL_RECEIVED;
        place_datagrams(arrivals, result->count);
        drop_consumed(arrivals, result->consumed);
    } else if (result->stamped) {
        clock = TS_ARRIVAL_M2TS;
        ts_arrivals_unwrap(arrivals, arrivals->timestamp, result->count, arrivals->time);
    }
    ts_batch_set_arrival(batch, clock, arrivals->time, result->count);
}
