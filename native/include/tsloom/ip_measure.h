/* What the datagrams of one socket are like: times between arrivals, and the Media Delivery Index
 * of RFC 4445, delay factor and media loss rate, in intervals of a second.
 *
 * The nominal media rate that the delay factor drains at is the mean rate of what was received and
 * lost before the interval, so the first interval has none. Nothing is allocated. */
#ifndef TSLOOM_IP_MEASURE_H
#define TSLOOM_IP_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/arrival.h"

enum {
    /* Times between arrivals: up to 10, 20, 50, 100 ... us, 1 s, and above; edges belong below. */
    TS_IP_BIN_COUNT = 17,
    TS_IP_POINTS = 1024 /* a longer series has two intervals to a point, then four ... */
};
#define TS_IP_INTERVAL_NS INT64_C(1000000000)
/* A longer silence, or a step backward of the clock, is none of the network's jitter. */
#define TS_IP_SILENCE_NS INT64_C(10000000000)

typedef struct ts_ip_point {
    int64_t start_ns;
    uint32_t intervals;
    uint32_t measured;     /* of them, have a delay factor */
    double delay_factor_s; /* the longest of them */
    uint64_t lost;         /* datagrams */
    uint64_t bytes;
} ts_ip_point;

typedef struct ts_ip_measure {
    uint64_t datagrams;
    uint64_t bytes; /* of their payloads: without headers of RTP */
    uint64_t lost;
    uint64_t gaps; /* compared with the arrival before */
    uint64_t bins[TS_IP_BIN_COUNT];
    int64_t gap_min_ns;
    int64_t gap_max_ns;
    double gap_sum_ns;
    uint64_t breaks; /* silences and clock steps */
    uint64_t delay_count;
    double delay_min_s;
    double delay_max_s;
    double delay_sum_s;
    double delay_last_s;
    uint64_t loss_intervals; /* with a loss */
    uint64_t loss_max;       /* in one interval */
    uint64_t intervals;
    ts_ip_point points[TS_IP_POINTS];
    size_t point_count;
    uint32_t point_intervals;
    /* Private: */
    bool started;
    int64_t last_ns;
    int64_t start_ns; /* of the interval */
    double rate;      /* bytes a second; 0: not known */
    double least;     /* of the virtual buffer */
    double most;
    uint64_t interval_bytes;
    uint64_t interval_lost;
    double nominal_bytes;    /* of whole intervals ... */
    double nominal_s;        /* ... and their time */
    uint64_t datagram_bytes; /* of the last one */
} ts_ip_measure;

void ts_ip_measure_init(ts_ip_measure *measure);
/* A datagram with so many bytes of media; lost: datagrams lost since the one before. One without a
 * time of arrival is counted only. */
void ts_ip_measure_see(ts_ip_measure *measure, int64_t arrival_ns, uint32_t size, uint64_t lost);
/* The upper edge of a bin in ns; 0 for the last, which has none. */
int64_t ts_ip_bin_edge_ns(size_t bin);

#endif
