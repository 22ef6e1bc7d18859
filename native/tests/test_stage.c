#include "tsloom/stage.h"

#include "check.h"

/* Answers what it is told, turn by turn. */
typedef struct actor {
    const ts_status *answers;
    size_t calls;
    size_t events;
} actor;

static ts_status act(void *state, ts_batch *batch) {
    actor *a = state;
    batch->count++;
    return a->answers[a->calls++];
}

static const ts_status GOOD[] = {TS_OK, TS_OK, TS_OK};
static const ts_status ASKS_TWICE[] = {TS_WANTS_CONTROL, TS_WANTS_CONTROL, TS_OK};
static const ts_status FAILS[] = {TS_NO_MEMORY};

static ts_stage make_stage(actor *a) {
    return (ts_stage){.process = act, .pending = &a->events, .state = a};
}

static void each_stage_runs_once(void) {
    actor actors[3] = {{GOOD, 0, 0}, {GOOD, 0, 0}, {GOOD, 0, 0}};
    const ts_stage stages[] = {
        make_stage(&actors[0]), {.process = act, .state = &actors[1]}, make_stage(&actors[2])};
    ts_batch batch = {0};
    size_t at = 0;
    CHECK(ts_stages_run(stages, 3, &at, &batch) == TS_OK);
    CHECK(at == 3 && batch.count == 3);
    CHECK(actors[0].calls == 1 && actors[1].calls == 1 && actors[2].calls == 1);
}

static void no_stages_are_done_at_once(void) {
    ts_batch batch = {0};
    size_t at = 0;
    CHECK(ts_stages_run(NULL, 0, &at, &batch) == TS_OK && at == 0 && batch.count == 0);
}

static void one_that_wants_control_goes_on_where_it_stopped(void) {
    actor actors[2] = {{ASKS_TWICE, 0, 0}, {GOOD, 0, 0}};
    const ts_stage stages[] = {make_stage(&actors[0]), make_stage(&actors[1])};
    ts_batch batch = {0};
    size_t at = 0;
    for (size_t i = 0; i < 2; i++) {
        CHECK(ts_stages_run(stages, 2, &at, &batch) == TS_WANTS_CONTROL && at == 0);
    }
    CHECK(ts_stages_run(stages, 2, &at, &batch) == TS_OK && at == 2);
    CHECK(actors[0].calls == 3 && actors[1].calls == 1);
}

static void events_that_wait_stop_behind_their_stage(void) {
    actor actors[2] = {{GOOD, 0, 1}, {GOOD, 0, 0}};
    const ts_stage stages[] = {make_stage(&actors[0]), make_stage(&actors[1])};
    ts_batch batch = {0};
    size_t at = 0;
    CHECK(ts_stages_run(stages, 2, &at, &batch) == TS_OK && at == 1 && actors[1].calls == 0);
    actors[0].events = 0;
    CHECK(ts_stages_run(stages, 2, &at, &batch) == TS_OK && at == 2);
    CHECK(actors[0].calls == 1 && actors[1].calls == 1);
}

static void a_failure_ends_the_run(void) {
    actor actors[2] = {{FAILS, 0, 0}, {GOOD, 0, 0}};
    const ts_stage stages[] = {make_stage(&actors[0]), make_stage(&actors[1])};
    ts_batch batch = {0};
    size_t at = 0;
    CHECK(ts_stages_run(stages, 2, &at, &batch) == TS_NO_MEMORY && at == 0);
    CHECK(actors[1].calls == 0);
}

int main(void) {
    each_stage_runs_once();
    no_stages_are_done_at_once();
    one_that_wants_control_goes_on_where_it_stopped();
    events_that_wait_stop_behind_their_stage();
    a_failure_ends_the_run();
    return CHECK_RESULT;
}
