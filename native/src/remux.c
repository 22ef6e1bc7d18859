#include "tsloom/remux.h"

#include <stdlib.h>
#include <string.h>

#include "remux_internal.h"

enum { FIRST_CAPACITY = 4096, EVENTS_FIRST = 16 };

#define TIME_MAX (60 * TS_PCR_HZ)
#define LEAK_MAX UINT64_C(2000000000)

static bool are_good(const ts_remux_settings *settings) {
    const bool has_bitrate =
        settings->bitrate >= TS_REMUX_BITRATE_MIN && settings->bitrate <= TS_REMUX_BITRATE_MAX;
    const int64_t times[] = {settings->max_delay, settings->max_hold, settings->pcr_interval};
    for (size_t i = 0; i < 3; i++) {
        if (times[i] < 0 || times[i] > TIME_MAX) {
            return false;
        }
    }
    return (has_bitrate || settings->mode != TS_REMUX_CONSTANT) && settings->max_held > 0 &&
           settings->max_held <= UINT32_MAX && settings->max_fill > 0 &&
           settings->max_fill <= UINT32_MAX && settings->psi_leak <= LEAK_MAX &&
           settings->si_leak <= LEAK_MAX;
}

ts_status ts_remux_init(ts_remux *remux, const ts_remux_settings *settings) {
    memset(remux, 0, sizeof *remux);
    if (!are_good(settings)) {
        return TS_BAD_ARGUMENT;
    }
    remux->settings = *settings;
    remux->clock_pid = remux->wanted_pid = remux->spare_pid = TS_PID_NULL;
    remux->due = UINT64_MAX;
    ts_clock_init(&remux->clock, 0);
    ts_batch_init(&remux->out);
    if (settings->mode == TS_REMUX_CONSTANT) {
        remux_set_bitrate(remux, settings->bitrate);
    } else {
        remux->settings.bitrate = 0;
    }
    remux->lates = calloc(LATE_MAX, sizeof *remux->lates);
    return remux->lates == NULL ? TS_NO_MEMORY
                                : ts_demux_init(&remux->demux, TS_FOLLOW_PROGRAMS, NULL, NULL);
}

void ts_remux_free(ts_remux *remux) {
    ts_demux_free(&remux->demux);
    ts_batch_free(&remux->out);
    free(remux->entries);
    free(remux->store);
    free(remux->lates);
    free(remux->programs);
    free(remux->events);
    remux->entries = NULL;
    remux->store = NULL;
    remux->lates = NULL;
    remux->programs = NULL;
    remux->events = NULL;
}

void ts_remux_clear_events(ts_remux *remux) {
    remux->event_count = 0;
}

ts_status remux_report(ts_remux *remux, ts_remux_kind kind, uint16_t pid, uint64_t packet_index,
                       int64_t value) {
    if (remux->event_count == remux->event_capacity) {
        const size_t capacity = remux->event_capacity ? remux->event_capacity * 2 : EVENTS_FIRST;
        ts_remux_event *events = realloc(remux->events, capacity * sizeof *events);
        if (events == NULL) {
            return TS_NO_MEMORY;
        }
        remux->events = events;
        remux->event_capacity = capacity;
    }
    remux->events[remux->event_count++] =
        (ts_remux_event){kind, pid, packet_index, remux->out_base + remux->out.count, value};
    return TS_OK;
}

/* Room for so many entries more, behind those that are there. */
static ts_status reserve(ts_remux *remux, size_t more) {
    const size_t count = remux->last - remux->first;
    if (remux->first > 0 && remux->first >= count) {
        memmove(remux->entries, remux->entries + remux->first, count * sizeof *remux->entries);
        memmove(remux->store, remux->store + remux->first * TS_PACKET_SIZE,
                (remux->stored - remux->first) * TS_PACKET_SIZE);
        remux->timed -= remux->first;
        remux->stored -= remux->first;
        remux->last = count;
        remux->first = 0;
    }
    if (remux->capacity - remux->last >= more) {
        return TS_OK;
    }
    const size_t doubled = remux->capacity > 0 ? remux->capacity * 2 : FIRST_CAPACITY;
    const size_t needed = remux->last + more;
    const size_t capacity = doubled > needed ? doubled : needed;
    ts_remux_entry *entries = realloc(remux->entries, capacity * sizeof *entries);
    if (entries == NULL) {
        return TS_NO_MEMORY;
    }
    remux->entries = entries;
    uint8_t *store = realloc(remux->store, capacity * TS_PACKET_SIZE);
    if (store == NULL) {
        return TS_NO_MEMORY;
    }
    remux->store = store;
    remux->capacity = capacity;
    return TS_OK;
}

/* There is no clock, and there was none for as long as may be held. */
static ts_status give_up(ts_remux *remux, uint64_t index) {
    ts_status status = TS_OK;
    if (!remux->passing) {
        status = remux_report(remux, TS_REMUX_NO_CLOCK, TS_PID_NULL, index,
                              (int64_t)(remux->last - remux->first));
    }
    if (!remux->passing || index - remux->tried_index >= remux->settings.max_held) {
        remux->tried_index = index;
        status = status == TS_OK ? remux_fall_back(remux, index) : status;
    }
    remux->passing = true;
    return status == TS_OK ? remux_pass(remux) : status;
}

/* What may leave now that this packet is held, or a null packet has gone by. */
static ts_status go_on(ts_remux *remux, uint64_t index, uint8_t kind) {
    if (!remux->running) {
        const bool full = remux->last - remux->first >= remux->settings.max_held;
        return full || (remux->passing && !remux->clock.started) ? give_up(remux, index) : TS_OK;
    }
    if (kind == ENTRY_ANCHOR) {
        remux_set_times(remux);
        remux->passing = false;
        return remux_place(remux);
    }
    if (index - remux->line_index < remux->hold_packets) {
        return TS_OK;
    }
    ts_status status = remux_fall_back(remux, index);
    if (status == TS_OK && index - remux->line_index >= remux->hold_packets) {
        status = remux_extrapolate(remux, index);
    }
    return status == TS_OK ? remux_place(remux) : status;
}

static ts_status turn_back(ts_remux *remux, uint64_t index) {
    ts_status status = TS_OK;
    if (remux->running) {
        status = remux_extrapolate(remux, remux->last_index);
        status = status == TS_OK ? remux_place(remux) : status;
    } else {
        status = remux_pass(remux);
    }
    remux_restart_index(remux, index);
    remux->tried_index = index;
    return status;
}

static ts_status take_packet(ts_remux *remux, const ts_batch *batch, size_t at) {
    const uint8_t *packet = batch->packets + at * TS_PACKET_SIZE;
    const uint32_t header = batch->header[at];
    const uint64_t index = batch->first_index + batch->position[at];
    const uint16_t pid = ts_header_get_pid(header);
    ts_status status = index < remux->last_index ? turn_back(remux, index) : TS_OK;
    remux->last_index = index;
    uint8_t kind = ENTRY_PLAIN;
    if (pid == TS_PID_NULL) {
        kind = ENTRY_NULL;
    } else {
        if (status == TS_OK && remux->demux.role[pid] != 0) {
            status = ts_demux_feed_packet(&remux->demux, packet, header, index);
            status = status == TS_OK ? remux_find_reference(remux, index) : status;
        }
        if (status == TS_OK && remux_has_pcr(packet, header)) {
            status = remux_take_pcr(remux, packet, pid, index, &kind);
        }
    }
    if (kind == ENTRY_NULL && remux->running) {
        remux->counters.nulls_dropped++;
    } else {
        remux->entries[remux->last++] =
            (ts_remux_entry){.index = index, .header = header, .at = (uint32_t)at, .kind = kind};
    }
    return status == TS_OK ? go_on(remux, index, kind) : status;
}

/* The bytes of what is still held outlive the batch. */
static void store_rest(ts_remux *remux) {
    if (remux->stored < remux->first) {
        remux->stored = remux->first;
    }
    for (; remux->stored < remux->last; remux->stored++) {
        memcpy(remux->store + remux->stored * TS_PACKET_SIZE,
               remux->input->packets + remux->entries[remux->stored].at * TS_PACKET_SIZE,
               TS_PACKET_SIZE);
    }
    remux->input = NULL;
}

static ts_status drop_nulls(ts_remux *remux, ts_batch *batch) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (ts_header_get_pid(batch->header[i]) == TS_PID_NULL) {
            continue;
        }
        if (kept != i) {
            memcpy(batch->packets + kept * TS_PACKET_SIZE, batch->packets + i * TS_PACKET_SIZE,
                   TS_PACKET_SIZE);
            batch->header[kept] = batch->header[i];
            batch->position[kept] = batch->position[i];
        }
        kept++;
    }
    remux->counters.packets_in += batch->count;
    remux->counters.nulls_dropped += batch->count - kept;
    remux->counters.packets_out += kept;
    batch->count = kept;
    return TS_OK;
}

ts_status ts_remux_process(void *state, ts_batch *batch) {
    ts_remux *remux = state;
    if (remux->settings.mode == TS_REMUX_VARIABLE) {
        return drop_nulls(remux, batch);
    }
    ts_status status = reserve(remux, batch->count);
    remux->input = batch;
    for (size_t i = 0; i < batch->count && status == TS_OK; i++) {
        status = take_packet(remux, batch, i);
    }
    remux->counters.packets_in += batch->count;
    store_rest(remux);
    /* What comes back is not smaller than what was lent. */
    status = status == TS_OK ? ts_batch_reserve(&remux->out, batch->capacity) : status;
    if (status != TS_OK) {
        return status;
    }
    const ts_batch out = remux->out;
    remux->out = *batch;
    *batch = out;
    remux->out.count = 0;
    batch->first_index = remux->out_base;
    remux->out_base += batch->count;
    remux->counters.packets_out += batch->count;
    ts_batch_number(batch);
    return TS_OK;
}

static ts_status end_line(ts_remux *remux) {
    if (!remux->running) {
        return remux_pass(remux);
    }
    const bool late = remux->late;
    remux->late = true; /* the end of the stream is none of the PCR's fault */
    ts_status status = remux_extrapolate(remux, remux->last_index);
    remux->late = late;
    status = status == TS_OK ? remux_place(remux) : status;
    return status != TS_OK || !remux->placed
               ? status
               : remux_place_end(remux, remux->line_time, remux->last_index);
}

ts_status ts_remux_finish(void *state, ts_batch *batch) {
    ts_remux *remux = state;
    if (remux->settings.mode == TS_REMUX_VARIABLE) {
        return TS_OK;
    }
    remux->input = NULL;
    ts_status status = end_line(remux);
    ts_batch *out = &remux->out;
    status = status == TS_OK ? ts_batch_reserve(batch, batch->count + out->count) : status;
    if (status != TS_OK || out->count == 0) {
        return status;
    }
    memcpy(batch->packets + batch->count * TS_PACKET_SIZE, out->packets,
           out->count * TS_PACKET_SIZE);
    memcpy(batch->header + batch->count, out->header, out->count * sizeof *out->header);
    batch->first_index = remux->out_base - batch->count;
    batch->count += out->count;
    remux->out_base += out->count;
    remux->counters.packets_out += out->count;
    out->count = 0;
    ts_batch_number(batch);
    return TS_OK;
}
