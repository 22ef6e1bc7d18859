/* For the tests of ts_sync: bytes go in by pieces of any size; packets and events come out. */
#ifndef TSLOOM_TESTS_SYNC_BENCH_H
#define TSLOOM_TESTS_SYNC_BENCH_H

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"
#include "tsloom/sync.h"

typedef struct byte_run {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
} byte_run;

typedef struct sync_outcome {
    byte_run packets;
    byte_run events;     /* ts_sync_event */
    byte_run timestamps; /* uint32_t */
    size_t leftover_max;
    bool in_datagrams; /* pieces of whole packets are said to be that */
    ts_sync sync;      /* as it ended; its events are taken out */
} sync_outcome;

static inline uint8_t *add_space(byte_run *run, size_t size) {
    if (run->capacity - run->size < size || run->bytes == NULL) {
        run->capacity = run->capacity * 2 + size + 256;
        run->bytes = realloc(run->bytes, run->capacity);
        if (run->bytes == NULL) {
            abort();
        }
    }
    run->size += size;
    return run->bytes + run->size - size;
}

static inline void add_bytes(byte_run *run, const void *bytes, size_t size) {
    uint8_t *space = add_space(run, size);
    if (size > 0) {
        memcpy(space, bytes, size);
    }
}

static inline void add_fill(byte_run *run, uint8_t value, size_t size) {
    if (size > 0) {
        memset(add_space(run, size), value, size);
    }
}

static inline void free_run(byte_run *run) {
    free(run->bytes);
    *run = (byte_run){0};
}

static inline void free_outcome(sync_outcome *outcome) {
    free_run(&outcome->packets);
    free_run(&outcome->events);
    free_run(&outcome->timestamps);
}

/* Each packet is what stood at its offset, and its header word says what it begins with. */
static inline void check_packets(const uint8_t *before, const uint8_t *packets,
                                 const ts_sync_columns *columns, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *packet = packets + i * TS_PACKET_SIZE;
        const uint32_t header = columns->header[i];
        if (memcmp(before + columns->offset[i], packet, TS_PACKET_SIZE) != 0 ||
            header != ts_load_be32(packet) || !ts_header_has_sync(header)) {
            abort();
        }
    }
}

typedef ts_status (*take_function)(ts_sync *, uint8_t *, size_t, const ts_sync_columns *,
                                   ts_sync_result *);

static inline take_function choose_take(const sync_outcome *outcome, const uint8_t *piece,
                                        size_t size, bool final) {
    if (final) {
        return ts_sync_finish;
    }
    const bool whole = outcome->in_datagrams && size > 0 && size % TS_PACKET_SIZE == 0 &&
                       piece[size - TS_PACKET_SIZE] == TS_SYNC_BYTE;
    return whole ? ts_sync_take_whole : ts_sync_take;
}

/* One call with what was left and a new piece, in memory of just that size, so that a step beyond
 * it is seen. */
static inline void sync_piece(sync_outcome *outcome, byte_run *rest, const uint8_t *piece,
                              size_t size, bool final) {
    add_bytes(rest, piece, size);
    const size_t offered = rest->size;
    uint8_t *buffer = malloc(offered + 1);
    uint32_t *header = malloc((offered / TS_PACKET_SIZE + 1) * sizeof *header);
    uint32_t *timestamp = malloc((offered / TS_PACKET_SIZE + 1) * sizeof *timestamp);
    uint32_t *offset = malloc((offered / TS_PACKET_SIZE + 1) * sizeof *offset);
    if (buffer == NULL || header == NULL || timestamp == NULL || offset == NULL) {
        abort();
    }
    const ts_sync_columns columns = {header, timestamp, offset};
    memcpy(buffer, rest->bytes, offered);
    ts_sync_result result;
    const ts_status status = choose_take(outcome, piece, size, final)(&outcome->sync, buffer,
                                                                      offered, &columns, &result);
    if (status != TS_OK || result.consumed > offered || result.count > offered / TS_PACKET_SIZE) {
        abort();
    }
    if (!result.stamped) {
        memset(timestamp, 0, result.count * sizeof *timestamp);
    }
    check_packets(rest->bytes, buffer, &columns, result.count);
    add_bytes(&outcome->packets, buffer, result.count * TS_PACKET_SIZE);
    add_bytes(&outcome->timestamps, timestamp, result.count * sizeof *timestamp);
    add_bytes(&outcome->events, outcome->sync.events,
              outcome->sync.event_count * sizeof *outcome->sync.events);
    ts_sync_clear_events(&outcome->sync);
    rest->size = 0;
    add_bytes(rest, buffer + result.consumed, offered - result.consumed);
    outcome->leftover_max = rest->size > outcome->leftover_max ? rest->size : outcome->leftover_max;
    free(buffer);
    free(header);
    free(timestamp);
    free(offset);
}

/* All bytes, in pieces of the given sizes, which are used in turn; or datagrams. */
static inline sync_outcome sync_pieces(const byte_run *in, const size_t *cuts, size_t cut_count,
                                       bool in_datagrams) {
    sync_outcome outcome = {.in_datagrams = in_datagrams};
    byte_run rest = {0};
    size_t turn = 0;
    ts_sync_init(&outcome.sync);
    for (size_t at = 0; at < in->size;) {
        const size_t wanted = cuts[turn++ % cut_count];
        const size_t size = wanted < in->size - at ? wanted : in->size - at;
        sync_piece(&outcome, &rest, in->bytes + at, size, false);
        at += size;
    }
    sync_piece(&outcome, &rest, NULL, 0, true);
    if (rest.size != 0) {
        abort();
    }
    ts_sync_free(&outcome.sync);
    free_run(&rest);
    return outcome;
}

static inline sync_outcome sync_bytes(const byte_run *in, const size_t *cuts, size_t cut_count) {
    return sync_pieces(in, cuts, cut_count, false);
}

static inline sync_outcome sync_whole(const byte_run *in) {
    const size_t all = SIZE_MAX;
    return sync_bytes(in, &all, 1);
}

static inline bool same_event(const ts_sync_event *a, const ts_sync_event *b) {
    return a->kind == b->kind && a->offset_bytes == b->offset_bytes &&
           a->packet_index == b->packet_index && a->length == b->length;
}

static inline size_t count_events(const sync_outcome *outcome) {
    return outcome->events.size / sizeof(ts_sync_event);
}

static inline const ts_sync_event *get_event(const sync_outcome *outcome, size_t index) {
    return (const ts_sync_event *)(const void *)outcome->events.bytes + index;
}

static inline bool same_outcome(const sync_outcome *a, const sync_outcome *b) {
    bool same = a->packets.size == b->packets.size && a->timestamps.size == b->timestamps.size &&
                count_events(a) == count_events(b);
    same = same && memcmp(a->packets.bytes, b->packets.bytes, a->packets.size) == 0;
    same = same && memcmp(a->timestamps.bytes, b->timestamps.bytes, a->timestamps.size) == 0;
    for (size_t i = 0; same && i < count_events(a); i++) {
        same = same_event(get_event(a, i), get_event(b, i));
    }
    return same;
}

#endif
