/* Pacing: when packets leave, by their PCRs or at a constant rate (ISO/IEC 13818-1, 2.4.2.2).
 *
 * A machine: it is fed packets and told the time, and answers with times; it neither sleeps nor
 * looks at a clock. Times are nanoseconds on the caller's clock, which never runs backwards.
 *
 * By PCR, the times of the first PCR PID seen hold, until it stops for a second while another has
 * PCRs. Between two PCRs that are both fed, time is interpolated; after the last one that is fed it
 * goes on at the last rate. The first packet leaves at once; a discontinuity of the PCRs, a change
 * of PID and a leap of the stream's time by more than a second cause neither a pause nor a burst.
 * Until the rate is known nothing can be timed: the caller may hold packets back for a while, or
 * let them go at once.
 *
 * Behind time by up to TS_PACE_BURST_NS, packets leave at once; by more, at twice the stream's rate
 * until the delay is made up; by more than TS_PACE_LATE_LIMIT_NS, time is anchored anew and nothing
 * is made up. */
#ifndef TSLOOM_PACE_H
#define TSLOOM_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/clock.h"

#define TS_PACE_BURST_NS INT64_C(10000000)
#define TS_PACE_LATE_LIMIT_NS INT64_C(1000000000)
#define TS_PACE_LEAP_LIMIT_NS INT64_C(1000000000)
#define TS_PACE_BITRATE_MAX UINT64_C(10000000000)

enum { TS_PACE_BUCKETS = 32 };

typedef struct ts_pace_counters {
    uint64_t timed;           /* datagrams that had a time */
    uint64_t untimed;         /* that went at once, the rate not being known */
    uint64_t late_anchors;    /* the time was anchored anew: behind by more than the limit */
    uint64_t leaps;           /* the time was anchored anew: the stream's time leapt ahead */
    uint64_t discontinuities; /* of the PCRs, announced or not */
    uint64_t pid_changes;
    int64_t late_max_ns;
    int64_t early_max_ns;
    /* Datagrams by how far from its time each left, in microseconds: bucket 0 below 1, bucket n
     * from 2^(n-1) to below 2^n. */
    uint64_t error_us[TS_PACE_BUCKETS];
} ts_pace_counters;

typedef struct ts_pace {
    uint64_t bitrate_bps; /* 0: by PCR */
    ts_clock clock;
    uint64_t fed; /* packets fed; the times of all these are settled once the rate is known */
    uint64_t anchor_index;
    int64_t anchor_ticks; /* stream time that leaves ... */
    int64_t anchor_ns;    /* ... at this time */
    int64_t due_ns;       /* of the datagram planned last */
    int64_t delay_ns;     /* still to be made up */
    uint16_t pcr_pid;
    uint16_t other_pid; /* had a PCR while the rate was unknown */
    bool has_pid;
    bool has_other;
    bool anchored;
    ts_pace_counters counters;
} ts_pace;

typedef struct ts_pace_time {
    int64_t due_ns;   /* its time */
    int64_t leave_ns; /* when to send it: later than due while a delay is being made up */
    bool timed;
} ts_pace_time;

/* bitrate_bps 0: by PCR; TS_PACE_BITRATE_MAX at the most. */
void ts_pace_init(ts_pace *pace, uint64_t bitrate_bps);
bool ts_pace_has_rate(const ts_pace *pace);
/* Takes packets in their order, up to and with the next PCR that tells the time. Returns how many
 * were taken. Their times are to be asked for before more are fed. */
size_t ts_pace_feed(ts_pace *pace, const uint8_t *packets, size_t count);
/* When a datagram leaves whose first packet is the packet_index-th that was fed. Datagrams are
 * planned once each, in their order. */
ts_pace_time ts_pace_plan(ts_pace *pace, uint64_t packet_index, int64_t now_ns);
/* What became of the plan. */
void ts_pace_note_departure(ts_pace *pace, const ts_pace_time *planned, int64_t left_ns);

#endif
