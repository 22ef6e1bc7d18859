/* The PCRs of each program: what its clock reads in a slot. */
#include <stdlib.h>
#include <string.h>

#include "remux_internal.h"

/* Of so many programs PCRs are added: a bound for hostile input. */
enum { KEPT_MAX = 64, PROGRAMS_FIRST = 16 };

/* A program without PCRs for so long is not kept going. */
#define ALIVE_TICKS TS_PCR_HZ
/* Two clocks within 30 ppm each, in ticks a second; and what an estimate is worth telling from. */
#define DRIFT_MOST 1620.0
#define DRIFT_SURE (270.0 * 270.0)

static ts_remux_program *get_program(ts_remux *remux, uint16_t pid) {
    if (remux->program_of[pid] != 0) {
        return &remux->programs[remux->program_of[pid] - 1];
    }
    if (remux->program_count == remux->program_capacity) {
        const size_t capacity =
            remux->program_capacity ? remux->program_capacity * 2 : PROGRAMS_FIRST;
        ts_remux_program *programs = realloc(remux->programs, capacity * sizeof *programs);
        if (programs == NULL) {
            return NULL;
        }
        remux->programs = programs;
        remux->program_capacity = capacity;
    }
    ts_remux_program *program = &remux->programs[remux->program_count++];
    *program = (ts_remux_program){.pid = pid, .due = UINT64_MAX};
    remux->program_of[pid] = (uint16_t)remux->program_count;
    return program;
}

static ts_status tell_drift(ts_remux *remux, ts_remux_program *program, uint64_t index) {
    const double rate = program->drift.rate;
    const double drift = rate < 0 ? -rate : rate;
    if (program->drifting) {
        program->drifting = drift > DRIFT_MOST * 0.8;
        return TS_OK;
    }
    program->drifting = drift > DRIFT_MOST && program->drift.rate_variance < DRIFT_SURE;
    return !program->drifting ? TS_OK
                              : remux_report(remux, TS_REMUX_DRIFTING, program->pid, index,
                                             (int64_t)(rate / (double)TS_PCR_HZ * 1e9));
}

/* A PCR of another program than the reference. */
static ts_status observe_other(ts_remux *remux, ts_remux_program *program,
                               const ts_remux_entry *entry, const uint8_t *packet, uint64_t pcr) {
    const uint64_t delta = (pcr + TS_PCR_MODULUS - program->pcr) % TS_PCR_MODULUS;
    const bool known = program->drift.count > 0;
    if (known && (ts_packet_has_discontinuity(packet) || delta > (uint64_t)TS_PCR_HZ)) {
        ts_drift_pin(&program->drift, pcr, entry->time);
        return remux_report(remux, TS_REMUX_CLOCK_BROKEN, program->pid, entry->index, 0);
    }
    if (known && delta == 0) {
        return TS_OK; /* a packet sent twice */
    }
    if (ts_drift_feed(&program->drift, pcr, entry->time)) {
        return remux_report(remux, TS_REMUX_PCR_STEP, program->pid, entry->index, (int64_t)delta);
    }
    return tell_drift(remux, program, entry->index);
}

ts_status remux_observe(ts_remux *remux, const ts_remux_entry *entry, const uint8_t *packet) {
    ts_remux_program *program = get_program(remux, ts_header_get_pid(entry->header));
    if (program == NULL) {
        return TS_NO_MEMORY;
    }
    const uint64_t pcr = ts_packet_get_pcr(packet) % TS_PCR_MODULUS;
    ts_status status = TS_OK;
    if (entry->kind == ENTRY_PCR) {
        status = observe_other(remux, program, entry, packet, pcr);
    } else if (entry->kind == ENTRY_ANCHOR) {
        program->drift = (ts_drift){0};
        ts_drift_pin(&program->drift, pcr, entry->time);
    }
    program->pcr = pcr;
    program->time = entry->time / TIME_PARTS;
    return status;
}

static void set_due(ts_remux *remux) {
    remux->due = UINT64_MAX;
    const size_t kept = remux->program_count < KEPT_MAX ? remux->program_count : KEPT_MAX;
    for (size_t i = 0; i < kept; i++) {
        remux->due = remux->programs[i].due < remux->due ? remux->programs[i].due : remux->due;
    }
}

/* A slot less for each program that may be due in the same one. */
static uint64_t get_interval(const ts_remux *remux) {
    const size_t others = remux->program_count < KEPT_MAX ? remux->program_count - 1 : KEPT_MAX;
    return remux->interval_slots > 2 * others ? remux->interval_slots - others
                                              : remux->interval_slots;
}

void remux_restamp(ts_remux *remux, uint8_t *packet, uint32_t header) {
    ts_remux_program *program = &remux->programs[remux->program_of[ts_header_get_pid(header)] - 1];
    program->header = (uint8_t)header;
    if (header & TS_HEADER_PAYLOAD) {
        program->kept = (uint8_t)header;
        program->kept_slot = remux->out_base + remux->out.count;
    }
    if (!remux_has_pcr(packet, header) || program->drift.count == 0) {
        return;
    }
    const double beyond = (double)remux->slot_rest / (double)remux->settings.bitrate;
    const uint64_t pcr = ts_drift_read(&program->drift, remux->slot_time, beyond);
    const uint64_t base = pcr / 300;
    const unsigned extension = (unsigned)(pcr % 300);
    uint8_t *field = packet + 6;
    ts_store_be32(field, (uint32_t)(base >> 1));
    field[4] = (uint8_t)((base & 1u) << 7 | (field[4] & 0x7Eu) | extension >> 8);
    field[5] = (uint8_t)extension;
    remux->counters.restamped++;
    if (remux->settings.pcr_interval > 0) {
        const uint64_t before = program->due;
        program->due = remux->out_base + remux->out.count + get_interval(remux);
        if (before <= remux->due || program->due < remux->due) {
            set_due(remux);
        }
    }
}

bool remux_is_parted_repeat(const ts_remux *remux, const uint8_t *packet, uint32_t header) {
    const uint16_t number = remux->program_of[ts_header_get_pid(header)];
    if (number == 0 || !(header & TS_HEADER_PAYLOAD)) {
        return false;
    }
    const ts_remux_program *program = &remux->programs[number - 1];
    const bool parted = !(program->header & TS_HEADER_PAYLOAD);
    if (!parted || program->kept != (uint8_t)header || program->kept_slot < remux->out_base ||
        program->kept_slot >= remux->out_base + remux->out.count) {
        return false;
    }
    const uint8_t *first =
        remux->out.packets + (size_t)(program->kept_slot - remux->out_base) * TS_PACKET_SIZE;
    /* The PCRs of the two are not the same (2.4.3.3), and the first one's is new. */
    const size_t from = remux_has_pcr(packet, header) ? 12 : 4;
    return memcmp(first + from, packet + from, TS_PACKET_SIZE - from) == 0;
}

static ts_status put_pcr_packet(ts_remux *remux, const ts_remux_program *program) {
    uint8_t packet[TS_PACKET_SIZE];
    memset(packet, 0xFF, sizeof packet);
    /* Without payload the counter stands still (2.4.3.3). */
    const uint32_t header =
        ts_header_set_pid((uint32_t)TS_SYNC_BYTE << 24 | TS_HEADER_ADAPTATION, program->pid) |
        (program->header & TS_HEADER_CC);
    ts_store_be32(packet, header);
    packet[4] = TS_PACKET_SIZE - 5;
    packet[5] = 0x10;
    remux->counters.pcrs_added++;
    remux->counters.restamped--;
    return remux_put(remux, packet, header);
}

ts_status remux_add_pcr(ts_remux *remux, int64_t now, bool takes_slot) {
    for (size_t i = 0; i < remux->program_count; i++) {
        ts_remux_program *program = &remux->programs[i];
        if (program->due != remux->due) {
            continue;
        }
        const int64_t silent = now - program->time;
        if (silent > ALIVE_TICKS) {
            program->due = UINT64_MAX;
            break;
        }
        if (!takes_slot || silent <= remux->settings.pcr_interval) {
            return put_pcr_packet(remux, program);
        }
        if (remux->spare > 0) {
            remux->spare--;
            return put_pcr_packet(remux, program);
        }
        /* The input itself has too long an interval, and fills the output: the next free slot. */
        program->due = remux->out_base + remux->out.count + 1;
    }
    set_due(remux);
    return TS_OK;
}
