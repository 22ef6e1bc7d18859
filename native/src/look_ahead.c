#include "tsloom/look_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"
#include "tsloom/psi.h"

enum { FIRST_CAPACITY = 4096 };

/* Beyond this many packets between two PCRs the product below would leave 64 bits. */
#define EXACT_PACKETS_MAX (UINT64_C(1) << 31)

/* The first program that has a PMT is the one, if none was named. */
static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_look_ahead *stage = context;
    const ts_section_report *report = section->report;
    if (stage->program_number != 0 || report->kind != TS_SECTION_COMPLETE || !section->crc_ok ||
        !(section->role & TS_ROLE_PMT) || psi_pmt_check(report->bytes, report->size) != TS_OK) {
        return TS_OK;
    }
    const uint16_t number = psi_pmt_get_program_number(report->bytes);
    const ts_program *program = ts_demux_find_program(&stage->demux, number);
    if (program != NULL && program->pmt_pid == section->pid && program->has_pmt) {
        stage->program_number = number;
    }
    return TS_OK;
}

ts_status ts_look_ahead_init(ts_look_ahead *stage, uint16_t program_number, int64_t delay,
                             size_t max_packets) {
    memset(stage, 0, sizeof *stage);
    stage->program_number = program_number;
    stage->delay = delay;
    stage->max_packets = max_packets;
    stage->clock_pid = TS_PID_NULL;
    return ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CLOCKS, on_section, stage);
}

void ts_look_ahead_free(ts_look_ahead *stage) {
    ts_demux_free(&stage->demux);
    free(stage->packets);
    free(stage->header);
    free(stage->index);
    free(stage->time);
    stage->packets = NULL;
    stage->header = NULL;
    stage->index = NULL;
    stage->time = NULL;
    stage->capacity = stage->count = 0;
}

static size_t get_slot(const ts_look_ahead *stage, size_t nth) {
    const size_t slot = stage->first + nth;
    return slot < stage->capacity ? slot : slot - stage->capacity;
}

/* Moves what stands at the ring's end to the end of the larger one. */
static void unroll(ts_look_ahead *stage, size_t before) {
    const size_t rest = before - stage->first;
    if (stage->first + stage->count <= before) {
        return;
    }
    const size_t from = stage->first;
    const size_t into = stage->capacity - rest;
    memmove(stage->packets + into * TS_PACKET_SIZE, stage->packets + from * TS_PACKET_SIZE,
            rest * TS_PACKET_SIZE);
    memmove(stage->header + into, stage->header + from, rest * sizeof *stage->header);
    memmove(stage->index + into, stage->index + from, rest * sizeof *stage->index);
    memmove(stage->time + into, stage->time + from, rest * sizeof *stage->time);
    stage->first = into;
}

static bool grow_to(void **array, size_t capacity, size_t size) {
    void *grown = capacity > SIZE_MAX / size ? NULL : realloc(*array, capacity * size);
    if (grown == NULL) {
        return false;
    }
    *array = grown;
    return true;
}

/* Room for so many packets more: doubled while the bound asks for more, so once in a while. */
static ts_status reserve(ts_look_ahead *stage, size_t more) {
    if (stage->capacity - stage->count >= more) {
        return TS_OK;
    }
    if (more > SIZE_MAX / 4 - stage->count) {
        return TS_NO_MEMORY;
    }
    const size_t needed = stage->count + more;
    const size_t most =
        stage->max_packets < SIZE_MAX / 4 - more ? stage->max_packets + more : SIZE_MAX / 4;
    size_t capacity = stage->capacity > 0 ? stage->capacity * 2 : FIRST_CAPACITY;
    capacity = capacity < most ? capacity : most;
    capacity = capacity > needed ? capacity : needed;
    void *arrays[] = {stage->packets, stage->header, stage->index, stage->time};
    const size_t sizes[] = {TS_PACKET_SIZE, sizeof *stage->header, sizeof *stage->index,
                            sizeof *stage->time};
    bool grown = true;
    for (size_t i = 0; i < 4 && grown; i++) {
        grown = grow_to(&arrays[i], capacity, sizes[i]);
    }
    stage->packets = arrays[0];
    stage->header = arrays[1];
    stage->index = arrays[2];
    stage->time = arrays[3];
    if (!grown) {
        return TS_NO_MEMORY;
    }
    const size_t before = stage->capacity;
    stage->capacity = capacity;
    unroll(stage, before);
    return TS_OK;
}

/* The time line goes on where the program's PCRs come on another PID. */
static void find_clock(ts_look_ahead *stage) {
    const ts_program *program = stage->program_number == 0
                                    ? NULL
                                    : ts_demux_find_program(&stage->demux, stage->program_number);
    if (program == NULL || !program->has_pmt) {
        return; /* the last clock goes on by packets */
    }
    ts_clock *clock = stage->demux.clock[program->pcr_pid];
    if (clock == NULL || !clock->started) {
        return;
    }
    if (stage->clock != NULL && stage->clock_pid != program->pcr_pid && !clock->carried) {
        ts_clock_carry_on(clock, stage->clock);
    }
    stage->clock = clock;
    stage->clock_pid = program->pcr_pid;
}

/* All that is held by the clock as it is now: when it starts, what came before has no other. */
static void set_all_times(ts_look_ahead *stage) {
    for (size_t i = 0; i < stage->count; i++) {
        const size_t slot = get_slot(stage, i);
        stage->time[slot] = ts_clock_get_time(stage->clock, stage->index[slot]);
    }
    const size_t last = get_slot(stage, stage->count - 1);
    stage->timed = stage->count;
    stage->anchor_index = stage->index[last];
    stage->anchor_time = stage->time[last];
}

/* A PCR has come in the last packet: those since the anchor stand between the two. */
static void set_times(ts_look_ahead *stage) {
    const uint64_t here = stage->clock->packet_index;
    const int64_t now = stage->clock->stream_time > stage->anchor_time ? stage->clock->stream_time
                                                                       : stage->anchor_time;
    const uint64_t packets = here > stage->anchor_index ? here - stage->anchor_index : 1;
    const uint64_t ticks = (uint64_t)(now - stage->anchor_time);
    const uint64_t whole = ticks / packets;
    const uint64_t rest = packets < EXACT_PACKETS_MAX ? ticks % packets : 0;
    for (; stage->timed < stage->count; stage->timed++) {
        const size_t slot = get_slot(stage, stage->timed);
        const uint64_t nth = stage->index[slot] - stage->anchor_index;
        const uint64_t span = nth < packets ? whole * nth + rest * nth / packets : ticks;
        stage->time[slot] = stage->anchor_time + (int64_t)span;
    }
    stage->anchor_index = here;
    stage->anchor_time = now;
}

static void follow_clock(ts_look_ahead *stage, uint64_t packet_index) {
    if (stage->clock == NULL || stage->role_changes != stage->demux.role_changes) {
        stage->role_changes = stage->demux.role_changes;
        find_clock(stage);
    }
    if (stage->clock == NULL) {
        return;
    }
    if (!stage->has_started) {
        stage->has_started = true;
        set_all_times(stage);
    } else if (!stage->clock->carried && stage->clock->packet_index == packet_index) {
        set_times(stage);
    }
}

static int64_t get_time(const ts_look_ahead *stage, size_t nth) {
    const size_t slot = get_slot(stage, nth);
    return nth < stage->timed ? stage->time[slot]
                              : ts_clock_get_time(stage->clock, stage->index[slot]);
}

int64_t ts_look_ahead_get_held(const ts_look_ahead *stage) {
    return stage->clock == NULL || stage->count == 0
               ? 0
               : get_time(stage, stage->count - 1) - get_time(stage, 0);
}

/* The packets that have been held for long enough now that this one has come, and those that are
 * too many. */
static void release(ts_look_ahead *stage, uint64_t packet_index) {
    if (stage->delay <= 0) {
        stage->released = stage->count;
    }
    if (stage->clock != NULL) {
        const int64_t now = ts_clock_get_time(stage->clock, packet_index);
        while (stage->released < stage->count &&
               now - get_time(stage, stage->released) >= stage->delay) {
            stage->released++;
        }
    }
    while (stage->count - stage->released > stage->max_packets) {
        stage->released++;
        stage->early_packets++;
    }
}

static void hold(ts_look_ahead *stage, const ts_batch *batch, size_t at) {
    const size_t slot = get_slot(stage, stage->count);
    memcpy(stage->packets + slot * TS_PACKET_SIZE, batch->packets + at * TS_PACKET_SIZE,
           TS_PACKET_SIZE);
    stage->header[slot] = batch->header[at];
    stage->index[slot] = batch->first_index + batch->position[at];
    stage->count++;
}

/* Appends what is released. A position that would leave 32 bits stays at their end. */
static ts_status put_released(ts_look_ahead *stage, ts_batch *batch) {
    const ts_status status = ts_batch_reserve(batch, batch->count + stage->released);
    if (status != TS_OK) {
        return status;
    }
    if (batch->count == 0 && stage->released > 0) {
        batch->first_index = stage->index[stage->first];
    }
    for (size_t i = 0; i < stage->released; i++) {
        const size_t slot = get_slot(stage, i);
        const size_t into = batch->count++;
        const uint64_t position = stage->index[slot] - batch->first_index;
        memcpy(batch->packets + into * TS_PACKET_SIZE, stage->packets + slot * TS_PACKET_SIZE,
               TS_PACKET_SIZE);
        batch->header[into] = stage->header[slot];
        batch->position[into] = position < UINT32_MAX ? (uint32_t)position : UINT32_MAX;
    }
    stage->first = get_slot(stage, stage->released);
    stage->count -= stage->released;
    stage->timed -= stage->timed < stage->released ? stage->timed : stage->released;
    stage->released = 0;
    return TS_OK;
}

ts_status ts_look_ahead_process(void *state, ts_batch *batch) {
    ts_look_ahead *stage = state;
    ts_status status = reserve(stage, batch->count);
    for (size_t i = 0; i < batch->count && status == TS_OK; i++) {
        const uint8_t *packet = batch->packets + i * TS_PACKET_SIZE;
        const uint32_t header = batch->header[i];
        const uint64_t packet_index = batch->first_index + batch->position[i];
        const bool has_pcr = (header & TS_HEADER_ADAPTATION) && ts_packet_has_pcr(packet);
        hold(stage, batch, i);
        if (has_pcr || stage->demux.role[ts_header_get_pid(header)] != 0) {
            status = ts_demux_feed_packet(&stage->demux, packet, header, packet_index);
            follow_clock(stage, packet_index);
        }
        release(stage, packet_index);
    }
    if (status != TS_OK) {
        return status;
    }
    batch->count = 0;
    return put_released(stage, batch);
}

ts_status ts_look_ahead_finish(void *state, ts_batch *batch) {
    ts_look_ahead *stage = state;
    stage->released = stage->count;
    return put_released(stage, batch);
}
