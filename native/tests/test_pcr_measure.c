#include "tsloom/pcr_measure.h"

#include "check.h"
#include "tsloom/packet.h"

/* 15.04 Mb/s: a packet lasts 2700 ticks; PCRs every 400 packets, 40 ms. */
enum { PACKET_TICKS = 2700, STEP = 400, STEP_TICKS = PACKET_TICKS * STEP };

static uint64_t pcr_of(uint64_t packet_index) {
    return (packet_index * PACKET_TICKS + TS_PCR_MODULUS - 1000000) % TS_PCR_MODULUS;
}

static ts_pcr_measure measure_steady(size_t count) {
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, NULL);
    for (uint64_t i = 0; i < count; i++) {
        ts_pcr_measure_feed(&measure, i * STEP, pcr_of(i * STEP), false, TS_PCR_NO_ARRIVAL);
    }
    return measure;
}

static void true_pcrs_are_exact_over_a_wrap(void) {
    ts_pcr_measure measure = measure_steady(1000);
    ts_pcr_measure_finish(&measure);
    const ts_pcr_figures *total = &measure.total;
    CHECK(total->pcr_count == 1000 && total->interval_count == 999);
    CHECK(total->interval_min == STEP_TICKS && total->interval_max == STEP_TICKS);
    CHECK(total->interval_sum == INT64_C(999) * STEP_TICKS);
    CHECK(total->bins[TS_PCR_BIN_FIRST + 3] == 999); /* (30, 40] ms */
    CHECK(total->jumps == 0 && total->discontinuities == 0 && total->restarts == 0);
    CHECK(total->accuracy.count == 1000 && total->accuracy.errors == 0);
    CHECK(total->accuracy.min > -1e-3 && total->accuracy.max < 1e-3);
    CHECK(ts_pcr_figures_get_rate(total) == TS_PCR_RATE_CONSTANT);
    CHECK(total->jitter.count == 0 && total->moments.count == 0);
}

static void one_false_pcr_is_one_error(void) {
    const size_t places[] = {0, 1, 60, 127, 128, 129, 700, 999};
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        ts_pcr_measure measure;
        ts_pcr_measure_init(&measure, NULL);
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t pcr = pcr_of(i * STEP) + (i == places[place] ? 27 : 0);
            ts_pcr_measure_feed(&measure, i * STEP, pcr, false, TS_PCR_NO_ARRIVAL);
        }
        ts_pcr_measure_finish(&measure);
        CHECK(measure.total.accuracy.errors == 1);
        CHECK(measure.total.accuracy.worst_index == places[place] * STEP);
        CHECK(measure.total.accuracy.worst > 990 && measure.total.accuracy.worst < 1010);
    }
}

static void a_break_starts_a_new_line(void) {
    ts_pcr_measure measure = measure_steady(500);
    CHECK(ts_pcr_measure_feed(&measure, 500 * STEP, 77, true, TS_PCR_NO_ARRIVAL) ==
          TS_CLOCK_DISCONTINUITY);
    for (uint64_t i = 1; i < 500; i++) {
        CHECK(ts_pcr_measure_feed(&measure, (500 + i) * STEP, 77 + i * STEP_TICKS, false,
                                  TS_PCR_NO_ARRIVAL) == TS_CLOCK_CONTINUED);
    }
    CHECK(ts_pcr_measure_feed(&measure, 1000 * STEP, 5, false, TS_PCR_NO_ARRIVAL) ==
          TS_CLOCK_JUMPED);
    ts_pcr_measure_finish(&measure);
    CHECK(measure.total.discontinuities == 1 && measure.total.jumps == 1);
    CHECK(measure.total.bins[TS_PCR_BIN_BACKWARD] == 1);
    CHECK(measure.total.interval_count == 998);
    CHECK(measure.total.accuracy.count == 1000 && measure.total.accuracy.unjudged == 1);
    CHECK(measure.total.accuracy.errors == 0 && measure.total.accuracy.max < 1e-3);
}

static void bins_hold_their_upper_edge(void) {
    const struct {
        uint64_t ticks;
        size_t bin;
    } cases[] = {{0, TS_PCR_BIN_ZERO},
                 {1, TS_PCR_BIN_FIRST},
                 {270000, TS_PCR_BIN_FIRST},
                 {270001, TS_PCR_BIN_FIRST + 1},
                 {1080000, TS_PCR_BIN_FIRST + 3},
                 {1080001, TS_PCR_BIN_FIRST + 4},
                 {2700000, TS_PCR_BIN_FIRST + 9},
                 {2700001, TS_PCR_BIN_ABOVE},
                 {TS_PCR_HZ, TS_PCR_BIN_ABOVE},
                 {TS_PCR_MODULUS / 2, TS_PCR_BIN_ABOVE},
                 {TS_PCR_MODULUS - 1, TS_PCR_BIN_BACKWARD}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ts_pcr_measure measure;
        ts_pcr_measure_init(&measure, NULL);
        ts_pcr_measure_feed(&measure, 0, 5, false, TS_PCR_NO_ARRIVAL);
        ts_pcr_measure_feed(&measure, 10, 5 + cases[i].ticks, false, TS_PCR_NO_ARRIVAL);
        CHECK(measure.total.bins[cases[i].bin] == 1);
        CHECK(measure.total.jumps == (cases[i].ticks > TS_PCR_HZ));
    }
}

static void a_variable_rate_says_so(void) {
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, NULL);
    uint64_t index = 0;
    for (uint64_t i = 0; i < 600; i++) {
        ts_pcr_measure_feed(&measure, index, i * STEP_TICKS, false, TS_PCR_NO_ARRIVAL);
        index += STEP + i * 7919 % 21; /* 0 to 5 % more packets */
    }
    ts_pcr_measure_finish(&measure);
    CHECK(ts_pcr_figures_get_rate(&measure.total) == TS_PCR_RATE_VARIABLE);
}

static void an_interval_is_reset_and_the_total_is_not(void) {
    ts_pcr_measure measure = measure_steady(300);
    CHECK(measure.total.accuracy.count == 300);
    ts_pcr_measure_reset_interval(&measure);
    for (uint64_t i = 300; i < 310; i++) {
        ts_pcr_measure_feed(&measure, i * STEP, pcr_of(i * STEP), false, TS_PCR_NO_ARRIVAL);
    }
    CHECK(measure.interval.pcr_count == 10 && measure.interval.accuracy.count == 10);
    CHECK(measure.total.pcr_count == 310 && measure.total.accuracy.count == 310);
}

/* 20 ppm fast, against a receiver whose clock reads 5,000,000 at the first packet. */
static void a_frequency_offset_is_found_and_jitters_not(void) {
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, NULL);
    for (uint64_t i = 0; i < 2000; i++) {
        const int64_t arrival = 5000000 + (int64_t)(i * 1000000);
        ts_pcr_measure_feed(&measure, i * STEP, i * 1000020, false, arrival);
    }
    ts_pcr_measure_finish(&measure);
    ts_pcr_frequency frequency;
    CHECK(ts_pcr_figures_get_frequency(&measure.total, &frequency));
    CHECK(frequency.offset_hz > 539.999 && frequency.offset_hz < 540.001);
    CHECK(frequency.drift_mhz_per_s > -0.01 && frequency.drift_mhz_per_s < 0.01);
    CHECK(measure.total.jitter.count == 2000 && measure.total.jitter.errors == 0);
    CHECK(measure.total.jitter.max < 1e-3 && measure.total.jitter.min > -1e-3);
}

typedef struct order {
    uint64_t next[2];
    uint64_t out_of_order;
} order;

static void note_order(void *context, const ts_pcr_verdict *verdict) {
    order *seen = context;
    seen->out_of_order += verdict->packet_index != seen->next[verdict->kind];
    seen->next[verdict->kind] = verdict->packet_index + STEP;
}

static void each_pcr_gets_its_verdicts_in_order(void) {
    order seen = {{0, 0}, 0};
    const ts_pcr_config config = {.sink = note_order, .context = &seen};
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, &config);
    uint64_t pcr = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        pcr += STEP_TICKS + (i * i * 31) % 50000 + (i % 300 == 0 ? TS_PCR_HZ * 2 : 0);
        ts_pcr_measure_feed(&measure, i * STEP, pcr, i % 411 == 0, (int64_t)(i * STEP_TICKS));
    }
    ts_pcr_measure_finish(&measure);
    CHECK(seen.out_of_order == 0);
    CHECK(seen.next[0] == 2000 * STEP && seen.next[1] == 2000 * STEP);
}

/* No value makes the arithmetic leave its type: the sanitizers watch. */
static void values_out_of_all_bounds_are_borne(void) {
    const uint64_t indices[] = {0, 1, UINT64_MAX / 2, UINT64_MAX - 1, UINT64_MAX, 0, 5};
    const int64_t arrivals[] = {INT64_MIN, 0, INT64_MAX, INT64_MAX - 1, 1, INT64_MIN + 1};
    const ts_pcr_config config = {1e30, INT64_MAX, INT64_MAX, INT64_MAX, NULL, NULL};
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, &config);
    for (size_t i = 0; i < 3000; i++) {
        const uint64_t pcr = i * UINT64_C(0x9E3779B97F4A7C15);
        ts_pcr_measure_feed(&measure, indices[i % 7], pcr, i % 97 == 0, arrivals[i % 6]);
    }
    ts_pcr_measure_finish(&measure);
    ts_pcr_frequency frequency;
    ts_pcr_figures_get_frequency(&measure.total, &frequency);
    CHECK(measure.total.pcr_count == 3000);
    CHECK(measure.total.accuracy.count + measure.total.accuracy.unjudged <= 3000);
}

int main(void) {
    true_pcrs_are_exact_over_a_wrap();
    one_false_pcr_is_one_error();
    a_break_starts_a_new_line();
    bins_hold_their_upper_edge();
    a_variable_rate_says_so();
    an_interval_is_reset_and_the_total_is_not();
    a_frequency_offset_is_found_and_jitters_not();
    each_pcr_gets_its_verdicts_in_order();
    values_out_of_all_bounds_are_borne();
    return CHECK_RESULT;
}
