#include "tsloom/insert.h"

#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number) {
    memset(inserter, 0, sizeof *inserter);
    inserter->room = room;
    inserter->program_number = program_number;
    inserter->wake_index = UINT64_MAX;
    inserter->pmt_pid = TS_PID_NULL;
    ts_rewriter_init(&inserter->rewriter);
    return ts_demux_init(&inserter->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                         insert_on_section, inserter);
}

static void free_items(ts_item_heap *heap) {
    for (size_t i = 0; i < heap->count; i++) {
        free(heap->items[i].section);
    }
    free(heap->items);
    *heap = (ts_item_heap){0};
}

void ts_inserter_free(ts_inserter *inserter) {
    free_items(&inserter->waiting);
    free_items(&inserter->ready);
    free(inserter->current.section);
    free(inserter->added);
    free(inserter->events);
    inserter->current.section = NULL;
    inserter->added = NULL;
    inserter->events = NULL;
    ts_demux_free(&inserter->demux);
    ts_rewriter_free(&inserter->rewriter);
}

const ts_clock *ts_inserter_get_clock(const ts_inserter *inserter) {
    const ts_program *program =
        ts_demux_find_program(&inserter->demux, inserter->program_number);
    if (program == NULL || !program->has_pmt) {
        return NULL;
    }
    const ts_clock *clock = inserter->demux.clock[program->pcr_pid];
    return clock != NULL && clock->started ? clock : NULL;
}

/* Tells the control plane when the clock starts, and when its relation to PTS changes. */
static ts_status watch_clock(ts_inserter *inserter, uint64_t packet_index) {
    const ts_clock *clock = ts_inserter_get_clock(inserter);
    if (clock == NULL) {
        return TS_OK;
    }
    uint64_t breaks = clock->discontinuities + clock->jumps;
    bool started = !inserter->clock_known;
    if (!started && breaks == inserter->clock_breaks) {
        return TS_OK;
    }
    inserter->clock_known = true;
    inserter->clock_breaks = breaks;
    inserter->status = TS_WANTS_CONTROL;
    ts_insert_event event = {.kind = started ? TS_INSERT_CLOCK_STARTED : TS_INSERT_CLOCK_BROKEN,
                             .packet_index = packet_index,
                             .stream_time = ts_clock_get_time(clock, packet_index)};
    event.pts_90khz = ts_clock_time_to_pts(clock, event.stream_time);
    return insert_report(inserter, &event);
}

static void renumber(ts_inserter *inserter, ts_batch *batch, size_t index, uint16_t pid) {
    uint32_t header = batch->header[index];
    bool payload = (header & TS_HEADER_PAYLOAD) != 0;
    uint8_t counter = inserter->counter[pid];
    header = (header & ~TS_HEADER_CC) | (payload ? counter : (counter - 1u) & 15u);
    inserter->counter[pid] = (uint8_t)((counter + payload) & 15u);
    batch->header[index] = header;
    batch->packets[index * TS_PACKET_SIZE + 3] = (uint8_t)header;
}

/* Reads a packet that may tell something: sections, a PCR. */
static ts_status read_packet(ts_inserter *inserter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    uint64_t packet_index = batch->first_index + batch->position[index];
    if (!inserter->owned[pid]) {
        inserter->counter[pid] = header & TS_HEADER_CC;
    }
    ts_status status = ts_demux_feed_packet(
        &inserter->demux, batch->packets + index * TS_PACKET_SIZE, header, packet_index);
    if (status == TS_OK) {
        status = watch_clock(inserter, packet_index);
    }
    if (status == TS_OK && ts_rewriter_has(&inserter->rewriter, pid)) {
        const ts_clock *clock = ts_inserter_get_clock(inserter);
        inserter->backlog_since = clock == NULL ? 0 : ts_clock_get_time(clock, packet_index);
        ts_rewriter_fill(&inserter->rewriter, batch, index);
        inserter->wake_index = 0;
    } else if (status == TS_OK && inserter->owned[pid]) {
        renumber(inserter, batch, index, pid);
    }
    if (header & TS_HEADER_ADAPTATION) {
        insert_set_wake_index(inserter);
    }
    return status;
}

static bool is_telling(const ts_inserter *inserter, uint32_t header) {
    uint16_t pid = ts_header_get_pid(header);
    return inserter->demux.role[pid] != 0 || (header & TS_HEADER_ADAPTATION) != 0 ||
           inserter->owned[pid] || ts_rewriter_has(&inserter->rewriter, pid);
}

static ts_status process_packet(ts_inserter *inserter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    bool resumed = inserter->resumed;
    inserter->resumed = false;
    if (!resumed) {
        inserter->in_use[pid] = 1;
        if (is_telling(inserter, header)) {
            ts_status status = read_packet(inserter, batch, index);
            if (status != TS_OK) {
                return status;
            }
        }
        if (inserter->status == TS_WANTS_CONTROL) {
            inserter->resumed = true;
            return TS_WANTS_CONTROL;
        }
    }
    if (batch->first_index + batch->position[index] < inserter->wake_index) {
        return TS_OK;
    }
    ts_status status = insert_serve(inserter, batch, index);
    insert_set_wake_index(inserter);
    return status;
}

ts_status ts_inserter_process(void *state, ts_batch *batch) {
    ts_inserter *inserter = state;
    while (inserter->at < batch->count) {
        inserter->status = TS_OK;
        ts_status status = process_packet(inserter, batch, inserter->at);
        if (status != TS_OK) {
            return status;
        }
        inserter->at++;
    }
    inserter->at = 0;
    ts_status status = insert_expand(inserter, batch);
    inserter->out_base += batch->count;
    return status;
}

static ts_status fail_all(ts_inserter *inserter, ts_item_heap *heap) {
    ts_status status = TS_OK;
    for (size_t i = 0; i < heap->count && status == TS_OK; i++) {
        ts_insert_event event = {.kind = TS_INSERT_FAILED, .reason = TS_INSERT_STREAM_ENDED,
                                 .pid = heap->items[i].pid, .id = heap->items[i].id};
        if (heap->items[i].interval == 0) {
            status = insert_report(inserter, &event);
        }
    }
    free_items(heap);
    return status;
}

ts_status ts_inserter_finish(void *state, ts_batch *batch) {
    ts_inserter *inserter = state;
    (void)batch;
    if (inserter->current.section != NULL) {
        ts_insert_item rest = inserter->current;
        inserter->current.section = NULL;
        ts_status status = insert_push(&inserter->ready, &rest, true);
        if (status != TS_OK) {
            free(rest.section);
            return status;
        }
    }
    ts_status status = fail_all(inserter, &inserter->ready);
    return status == TS_OK ? fail_all(inserter, &inserter->waiting) : status;
}
