/* PTS and DTS of an elementary stream: how far apart, and how far from the program's clock. */
#ifndef TSLOOM_TIMESTAMPS_H
#define TSLOOM_TIMESTAMPS_H

#include <stdbool.h>
#include <stdint.h>

/* All in 90 kHz ticks. Intervals are those of the decoding order: of DTS, or PTS where there is no
 * DTS. Those of more than ten seconds, either way, count as jumps and stand in no other figure. */
typedef struct ts_timestamps {
    uint64_t pts_count;
    uint64_t dts_count;
    uint64_t intervals;
    uint64_t jumps;
    int64_t interval_min;
    int64_t interval_max;
    int64_t interval_sum;
    uint64_t against_clock; /* how many had a clock to be compared with */
    int64_t ahead_min;      /* PTS less the program's clock as the PES packet begins */
    int64_t ahead_max;
    int64_t ahead_sum;
    int64_t ahead_last;
    uint64_t first_pts_90khz; /* 0 where pts_count is 0 */
    uint64_t last_pts_90khz;
    uint64_t last_90khz; /* DTS, or PTS */
    bool started;
} ts_timestamps;

void ts_timestamps_init(ts_timestamps *timestamps);
/* All figures begin anew; the interval from the last time stamp to the next one still counts. */
void ts_timestamps_go_on(ts_timestamps *timestamps);
/* A PES header; dts_90khz equals pts_90khz where it has none. */
void ts_timestamps_see(ts_timestamps *timestamps, uint64_t pts_90khz, uint64_t dts_90khz);
/* The program's clock reads so where that PES packet begins. */
void ts_timestamps_compare(ts_timestamps *timestamps, uint64_t pts_90khz, uint64_t clock_90khz);

#endif
