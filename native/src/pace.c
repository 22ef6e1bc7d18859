#include "tsloom/pace.h"

#include "tsloom/packet.h"

#include <string.h>

#define PID_LOST_TICKS TS_PCR_HZ

void ts_pace_init(ts_pace *pace, uint64_t bitrate_bps) {
    memset(pace, 0, sizeof *pace);
    pace->bitrate_bps = bitrate_bps < TS_PACE_BITRATE_MAX ? bitrate_bps : TS_PACE_BITRATE_MAX;
    ts_clock_init(&pace->clock, 0);
}

bool ts_pace_has_rate(const ts_pace *pace) {
    return pace->bitrate_bps != 0 || pace->clock.rate_packets != 0;
}

/* Beyond the last PCR the last interval's rate is taken on trust only up to half the mean rate:
 * one damaged PCR, or one odd interval, must not stretch all that comes before the next. */
static int64_t get_ticks(const ts_pace *pace, uint64_t packet_index) {
    const ts_clock *clock = &pace->clock;
    int64_t ticks = ts_clock_get_time(clock, packet_index);
    if (packet_index > clock->packet_index && clock->joined_packets != 0) {
        double mean = (double)clock->joined_ticks / (double)clock->joined_packets;
        double furthest = 2.0 * mean * (double)(packet_index - clock->packet_index);
        if ((double)(ticks - clock->stream_time) > furthest) {
            ticks = clock->stream_time + (int64_t)furthest;
        }
    }
    return ticks;
}

/* Whether the held PID has stopped, seen from another PID's PCR. Without a rate time cannot be
 * told: then it has when the other comes twice in between. */
static bool has_stopped(ts_pace *pace, uint16_t other_pid, uint64_t packet_index) {
    if (ts_pace_has_rate(pace)) {
        return get_ticks(pace, packet_index) - pace->clock.stream_time > PID_LOST_TICKS;
    }
    if (pace->has_other && pace->other_pid == other_pid) {
        return true;
    }
    pace->has_other = true;
    pace->other_pid = other_pid;
    return false;
}

static void change_pid(ts_pace *pace, uint16_t pid, uint64_t packet_index, uint64_t pcr) {
    pace->pcr_pid = pid;
    pace->counters.pid_changes++;
    if (!ts_pace_has_rate(pace)) {
        ts_clock_init(&pace->clock, 0);
    }
    (void)ts_clock_feed(&pace->clock, packet_index, pcr, true);
}

/* True where the packet has moved the clock. */
static bool take_packet(ts_pace *pace, const uint8_t *packet, uint64_t packet_index) {
    uint32_t header = ts_load_be32(packet);
    if (!ts_packet_has_pcr(packet) || !ts_header_has_sync(header) || (header & TS_HEADER_TEI)) {
        return false;
    }
    uint16_t pid = ts_header_get_pid(header);
    uint64_t pcr = ts_packet_get_pcr(packet);
    if (!pace->has_pid) {
        pace->has_pid = true;
        pace->pcr_pid = pid;
    }
    if (pid != pace->pcr_pid) {
        if (!has_stopped(pace, pid, packet_index)) {
            return false;
        }
        change_pid(pace, pid, packet_index, pcr);
        return true;
    }
    pace->has_other = false;
    ts_clock_event event =
        ts_clock_feed(&pace->clock, packet_index, pcr, ts_packet_has_discontinuity(packet));
    if (event == TS_CLOCK_DISCONTINUITY || event == TS_CLOCK_JUMPED) {
        pace->counters.discontinuities++;
    }
    return true;
}

size_t ts_pace_feed(ts_pace *pace, const uint8_t *packets, size_t count) {
    size_t taken = 0;
    bool moved = false;
    if (pace->bitrate_bps != 0) {
        pace->fed += count;
        return count;
    }
    while (taken < count && !moved) {
        moved = take_packet(pace, packets + taken * TS_PACKET_SIZE, pace->fed);
        pace->fed++;
        taken++;
    }
    return taken;
}

/* In parts, so that no product leaves 64 bits. */
static int64_t ticks_to_ns(int64_t ticks) {
    return ticks / 27 * 1000 + ticks % 27 * 1000 / 27;
}

static int64_t packets_to_ns(uint64_t packets, uint64_t bitrate_bps) {
    uint64_t bits = packets * (TS_PACKET_SIZE * 8u);
    return (int64_t)(bits / bitrate_bps * 1000000000u +
                     bits % bitrate_bps * 1000000000u / bitrate_bps);
}

static int64_t get_due(const ts_pace *pace, uint64_t packet_index) {
    if (pace->bitrate_bps != 0) {
        return pace->anchor_ns +
               packets_to_ns(packet_index - pace->anchor_index, pace->bitrate_bps);
    }
    return pace->anchor_ns + ticks_to_ns(get_ticks(pace, packet_index) - pace->anchor_ticks);
}

static void anchor(ts_pace *pace, uint64_t packet_index, int64_t at_ns) {
    pace->anchored = true;
    pace->anchor_index = packet_index;
    pace->anchor_ticks = pace->bitrate_bps != 0 ? 0 : get_ticks(pace, packet_index);
    pace->anchor_ns = at_ns;
    pace->due_ns = at_ns;
}

/* How far from its due time a datagram may leave so as to make up a delay without a burst. */
static int64_t catch_up(ts_pace *pace, uint64_t packet_index, int64_t advance_ns, int64_t now_ns) {
    int64_t made_up = advance_ns / 2;
    pace->delay_ns = pace->delay_ns > made_up ? pace->delay_ns - made_up : 0;
    int64_t behind = now_ns - TS_PACE_BURST_NS - pace->due_ns;
    if (behind > pace->delay_ns) {
        pace->delay_ns = behind;
    }
    if (pace->delay_ns > TS_PACE_LATE_LIMIT_NS) {
        pace->counters.late_anchors++;
        pace->delay_ns = 0;
        anchor(pace, packet_index, now_ns);
    }
    return pace->delay_ns;
}

ts_pace_time ts_pace_plan(ts_pace *pace, uint64_t packet_index, int64_t now_ns) {
    if (!ts_pace_has_rate(pace)) {
        return (ts_pace_time){now_ns, now_ns, false};
    }
    if (!pace->anchored) {
        anchor(pace, packet_index, now_ns);
        return (ts_pace_time){now_ns, now_ns, true};
    }
    int64_t last_ns = pace->due_ns;
    int64_t due_ns = get_due(pace, packet_index);
    if (due_ns - last_ns > TS_PACE_LEAP_LIMIT_NS) {
        pace->counters.leaps++;
        anchor(pace, packet_index, last_ns);
        due_ns = last_ns;
    }
    /* A rate that a later PCR puts right may set the time back a little. */
    pace->due_ns = due_ns > last_ns ? due_ns : last_ns;
    int64_t delay_ns = catch_up(pace, packet_index, pace->due_ns - last_ns, now_ns);
    return (ts_pace_time){pace->due_ns, pace->due_ns + delay_ns, true};
}

static unsigned get_bucket(int64_t error_ns) {
    uint64_t microseconds = (uint64_t)error_ns / 1000u;
    unsigned bucket = 0;
    while (microseconds != 0 && bucket < TS_PACE_BUCKETS - 1) {
        microseconds >>= 1;
        bucket++;
    }
    return bucket;
}

void ts_pace_note_departure(ts_pace *pace, const ts_pace_time *planned, int64_t left_ns) {
    ts_pace_counters *counters = &pace->counters;
    if (!planned->timed) {
        counters->untimed++;
        return;
    }
    int64_t late_ns = left_ns - planned->due_ns;
    counters->timed++;
    if (late_ns > counters->late_max_ns) {
        counters->late_max_ns = late_ns;
    }
    if (-late_ns > counters->early_max_ns) {
        counters->early_max_ns = -late_ns;
    }
    counters->error_us[get_bucket(late_ns < 0 ? -late_ns : late_ns)]++;
}
