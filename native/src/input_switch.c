#include "tsloom/input_switch.h"

#include <stdlib.h>
#include <string.h>

#include "input_switch_internal.h"
#include "tsloom/section_queue.h"

enum {
    ANY_PACKET = SWITCH_RECOUNT | SWITCH_WAITS | SWITCH_TABLES | SWITCH_ALTERED,
    WITH_ADAPTATION = ANY_PACKET | SWITCH_PCR_NEXT,
    SI_PIDS = 0x20 /* PSI and DVB SI below (EN 300 468, table 1) */
};

ts_status ts_input_switch_init(ts_input_switch *stage) {
    memset(stage, 0, sizeof *stage);
    ts_rewriter_init(&stage->rewriter);
    stage->pid[TS_PID_PAT].flags = SWITCH_TABLES;
    for (size_t pid = 0; pid < SI_PIDS; pid++) {
        stage->carries_sections[pid] = true;
    }
    return ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS, input_switch_take_section, stage);
}

void ts_input_switch_free(ts_input_switch *stage) {
    ts_demux_free(&stage->demux);
    ts_rewriter_free(&stage->rewriter);
    free(stage->tables);
    free(stage->marks);
    stage->tables = NULL;
    stage->marks = NULL;
    stage->table_count = stage->table_capacity = 0;
    stage->mark_count = stage->mark_capacity = 0;
}

ts_status ts_input_switch_mark(ts_input_switch *stage, ts_switch_mark mark) {
    if (stage->mark_count == stage->mark_capacity) {
        size_t capacity = stage->mark_capacity * 2 + 8;
        ts_switch_mark *marks = realloc(stage->marks, capacity * sizeof *marks);
        if (marks == NULL) {
            return TS_NO_MEMORY;
        }
        stage->marks = marks;
        stage->mark_capacity = capacity;
    }
    stage->marks[stage->mark_count++] = mark;
    return TS_OK;
}

/* What the last input began ends here: nothing of it is joined to what comes. */
static void change_input(ts_input_switch *stage, const ts_switch_mark *mark) {
    stage->epoch++;
    stage->psi_every = mark->psi_every;
    stage->psi_wait = 0;
    stage->has_clock = false;
    for (size_t pid = 0; pid < TS_PID_NULL; pid++) {
        ts_switched_pid *state = &stage->pid[pid];
        /* One whose packets do not say where a unit starts would wait in vain. */
        bool waits = state->startless < TS_SWITCH_WAIT_MAX;
        state->flags |= SWITCH_RECOUNT | SWITCH_PCR_NEXT;
        state->flags |= waits ? SWITCH_WAITS : 0;
        state->waited = 0;
        if (stage->demux.role[pid] != 0) {
            ts_section_assembler_init(stage->demux.assembler[pid]);
        }
    }
}

static void follow_roles(ts_input_switch *stage) {
    if (stage->role_changes == stage->demux.role_changes) {
        return;
    }
    stage->role_changes = stage->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_NULL; pid++) {
        stage->pid[pid].flags |= stage->demux.role[pid] != 0 ? SWITCH_TABLES : 0;
    }
}

static void put_null(ts_batch *batch, size_t index) {
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    ts_packet_put_null(packet);
    batch->header[index] = ts_load_be32(packet);
}

static void set_header(ts_batch *batch, size_t index, uint32_t header) {
    batch->header[index] = header;
    ts_store_be32(batch->packets + index * TS_PACKET_SIZE, header);
}

static void note_leaving(ts_switched_pid *state, uint32_t header) {
    if (ts_header_has_cc(header)) {
        state->counter = ts_header_get_cc(header);
        state->flags |= SWITCH_SEEN;
        unsigned startless = (header & TS_HEADER_PUSI) ? 0 : state->startless + 1u;
        state->startless =
            (uint16_t)(startless < TS_SWITCH_WAIT_MAX ? startless : TS_SWITCH_WAIT_MAX);
    }
}

static bool has_pcr(uint32_t header, const uint8_t *packet) {
    return (header & TS_HEADER_ADAPTATION) && !(header & TS_HEADER_TEI) &&
           ts_packet_has_pcr(packet);
}

/* The packet has the first PCR of its PID since the switch: the time base is another one from here
 * on (2.4.3.5). */
static void announce(ts_input_switch *stage, ts_switched_pid *state, uint8_t *packet) {
    packet[5] |= 0x80u;
    state->flags &= (uint16_t)~SWITCH_PCR_NEXT;
    state->flags |= SWITCH_ALTERED;
    stage->has_clock = true;
    stage->announced++;
}

/* No PTS of the new time base may come before its first PCR (2.4.3.5). */
static bool has_clock(const ts_input_switch *stage, uint16_t pid) {
    uint16_t pcr_pid = stage->demux.clock_pid[pid];
    if (pid < SI_PIDS) {
        return true;
    }
    return pcr_pid == TS_PID_NULL ? stage->has_clock
                                  : !(stage->pid[pcr_pid].flags & SWITCH_PCR_NEXT);
}

static bool may_leave(const ts_input_switch *stage, uint16_t pid, uint32_t header) {
    if (stage->pid[pid].waited >= TS_SWITCH_WAIT_MAX) {
        return true;
    }
    return ts_header_has_cc(header) && (header & TS_HEADER_PUSI) && has_clock(stage, pid);
}

/* The adaptation field with its PCR alone, stretched over the packet. */
static void strip_payload(ts_batch *batch, size_t index, ts_switched_pid *state) {
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    uint32_t header = batch->header[index];
    size_t end = ts_packet_get_payload_offset(packet);
    unsigned counter = (state->flags & SWITCH_SEEN) ? state->counter : header - 1u;
    memset(packet + end, 0xFF, TS_PACKET_SIZE - end);
    packet[4] = TS_PACKET_SIZE - TS_HEADER_SIZE - 1;
    header &= ~(TS_HEADER_PUSI | TS_HEADER_SCRAMBLING | TS_HEADER_PAYLOAD | TS_HEADER_CC);
    set_header(batch, index, header | (counter & TS_HEADER_CC));
    note_leaving(state, batch->header[index]);
}

/* The end of a section whose start was not seen becomes stuffing of the adaptation field, so that
 * it is not joined to one that another input began. */
static void cut_section_end(ts_input_switch *stage, ts_batch *batch, size_t index) {
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    uint32_t header = batch->header[index];
    size_t at = ts_packet_get_payload_offset(packet);
    if ((header & TS_HEADER_SCRAMBLING) || at >= TS_PACKET_SIZE) {
        return;
    }
    size_t pointer = packet[at];
    if (pointer == 0 || pointer >= TS_PACKET_SIZE - at - 1) {
        return;
    }
    /* The field now ends where the pointer_field moves to, just in front of the section. */
    size_t end = at + pointer;
    if (at == TS_HEADER_SIZE + 1 || (at == TS_HEADER_SIZE && pointer > 1)) {
        packet[5] = 0; /* no flag */
        at = 6;
    }
    if (at < end && at > TS_HEADER_SIZE) {
        memset(packet + at, 0xFF, end - at);
    }
    packet[4] = (uint8_t)(end - TS_HEADER_SIZE - 1);
    packet[end] = 0;
    set_header(batch, index, header | TS_HEADER_ADAPTATION);
    stage->pid[ts_header_get_pid(header)].flags |= SWITCH_ALTERED;
}

static void recount(ts_switched_pid *state, uint32_t header) {
    state->shift = 0;
    if (state->flags & SWITCH_SEEN) {
        unsigned expected = state->counter + ((header & TS_HEADER_PAYLOAD) ? 1u : 0u);
        state->shift = (uint8_t)((expected - header) & TS_HEADER_CC);
    }
    /* Whoever waits lets packets with payload go by that count. */
    if (!(state->flags & SWITCH_WAITS)) {
        state->flags &= (uint16_t)~SWITCH_RECOUNT;
    }
}

static ts_status rewrite_tables(ts_input_switch *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    ts_switched_pid *state = &stage->pid[pid];
    ts_status status = ts_rewriter_take_over(&stage->rewriter, pid, pid, 0);
    if (status == TS_OK) {
        status = ts_demux_feed_packet(&stage->demux, batch->packets + index * TS_PACKET_SIZE,
                                      header, batch->first_index + batch->position[index]);
    }
    if (status != TS_OK) {
        return status;
    }
    stage->rewriter.pid[pid]->queue.continuity_counter = (state->flags & SWITCH_SEEN)
                                                             ? (state->counter + 1u) & TS_HEADER_CC
                                                             : ts_header_get_payload_cc(header);
    ts_rewriter_fill(&stage->rewriter, batch, index);
    if (ts_header_get_pid(batch->header[index]) == pid) {
        note_leaving(state, batch->header[index]);
    }
    /* Were it no table any more, its own counters would have to be met. */
    state->flags &= (uint16_t)~SWITCH_WAITS;
    state->flags |= SWITCH_RECOUNT;
    follow_roles(stage);
    return TS_OK;
}

static void withhold(ts_input_switch *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    ts_switched_pid *state = &stage->pid[ts_header_get_pid(header)];
    state->waited++;
    stage->withheld++;
    if (has_pcr(header, batch->packets + index * TS_PACKET_SIZE)) {
        strip_payload(batch, index, state);
    } else {
        put_null(batch, index);
    }
}

/* The second occurrence of a packet that left with other bytes would be no duplicate. */
static bool is_repeated(ts_switched_pid *state, uint32_t header) {
    if (!ts_header_has_cc(header)) {
        return false;
    }
    state->flags &= (uint16_t)~SWITCH_ALTERED;
    return !(state->flags & SWITCH_RECOUNT) && (header & TS_HEADER_PAYLOAD) &&
           ((header + state->shift) & TS_HEADER_CC) == state->counter;
}

static void pass(ts_input_switch *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    ts_switched_pid *state = &stage->pid[pid];
    if ((state->flags & SWITCH_TABLES) && ts_rewriter_has(&stage->rewriter, pid)) {
        ts_section_queue_clear(&stage->rewriter.pid[pid]->queue);
    }
    state->flags &= (uint16_t)~SWITCH_TABLES;
    if ((state->flags & SWITCH_WAITS) && (header & TS_HEADER_PAYLOAD)) {
        state->flags &= (uint16_t)~SWITCH_WAITS;
        if (stage->carries_sections[pid] && (header & TS_HEADER_PUSI)) {
            cut_section_end(stage, batch, index);
            header = batch->header[index];
        }
    }
    if (ts_header_has_cc(header) && (state->flags & SWITCH_RECOUNT)) {
        recount(state, header);
    }
    header = (header & ~TS_HEADER_CC) | ((header + state->shift) & TS_HEADER_CC);
    set_header(batch, index, header);
    note_leaving(state, header);
}

static ts_status process_packet(ts_input_switch *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    ts_switched_pid *state = &stage->pid[pid];
    if ((state->flags & SWITCH_ALTERED) && is_repeated(state, header)) {
        state->flags |= SWITCH_ALTERED;
        stage->withheld++;
        put_null(batch, index);
        return TS_OK;
    }
    if ((state->flags & SWITCH_PCR_NEXT) && has_pcr(header, packet)) {
        announce(stage, state, packet);
    }
    if (stage->demux.role[pid] != 0) {
        return rewrite_tables(stage, batch, index);
    }
    if ((state->flags & SWITCH_WAITS) && (header & TS_HEADER_PAYLOAD) &&
        !may_leave(stage, pid, header)) {
        withhold(stage, batch, index);
    } else {
        pass(stage, batch, index);
    }
    return TS_OK;
}

static ts_status process_span(ts_input_switch *stage, ts_batch *batch, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        uint32_t header = batch->header[i];
        uint16_t pid = ts_header_get_pid(header);
        ts_switched_pid *state = &stage->pid[pid];
        unsigned looked_at = (header & TS_HEADER_ADAPTATION) ? WITH_ADAPTATION : ANY_PACKET;
        if (state->flags & looked_at) {
            ts_status status = process_packet(stage, batch, i);
            if (status != TS_OK) {
                return status;
            }
            continue;
        }
        header = (header & ~TS_HEADER_CC) | ((header + state->shift) & TS_HEADER_CC);
        batch->header[i] = header;
        batch->packets[i * TS_PACKET_SIZE + 3] = (uint8_t)header;
        note_leaving(state, header);
    }
    return TS_OK;
}

/* The PID with tables that wait; TS_PID_NULL for none. */
static uint16_t find_waiting(const ts_input_switch *stage) {
    for (size_t i = 0; i < stage->table_count; i++) {
        uint16_t pid = stage->tables[i].pid;
        if (!ts_section_queue_is_empty(&stage->rewriter.pid[pid]->queue)) {
            return pid;
        }
    }
    return TS_PID_NULL;
}

static void fill_null(ts_input_switch *stage, ts_batch *batch, size_t index) {
    if (stage->psi_wait == 0) {
        stage->psi_wait = stage->psi_every;
        input_switch_repeat_tables(stage);
    }
    stage->psi_wait--;
    uint16_t pid = find_waiting(stage);
    if (pid == TS_PID_NULL) {
        return;
    }
    ts_switched_pid *state = &stage->pid[pid];
    ts_section_queue *queue = &stage->rewriter.pid[pid]->queue;
    queue->continuity_counter =
        (state->flags & SWITCH_SEEN) ? (state->counter + 1u) & TS_HEADER_CC : 0;
    ts_section_queue_pop(queue, batch->packets + index * TS_PACKET_SIZE);
    batch->header[index] = ts_load_be32(batch->packets + index * TS_PACKET_SIZE);
    note_leaving(state, batch->header[index]);
}

static ts_status fill_span(ts_input_switch *stage, ts_batch *batch, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (ts_header_get_pid(batch->header[i]) == TS_PID_NULL) {
            fill_null(stage, batch, i);
            continue;
        }
        ts_status status = process_span(stage, batch, i, i + 1);
        if (status != TS_OK) {
            return status;
        }
    }
    return TS_OK;
}

/* The index in the batch of the first packet that stands at the mark or behind it. */
static size_t find_mark(const ts_input_switch *stage, const ts_batch *batch, size_t from) {
    if (stage->mark_count == 0) {
        return batch->count;
    }
    while (from < batch->count &&
           batch->first_index + batch->position[from] < stage->marks[0].packet_index) {
        from++;
    }
    return from;
}

static void take_mark(ts_input_switch *stage) {
    change_input(stage, &stage->marks[0]);
    stage->mark_count--;
    memmove(stage->marks, stage->marks + 1, stage->mark_count * sizeof *stage->marks);
}

ts_status ts_input_switch_process(void *state, ts_batch *batch) {
    ts_input_switch *stage = state;
    size_t at = 0;
    while (at < batch->count) {
        size_t end = find_mark(stage, batch, at);
        ts_status status = stage->psi_every != 0 ? fill_span(stage, batch, at, end)
                                                 : process_span(stage, batch, at, end);
        if (status != TS_OK) {
            return status;
        }
        if (end < batch->count) {
            take_mark(stage);
        }
        at = end;
    }
    return TS_OK;
}
