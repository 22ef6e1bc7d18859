#include <stdlib.h>
#include <string.h>

#include "cue_rewriter_internal.h"

/* So long a packet waits for a null packet before one is added. */
#define PATIENCE_TICKS (TS_PCR_HZ / 100)

static ts_section_queue *find_backlog(const ts_cue_rewriter *stage) {
    for (size_t i = 0; i < stage->taken_count; i++) {
        ts_rewritten_pid *rewritten = stage->rewriter.pid[stage->taken[i]];
        if (!ts_section_queue_is_empty(&rewritten->queue)) {
            return &rewritten->queue;
        }
    }
    return NULL;
}

static const ts_clock *get_clock(const ts_cue_rewriter *stage, uint16_t pid) {
    const ts_clock *clock = ts_demux_get_clock(&stage->demux, pid);
    return clock != NULL && clock->started ? clock : NULL;
}

void cue_note_backlog(ts_cue_rewriter *stage, uint16_t pid, uint64_t packet_index) {
    const ts_clock *clock = get_clock(stage, pid);
    if (!ts_section_queue_is_empty(&stage->rewriter.pid[pid]->queue)) {
        stage->has_backlog = true;
        stage->backlog_since = clock == NULL ? 0 : ts_clock_get_time(clock, packet_index);
    }
}

static bool may_add(const ts_cue_rewriter *stage, uint16_t pid, uint64_t packet_index) {
    const ts_clock *clock = get_clock(stage, pid);
    if (stage->room != TS_ROOM_NULLS_THEN_ADD || clock == NULL) {
        return stage->room != TS_ROOM_NULLS;
    }
    return ts_clock_get_time(clock, packet_index) - stage->backlog_since >= PATIENCE_TICKS;
}

ts_status cue_serve_backlog(ts_cue_rewriter *stage, ts_batch *batch, size_t index) {
    ts_section_queue *queue = find_backlog(stage);
    const uint64_t packet_index = batch->first_index + batch->position[index];
    if (queue == NULL) {
        stage->has_backlog = false;
        return TS_OK;
    }
    const uint16_t pid = queue->pid;
    if (ts_header_get_pid(batch->header[index]) == TS_PID_NULL) {
        uint8_t *slot = batch->packets + index * TS_PACKET_SIZE;
        ts_section_queue_pop(queue, slot);
        batch->header[index] = ts_load_be32(slot);
    } else if (may_add(stage, pid, packet_index)) {
        uint8_t *slot = ts_batch_add(batch, index + 1);
        if (slot == NULL) {
            return TS_NO_MEMORY;
        }
        ts_section_queue_pop(queue, slot);
    } else {
        return TS_OK;
    }
    cue_note_backlog(stage, pid, packet_index);
    return TS_OK;
}

ts_status cue_drop(ts_cue_rewriter *stage, size_t index) {
    if (stage->dropped_count == stage->dropped_capacity) {
        const size_t capacity = stage->dropped_capacity ? stage->dropped_capacity * 2 : 16;
        size_t *dropped = realloc(stage->dropped, capacity * sizeof *dropped);
        if (dropped == NULL) {
            return TS_NO_MEMORY;
        }
        stage->dropped = dropped;
        stage->dropped_capacity = capacity;
    }
    stage->dropped[stage->dropped_count++] = index;
    return TS_OK;
}

static void move_packets(ts_batch *batch, size_t from, size_t count, size_t into) {
    memmove(batch->packets + into * TS_PACKET_SIZE, batch->packets + from * TS_PACKET_SIZE,
            count * TS_PACKET_SIZE);
    memmove(batch->header + into, batch->header + from, count * sizeof *batch->header);
    memmove(batch->position + into, batch->position + from, count * sizeof *batch->position);
}

/* Closes the gaps from the front; what is to be added behind them moves up too. */
static void close_gaps(ts_cue_rewriter *stage, ts_batch *batch) {
    size_t add = 0;
    for (size_t i = 0; i < stage->dropped_count; i++) {
        const size_t from = stage->dropped[i] + 1;
        const size_t end = i + 1 < stage->dropped_count ? stage->dropped[i + 1] : batch->count;
        while (add < batch->added_count && batch->added[add].before < from) {
            batch->added[add++].before -= i;
        }
        move_packets(batch, from, end - from, from - i - 1);
    }
    while (add < batch->added_count) {
        batch->added[add++].before -= stage->dropped_count;
    }
    batch->count -= stage->dropped_count;
    stage->dropped_count = 0;
}

void cue_edit_batch(ts_cue_rewriter *stage, ts_batch *batch) {
    if (stage->dropped_count > 0) {
        close_gaps(stage, batch);
    }
}
