#include "tsloom/continuity.h"

#include <stdlib.h>
#include <string.h>

/* Where expected has this bit the packet is judged in full: it is taken out of headers, as a sync
 * byte that is none may have it. */
#define NEVER UINT32_C(0x80000000)
#define ABSENT UINT32_MAX
#define ORDINARY_MASK (~(TS_HEADER_PID_MASK | TS_HEADER_PRIORITY | TS_HEADER_PUSI))

ts_status ts_continuity_init(ts_continuity *continuity) {
    memset(continuity, 0, sizeof *continuity);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        continuity->pid[pid].expected = NEVER;
        continuity->pid[pid].mask = ORDINARY_MASK;
        continuity->pid[pid].last_index = ABSENT;
    }
    /* The null PID's counter means nothing (2.4.3.3). */
    continuity->pid[TS_PID_NULL].mask = ORDINARY_MASK & ~TS_HEADER_CC;
    continuity->saved = calloc(TS_PID_COUNT, TS_PACKET_SIZE);
    return continuity->saved == NULL ? TS_NO_MEMORY : TS_OK;
}

void ts_continuity_free(ts_continuity *continuity) {
    free(continuity->saved);
    continuity->saved = NULL;
}

void ts_continuity_watch(ts_continuity *continuity, uint16_t pid) {
    continuity->pid[pid].watched = 1;
    continuity->pid[pid].expected |= NEVER;
}

void ts_continuity_watch_starts(ts_continuity *continuity) {
    continuity->start = TS_HEADER_PUSI;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        continuity->pid[pid].mask |= TS_HEADER_PUSI;
    }
}

uint64_t ts_continuity_get_scrambled(const ts_continuity *continuity, uint16_t pid) {
    const ts_pid_state *state = &continuity->pid[pid];
    const ts_pid_scrambling *scrambling = &continuity->scrambling[pid];
    bool now = (state->expected & TS_HEADER_SCRAMBLING) != 0;
    return scrambling->packets + (now ? state->packets - scrambling->from : 0);
}

/* A duplicate repeats every byte but those of the PCR (2.4.3.3). */
static bool is_repetition(const uint8_t *packet, const uint8_t *before) {
    if (!ts_packet_has_pcr(packet) || !ts_packet_has_pcr(before)) {
        return memcmp(packet, before, TS_PACKET_SIZE) == 0;
    }
    return memcmp(packet, before, 6) == 0 &&
           memcmp(packet + 12, before + 12, TS_PACKET_SIZE - 12) == 0;
}

static const uint8_t *packet_before(const ts_continuity *continuity, const ts_batch *batch,
                                    uint16_t pid) {
    uint32_t last = continuity->pid[pid].last_index;
    return last == ABSENT ? continuity->saved[pid] : batch->packets + (size_t)last * TS_PACKET_SIZE;
}

static unsigned judge_counter(const ts_continuity *continuity, const ts_batch *batch,
                              const uint8_t *packet, uint32_t header, uint8_t *missing) {
    const ts_pid_state *state = &continuity->pid[ts_header_get_pid(header)];
    unsigned ahead = (header - state->expected) & TS_HEADER_CC;
    if (ts_packet_has_discontinuity(packet)) {
        return 0;
    }
    if (!(header & TS_HEADER_PAYLOAD)) {
        /* Without payload the counter stays (2.4.3.3). */
        if (ahead != 15) {
            *missing = (uint8_t)((ahead + 1) & 15u);
            return TS_MARK_CONTINUITY_ERROR;
        }
        return 0;
    }
    if (ahead == 0) {
        return 0;
    }
    if (ahead == 15 && state->payload) {
        const uint8_t *before = packet_before(continuity, batch, ts_header_get_pid(header));
        if (!state->repeated && is_repetition(packet, before)) {
            return TS_MARK_DUPLICATE;
        }
        *missing = is_repetition(packet, before) ? 0 : 15;
        return TS_MARK_CONTINUITY_ERROR;
    }
    *missing = (uint8_t)ahead;
    return TS_MARK_CONTINUITY_ERROR;
}

static unsigned note_scrambling(ts_continuity *continuity, uint32_t header) {
    const ts_pid_state *state = &continuity->pid[ts_header_get_pid(header)];
    ts_pid_scrambling *scrambling = &continuity->scrambling[ts_header_get_pid(header)];
    uint32_t before = state->expected & TS_HEADER_SCRAMBLING;
    if (before == (header & TS_HEADER_SCRAMBLING)) {
        return 0;
    }
    if (before != 0) {
        scrambling->packets += state->packets - scrambling->from;
    }
    scrambling->from = state->packets;
    return TS_MARK_SCRAMBLING;
}

static uint32_t next_header(uint32_t header) {
    return ((uint32_t)TS_SYNC_BYTE << 24) | TS_HEADER_PAYLOAD | (header & TS_HEADER_SCRAMBLING) |
           ((header + 1) & TS_HEADER_CC);
}

/* Of a packet with transport_error_indicator no field can be trusted but that one. */
static unsigned describe(const ts_continuity *continuity, const uint8_t *packet, uint32_t header) {
    if (header & TS_HEADER_TEI) {
        return TS_MARK_TRANSPORT_ERROR;
    }
    unsigned start = (header & continuity->start) ? (unsigned)TS_MARK_START : 0u;
    if (!(header & TS_HEADER_ADAPTATION)) {
        return start;
    }
    return start | TS_MARK_ADAPTATION |
           (ts_packet_has_discontinuity(packet) ? (unsigned)TS_MARK_DISCONTINUITY : 0u);
}

/* adaptation_field_control '00' is reserved: such packets are discarded (2.4.3.3). */
static bool has_counter(uint32_t header) {
    return (header & (TS_HEADER_ADAPTATION | TS_HEADER_PAYLOAD)) != 0;
}

static void follow_header(ts_pid_state *state, uint32_t header, uint32_t index, unsigned marks,
                          uint8_t missing) {
    bool again = (marks & TS_MARK_CONTINUITY_ERROR) && missing == 0;
    state->started = 1;
    state->repeated = (marks & TS_MARK_DUPLICATE) != 0 || again;
    state->payload = (header & TS_HEADER_PAYLOAD) != 0;
    state->last_index = index;
    bool ordinary = state->payload && !state->repeated && !state->watched;
    state->expected = next_header(header) | (ordinary ? 0 : NEVER);
}

static unsigned judge_good(ts_continuity *continuity, const ts_batch *batch, uint32_t index,
                           uint8_t *missing) {
    uint32_t header = batch->header[index];
    const uint8_t *packet = batch->packets + (size_t)index * TS_PACKET_SIZE;
    uint16_t pid = ts_header_get_pid(header);
    ts_pid_state *state = &continuity->pid[pid];
    unsigned marks = note_scrambling(continuity, header);
    if (!has_counter(header) && pid != TS_PID_NULL) {
        state->expected =
            (state->expected & ~TS_HEADER_SCRAMBLING) | (header & TS_HEADER_SCRAMBLING);
        return marks;
    }
    if (state->started && pid != TS_PID_NULL) {
        marks |= judge_counter(continuity, batch, packet, header, missing);
    }
    follow_header(state, header, index, marks, *missing);
    return marks;
}

static ts_marked judge(ts_continuity *continuity, const ts_batch *batch, uint32_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    ts_pid_state *state = &continuity->pid[pid];
    ts_marked marked = {.index = index};
    unsigned marks = describe(continuity, batch->packets + (size_t)index * TS_PACKET_SIZE, header);
    if (!state->seen) {
        state->seen = 1;
        continuity->active[continuity->active_count++] = pid;
    }
    if (!(header & TS_HEADER_TEI)) {
        marks |= state->good ? 0u : (unsigned)TS_MARK_FIRST;
        state->good = 1;
        marks |= judge_good(continuity, batch, index, &marked.missing);
    } else {
        /* Whether it is scrambled cannot be told either. */
        continuity->scrambling[pid].from += (state->expected & TS_HEADER_SCRAMBLING) != 0;
    }
    state->packets++;
    marked.marks = (uint16_t)marks;
    return marked;
}

/* What the next batch's first packets are compared with. */
static void save_last(ts_continuity *continuity, const ts_batch *batch, uint16_t pid) {
    ts_pid_state *state = &continuity->pid[pid];
    if (state->last_index != ABSENT) {
        memcpy(continuity->saved[pid], batch->packets + (size_t)state->last_index * TS_PACKET_SIZE,
               TS_PACKET_SIZE);
        state->last_index = ABSENT;
    }
}

static void save_lasts(ts_continuity *continuity, const ts_batch *batch) {
    if (batch->count < continuity->active_count) {
        for (size_t i = 0; i < batch->count; i++) {
            save_last(continuity, batch, ts_header_get_pid(batch->header[i]));
        }
        return;
    }
    for (size_t i = 0; i < continuity->active_count; i++) {
        save_last(continuity, batch, continuity->active[i]);
    }
}

/* The packet before had payload and was no duplicate, else this one would be judged in full. */
static void go_on(ts_pid_state *state, uint32_t header, uint32_t index) {
    state->packets++;
    state->last_index = index;
    state->expected = next_header(header);
}

size_t ts_continuity_check_some(ts_continuity *continuity, const ts_batch *batch, size_t from,
                                size_t to, ts_marked *marked) {
    size_t listed = 0;
    const uint32_t *headers = batch->header;
    for (size_t i = from; i < to; i++) {
        uint32_t header = headers[i];
        ts_pid_state *state = &continuity->pid[ts_header_get_pid(header)];
        uint32_t different = ((header & ~NEVER) ^ state->expected) & state->mask;
        if (different == 0) {
            go_on(state, header, (uint32_t)i);
        } else if ((different & ~(TS_HEADER_ADAPTATION | TS_HEADER_PUSI)) == 0) {
            const uint8_t *packet = batch->packets + i * TS_PACKET_SIZE;
            marked[listed++] = (ts_marked){.index = (uint32_t)i,
                                           .marks = (uint16_t)describe(continuity, packet, header)};
            go_on(state, header, (uint32_t)i);
        } else {
            marked[listed] = judge(continuity, batch, (uint32_t)i);
            listed += marked[listed].marks != 0 || state->watched;
        }
    }
    return listed;
}

/* As judge leaves the state, the marks being known: a PID's first packet is never settled. */
static void trust(ts_continuity *continuity, uint32_t header, ts_marked *marked) {
    uint16_t pid = ts_header_get_pid(header);
    ts_pid_state *state = &continuity->pid[pid];
    marked->marks &= (uint16_t)~TS_MARK_FIRST;
    if (header & TS_HEADER_TEI) {
        continuity->scrambling[pid].from += (state->expected & TS_HEADER_SCRAMBLING) != 0;
        state->packets++;
        return;
    }
    note_scrambling(continuity, header);
    state->packets++;
    if (!has_counter(header) && pid != TS_PID_NULL) {
        state->expected =
            (state->expected & ~TS_HEADER_SCRAMBLING) | (header & TS_HEADER_SCRAMBLING);
        return;
    }
    follow_header(state, header, marked->index, marked->marks, marked->missing);
}

void ts_continuity_replay(ts_continuity *continuity, const ts_batch *batch, size_t from, size_t to,
                          ts_marked *marked, size_t listed) {
    size_t at = from;
    for (size_t i = 0; i < listed; i++) {
        for (; at < marked[i].index; at++) {
            continuity->pid[ts_header_get_pid(batch->header[at])].packets++;
        }
        if (marked[i].unsettled) {
            marked[i] = judge(continuity, batch, marked[i].index);
        } else {
            trust(continuity, batch->header[at], &marked[i]);
        }
        at++;
    }
    for (; at < to; at++) {
        continuity->pid[ts_header_get_pid(batch->header[at])].packets++;
    }
}

void ts_continuity_leave(ts_continuity *continuity, const ts_batch *batch) {
    save_lasts(continuity, batch);
}

size_t ts_continuity_check(ts_continuity *continuity, const ts_batch *batch, ts_marked *marked) {
    size_t listed = ts_continuity_check_some(continuity, batch, 0, batch->count, marked);
    ts_continuity_leave(continuity, batch);
    return listed;
}
