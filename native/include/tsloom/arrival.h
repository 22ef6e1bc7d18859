/* When packets arrived, in ticks of 27 MHz: by the arrival_time_stamp in front of each packet of an
 * M2TS file, or by when the system received the datagram that a packet came in. */
#ifndef TSLOOM_ARRIVAL_H
#define TSLOOM_ARRIVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/status.h"
#include "tsloom/sync.h"

enum { TS_ARRIVAL_STAMP_BITS = 30 }; /* of arrival_time_stamp; two of copy permission above them */

/* Bytes that were received together. */
typedef struct ts_datagram {
    uint32_t offset; /* in the caller's buffer */
    uint32_t size;
    int64_t arrival_ns; /* CLOCK_REALTIME, stamped by the kernel; 0 if it did not */
} ts_datagram;

typedef struct ts_arrival_span {
    size_t end; /* offset behind the last of the bytes, counted as ts_sync_take counts */
    int64_t arrival;
} ts_arrival_span;

typedef struct ts_arrivals {
    uint32_t *timestamp; /* columns of one batch */
    uint32_t *offset;
    int64_t *time;
    size_t capacity;
    ts_arrival_span *spans; /* of the bytes offered and not yet consumed */
    size_t span_count;
    size_t span_capacity;
    uint32_t last_stamp; /* 0 before the first */
    int64_t last_time;
} ts_arrivals;

void ts_arrivals_init(ts_arrivals *arrivals);
void ts_arrivals_free(ts_arrivals *arrivals);
/* Columns for a batch of so many packets. */
ts_status ts_arrivals_reserve(ts_arrivals *arrivals, size_t capacity);

/* The datagrams that the bytes behind the first `rest` ones came in, of whose arrival the call
 * before told. Offsets count from the end of the rest. */
ts_status ts_arrivals_add(ts_arrivals *arrivals, size_t rest, const ts_datagram *datagrams,
                          size_t count);
/* Whether the last of them ends where a packet of 188 bytes does. */
bool ts_datagrams_end_whole(const uint8_t *bytes, const ts_datagram *datagrams, size_t count);
/* After ts_sync_take with these columns: gives the batch the arrival of each of its packets. */
void ts_arrivals_settle(ts_arrivals *arrivals, const ts_sync_result *result, ts_batch *batch);
/* Unwraps time stamps that follow on those before, into `time`; TS_NO_ARRIVAL where one is 0. What
 * steps back by less than a second stands still; else the counter has wrapped. */
void ts_arrivals_unwrap(ts_arrivals *arrivals, const uint32_t *timestamp, size_t count,
                        int64_t *time);

#endif
