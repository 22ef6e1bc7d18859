#include "tsloom/ip_measure.h"

#include "check.h"

enum { SIZE = 1000 };
#define MS INT64_C(1000000)
#define START (INT64_C(1700000000) * 1000 * MS)

static ts_ip_measure measure;

static bool near(double a, double b) {
    return a - b < 1e-9 && b - a < 1e-9;
}

/* One datagram a millisecond, from one second up to another. */
static void send_seconds(int64_t from, int64_t to) {
    for (int64_t ms = from * 1000; ms < to * 1000; ms++) {
        ts_ip_measure_see(&measure, START + ms * MS, SIZE, 0);
    }
}

static void even_datagrams_have_the_delay_of_one(void) {
    ts_ip_measure_init(&measure);
    send_seconds(0, 4);
    ts_ip_measure_see(&measure, START + 4000 * MS, SIZE, 0);
    CHECK(measure.intervals == 4 && measure.delay_count == 3);
    /* Just behind each datagram there is one of them in the buffer, just before the next none. */
    CHECK(near(measure.delay_min_s, 0.001) && near(measure.delay_max_s, 0.001));
    CHECK(measure.gaps == 4000 && measure.gap_min_ns == MS && measure.gap_max_ns == MS);
    CHECK(measure.bins[6] == 4000 && ts_ip_bin_edge_ns(6) == MS);
    CHECK(measure.points[0].measured == 0 && measure.points[1].bytes == 1000 * SIZE);
}

/* Held up for 100 ms, then all at once: the buffer must cover those 100 ms. */
static void a_burst_costs_its_delay(void) {
    ts_ip_measure_init(&measure);
    send_seconds(0, 2);
    for (int64_t ms = 2000; ms < 3000; ms++) {
        const int64_t at = ms >= 2400 && ms < 2500 ? 2500 : ms;
        ts_ip_measure_see(&measure, START + at * MS, SIZE, 0);
    }
    send_seconds(3, 4);
    ts_ip_measure_see(&measure, START + 4000 * MS, SIZE, 0);
    CHECK(near(measure.points[1].delay_factor_s, 0.001));
    CHECK(near(measure.points[2].delay_factor_s, 0.101));
    CHECK(near(measure.delay_last_s, 0.001) && near(measure.delay_max_s, 0.101));
    CHECK(measure.gap_max_ns == 101 * MS && measure.gap_min_ns == 0);
}

static void losses_count_in_their_second_and_do_not_slow_the_rate(void) {
    ts_ip_measure_init(&measure);
    send_seconds(0, 1);
    for (int64_t ms = 1000; ms < 3000; ms++) {
        if (ms % 10 != 0) {
            ts_ip_measure_see(&measure, START + ms * MS, SIZE, ms % 10 == 1);
        }
    }
    send_seconds(3, 5);
    ts_ip_measure_see(&measure, START + 5000 * MS, SIZE, 0);
    CHECK(measure.lost == 200 && measure.loss_intervals == 2 && measure.loss_max == 100);
    CHECK(measure.points[1].lost == 100 && measure.points[3].lost == 0);
    CHECK(near(measure.delay_last_s, 0.001));
}

static void silence_and_clock_steps_begin_anew(void) {
    ts_ip_measure_init(&measure);
    send_seconds(0, 2);
    send_seconds(20, 22);
    send_seconds(5, 6);
    CHECK(measure.breaks == 2 && measure.gap_max_ns == MS);
    CHECK(measure.intervals == 2);
    ts_ip_measure_see(&measure, 0, SIZE, 0);
    ts_ip_measure_see(&measure, INT64_MIN, SIZE, 0);
    ts_ip_measure_see(&measure, INT64_MAX, SIZE, 0);
    CHECK(measure.datagrams == 5003 && measure.gaps == 5000 - 3);
}

static void a_series_of_any_length_fits(void) {
    ts_ip_measure_init(&measure);
    const int64_t seconds = 5 * TS_IP_POINTS;
    for (int64_t i = 0; i <= seconds * 2; i++) {
        ts_ip_measure_see(&measure, START + i * 500 * MS, SIZE, 0);
    }
    uint64_t bytes = 0;
    uint64_t intervals = 0;
    for (size_t i = 0; i < measure.point_count; i++) {
        CHECK(measure.points[i].start_ns == START + (int64_t)intervals * 1000 * MS);
        bytes += measure.points[i].bytes;
        intervals += measure.points[i].intervals;
    }
    CHECK(measure.point_count <= TS_IP_POINTS && intervals == measure.intervals);
    CHECK(intervals == (uint64_t)seconds && bytes == intervals * 2 * SIZE);
}

int main(void) {
    even_datagrams_have_the_delay_of_one();
    a_burst_costs_its_delay();
    losses_count_in_their_second_and_do_not_slow_the_rate();
    silence_and_clock_steps_begin_anew();
    a_series_of_any_length_fits();
    return CHECK_RESULT;
}
