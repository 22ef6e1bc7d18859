#include "tsloom/timers.h"

#include "check.h"

typedef struct rung {
    size_t count;
    int64_t last;
} rung;

static void ring(void *context, const ts_timer *timer) {
    rung *r = context;
    r->count++;
    r->last = timer->last;
}

static uint32_t add(ts_timers *timers, int64_t last, int64_t limit) {
    const ts_timer timer = {.indicators = 1, .last = last, .limit = limit};
    uint32_t index;
    CHECK(ts_timers_add(timers, &timer, &index) == TS_OK);
    return index;
}

static void a_timer_runs_out_once_above_its_limit(void) {
    ts_timers timers;
    rung r = {0, 0};
    ts_timers_init(&timers);
    const uint32_t index = add(&timers, 100, 50);
    ts_timers_expire(&timers, 150, ring, &r);
    CHECK(r.count == 0 && timers.late == 0);
    ts_timers_expire(&timers, 151, ring, &r);
    ts_timers_expire(&timers, 999, ring, &r);
    CHECK(r.count == 1 && r.last == 100 && timers.late == 1);
    ts_timers_refresh(&timers, index, 1000);
    CHECK(timers.late == 0);
    ts_timers_expire(&timers, 1051, ring, &r);
    CHECK(r.count == 2 && r.last == 1000);
    ts_timers_free(&timers);
}

static void a_timer_that_is_off_or_stopped_never_runs_out(void) {
    ts_timers timers;
    rung r = {0, 0};
    ts_timers_init(&timers);
    add(&timers, 0, 0);
    const uint32_t stopped = add(&timers, 0, 10);
    ts_timers_stop(&timers, stopped);
    ts_timers_stop(&timers, TS_TIMER_NONE);
    ts_timers_refresh(&timers, TS_TIMER_NONE, 5);
    ts_timers_expire(&timers, INT64_MAX / 2, ring, &r);
    CHECK(r.count == 0);
    ts_timers_refresh(&timers, stopped, 100);
    ts_timers_expire(&timers, 111, ring, &r);
    CHECK(r.count == 1);
    ts_timers_free(&timers);
}

static void there_is_a_bound(void) {
    ts_timers timers;
    ts_timers_init(&timers);
    for (size_t i = 0; i < TS_TIMERS_MAX; i++) {
        CHECK(add(&timers, 0, 1) != TS_TIMER_NONE);
    }
    CHECK(add(&timers, 0, 1) == TS_TIMER_NONE);
    ts_timers_free(&timers);
}

int main(void) {
    a_timer_runs_out_once_above_its_limit();
    a_timer_that_is_off_or_stopped_never_runs_out();
    there_is_a_bound();
    return CHECK_RESULT;
}
