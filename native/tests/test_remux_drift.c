#include "tsloom/packet.h"
#include "tsloom/remux.h"

#include "check.h"

enum { MS = 27000 };

#define SUB INT64_C(256)

static int64_t get_error(const ts_drift *drift, int64_t time, double truth) {
    const int64_t whole = (int64_t)truth;
    const uint64_t read = ts_drift_read(drift, time, 0);
    int64_t error =
        (int64_t)((read + TS_PCR_MODULUS - (uint64_t)whole % TS_PCR_MODULUS) % TS_PCR_MODULUS);
    return error > (int64_t)(TS_PCR_MODULUS / 2) ? error - (int64_t)TS_PCR_MODULUS : error;
}

static void a_pinned_clock_is_exact_for_days(void) {
    ts_drift drift = {0};
    ts_drift_pin(&drift, 5, -1000 * SUB);
    CHECK(ts_drift_read(&drift, -1000, 0) == 5);
    const int64_t days = INT64_C(30) * 86400 * TS_PCR_HZ;
    CHECK(ts_drift_read(&drift, days, 0) == (uint64_t)(days + 1005) % TS_PCR_MODULUS);
    CHECK(ts_drift_read(&drift, 10, 0.4) == 1015 && ts_drift_read(&drift, 10, 0.6) == 1016);
}

/* From the second reading on, at any drift that two clocks in tolerance can have, over the wrap. */
static void a_drift_is_known_after_two_readings(void) {
    for (int ppm = -60; ppm <= 60; ppm += 20) {
        ts_drift drift = {0};
        const double first = (double)TS_PCR_MODULUS - 5.0 * MS;
        for (int64_t time = 0; time < INT64_C(20000) * MS; time += 37 * MS) {
            const double truth = first + (double)time * (1 + ppm * 1e-6);
            CHECK(!ts_drift_feed(&drift, (uint64_t)truth % TS_PCR_MODULUS, time * SUB));
            if (time > 0) {
                const int64_t later = time + 20 * MS;
                const int64_t error =
                    get_error(&drift, later, first + (double)later * (1 + ppm * 1e-6));
                CHECK(error >= -2 && error <= 2);
            }
        }
        CHECK(drift.rate > ppm * 27 - 1 && drift.rate < ppm * 27 + 1);
    }
}

/* Readings that jitter by 20 ms bend the line a little each, and never step it. */
static void jitter_leaves_a_smooth_line(void) {
    ts_drift drift = {0};
    uint32_t chance = 1;
    int64_t before = 0;
    for (int64_t n = 0; n < 2000; n++) {
        const int64_t time = n * 40 * MS;
        chance = chance * 1664525u + 1013904223u;
        const int64_t jitter = (int64_t)(chance >> 16) % (20 * MS);
        ts_drift_feed(&drift, (uint64_t)(time + jitter), time * SUB);
        const int64_t offset = get_error(&drift, time, (double)time);
        CHECK(n < 2 || (offset - before < 200 && before - offset < 200));
        before = offset;
    }
}

/* Of a program that runs with the reference, at a variable bitrate: nobody sees that it jitters. */
static void a_line_that_is_right_is_left_straight(void) {
    ts_drift drift = {0};
    uint32_t chance = 7;
    for (int64_t n = 0; n < 5000; n++) {
        const int64_t time = n * 35 * MS;
        chance = chance * 1664525u + 1013904223u;
        const int64_t jitter = n == 0 ? 0 : (int64_t)(chance >> 8) % (2 * MS) - MS;
        ts_drift_feed(&drift, (uint64_t)(time + jitter + MS), time * SUB);
        const int64_t error = get_error(&drift, time, (double)(time + MS));
        CHECK(error == 0);
    }
}

/* And of one that drifts: the rate is found all the same, and the line comes to it. */
static void a_drift_below_jitter_is_found(void) {
    for (int ppm = -40; ppm <= 40; ppm += 20) {
        ts_drift drift = {0};
        uint32_t chance = 7;
        for (int64_t n = 0; n < 5000; n++) {
            const int64_t time = n * 35 * MS;
            chance = chance * 1664525u + 1013904223u;
            const double truth = MS + (double)time * (1 + ppm * 1e-6);
            const int64_t jitter = (int64_t)(chance >> 8) % (2 * MS) - MS;
            ts_drift_feed(&drift, (uint64_t)((int64_t)truth + jitter), time * SUB);
            const int64_t error = get_error(&drift, time, truth);
            CHECK(n < 2 || (error > -3 * MS && error < 3 * MS));
            CHECK(n < 4500 || (error > -MS && error < MS));
        }
        CHECK(drift.settled > (ppm - 3) * 27 && drift.settled < (ppm + 3) * 27);
    }
}

static void one_reading_astray_moves_nothing_and_two_do(void) {
    ts_drift drift = {0};
    for (int64_t time = 0; time < 1000 * MS; time += 40 * MS) {
        ts_drift_feed(&drift, (uint64_t)time, time * SUB);
    }
    CHECK(!ts_drift_feed(&drift, 2000 * MS, 1000 * MS * SUB));
    CHECK(ts_drift_read(&drift, 1000 * MS, 0) == 1000 * MS);
    CHECK(ts_drift_feed(&drift, 2040 * MS, 1040 * MS * SUB));
    CHECK(ts_drift_read(&drift, 1040 * MS, 0) == 2040 * MS);
}

int main(void) {
    a_pinned_clock_is_exact_for_days();
    a_drift_is_known_after_two_readings();
    jitter_leaves_a_smooth_line();
    a_line_that_is_right_is_left_straight();
    a_drift_below_jitter_is_found();
    one_reading_astray_moves_nothing_and_two_do();
    return CHECK_RESULT;
}
