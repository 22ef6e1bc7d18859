#include "tsloom/insert.h"

#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number) {
    memset(inserter, 0, sizeof *inserter);
    inserter->room = room;
    inserter->program_number = program_number;
    inserter->wake_index = UINT64_MAX;
    inserter->other_index = UINT64_MAX;
    inserter->pmt_pid = TS_PID_NULL;
    memset(inserter->concern, CONCERN_NEW, sizeof inserter->concern);
    inserter->concern[TS_PID_NULL] |= CONCERN_NULL;
    ts_rewriter_init(&inserter->rewriter);
    return ts_demux_init(&inserter->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                         insert_on_section, inserter);
}

static void free_items(ts_item_heap *heap) {
    for (size_t i = 0; i < heap->count; i++) {
        insert_release(&heap->items[i]);
    }
    free(heap->items);
    *heap = (ts_item_heap){0};
}

void ts_inserter_free(ts_inserter *inserter) {
    free_items(&inserter->waiting);
    free_items(&inserter->ready);
    insert_release(&inserter->current);
    free(inserter->carousel.kept);
    inserter->carousel.kept = NULL;
    inserter->carousel.kept_capacity = 0;
    free(inserter->events);
    free(inserter->group_free_from);
    inserter->group_free_from = NULL;
    inserter->group_capacity = 0;
    inserter->events = NULL;
    ts_demux_free(&inserter->demux);
    ts_rewriter_free(&inserter->rewriter);
}

const ts_program *insert_get_program(const ts_inserter *inserter) {
    return inserter->program_number == 0
               ? NULL
               : ts_demux_find_program(&inserter->demux, inserter->program_number);
}

const ts_clock *ts_inserter_get_clock(const ts_inserter *inserter) {
    return inserter->clock;
}

static uint16_t get_pcr_pid(const ts_inserter *inserter) {
    const ts_program *program = insert_get_program(inserter);
    return program == NULL || !program->has_pmt ? TS_PID_NULL : program->pcr_pid;
}

/* From now on each packet of the PID is looked at: the counter goes on from those that were not. */
static void begin_reading(ts_inserter *inserter, size_t pid) {
    uint8_t last = inserter->passed[pid];
    if (ts_header_has_cc(last)) {
        inserter->counter[pid] = (last + 1u) & TS_HEADER_CC;
        inserter->joined[pid] = 1;
    }
}

void insert_follow(ts_inserter *inserter) {
    if (inserter->role_changes == inserter->demux.role_changes) {
        return;
    }
    inserter->role_changes = inserter->demux.role_changes;
    uint16_t pcr_pid = get_pcr_pid(inserter);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        unsigned before = inserter->concern[pid];
        bool read =
            inserter->demux.role[pid] != 0 || ts_rewriter_has(&inserter->rewriter, (uint16_t)pid);
        if (read && !(before & CONCERN_READ)) {
            begin_reading(inserter, pid);
        }
        inserter->concern[pid] =
            (uint8_t)((before & (CONCERN_NEW | CONCERN_NULL)) | (read ? CONCERN_READ : 0u) |
                      (pid == pcr_pid ? CONCERN_CLOCK : 0u));
    }
}

/* The time line goes on where the program's PCRs come on another PID, whatever happened between. */
static void find_clock(ts_inserter *inserter) {
    uint16_t pcr_pid = get_pcr_pid(inserter);
    ts_clock *clock = inserter->demux.clock[pcr_pid];
    inserter->clock = clock != NULL && clock->started ? clock : NULL;
    if (inserter->clock == NULL || !inserter->has_started || pcr_pid == inserter->clock_pid) {
        return;
    }
    if (!clock->carried) {
        ts_clock_carry_on(clock, inserter->demux.clock[inserter->clock_pid]);
    }
    inserter->clock_pid = pcr_pid;
    inserter->has_moved = true;
}

/* Tells the control plane when the clock starts, and when its relation to PTS changes: at a break,
 * and where the PCRs come on another PID. */
static ts_status watch_clock(ts_inserter *inserter, uint64_t packet_index) {
    find_clock(inserter);
    const ts_clock *clock = inserter->clock;
    if (clock == NULL || clock->carried) {
        return TS_OK;
    }
    uint64_t breaks = clock->discontinuities + clock->jumps;
    bool started = !inserter->has_started;
    if (!started && !inserter->has_moved && breaks == inserter->clock_breaks) {
        return TS_OK;
    }
    inserter->has_started = true;
    inserter->has_moved = false;
    inserter->clock_pid = get_pcr_pid(inserter);
    inserter->clock_breaks = breaks;
    inserter->status = TS_WANTS_CONTROL;
    ts_insert_event event = {.kind = started ? TS_INSERT_CLOCK_STARTED : TS_INSERT_CLOCK_BROKEN,
                             .packet_index = packet_index,
                             .stream_time = ts_clock_get_time(clock, packet_index)};
    event.pts_90khz = ts_clock_time_to_pts(clock, event.stream_time);
    return insert_report(inserter, &event);
}

/* The counters of a PID's own packets run on behind those that were put in. */
static void renumber(ts_inserter *inserter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    header = (header & ~TS_HEADER_CC) | ((header + inserter->shift[pid]) & TS_HEADER_CC);
    if (ts_header_has_cc(header)) {
        inserter->counter[pid] = (header + 1u) & TS_HEADER_CC;
        inserter->parted[pid] = 0;
    }
    batch->header[index] = header;
    batch->packets[index * TS_PACKET_SIZE + 3] = (uint8_t)header;
}

/* Where packets were put in before the first of the PID's own, its counters go on from theirs. */
static void join_counter(ts_inserter *inserter, uint16_t pid, uint8_t counter) {
    if (!inserter->joined[pid] && inserter->parted[pid]) {
        inserter->shift[pid] = (inserter->counter[pid] - counter) & TS_HEADER_CC;
    }
    inserter->joined[pid] = 1;
    inserter->counter[pid] = (counter + inserter->shift[pid]) & TS_HEADER_CC;
}

/* The duplicate of a packet behind which another one was put in is none any more. */
static bool is_parted_duplicate(const ts_inserter *inserter, const ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    const ts_section_assembler *assembler = inserter->demux.assembler[pid];
    return inserter->parted[pid] && assembler != NULL && assembler->started &&
           memcmp(assembler->last, batch->packets + index * TS_PACKET_SIZE, TS_PACKET_SIZE) == 0;
}

static void pass_packet(ts_inserter *inserter, ts_batch *batch, size_t index,
                        uint64_t packet_index) {
    uint16_t pid = ts_header_get_pid(batch->header[index]);
    if (!ts_rewriter_has(&inserter->rewriter, pid)) {
        renumber(inserter, batch, index);
    } else if (inserter->replaced[pid]) {
        ts_rewriter_fill(&inserter->rewriter, batch, index);
    } else if (inserter->demux.role[pid] & TS_ROLE_PMT) {
        const ts_clock *clock = inserter->clock;
        inserter->backlog_since = clock == NULL ? 0 : ts_clock_get_time(clock, packet_index);
        ts_rewriter_fill(&inserter->rewriter, batch, index);
    } else {
        ts_rewriter_pass(&inserter->rewriter, batch, index);
    }
}

static bool is_in_the_way(const ts_inserter *inserter, uint32_t header) {
    const ts_insert_item *item = &inserter->current;
    uint16_t pid = ts_header_get_pid(header);
    return item->section != NULL && item->sent > 0 && item->pid == pid &&
           ts_header_has_cc(header) && (header & TS_HEADER_PAYLOAD) && !inserter->replaced[pid];
}

/* Reads a packet that may tell something: sections, a PCR. */
static ts_status read_packet(ts_inserter *inserter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    uint64_t packet_index = batch->first_index + batch->position[index];
    if (is_parted_duplicate(inserter, batch, index)) {
        inserter->parted[pid] = 0;
        ts_packet_put_null(packet);
        batch->header[index] = ts_load_be32(packet);
        return TS_OK;
    }
    ts_status status =
        is_in_the_way(inserter, header) ? insert_give_way(inserter, batch, index) : TS_OK;
    if (status != TS_OK) {
        return status;
    }
    if (ts_header_has_cc(header)) {
        join_counter(inserter, pid, ts_header_get_payload_cc(header));
    }
    ts_section_queue_init(&inserter->spare, pid);
    status = ts_demux_feed_packet(&inserter->demux, packet, header, packet_index);
    insert_follow(inserter);
    if (status == TS_OK) {
        status = watch_clock(inserter, packet_index);
    }
    if (status == TS_OK) {
        pass_packet(inserter, batch, index, packet_index);
    }
    insert_set_wake_index(inserter);
    return status;
}

/* Does the packet tell something: is it the first of its PID, of a PID whose sections are read, or
 * has it the PCR that time is taken from? */
static bool is_telling(const ts_inserter *inserter, const ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    unsigned concern = inserter->concern[ts_header_get_pid(header)];
    bool may_have_pcr = (concern & CONCERN_CLOCK) || inserter->clock == NULL;
    return (concern & (CONCERN_NEW | CONCERN_READ)) ||
           ((header & TS_HEADER_ADAPTATION) && may_have_pcr &&
            ts_packet_has_pcr(batch->packets + index * TS_PACKET_SIZE));
}

/* Is it time for something that waits, in this packet's place or behind it? */
static bool is_wanted(const ts_inserter *inserter, const ts_batch *batch, size_t index) {
    const bool is_null = ts_header_get_pid(batch->header[index]) == TS_PID_NULL;
    const uint64_t from = is_null ? inserter->wake_index : inserter->other_index;
    return batch->first_index + batch->position[index] >= from;
}

static ts_status process_packet(ts_inserter *inserter, ts_batch *batch, size_t index,
                                bool telling) {
    uint16_t pid = ts_header_get_pid(batch->header[index]);
    bool resumed = inserter->resumed;
    inserter->resumed = false;
    if (telling && !resumed) {
        inserter->concern[pid] &= (uint8_t)~CONCERN_NEW;
        inserter->in_use[pid] = 1;
        inserter->passed[pid] = 0;
        inserter->status = TS_OK;
        ts_status status = read_packet(inserter, batch, index);
        if (status != TS_OK) {
            return status;
        }
        if (inserter->status == TS_WANTS_CONTROL) {
            inserter->resumed = true;
            inserter->status = TS_OK;
            return TS_WANTS_CONTROL;
        }
    }
    if (!is_wanted(inserter, batch, index)) {
        return TS_OK;
    }
    ts_status status = insert_serve(inserter, batch, index);
    insert_set_wake_index(inserter);
    return status;
}

ts_status ts_inserter_process(void *state, ts_batch *batch) {
    ts_inserter *inserter = state;
    uint64_t wanted = UINT64_MAX;
    size_t end = batch->count;
    for (;; inserter->at++) {
        if (wanted != inserter->other_index) {
            wanted = inserter->other_index;
            end = insert_find_index(batch, inserter->at, wanted);
        }
        /* One that it stopped at is not told again, but may be wanted. */
        if (!inserter->resumed) {
            inserter->at = insert_find_concern(inserter, batch, inserter->at, end);
        }
        size_t at = inserter->at;
        if (at == batch->count) {
            break;
        }
        bool telling = is_telling(inserter, batch, at);
        if (!telling) {
            inserter->passed[ts_header_get_pid(batch->header[at])] = (uint8_t)batch->header[at];
        }
        ts_status status = process_packet(inserter, batch, at, telling);
        if (status != TS_OK) {
            return status;
        }
        if (inserter->status == TS_WANTS_CONTROL) {
            inserter->status = TS_OK;
            inserter->at++;
            return TS_WANTS_CONTROL;
        }
    }
    inserter->at = 0;
    inserter->out_base += batch->count + batch->added_count;
    return TS_OK;
}

static ts_status fail_all(ts_inserter *inserter, ts_item_heap *heap) {
    ts_status status = TS_OK;
    for (size_t i = 0; i < heap->count && status == TS_OK; i++) {
        ts_insert_event event = {.kind = TS_INSERT_FAILED,
                                 .reason = TS_INSERT_STREAM_ENDED,
                                 .pid = heap->items[i].pid,
                                 .id = heap->items[i].id};
        if (heap->items[i].interval == 0 && heap->items[i].section != NULL &&
            heap->items[i].serial == 0) {
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
        ts_status status = insert_hand_over(&inserter->ready, &rest, true);
        if (status != TS_OK) {
            return status;
        }
    }
    ts_status status = fail_all(inserter, &inserter->ready);
    return status == TS_OK ? fail_all(inserter, &inserter->waiting) : status;
}
