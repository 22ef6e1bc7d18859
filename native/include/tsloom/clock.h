/* A program's clock: the PCRs of one PID on one time line (ISO/IEC 13818-1, 2.4.2.2, 2.4.3.5).
 *
 * Stream time counts 27 MHz ticks from the first PCR on and, from PCR to PCR, never runs backwards:
 * a wrap is undone, and over a discontinuity (flagged, or a jump out of bounds) the time line goes
 * on at the last rate while the relation to PCR and PTS is anchored anew. Between PCRs time is
 * interpolated by packet index from what was seen before, never from what comes later, so that a
 * live stream and a file give the same times. */
#ifndef TSLOOM_CLOCK_H
#define TSLOOM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ts_clock_event {
    TS_CLOCK_STARTED, /* the first PCR */
    TS_CLOCK_CONTINUED,
    TS_CLOCK_DISCONTINUITY, /* announced by discontinuity_indicator */
    TS_CLOCK_JUMPED         /* outside 0 to jump_limit, not announced */
} ts_clock_event;

typedef struct ts_clock {
    uint64_t pcr_27mhz;    /* last PCR, as it stood in the stream, below the modulus */
    uint64_t packet_index; /* where it stood */
    int64_t stream_time;   /* 27 MHz ticks from the first PCR to the last */
    int64_t rate_ticks;    /* the last interval that joined two PCRs: ticks ... */
    uint64_t rate_packets; /* ... and packets; 0 until two PCRs are known */
    int64_t joined_ticks;  /* all intervals that joined two PCRs: their sum is the exact rate */
    uint64_t joined_packets;
    int64_t jump_limit_ticks; /* a longer interval is a jump */
    uint64_t pcr_count;
    uint64_t discontinuities; /* announced */
    uint64_t jumps;           /* not announced */
    bool started;
    bool carried; /* the anchor is another clock's, until this one's next PCR */
} ts_clock;

/* jump_limit_ticks 0 asks for the default of one second. */
void ts_clock_init(ts_clock *clock, int64_t jump_limit_ticks);
ts_clock_event ts_clock_feed(ts_clock *clock, uint64_t packet_index, uint64_t pcr_27mhz,
                             bool discontinuity_indicator);
/* The program's PCRs come on another PID from now on: its clock takes over the time line of the one
 * before and is anchored anew at its own next PCR. */
void ts_clock_carry_on(ts_clock *clock, const ts_clock *before);
/* Stream time of a packet, before or after the last PCR; 0 before the clock has started. */
int64_t ts_clock_get_time(const ts_clock *clock, uint64_t packet_index);
/* The clock's PCR and PTS readings at a stream time, both below their modulus. */
uint64_t ts_clock_time_to_pcr(const ts_clock *clock, int64_t stream_time);
uint64_t ts_clock_time_to_pts(const ts_clock *clock, int64_t stream_time);
/* The stream time nearest to now at which the 33-bit PTS is reached (within half a wrap). */
int64_t ts_clock_pts_to_time(const ts_clock *clock, uint64_t pts_90khz);

#endif
