#include "tsloom/sync.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/batch.h"
#include "tsloom/packet.h"

typedef struct take {
    ts_sync *sync;
    uint8_t *buffer;
    size_t size;
    size_t at; /* the byte looked at */
    bool final;
    bool whole; /* a packet ends with the bytes */
    ts_sync_columns columns;
    size_t count;
    bool stamped;
    size_t scanned; /* packets whose header word is there */
    ts_status status;
} take;

static const size_t UNITS[] = {188, 192, 204};

/* An M2TS packet begins with its four-byte time stamp. */
static size_t sync_place(size_t unit) {
    return unit == 192 ? 4 : 0;
}

void ts_sync_init(ts_sync *sync) {
    *sync = (ts_sync){0};
}

void ts_sync_free(ts_sync *sync) {
    free(sync->events);
    ts_sync_init(sync);
}

void ts_sync_clear_events(ts_sync *sync) {
    sync->event_count = 0;
}

static void report(take *t, ts_sync_kind kind, uint64_t offset, uint64_t length) {
    ts_sync *sync = t->sync;
    if (sync->event_count == sync->event_capacity) {
        size_t capacity = sync->event_capacity ? sync->event_capacity * 2 : 16;
        ts_sync_event *events = realloc(sync->events, capacity * sizeof *events);
        if (events == NULL) {
            t->status = TS_NO_MEMORY;
            return;
        }
        sync->events = events;
        sync->event_capacity = capacity;
    }
    sync->events[sync->event_count++] = (ts_sync_event){kind, offset, sync->packet_count, length};
}

static void skip(take *t, size_t bytes) {
    ts_sync *sync = t->sync;
    if (bytes == 0) {
        return;
    }
    if (sync->junk_length == 0) {
        sync->junk_offset = sync->offset_bytes;
    }
    sync->junk_length += bytes;
    sync->skipped_bytes += bytes;
    sync->offset_bytes += bytes;
    t->at += bytes;
}

static void end_junk(take *t) {
    if (t->sync->junk_length > 0) {
        report(t, TS_SYNC_SKIPPED, t->sync->junk_offset, t->sync->junk_length);
        t->sync->junk_length = 0;
    }
}

/* Time stamps are written from the first packet on that has one. */
static void note_origins(take *t, size_t packets) {
    const size_t unit = t->sync->unit;
    const size_t place = sync_place(unit);
    uint32_t *timestamp = t->columns.timestamp;
    if (timestamp != NULL && place != 0 && !t->stamped) {
        memset(timestamp, 0, t->count * sizeof *timestamp);
        t->stamped = true;
    }
    for (size_t i = 0; t->stamped && i < packets; i++) {
        timestamp[t->count + i] = place ? ts_load_be32(t->buffer + t->at + i * unit) : 0;
    }
    for (size_t i = 0; t->columns.offset != NULL && i < packets; i++) {
        t->columns.offset[t->count + i] = (uint32_t)(t->at + i * unit + place);
    }
}

/* Moves whole packets from the byte looked at to the front of the buffer. */
static void hand_on(take *t, size_t packets) {
    ts_sync *sync = t->sync;
    size_t unit = sync->unit;
    size_t place = sync_place(unit);
    uint8_t *to = t->buffer + t->count * TS_PACKET_SIZE;
    const uint8_t *from = t->buffer + t->at;
    note_origins(t, packets);
    if (unit == TS_PACKET_SIZE) {
        if (to != from) {
            memmove(to, from, packets * TS_PACKET_SIZE);
        }
    } else {
        for (size_t i = 0; i < packets; i++) {
            memmove(to + i * TS_PACKET_SIZE, from + i * unit + place, TS_PACKET_SIZE);
        }
    }
    t->at += packets * unit;
    t->count += packets;
    sync->packet_count += packets;
    sync->offset_bytes += packets * unit;
}

static bool has_sync(const take *t, size_t unit_start, size_t unit) {
    return t->buffer[unit_start + sync_place(unit)] == TS_SYNC_BYTE;
}

/* Sync bytes in a row from a place on: up to wanted, or to the end of the bytes there are. */
static size_t count_syncs(const take *t, size_t start, size_t unit, size_t wanted, bool *all) {
    size_t found = 0;
    *all = true;
    for (size_t at = start; found < wanted && at + sync_place(unit) < t->size; at += unit) {
        if (!has_sync(t, at, unit)) {
            *all = false;
            break;
        }
        found++;
    }
    return found;
}

/* At the end of the input fewer than five must do: all there are, and enough of them to mean it. */
static bool ends_well(const take *t, size_t start, size_t unit) {
    bool all;
    size_t syncs = count_syncs(t, start, unit, SIZE_MAX, &all);
    if (!all || start + sync_place(unit) + TS_PACKET_SIZE > t->size) {
        return false;
    }
    uint64_t offset = t->sync->offset_bytes + (start - t->at);
    if (offset == 0 || syncs >= 3) {
        return true;
    }
    /* A single sync byte within a packet is chance; one that ends with the input is not. */
    bool aligned_end = !t->sync->locked && start + unit == t->size;
    return t->sync->unit == unit && (syncs >= 2 || aligned_end);
}

static bool locks_at(const take *t, size_t start, size_t unit) {
    bool all;
    if (start + sync_place(unit) >= t->size || !has_sync(t, start, unit)) {
        return false;
    }
    if (count_syncs(t, start, unit, TS_SYNC_ACQUIRE, &all) == TS_SYNC_ACQUIRE) {
        return true;
    }
    return t->final && all && ends_well(t, start, unit);
}

/* The packet size that locks at a place, the one of the last lock first; 0 for none. */
static size_t find_unit(const take *t, size_t start) {
    if (t->sync->unit != 0 && locks_at(t, start, t->sync->unit)) {
        return t->sync->unit;
    }
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
        if (UNITS[i] != t->sync->unit && locks_at(t, start, UNITS[i])) {
            return UNITS[i];
        }
    }
    return 0;
}

/* Bytes that must lie behind a place before it can be judged. */
static const size_t REACH = (size_t)TS_UNIT_MAX * TS_SYNC_ACQUIRE + 4;

static void search(take *t) {
    size_t from = t->at;
    while (from < t->size && (t->final || t->size - from >= REACH)) {
        size_t unit = find_unit(t, from);
        if (unit != 0) {
            skip(t, from - t->at);
            end_junk(t);
            if (unit != t->sync->unit || !t->sync->locked) {
                report(t, TS_SYNC_ACQUIRED, t->sync->offset_bytes, unit);
            }
            t->sync->unit = unit;
            t->sync->locked = true;
            return;
        }
        from++;
    }
    skip(t, from - t->at);
}

/* Where packets begin that the one looked at would run over: at its own place where the packet size
 * has changed, behind that where it was cut short; the size of the bytes if there are none. */
static size_t find_inner_lock(const take *t) {
    for (size_t from = t->at; from < t->at + t->sync->unit; from++) {
        if (find_unit(t, from) != 0) {
            return from;
        }
    }
    return t->size;
}

static void lose(take *t) {
    t->sync->locked = false;
    t->sync->losses++;
    report(t, TS_SYNC_LOST, t->sync->offset_bytes, 0);
}

/* The packet looked at is good, unless it has left already; the sync byte behind it is not. */
static void judge_gap(take *t) {
    ts_sync *sync = t->sync;
    size_t unit = sync->unit;
    size_t good = sync->ahead ? 0 : 1;
    size_t after = t->at + (good + 1) * unit + sync_place(unit);
    sync->ahead = false;
    if (after < t->size && t->buffer[after] == TS_SYNC_BYTE) {
        hand_on(t, good);
        report(t, TS_SYNC_BAD_SYNC_BYTE, sync->offset_bytes, unit);
        sync->bad_sync_bytes++;
        sync->skipped_bytes += unit;
        sync->offset_bytes += unit;
        t->at += unit;
        return;
    }
    size_t inner = find_inner_lock(t);
    if (inner == t->size) {
        hand_on(t, good);
        lose(t);
    } else {
        lose(t);
        skip(t, inner - t->at);
    }
}

/* Whole packets from the byte looked at, each with a good sync byte behind it. */
static size_t count_run(take *t) {
    size_t unit = t->sync->unit;
    size_t next = t->at + unit + sync_place(unit);
    size_t run = 0;
    /* The common case, packets that stay where they are: one look at each serves both sync and
     * scan. */
    if (unit == TS_PACKET_SIZE && t->at == t->count * TS_PACKET_SIZE && t->size > t->at) {
        size_t whole = (t->size - t->at) / TS_PACKET_SIZE;
        size_t good = ts_scan_headers(t->buffer + t->at, whole, t->columns.header + t->count);
        run = good > 0 ? good - 1 : 0;
        t->scanned = t->count + run;
        next += run * TS_PACKET_SIZE;
    }
    while (next < t->size && t->buffer[next] == TS_SYNC_BYTE) {
        run++;
        next += unit;
    }
    return run;
}

static void take_last(take *t) {
    size_t unit = t->sync->unit;
    /* The last packet needs its 188 bytes only, not the Reed-Solomon bytes behind it. */
    size_t need = sync_place(unit) + TS_PACKET_SIZE;
    if (t->size - t->at >= need) {
        if (t->size - t->at < unit) {
            t->sync->unit = need;
            hand_on(t, 1);
            t->sync->unit = unit;
        } else {
            hand_on(t, 1);
        }
    }
    skip(t, t->size - t->at);
}

/* Whether the byte looked at is a sync byte, as it is where the one before it has shown it. */
static bool is_at_packet(const take *t) {
    size_t place = t->at + sync_place(t->sync->unit);
    return !t->sync->ahead || place >= t->size || t->buffer[place] == TS_SYNC_BYTE;
}

/* Too few bytes are left to tell what is behind the packet looked at. */
static void end_take(take *t) {
    if (t->final) {
        take_last(t);
    } else if (t->whole && t->size - t->at == TS_PACKET_SIZE && t->sync->unit == TS_PACKET_SIZE) {
        hand_on(t, 1);
        t->sync->ahead = true;
    }
}

/* Returns false when more bytes are wanted. */
static bool follow(take *t) {
    size_t unit = t->sync->unit;
    bool at_packet = is_at_packet(t);
    if (at_packet && t->size > t->at) {
        t->sync->ahead = false;
        size_t run = count_run(t);
        if (run > 0) {
            hand_on(t, run);
        }
    }
    size_t left = t->size - t->at;
    if (at_packet && left <= unit + sync_place(unit)) {
        end_take(t);
        return false;
    }
    if (!t->final && left < REACH + 2 * (size_t)TS_UNIT_MAX) {
        return false;
    }
    judge_gap(t);
    return true;
}

static ts_status run_take(take *t, ts_sync_result *result) {
    bool more = true;
    while (more && t->status == TS_OK) {
        if (!t->sync->locked) {
            search(t);
            more = t->sync->locked;
        } else {
            more = follow(t);
        }
    }
    if (t->final) {
        end_junk(t);
    }
    ts_scan_headers(t->buffer + t->scanned * TS_PACKET_SIZE, t->count - t->scanned,
                    t->columns.header + t->scanned);
    *result = (ts_sync_result){t->count, t->at, t->stamped};
    return t->status;
}

ts_status ts_sync_take(ts_sync *sync, uint8_t *buffer, size_t size, const ts_sync_columns *columns,
                       ts_sync_result *result) {
    take t = {.sync = sync, .buffer = buffer, .size = size, .columns = *columns};
    return run_take(&t, result);
}

ts_status ts_sync_take_whole(ts_sync *sync, uint8_t *buffer, size_t size,
                             const ts_sync_columns *columns, ts_sync_result *result) {
    take t = {.sync = sync, .buffer = buffer, .size = size, .whole = true, .columns = *columns};
    return run_take(&t, result);
}

ts_status ts_sync_finish(ts_sync *sync, uint8_t *buffer, size_t size,
                         const ts_sync_columns *columns, ts_sync_result *result) {
    take t = {.sync = sync, .buffer = buffer, .size = size, .final = true, .columns = *columns};
    return run_take(&t, result);
}
