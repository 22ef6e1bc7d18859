#include "tsloom/ip_measure.h"

#include <string.h>

static const int64_t EDGES_US[TS_IP_BIN_COUNT] = {10,     20,     50,     100,    200,   500,
                                                  1000,   2000,   5000,   10000,  20000, 50000,
                                                  100000, 200000, 500000, 1000000};

void ts_ip_measure_init(ts_ip_measure *measure) {
    memset(measure, 0, sizeof *measure);
    measure->point_intervals = 1;
}

int64_t ts_ip_bin_edge_ns(size_t bin) {
    return bin < TS_IP_BIN_COUNT ? EDGES_US[bin] * 1000 : 0;
}

static void count_gap(ts_ip_measure *measure, int64_t gap_ns) {
    size_t bin = 0;
    while (bin < TS_IP_BIN_COUNT - 1 && gap_ns > EDGES_US[bin] * 1000) {
        bin++;
    }
    measure->bins[bin]++;
    if (measure->gaps == 0 || gap_ns < measure->gap_min_ns) {
        measure->gap_min_ns = gap_ns;
    }
    if (gap_ns > measure->gap_max_ns) {
        measure->gap_max_ns = gap_ns;
    }
    measure->gaps++;
    measure->gap_sum_ns += (double)gap_ns;
}

static void merge(ts_ip_point *into, const ts_ip_point *other) {
    into->intervals += other->intervals;
    into->measured += other->measured;
    into->lost += other->lost;
    into->bytes += other->bytes;
    if (other->delay_factor_s > into->delay_factor_s) {
        into->delay_factor_s = other->delay_factor_s;
    }
}

/* Two neighbours become one, so that the series covers any length in bounded memory. */
static void halve_points(ts_ip_measure *measure) {
    for (size_t i = 0; i < TS_IP_POINTS / 2; i++) {
        measure->points[i] = measure->points[2 * i];
        merge(&measure->points[i], &measure->points[2 * i + 1]);
    }
    measure->point_count = TS_IP_POINTS / 2;
    measure->point_intervals *= 2;
}

static void add_point(ts_ip_measure *measure, const ts_ip_point *point) {
    ts_ip_point *last = measure->points + measure->point_count - 1;
    if (measure->point_count > 0 && last->intervals < measure->point_intervals) {
        merge(last, point);
        return;
    }
    if (measure->point_count == TS_IP_POINTS) {
        halve_points(measure);
    }
    measure->points[measure->point_count++] = *point;
}

static void note_delay(ts_ip_measure *measure, double delay_s) {
    if (measure->delay_count == 0 || delay_s < measure->delay_min_s) {
        measure->delay_min_s = delay_s;
    }
    if (delay_s > measure->delay_max_s) {
        measure->delay_max_s = delay_s;
    }
    measure->delay_count++;
    measure->delay_sum_s += delay_s;
    measure->delay_last_s = delay_s;
}

/* The virtual buffer begins empty; what was lost would have been in it. */
static void begin_interval(ts_ip_measure *measure, int64_t start_ns) {
    measure->rate = measure->nominal_s > 0 ? measure->nominal_bytes / measure->nominal_s : 0;
    measure->start_ns = start_ns;
    measure->least = measure->most = 0;
    measure->interval_bytes = measure->interval_lost = 0;
}

static void end_interval(ts_ip_measure *measure) {
    ts_ip_point point = {.start_ns = measure->start_ns,
                         .intervals = 1,
                         .lost = measure->interval_lost,
                         .bytes = measure->interval_bytes};
    if (measure->rate > 0) {
        point.measured = 1;
        point.delay_factor_s = (measure->most - measure->least) / measure->rate;
        note_delay(measure, point.delay_factor_s);
    }
    add_point(measure, &point);
    measure->intervals++;
    measure->loss_intervals += measure->interval_lost > 0;
    if (measure->interval_lost > measure->loss_max) {
        measure->loss_max = measure->interval_lost;
    }
    measure->nominal_bytes += (double)measure->interval_bytes +
                              (double)measure->interval_lost * (double)measure->datagram_bytes;
    measure->nominal_s += (double)TS_IP_INTERVAL_NS * 1e-9;
    begin_interval(measure, measure->start_ns + TS_IP_INTERVAL_NS);
}

/* Received less drained, just before a datagram and just behind it (RFC 4445, 3.1). */
static void fill(ts_ip_measure *measure, int64_t arrival_ns, uint32_t size) {
    const double drained = measure->rate * (double)(arrival_ns - measure->start_ns) * 1e-9;
    const double before = (double)measure->interval_bytes - drained;
    const double behind = before + (double)size;
    measure->least = before < measure->least ? before : measure->least;
    measure->most = behind > measure->most ? behind : measure->most;
}

static void take_arrival(ts_ip_measure *measure, int64_t arrival_ns) {
    const int64_t gap_ns = measure->started ? arrival_ns - measure->last_ns : 0;
    if (!measure->started || gap_ns < 0 || gap_ns > TS_IP_SILENCE_NS) {
        measure->breaks += measure->started;
        measure->started = true;
        begin_interval(measure, arrival_ns);
    } else {
        count_gap(measure, gap_ns);
        while (arrival_ns - measure->start_ns >= TS_IP_INTERVAL_NS) {
            end_interval(measure);
        }
    }
    measure->last_ns = arrival_ns;
}

void ts_ip_measure_see(ts_ip_measure *measure, int64_t arrival_ns, uint32_t size, uint64_t lost) {
    measure->datagrams++;
    measure->bytes += size;
    measure->lost += lost;
    measure->datagram_bytes = size;
    if (arrival_ns <= 0 || arrival_ns > INT64_MAX / 2) {
        return;
    }
    take_arrival(measure, arrival_ns);
    fill(measure, arrival_ns, size);
    measure->interval_bytes += size;
    measure->interval_lost += lost;
}
