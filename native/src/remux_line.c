/* The time line: which packet came when. */
#include "remux_internal.h"

/* What the mean rate is taken over: the last two to four seconds. */
#define MEAN_TICKS (4 * (uint64_t)TS_PCR_HZ)
/* Bounds for hostile input that keep every product within 64 bits. */
#define PACKETS_MAX (UINT64_C(1) << 31)
#define SPAN_MAX (INT64_C(1) << 40)

/* Time goes on at the last rate for about as long as that held, else at the mean: a moment's rate
 * says nothing of a second. */
static int64_t get_span(const ts_remux *remux, uint64_t packets) {
    const uint64_t reach = packets < PACKETS_MAX ? packets : PACKETS_MAX;
    const ts_clock *clock = &remux->clock;
    if (clock->rate_packets > 0 && reach / 2 <= clock->rate_packets) {
        return (int64_t)((uint64_t)clock->rate_ticks * reach / clock->rate_packets);
    }
    if (remux->mean_packets == 0) {
        return 0;
    }
    const uint64_t span = remux->mean_ticks * reach / remux->mean_packets;
    return span < (uint64_t)SPAN_MAX ? (int64_t)span : SPAN_MAX;
}

/* How many packets may go by before time goes on without a PCR: as many as the input brings in that
 * time by its mean, or as the output could carry, which lets pass a burst. */
static void set_hold(ts_remux *remux) {
    const uint64_t wait = (uint64_t)remux->settings.max_hold;
    const uint64_t mean = wait * remux->mean_packets / (remux->mean_ticks + 1);
    const uint64_t most = wait / (remux->slot_ticks + 1);
    uint64_t packets = mean > most ? mean : most;
    packets = packets < remux->settings.max_held ? packets : remux->settings.max_held;
    remux->hold_packets = packets > 0 ? packets : 1;
}

static void add_to_mean(ts_remux *remux) {
    const uint64_t packets = remux->clock.rate_packets;
    remux->mean_ticks += (uint64_t)remux->clock.rate_ticks;
    remux->mean_packets += packets < PACKETS_MAX ? packets : PACKETS_MAX;
    if (remux->mean_ticks > MEAN_TICKS && remux->mean_packets > 1) {
        remux->mean_ticks /= 2;
        remux->mean_packets /= 2;
    }
    while (remux->mean_packets >= PACKETS_MAX * 2) {
        remux->mean_ticks = remux->mean_ticks / 2 + 1;
        remux->mean_packets /= 2;
    }
}

/* The packets held stand between the anchor and this one, or, of the first ones, before it. */
static void time_entries(ts_remux *remux, uint64_t index, int64_t now) {
    uint64_t packets = index > remux->line_index ? index - remux->line_index : 1;
    packets = packets < PACKETS_MAX ? packets : PACKETS_MAX;
    const int64_t from = now > remux->line_time ? remux->line_time : now;
    const uint64_t ticks = (uint64_t)(now - from) * TIME_PARTS;
    const uint64_t whole = ticks / packets;
    const uint64_t rest = ticks % packets;
    for (; remux->timed < remux->last; remux->timed++) {
        ts_remux_entry *entry = &remux->entries[remux->timed];
        const bool before = entry->index < remux->line_index;
        uint64_t nth = before ? remux->line_index - entry->index : entry->index - remux->line_index;
        nth = before || nth < packets ? nth : packets;
        nth = nth < PACKETS_MAX ? nth : PACKETS_MAX;
        const int64_t span = (int64_t)(whole * nth + rest * nth / packets);
        entry->time = from * TIME_PARTS + (before ? -span : span);
    }
    remux->line_index = index;
    remux->line_time = now;
    set_hold(remux);
}

void remux_set_times(ts_remux *remux) {
    time_entries(remux, remux->pcr_index, remux->pcr_time);
}

ts_status remux_extrapolate(ts_remux *remux, uint64_t index) {
    const uint64_t packets = index - remux->pcr_index;
    time_entries(remux, index, remux->pcr_time + get_span(remux, packets));
    remux->time_guessed = true;
    if (remux->late) {
        return TS_OK;
    }
    remux->late = true;
    return remux_report(remux, TS_REMUX_PCR_LATE, remux->clock_pid, index, (int64_t)packets);
}

/* Another PID's PCRs from now on: the time line goes on. */
static void set_reference(ts_remux *remux, uint16_t pid) {
    remux->clock_pid = pid;
    if (remux->running) {
        remux->clock.carried = true;
    } else {
        ts_clock_init(&remux->clock, 0);
    }
}

ts_status remux_find_reference(ts_remux *remux, uint64_t index) {
    if (remux->role_changes == remux->demux.role_changes || remux->settings.program_number == 0) {
        return TS_OK;
    }
    remux->role_changes = remux->demux.role_changes;
    const ts_program *program =
        ts_demux_find_program(&remux->demux, remux->settings.program_number);
    if (program == NULL || !program->has_pmt || program->pcr_pid == TS_PID_NULL ||
        program->pcr_pid == remux->wanted_pid) {
        return TS_OK;
    }
    remux->wanted_pid = program->pcr_pid;
    if (program->pcr_pid == remux->clock_pid) {
        return TS_OK;
    }
    const bool first = remux->clock_pid == TS_PID_NULL;
    set_reference(remux, program->pcr_pid);
    return first ? TS_OK : remux_report(remux, TS_REMUX_REFERENCE, remux->clock_pid, index, 0);
}

/* When the spare clock read what its last PCR says, if it is known and that makes sense. */
static bool find_spare_time(const ts_remux *remux, int64_t *time) {
    const size_t nth = remux->program_of[remux->spare_pid];
    if (!remux->running || nth == 0 || remux->programs[nth - 1].drift.count == 0) {
        return false;
    }
    const uint64_t then = ts_drift_read(&remux->programs[nth - 1].drift, remux->pcr_time, 0);
    const uint64_t since = (remux->spare_pcr + TS_PCR_MODULUS - then) % TS_PCR_MODULUS;
    *time = remux->pcr_time + (int64_t)since;
    return since > 0 && since < (uint64_t)remux->settings.max_hold * 2 + (uint64_t)TS_PCR_HZ;
}

ts_status remux_fall_back(ts_remux *remux, uint64_t index) {
    const uint16_t pid = remux->spare_pid;
    if (pid == TS_PID_NULL || pid == remux->clock_pid ||
        (remux->clock.started && remux->spare_index <= remux->pcr_index)) {
        return TS_OK;
    }
    int64_t time = 0;
    set_reference(remux, pid);
    if (find_spare_time(remux, &time)) {
        ts_clock_feed(&remux->clock, remux->spare_index, remux->spare_pcr, false);
        remux->pcr_index = remux->spare_index;
        remux->pcr_time = time;
        remux_set_times(remux);
    }
    remux->spare_pid = TS_PID_NULL;
    return remux_report(remux, TS_REMUX_REFERENCE, pid, index, 0);
}

void remux_restart_index(ts_remux *remux, uint64_t index) {
    remux->line_index = index;
    remux->pcr_index = index;
    remux->pcr_time = remux->line_time;
    remux->credit_index = index;
    remux->spare_pid = TS_PID_NULL;
    remux->clock.packet_index = index;
    if (remux->running) {
        remux->clock.carried = true;
    } else {
        ts_clock_init(&remux->clock, 0);
    }
}

/* Where on the line the PCR stands that the clock has taken. */
static void move_line(ts_remux *remux, ts_clock_event event, uint64_t index) {
    if (event == TS_CLOCK_CONTINUED) {
        remux->pcr_time += remux->clock.rate_ticks;
        add_to_mean(remux);
        remux->running = true;
    } else if (remux->running) {
        remux->pcr_time += get_span(remux, index - remux->pcr_index);
    } else {
        remux->line_index = index;
        remux->line_time = remux->pcr_time = 0;
    }
    remux->pcr_index = index;
}

ts_status remux_take_pcr(ts_remux *remux, const uint8_t *packet, uint16_t pid, uint64_t index,
                         uint8_t *kind) {
    if (remux->clock_pid == TS_PID_NULL && remux->settings.program_number == 0) {
        remux->clock_pid = pid;
    }
    if (pid != remux->clock_pid) {
        remux->spare_pid = pid;
        remux->spare_index = index;
        remux->spare_pcr = ts_packet_get_pcr(packet) % TS_PCR_MODULUS;
        *kind = ENTRY_PCR;
        return TS_OK;
    }
    const uint64_t pcr = ts_packet_get_pcr(packet) % TS_PCR_MODULUS;
    const ts_clock_event event =
        ts_clock_feed(&remux->clock, index, pcr, ts_packet_has_discontinuity(packet));
    if (remux->clock.packet_index != index || remux->clock.pcr_27mhz != pcr ||
        (event == TS_CLOCK_CONTINUED && index == remux->pcr_index)) {
        *kind = ENTRY_REPEATED;
        return TS_OK;
    }
    *kind = ENTRY_ANCHOR;
    remux->late = false;
    move_line(remux, event, index);
    return event == TS_CLOCK_DISCONTINUITY || event == TS_CLOCK_JUMPED
               ? remux_report(remux, TS_REMUX_CLOCK_BROKEN, pid, index, 0)
               : TS_OK;
}
