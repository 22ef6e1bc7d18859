/* Bitrates in windows of stream time: all of a stream and PID by PID.
 *
 * A window ends at the first PCR of the reference that lies one window or more behind its begin, so
 * that its bits and its duration are both exact. */
#ifndef TSLOOM_BITRATE_H
#define TSLOOM_BITRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/continuity.h"
#include "tsloom/status.h"

enum {
    TS_BITRATE_POINTS = 1024, /* of the series; when they are full, two become one */
    TS_BITRATE_SLOTS = 64     /* PIDs of the series, the last of them all others together */
};

typedef struct ts_bitrate_range {
    double least_bps;
    double most_bps;
    double last_bps;
    uint64_t windows;
} ts_bitrate_range;

typedef struct ts_bitrate_point {
    int64_t from; /* 27 MHz */
    int64_t to;
    uint32_t packets[TS_BITRATE_SLOTS];
} ts_bitrate_point;

typedef struct ts_bitrates {
    int64_t window_ticks;
    bool begun;
    int64_t from;          /* of the window */
    uint64_t from_packets; /* of the stream */
    uint64_t windows;      /* whole ones */
    ts_bitrate_range total;
    ts_bitrate_range pid[TS_PID_COUNT];
    uint64_t pid_packets[TS_PID_COUNT]; /* at the begin of the window */
    uint16_t ahead[TS_PID_COUNT];       /* packets of the block behind the PCR */
    ts_bitrate_point *points;           /* TS_BITRATE_POINTS */
    size_t point_count;
    uint64_t point_windows; /* windows in each point */
    uint64_t open_windows;  /* in the last one */
} ts_bitrates;

ts_status ts_bitrates_init(ts_bitrates *bitrates, int64_t window_ticks);
void ts_bitrates_free(ts_bitrates *bitrates);
/* A PCR of the reference: its time, and the packets of the stream up to it. The headers are those
 * behind it that continuity has counted already, fewer than 65536. */
void ts_bitrates_see(ts_bitrates *bitrates, int64_t time, uint64_t packets,
                     const ts_continuity *continuity, const uint32_t *ahead, size_t ahead_count);
/* The time line is broken here: the window begins anew. */
void ts_bitrates_break(ts_bitrates *bitrates);

#endif
