#include "tsloom/bitrate.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/clock.h"
#include "tsloom/packet.h"

#define BITS_HZ (TS_PACKET_SIZE * 8.0 * (double)TS_PCR_HZ)

ts_status ts_bitrates_init(ts_bitrates *bitrates, int64_t window_ticks) {
    memset(bitrates, 0, sizeof *bitrates);
    bitrates->window_ticks = window_ticks;
    bitrates->point_windows = 1;
    bitrates->points = malloc(TS_BITRATE_POINTS * sizeof *bitrates->points);
    return bitrates->points == NULL ? TS_NO_MEMORY : TS_OK;
}

void ts_bitrates_free(ts_bitrates *bitrates) {
    free(bitrates->points);
    bitrates->points = NULL;
}

void ts_bitrates_break(ts_bitrates *bitrates) {
    bitrates->begun = false;
}

static void note_rate(ts_bitrate_range *range, uint64_t packets, int64_t ticks) {
    double bps = (double)packets * BITS_HZ / (double)ticks;
    range->least_bps = range->windows == 0 || bps < range->least_bps ? bps : range->least_bps;
    range->most_bps = bps > range->most_bps ? bps : range->most_bps;
    range->last_bps = bps;
    range->windows++;
}

/* Two neighbours become one, so that the series covers any length in bounded memory. */
static void halve_points(ts_bitrates *bitrates) {
    for (size_t i = 0; i < TS_BITRATE_POINTS / 2; i++) {
        ts_bitrate_point merged = bitrates->points[2 * i];
        const ts_bitrate_point *second = &bitrates->points[2 * i + 1];
        merged.to = second->to;
        for (size_t slot = 0; slot < TS_BITRATE_SLOTS; slot++) {
            merged.packets[slot] += second->packets[slot];
        }
        bitrates->points[i] = merged;
    }
    bitrates->point_count = TS_BITRATE_POINTS / 2;
    bitrates->point_windows *= 2;
}

static ts_bitrate_point *open_point(ts_bitrates *bitrates, int64_t to) {
    if (bitrates->open_windows == 0) {
        if (bitrates->point_count == TS_BITRATE_POINTS) {
            halve_points(bitrates);
        }
        ts_bitrate_point *point = &bitrates->points[bitrates->point_count++];
        memset(point, 0, sizeof *point);
        point->from = bitrates->from;
    }
    bitrates->open_windows = (bitrates->open_windows + 1) % bitrates->point_windows;
    ts_bitrate_point *point = &bitrates->points[bitrates->point_count - 1];
    point->to = to;
    return point;
}

static uint64_t count_pid(const ts_bitrates *bitrates, const ts_continuity *continuity,
                          uint16_t pid) {
    return continuity->pid[pid].packets - bitrates->ahead[pid];
}

static void end_window(ts_bitrates *bitrates, int64_t time, uint64_t packets,
                       const ts_continuity *continuity) {
    int64_t ticks = time - bitrates->from;
    ts_bitrate_point *point = open_point(bitrates, time);
    note_rate(&bitrates->total, packets - bitrates->from_packets, ticks);
    for (size_t i = 0; i < continuity->active_count; i++) {
        uint16_t pid = continuity->active[i];
        uint64_t all = count_pid(bitrates, continuity, pid);
        uint64_t count = all - bitrates->pid_packets[pid];
        if (all == 0) {
            continue; /* it begins behind this window */
        }
        size_t slot = i < TS_BITRATE_SLOTS - 1 ? i : TS_BITRATE_SLOTS - 1u;
        point->packets[slot] += (uint32_t)count;
        note_rate(&bitrates->pid[pid], count, ticks);
    }
    bitrates->windows++;
}

static void begin_window(ts_bitrates *bitrates, int64_t time, uint64_t packets,
                         const ts_continuity *continuity) {
    bitrates->begun = true;
    bitrates->from = time;
    bitrates->from_packets = packets;
    for (size_t i = 0; i < continuity->active_count; i++) {
        uint16_t pid = continuity->active[i];
        bitrates->pid_packets[pid] = count_pid(bitrates, continuity, pid);
    }
}

void ts_bitrates_see(ts_bitrates *bitrates, int64_t time, uint64_t packets,
                     const ts_continuity *continuity, const uint32_t *ahead, size_t ahead_count) {
    bool is_full = bitrates->begun && time - bitrates->from >= bitrates->window_ticks;
    if (bitrates->begun && !is_full) {
        return;
    }
    for (size_t i = 0; i < ahead_count; i++) {
        bitrates->ahead[ts_header_get_pid(ahead[i])]++;
    }
    if (is_full) {
        end_window(bitrates, time, packets, continuity);
    }
    begin_window(bitrates, time, packets, continuity);
    for (size_t i = 0; i < ahead_count; i++) {
        bitrates->ahead[ts_header_get_pid(ahead[i])] = 0;
    }
}
