#include "tsloom/insert.h"

#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

enum { CONCERN_SEEN = 1u << 0, CONCERN_READ = 1u << 1, CONCERN_CLOCK = 1u << 2 };

ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number) {
    memset(inserter, 0, sizeof *inserter);
    inserter->room = room;
    inserter->program_number = program_number;
    inserter->wake_index = UINT64_MAX;
    inserter->pmt_pid = TS_PID_NULL;
    ts_rewriter_init(&inserter->rewriter);
    ts_status status =
        ts_demux_init(&inserter->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                      insert_on_section, inserter);
    insert_follow(inserter);
    return status;
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
    return inserter->clock;
}

static uint16_t get_pcr_pid(const ts_inserter *inserter) {
    const ts_program *program = ts_demux_find_program(&inserter->demux, inserter->program_number);
    return program == NULL || !program->has_pmt ? TS_PID_NULL : program->pcr_pid;
}

void insert_follow(ts_inserter *inserter) {
    uint16_t pcr_pid = get_pcr_pid(inserter);
    inserter->role_changes = inserter->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        bool read = inserter->demux.role[pid] != 0 || inserter->owned[pid] ||
                    ts_rewriter_has(&inserter->rewriter, (uint16_t)pid);
        inserter->concern[pid] =
            (uint8_t)((inserter->concern[pid] & CONCERN_SEEN) | (read ? CONCERN_READ : 0) |
                      (pid == pcr_pid ? CONCERN_CLOCK : 0));
    }
}

static void find_clock(ts_inserter *inserter) {
    const ts_clock *clock = inserter->demux.clock[get_pcr_pid(inserter)];
    inserter->clock = clock != NULL && clock->started ? clock : NULL;
}

/* Tells the control plane when the clock starts, and when its relation to PTS changes. */
static ts_status watch_clock(ts_inserter *inserter, uint64_t packet_index) {
    const ts_clock *before = inserter->clock;
    find_clock(inserter);
    const ts_clock *clock = inserter->clock;
    if (clock == NULL) {
        return TS_OK;
    }
    uint64_t breaks = clock->discontinuities + clock->jumps;
    bool started = !inserter->has_started;
    bool broken = before != clock || breaks != inserter->clock_breaks;
    inserter->has_started = true;
    inserter->clock_breaks = breaks;
    if (!broken) {
        return TS_OK;
    }
    inserter->status = TS_WANTS_CONTROL;
    ts_insert_event event = {.kind = started ? TS_INSERT_CLOCK_STARTED : TS_INSERT_CLOCK_BROKEN,
                             .packet_index = packet_index,
                             .stream_time = ts_clock_get_time(clock, packet_index)};
    event.pts_90khz = ts_clock_time_to_pts(clock, event.stream_time);
    return insert_report(inserter, &event);
}

/* Reads a packet that may tell something: sections, a PCR. */
static ts_status read_packet(ts_inserter *inserter, const ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint64_t packet_index = batch->first_index + batch->position[index];
    ts_status status = ts_demux_feed_packet(
        &inserter->demux, batch->packets + index * TS_PACKET_SIZE, header, packet_index);
    if (status == TS_OK) {
        status = watch_clock(inserter, packet_index);
    }
    if (inserter->role_changes != inserter->demux.role_changes) {
        insert_follow(inserter);
    }
    if (header & TS_HEADER_ADAPTATION) {
        insert_set_wake_index(inserter);
    }
    return status;
}

/* What becomes of the packet itself, once all that goes before it is there: the counters of its PID
 * follow the order in which packets leave. */
static ts_status settle_packet(ts_inserter *inserter, ts_batch *batch, size_t index, uint16_t pid) {
    bool rewritten = ts_rewriter_has(&inserter->rewriter, pid);
    if (!rewritten && !inserter->owned[pid]) {
        return TS_OK;
    }
    const ts_clock *clock = inserter->clock;
    uint64_t packet_index = batch->first_index + batch->position[index];
    int64_t now = clock == NULL ? 0 : ts_clock_get_time(clock, packet_index);
    ts_status status = TS_OK;
    if (rewritten) {
        inserter->backlog_since = now;
        ts_rewriter_fill(&inserter->rewriter, batch, index);
    } else {
        status = insert_share(inserter, batch, index, now);
    }
    insert_set_wake_index(inserter);
    return status;
}

/* Does the packet tell something: is it the first of its PID, of a PID whose sections are read, or
 * may it carry the PCR that time is taken from? */
static bool is_telling(const ts_inserter *inserter, uint32_t header) {
    unsigned concern = inserter->concern[ts_header_get_pid(header)];
    bool may_have_pcr = (concern & CONCERN_CLOCK) || inserter->clock == NULL;
    return !(concern & CONCERN_SEEN) || (concern & CONCERN_READ) ||
           ((header & TS_HEADER_ADAPTATION) && may_have_pcr);
}

static ts_status process_packet(ts_inserter *inserter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    bool resumed = inserter->resumed;
    inserter->resumed = false;
    const ts_section_assembler *assembler = inserter->demux.assembler[pid];
    if (!resumed) {
        inserter->passing_pid = pid;
        inserter->is_inside = assembler != NULL && assembler->size > 0;
    }
    if (!resumed && !inserter->owned[pid]) {
        insert_note_counter(inserter, header);
    }
    if (!resumed && is_telling(inserter, header)) {
        inserter->concern[pid] |= CONCERN_SEEN;
        inserter->in_use[pid] = 1;
        inserter->status = TS_OK;
        ts_status status = read_packet(inserter, batch, index);
        if (status != TS_OK) {
            return status;
        }
        if (inserter->status == TS_WANTS_CONTROL) {
            inserter->resumed = true;
            return TS_WANTS_CONTROL;
        }
    }
    ts_status status = TS_OK;
    if (batch->first_index + batch->position[index] >= inserter->wake_index) {
        status = insert_serve(inserter, batch, index);
        insert_set_wake_index(inserter);
    }
    return status == TS_OK ? settle_packet(inserter, batch, index, pid) : status;
}

ts_status ts_inserter_process(void *state, ts_batch *batch) {
    ts_inserter *inserter = state;
    for (; inserter->at < batch->count; inserter->at++) {
        size_t at = inserter->at;
        if (!is_telling(inserter, batch->header[at]) &&
            batch->first_index + batch->position[at] < inserter->wake_index) {
            insert_note_counter(inserter, batch->header[at]);
            continue;
        }
        ts_status status = process_packet(inserter, batch, at);
        if (status != TS_OK) {
            return status;
        }
    }
    inserter->at = 0;
    if (batch->count > 0) {
        inserter->next_index = batch->first_index + batch->position[batch->count - 1] + 1;
    }
    ts_status status = insert_expand(inserter, batch);
    inserter->out_base += batch->count;
    return status;
}

static ts_status fail_all(ts_inserter *inserter, ts_item_heap *heap) {
    ts_status status = TS_OK;
    for (size_t i = 0; i < heap->count && status == TS_OK; i++) {
        ts_insert_event event = {.kind = TS_INSERT_FAILED,
                                 .reason = TS_INSERT_STREAM_ENDED,
                                 .pid = heap->items[i].pid,
                                 .id = heap->items[i].id};
        if (heap->items[i].interval == 0) {
            status = insert_report(inserter, &event);
        }
    }
    free_items(heap);
    return status;
}

ts_status ts_inserter_finish(void *state, ts_batch *batch) {
    ts_inserter *inserter = state;
    ts_status status = insert_end(inserter, batch);
    if (status == TS_OK && inserter->current.section != NULL) {
        ts_insert_item rest = inserter->current;
        inserter->current.section = NULL;
        status = insert_push(&inserter->ready, &rest, true);
        if (status != TS_OK) {
            free(rest.section);
        }
    }
    status = status == TS_OK ? fail_all(inserter, &inserter->ready) : status;
    return status == TS_OK ? fail_all(inserter, &inserter->waiting) : status;
}
