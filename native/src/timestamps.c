#include "tsloom/timestamps.h"

#include <string.h>

#include "tsloom/packet.h"

#define JUMP_TICKS (10 * TS_PTS_HZ)

void ts_timestamps_init(ts_timestamps *timestamps) {
    memset(timestamps, 0, sizeof *timestamps);
}

void ts_timestamps_go_on(ts_timestamps *timestamps) {
    const ts_timestamps before = *timestamps;
    ts_timestamps_init(timestamps);
    timestamps->started = before.started;
    timestamps->last_90khz = before.last_90khz;
    timestamps->last_pts_90khz = before.last_pts_90khz;
}

/* The shorter way round the 33-bit circle. */
static int64_t subtract(uint64_t later, uint64_t earlier) {
    int64_t difference = (int64_t)((later - earlier) & (TS_PTS_MODULUS - 1));
    return difference >= (int64_t)(TS_PTS_MODULUS / 2) ? difference - (int64_t)TS_PTS_MODULUS
                                                       : difference;
}

static void note_interval(ts_timestamps *timestamps, int64_t interval) {
    if (interval > JUMP_TICKS || interval < -JUMP_TICKS) {
        timestamps->jumps++;
        return;
    }
    bool first = timestamps->intervals == 0;
    timestamps->intervals++;
    timestamps->interval_sum += interval;
    if (first || interval < timestamps->interval_min) {
        timestamps->interval_min = interval;
    }
    if (first || interval > timestamps->interval_max) {
        timestamps->interval_max = interval;
    }
}

void ts_timestamps_see(ts_timestamps *timestamps, uint64_t pts_90khz, uint64_t dts_90khz) {
    if (timestamps->pts_count == 0) {
        timestamps->first_pts_90khz = pts_90khz;
    }
    timestamps->pts_count++;
    timestamps->dts_count += dts_90khz != pts_90khz;
    if (timestamps->started) {
        note_interval(timestamps, subtract(dts_90khz, timestamps->last_90khz));
    }
    timestamps->started = true;
    timestamps->last_90khz = dts_90khz;
    timestamps->last_pts_90khz = pts_90khz;
}

void ts_timestamps_compare(ts_timestamps *timestamps, uint64_t pts_90khz, uint64_t clock_90khz) {
    int64_t ahead = subtract(pts_90khz, clock_90khz);
    bool first = timestamps->against_clock == 0;
    timestamps->against_clock++;
    timestamps->ahead_sum += ahead;
    timestamps->ahead_last = ahead;
    if (first || ahead < timestamps->ahead_min) {
        timestamps->ahead_min = ahead;
    }
    if (first || ahead > timestamps->ahead_max) {
        timestamps->ahead_max = ahead;
    }
}
