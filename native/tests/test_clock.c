#include "tsloom/clock.h"

#include "check.h"
#include "tsloom/packet.h"

enum { STEP_TICKS = 40 * 27000, STEP_PACKETS = 100 };

/* PCRs every 40 ms and 100 packets, the first of so many packets ago, with this value. */
static ts_clock run_clock(uint64_t first_pcr, size_t count) {
    ts_clock clock;
    ts_clock_init(&clock, 0);
    for (size_t i = 0; i < count; i++) {
        ts_clock_feed(&clock, i * STEP_PACKETS, first_pcr + i * STEP_TICKS, false);
    }
    return clock;
}

static void time_counts_from_the_first_pcr(void) {
    ts_clock clock;
    ts_clock_init(&clock, 0);
    CHECK(ts_clock_get_time(&clock, 5) == 0);
    CHECK(ts_clock_feed(&clock, 7, 123456789, false) == TS_CLOCK_STARTED);
    CHECK(ts_clock_get_time(&clock, 7) == 0);
    CHECK(ts_clock_get_time(&clock, 1000) == 0); /* no rate yet */
    CHECK(ts_clock_feed(&clock, 107, 123456789 + STEP_TICKS, false) == TS_CLOCK_CONTINUED);
    CHECK(ts_clock_get_time(&clock, 107) == STEP_TICKS);
}

static void time_between_pcrs_goes_by_packets(void) {
    const ts_clock clock = run_clock(5000, 3);
    CHECK(ts_clock_get_time(&clock, 200) == 2 * STEP_TICKS);
    CHECK(ts_clock_get_time(&clock, 250) == 2 * STEP_TICKS + STEP_TICKS / 2);
    CHECK(ts_clock_get_time(&clock, 150) == STEP_TICKS + STEP_TICKS / 2);
    CHECK(ts_clock_get_time(&clock, 1200) == 12 * STEP_TICKS);
}

static void a_wrap_is_undone(void) {
    const ts_clock clock = run_clock(TS_PCR_MODULUS - 5 * STEP_TICKS / 2, 10);
    CHECK(clock.stream_time == 9 * STEP_TICKS);
    CHECK(clock.pcr_27mhz == 13 * STEP_TICKS / 2);
    CHECK(clock.jumps == 0 && clock.discontinuities == 0);
    CHECK(ts_clock_time_to_pcr(&clock, 0) == TS_PCR_MODULUS - 5 * STEP_TICKS / 2);
}

static void an_announced_break_anchors_anew(void) {
    ts_clock clock = run_clock(5000, 3);
    CHECK(ts_clock_feed(&clock, 250, 99, true) == TS_CLOCK_DISCONTINUITY);
    CHECK(clock.stream_time == 2 * STEP_TICKS + STEP_TICKS / 2);
    CHECK(clock.discontinuities == 1 && clock.jumps == 0);
    CHECK(ts_clock_time_to_pcr(&clock, clock.stream_time) == 99);
    CHECK(ts_clock_feed(&clock, 350, 99 + STEP_TICKS, false) == TS_CLOCK_CONTINUED);
    CHECK(clock.stream_time == 3 * STEP_TICKS + STEP_TICKS / 2);
}

static void a_jump_either_way_anchors_anew(void) {
    ts_clock clock = run_clock(TS_PCR_HZ * 100, 3);
    CHECK(ts_clock_feed(&clock, 300, TS_PCR_HZ * 102, false) == TS_CLOCK_JUMPED);
    CHECK(clock.stream_time == 3 * STEP_TICKS);
    CHECK(ts_clock_feed(&clock, 400, TS_PCR_HZ * 50, false) == TS_CLOCK_JUMPED);
    CHECK(clock.stream_time == 4 * STEP_TICKS);
    CHECK(clock.jumps == 2);
}

static void the_jump_limit_belongs_to_no_jump(void) {
    ts_clock clock;
    ts_clock_init(&clock, 1000);
    ts_clock_feed(&clock, 0, 0, false);
    CHECK(ts_clock_feed(&clock, 10, 1000, false) == TS_CLOCK_CONTINUED);
    CHECK(ts_clock_feed(&clock, 20, 2001, false) == TS_CLOCK_JUMPED);
}

static void a_pcr_seen_twice_tells_no_rate(void) {
    ts_clock clock = run_clock(5000, 3);
    const ts_clock before = clock;
    CHECK(ts_clock_feed(&clock, 201, before.pcr_27mhz, false) == TS_CLOCK_CONTINUED);
    CHECK(ts_clock_feed(&clock, 200, before.pcr_27mhz + 5, false) == TS_CLOCK_CONTINUED);
    CHECK(clock.stream_time == before.stream_time && clock.rate_ticks == before.rate_ticks);
    CHECK(ts_clock_get_time(&clock, 300) == 3 * STEP_TICKS);
}

static void pts_and_time_agree_over_half_a_wrap(void) {
    const ts_clock clock = run_clock(TS_PCR_MODULUS - 3 * STEP_TICKS / 2, 4);
    const int64_t half = (int64_t)(TS_PCR_MODULUS / 2);
    const int64_t offsets[] = {0, 1, 299, 300, -1, -300, STEP_TICKS, half - 601, 601 - half};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        const int64_t time = clock.stream_time + offsets[i];
        const uint64_t pts = ts_clock_time_to_pts(&clock, time);
        const int64_t back = ts_clock_pts_to_time(&clock, pts);
        CHECK(pts < TS_PTS_MODULUS);
        CHECK(back <= time && time - back < 300);
        CHECK(ts_clock_time_to_pts(&clock, back) == pts);
    }
}

/* No value makes the arithmetic leave its type: the sanitizers watch. */
static void values_out_of_all_bounds_are_borne(void) {
    const int64_t limits[] = {0, 1, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        ts_clock clock;
        ts_clock_init(&clock, limits[i]);
        ts_clock_feed(&clock, 0, UINT64_MAX, false);
        ts_clock_feed(&clock, 1, UINT64_MAX / 2, false);
        ts_clock_feed(&clock, UINT64_MAX / 2, 17, true);
        ts_clock_feed(&clock, UINT64_MAX, 0, false);
        const int64_t times[] = {INT64_MIN, -1, 0, INT64_MAX};
        for (size_t j = 0; j < 4; j++) {
            CHECK(ts_clock_time_to_pcr(&clock, times[j]) < TS_PCR_MODULUS);
            CHECK(ts_clock_time_to_pts(&clock, times[j]) < TS_PTS_MODULUS);
        }
        ts_clock_pts_to_time(&clock, UINT64_MAX);
        CHECK(ts_clock_get_time(&clock, 0) <= ts_clock_get_time(&clock, UINT64_MAX));
    }
}

int main(void) {
    time_counts_from_the_first_pcr();
    time_between_pcrs_goes_by_packets();
    a_wrap_is_undone();
    an_announced_break_anchors_anew();
    a_jump_either_way_anchors_anew();
    the_jump_limit_belongs_to_no_jump();
    a_pcr_seen_twice_tells_no_rate();
    pts_and_time_agree_over_half_a_wrap();
    values_out_of_all_bounds_are_borne();
    return CHECK_RESULT;
}
