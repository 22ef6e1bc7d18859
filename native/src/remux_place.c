/* Slots: what leaves in which. */
#include <string.h>

#include "remux_internal.h"
#include "tsloom/section_queue.h"

/* Ticks of a slot are SLOT_BITS / bitrate. */
#define SLOT_BITS (UINT64_C(8) * TS_PACKET_SIZE * (uint64_t)TS_PCR_HZ)
/* Beyond this span the product below would leave 64 bits. */
#define REACH_TICKS (INT64_C(1) << 31)
#define MEASURE_TICKS ((uint64_t)TS_PCR_HZ / 2)
/* Packets with PCRs or tables are dropped after all others. */
enum { IMPORTANT_DELAYS = 2, FILL_SECONDS = 2, FILL_MAX = 1 << 18, SPARE_MAX = 64 };

void remux_set_bitrate(ts_remux *remux, uint64_t bitrate) {
    remux->settings.bitrate = bitrate;
    remux->slot_ticks = SLOT_BITS / bitrate;
    remux->slot_part = SLOT_BITS % bitrate;
    remux->interval_slots = (uint64_t)remux->settings.pcr_interval * bitrate / SLOT_BITS;
    if (remux->interval_slots == 0) {
        remux->interval_slots = 1;
    }
}

/* The roundest number within a millionth of what was measured. */
static void measure_bitrate(ts_remux *remux) {
    const double measured =
        (double)remux->mean_packets / (double)remux->mean_ticks * (double)SLOT_BITS;
    double rate = measured;
    for (double unit = 1e6; unit >= 1; unit /= 10) {
        rate = (double)(uint64_t)(measured / unit + 0.5) * unit;
        const double wrong = rate > measured ? rate - measured : measured - rate;
        if (wrong <= measured * 1e-6) {
            break;
        }
    }
    rate = rate > TS_REMUX_BITRATE_MIN ? rate : TS_REMUX_BITRATE_MIN;
    rate = rate < TS_REMUX_BITRATE_MAX ? rate : TS_REMUX_BITRATE_MAX;
    remux_set_bitrate(remux, (uint64_t)rate);
}

static void advance(ts_remux *remux, uint64_t slots) {
    const uint64_t part = remux->slot_rest + slots * remux->slot_part;
    remux->slot_time += (int64_t)(slots * remux->slot_ticks + part / remux->settings.bitrate);
    remux->slot_rest = part % remux->settings.bitrate;
}

/* One slot, without a division; none while there is no bitrate. */
static void step(ts_remux *remux) {
    remux->slot_time += (int64_t)remux->slot_ticks;
    remux->slot_rest += remux->slot_part;
    if (remux->slot_rest >= remux->settings.bitrate && remux->settings.bitrate > 0) {
        remux->slot_rest -= remux->settings.bitrate;
        remux->slot_time++;
    }
}

/* Slots that leave before one at or after this time. */
static uint64_t count_slots(const ts_remux *remux, int64_t time) {
    const int64_t half = (int64_t)(remux->slot_ticks / 2);
    int64_t span = time - (half < SLOT_TOLERANCE ? half : SLOT_TOLERANCE) - remux->slot_time;
    if (span <= 0) {
        return 0;
    }
    span = span < REACH_TICKS ? span : REACH_TICKS;
    const uint64_t bits = (uint64_t)span * remux->settings.bitrate;
    return bits <= remux->slot_rest ? 0 : (bits - remux->slot_rest + SLOT_BITS - 1) / SLOT_BITS;
}

static ts_status reserve(ts_remux *remux, uint64_t more) {
    ts_batch *out = &remux->out;
    if (out->capacity - out->count >= more) {
        return TS_OK;
    }
    if (more > UINT32_MAX - out->count) {
        return TS_NO_MEMORY; /* a position would leave 32 bits */
    }
    const size_t needed = out->count + (size_t)more;
    return ts_batch_reserve(out, needed + needed / 2 + 64);
}

ts_status remux_put(ts_remux *remux, const uint8_t *packet, uint32_t header) {
    const ts_status status = reserve(remux, 1);
    if (status != TS_OK) {
        return status;
    }
    ts_batch *out = &remux->out;
    uint8_t *into = out->packets + out->count * TS_PACKET_SIZE;
    memcpy(into, packet, TS_PACKET_SIZE);
    out->header[out->count] = header;
    if (remux->program_of[ts_header_get_pid(header)] != 0) {
        remux_restamp(remux, into, header);
    }
    out->count++;
    step(remux);
    return TS_OK;
}

static ts_status put_nulls(ts_remux *remux, uint64_t count) {
    const ts_status status = reserve(remux, count);
    if (status != TS_OK) {
        return status;
    }
    uint8_t null[TS_PACKET_SIZE];
    ts_packet_put_null(null);
    const uint32_t header = ts_load_be32(null);
    ts_batch *out = &remux->out;
    for (uint64_t i = 0; i < count; i++) {
        memcpy(out->packets + out->count * TS_PACKET_SIZE, null, TS_PACKET_SIZE);
        out->header[out->count++] = header;
    }
    remux->counters.nulls_added += count;
    remux->spare = count < SPARE_MAX - remux->spare ? remux->spare + count : SPARE_MAX;
    advance(remux, count);
    return TS_OK;
}

static uint64_t get_slot(const ts_remux *remux) {
    return remux->out_base + remux->out.count;
}

/* More free slots than packets can account for: the output's time jumps. */
static ts_status spend_credit(ts_remux *remux, uint64_t *slots, uint64_t index) {
    if (*slots <= remux->credit) {
        remux->credit -= *slots;
        return TS_OK;
    }
    const int64_t before = remux->slot_time;
    advance(remux, *slots - remux->credit);
    *slots = remux->credit;
    remux->credit = 0;
    remux_reset_buffers(remux);
    return remux_report(remux, TS_REMUX_TIME_SKIPPED, TS_PID_NULL, index,
                        remux->slot_time - before);
}

/* Fills so many slots: with what waits, with PCRs that are due, with null packets. */
static ts_status fill(ts_remux *remux, uint64_t slots, int64_t now) {
    const uint64_t end = get_slot(remux) + slots;
    ts_status status = TS_OK;
    while (status == TS_OK && get_slot(remux) < end) {
        const uint64_t here = get_slot(remux);
        if (remux->due <= here) {
            status = remux_add_pcr(remux, now, false);
            continue;
        }
        if (remux_has_late(remux)) {
            status = remux_put_late(remux, false);
            continue;
        }
        uint64_t run = remux->due < end ? remux->due - here : end - here;
        if (remux->late_count > 0) {
            const uint64_t free = count_slots(remux, remux->late_from + SLOT_TOLERANCE);
            run = free == 0 ? 1 : free < run ? free : run;
        }
        status = put_nulls(remux, run);
    }
    return status;
}

/* What goes before a packet for which there is a slot. */
static ts_status put_pending(ts_remux *remux, int64_t now) {
    /* One at the most: packets go on however short the interval. */
    ts_status status = remux->due <= get_slot(remux) ? remux_add_pcr(remux, now, true) : TS_OK;
    while (status == TS_OK && remux_has_late(remux)) {
        status = remux_put_late(remux, false);
    }
    return status;
}

/* The delay is more than may be, or no longer. True: the packet is dropped. */
static ts_status check_delay(ts_remux *remux, const ts_remux_entry *entry, int64_t time,
                             bool *dropped) {
    const int64_t delay = remux->slot_time - time;
    const int64_t most = remux->settings.max_delay;
    if (!remux->overflowing && delay <= most) {
        return TS_OK;
    }
    if (delay <= most) {
        remux->overflowing = delay > most / 2;
        return remux->overflowing ? TS_OK
                                  : remux_report(remux, TS_REMUX_OVERFLOW_ENDED, TS_PID_NULL,
                                                 entry->index, (int64_t)remux->overflow_packets);
    }
    ts_status status = TS_OK;
    if (!remux->overflowing) {
        remux->overflowing = true;
        remux->overflow_packets = 0;
        remux->counters.overflows++;
        status = remux_report(remux, TS_REMUX_OVERFLOW_BEGAN, ts_header_get_pid(entry->header),
                              entry->index, delay);
    }
    remux->overflow_packets++;
    const bool important =
        entry->kind != ENTRY_PLAIN || remux->demux.role[ts_header_get_pid(entry->header)] != 0;
    *dropped = remux->settings.overflow == TS_REMUX_DROP &&
               (!important || delay > most * IMPORTANT_DELAYS);
    remux->counters.dropped += *dropped;
    return status;
}

/* Time was guessed for want of a PCR, and was too far ahead: it is set back, not all that comes
 * delayed. */
static ts_status set_back(ts_remux *remux, const ts_remux_entry *entry, int64_t time) {
    const int64_t ahead = remux->slot_time - time;
    remux->time_guessed = false;
    if (ahead <= remux->settings.max_delay) {
        return TS_OK;
    }
    remux->slot_time = time;
    remux->slot_rest = 0;
    remux_reset_buffers(remux);
    return remux_report(remux, TS_REMUX_TIME_SKIPPED, TS_PID_NULL, entry->index, -ahead);
}

static ts_status put_in_slot(ts_remux *remux, const ts_remux_entry *entry, const uint8_t *packet,
                             int64_t time) {
    bool dropped = false;
    const ts_status status = check_delay(remux, entry, time, &dropped);
    if (status != TS_OK || dropped) {
        return status;
    }
    const int64_t delay = remux->slot_time - time;
    if (delay > remux->counters.longest_delay) {
        remux->counters.longest_delay = delay;
    }
    const uint16_t pid = ts_header_get_pid(entry->header);
    const uint64_t leak = remux_get_leak(remux, pid);
    if ((leak > 0 || remux->late_count > 0) && remux_must_wait(remux, pid)) {
        remux_push_late(remux, packet, entry->header);
        return TS_OK;
    }
    if (leak > 0) {
        remux_fill_buffer(remux, pid, leak);
    }
    return remux_put(remux, packet, entry->header);
}

static uint64_t get_credit_most(const ts_remux *remux) {
    const uint64_t slots = FILL_SECONDS * (uint64_t)TS_PCR_HZ / (remux->slot_ticks + 1);
    return (slots < FILL_MAX ? slots : FILL_MAX) + remux->settings.max_fill;
}

static ts_status anchor(ts_remux *remux, const ts_remux_entry *entry, int64_t time) {
    remux->placed = true;
    remux->slot_time = time;
    remux->slot_rest = 0;
    remux->credit_index = entry->index;
    remux->credit = get_credit_most(remux);
    remux_reset_buffers(remux);
    return remux_report(remux, TS_REMUX_STARTED, remux->clock_pid, entry->index,
                        (int64_t)remux->settings.bitrate);
}

/* A packet that comes in allows for so many null packets. */
static void add_credit(ts_remux *remux, uint64_t index) {
    const uint64_t most = get_credit_most(remux);
    const uint64_t packets = index > remux->credit_index ? index - remux->credit_index : 0;
    if (packets > most / remux->settings.max_fill) {
        remux->credit = most;
    } else {
        remux->credit += packets * remux->settings.max_fill;
        remux->credit = remux->credit < most ? remux->credit : most;
    }
    remux->credit_index = index > remux->credit_index ? index : remux->credit_index;
}

static ts_status place_entry(ts_remux *remux, size_t nth) {
    const ts_remux_entry *entry = &remux->entries[nth];
    const uint8_t *packet = remux_get_packet(remux, nth);
    const int64_t time = entry->time / TIME_PARTS - (entry->time % TIME_PARTS < 0);
    ts_status status = remux->placed ? TS_OK : anchor(remux, entry, time);
    if (entry->kind == ENTRY_NULL) {
        remux->counters.nulls_dropped++;
        return status;
    }
    add_credit(remux, entry->index);
    if (status == TS_OK && entry->kind >= ENTRY_PCR) {
        status = remux_observe(remux, entry, packet);
    }
    if (status == TS_OK && remux->time_guessed && entry->kind == ENTRY_ANCHOR) {
        status = set_back(remux, entry, time);
    }
    uint64_t slots = count_slots(remux, time);
    if (status == TS_OK && slots > 0) {
        status = spend_credit(remux, &slots, entry->index);
        status = status == TS_OK ? fill(remux, slots, time) : status;
    }
    status = status == TS_OK ? put_pending(remux, time) : status;
    if (status == TS_OK && remux_is_parted_repeat(remux, packet, entry->header)) {
        remux->counters.repeats_dropped++;
        return status;
    }
    return status == TS_OK ? put_in_slot(remux, entry, packet, time) : status;
}

static void forget(ts_remux *remux) {
    if (remux->first == remux->last) {
        remux->first = remux->timed = remux->stored = remux->last = 0;
    }
}

ts_status remux_place(ts_remux *remux) {
    if (remux->settings.bitrate == 0) {
        const bool enough = remux->mean_ticks >= MEASURE_TICKS ||
                            remux->last - remux->first >= remux->settings.max_held;
        if (!enough && remux->input != NULL) {
            return TS_OK;
        }
        measure_bitrate(remux);
    }
    ts_status status = TS_OK;
    for (; remux->first < remux->timed && status == TS_OK; remux->first++) {
        status = place_entry(remux, remux->first);
    }
    forget(remux);
    return status;
}

ts_status remux_pass(ts_remux *remux) {
    ts_status status = TS_OK;
    for (; remux->first < remux->last && status == TS_OK; remux->first++) {
        const uint32_t header = remux->entries[remux->first].header;
        remux->counters.unplaced++;
        status = remux_put(remux, remux_get_packet(remux, remux->first), header);
    }
    remux->timed = remux->first;
    forget(remux);
    return status;
}

ts_status remux_place_end(ts_remux *remux, int64_t time, uint64_t index) {
    ts_status status = TS_OK;
    while (status == TS_OK && remux->late_count > 0) {
        status = remux_put_late(remux, true);
    }
    add_credit(remux, index);
    uint64_t slots = count_slots(remux, time + (int64_t)remux->slot_ticks);
    if (status == TS_OK && slots > 0) {
        status = spend_credit(remux, &slots, index);
        status = status == TS_OK ? fill(remux, slots, time) : status;
    }
    if (status == TS_OK && remux->overflowing) {
        remux->overflowing = false;
        status = remux_report(remux, TS_REMUX_OVERFLOW_ENDED, TS_PID_NULL, index,
                              (int64_t)remux->overflow_packets);
    }
    return status;
}
