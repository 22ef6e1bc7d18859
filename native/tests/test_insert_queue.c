/* The inserter: which section leaves when. */
#include "insert_bench.h"

#include "check.h"

static const program_shape WITH_NULLS = {1000, 5, 0, 5};
static const program_shape NO_NULLS = {1000, 0, 0, 5};

static uint64_t confirmed_id(const insert_bench *b, size_t n) {
    return bench_event(b, TS_INSERT_CONFIRMED, n).id;
}

static void the_earliest_deadline_goes_first(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, NO_NULLS);
    stream_add_nulls(b.in, 10);
    const int64_t deadlines[] = {2000, 1500, 3000, 1200, 1500};
    for (size_t i = 0; i < 5; i++) {
        bench_plan(&b, 100 + (int64_t)i, deadlines[i], 50);
    }
    bench_run_all(&b);
    const uint64_t order[] = {4, 2, 5, 1, 3};
    for (size_t i = 0; i < 5; i++) {
        CHECK(confirmed_id(&b, i) == order[i]);
        CHECK(bench_event(&b, TS_INSERT_CONFIRMED, i).packet_index == 1000 + i);
    }
    bench_end(&b);
}

/* The urgent one becomes due while the other one waits for a null packet. */
static void one_that_waits_gives_way_to_a_more_urgent_one(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, NO_NULLS);
    stream_add_nulls(b.in, 10);
    bench_plan(&b, 100, 3000, 50);
    bench_plan(&b, 900, 2000, 50);
    bench_run_all(&b);
    CHECK(confirmed_id(&b, 0) == 2 && confirmed_id(&b, 1) == 1);
    bench_end(&b);
}

static void sections_of_a_pid_keep_their_distance(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    b.stage->spacing[BENCH_CUES] = 50 * MS;
    for (size_t i = 0; i < 4; i++) {
        bench_plan(&b, 100, 100, 50);
    }
    bench_plan(&b, 100, 100, 50)->item.pid = 0x12; /* another PID waits for nothing */
    bench_run_all(&b);
    const int64_t times[] = {100, 101, 150, 200, 250};
    const uint64_t order[] = {1, 5, 2, 3, 4};
    for (size_t i = 0; i < 5; i++) {
        const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, i);
        CHECK(event.id == order[i] && event.stream_time == times[i] * MS);
    }
    bench_end(&b);
}

/* From the end of one, which takes three packets, to the begin of the next of its group. */
static void sections_of_a_group_keep_their_distance(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    add_program(b.in, NO_NULLS);
    b.stage->group_spacing = 25 * MS;
    for (size_t i = 0; i < 3; i++) {
        bench_plan(&b, 100, 100 + 10 * (int64_t)i, 400)->item.group = 7;
    }
    bench_plan(&b, 105, 105, 50)->item.group = 8;
    bench_plan(&b, 106, 106, 50);
    bench_run_all(&b);
    /* One that its group held up may wait for null packets as long as before: 10 and 20 ms. */
    const int64_t times[] = {100, 105, 106, 138, 186};
    const uint64_t order[] = {1, 4, 5, 2, 3};
    for (size_t i = 0; i < 5; i++) {
        const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, i);
        CHECK(event.id == order[i] && event.stream_time == times[i] * MS);
    }
    bench_end(&b);
}

static void a_group_out_of_range_is_refused(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    planned *plan = bench_plan(&b, 100, 100, 50);
    plan->item.section = plan->section.bytes;
    plan->item.group = TS_INSERT_GROUPS_MAX;
    CHECK(ts_inserter_queue(b.stage, &plan->item) == TS_BAD_ARGUMENT);
    plan->item.group = 1;
    plan->item.interval = MS;
    CHECK(ts_inserter_queue(b.stage, &plan->item) == TS_BAD_ARGUMENT);
    plan->item.interval = 0;
    CHECK(ts_inserter_queue(b.stage, &plan->item) == TS_OK);
    bench_end(&b);
}

static void a_distance_without_end_is_borne(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    b.stage->spacing[BENCH_CUES] = INT64_MAX;
    bench_plan(&b, 100, 100, 50);
    bench_plan(&b, 100, 100, 50);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 1);
    CHECK(bench_event(&b, TS_INSERT_FAILED, 0).reason == TS_INSERT_STREAM_ENDED);
    bench_end(&b);
}

static void a_section_with_an_interval_comes_back(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 100, 120, 50)->item.interval = 200 * MS;
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 5 && bench_count(&b, TS_INSERT_FAILED) == 0);
    for (size_t i = 0; i < 5; i++) {
        const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, i);
        CHECK(event.id == 1 && event.stream_time == (100 + 200 * (int64_t)i) * MS);
    }
    bench_end(&b);
}

/* Spacing moves it; its interval and the time it has stay what they were. */
static void being_held_up_does_not_shift_what_comes_after(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, (program_shape){1000, 1, 0, 5});
    b.stage->spacing[BENCH_CUES] = 60 * MS;
    bench_plan(&b, 94, 95, 50);
    bench_plan(&b, 100, 180, 50)->item.interval = 200 * MS;
    for (size_t i = 0; i < b.in->count; i++) {
        if (stream_pid(b.in, i) == BENCH_VIDEO && !ts_packet_has_pcr(stream_at(b.in, i))) {
            ts_packet_put_null(stream_at(b.in, i));
        }
    }
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_FAILED) == 0 && bench_count(&b, TS_INSERT_CONFIRMED) == 6);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).stream_time == 94 * MS);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 1).stream_time == 154 * MS);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 2).stream_time == 301 * MS);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 3).stream_time == 501 * MS);
    bench_end(&b);
}

static void a_repetition_that_fails_is_not_the_last(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, NO_NULLS);
    stream_add_nulls(b.in, 5);
    add_program(b.in, (program_shape){2000 - b.in->count, 5, 0, 5});
    bench_plan(&b, 790, 800, 50)->item.interval = 100 * MS;
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_FAILED) == 2);
    CHECK(bench_event(&b, TS_INSERT_FAILED, 1).stream_time == 901 * MS);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).stream_time == bench_time(1000));
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) >= 10);
    bench_end(&b);
}

/* Runs up to a packet, cancels, and runs the rest. */
static ts_status run_and_cancel(insert_bench *b, size_t at, uint64_t id) {
    bench_run run = {.stage = {.process = ts_inserter_process, .state = b->stage},
                     .control = bench_control,
                     .context = b};
    ts_batch batch;
    ts_status status = TS_OK;
    ts_batch_init(&batch);
    for (size_t from = 0; from < b->in->count; from += at) {
        const size_t left = b->in->count - from;
        load_batch(&batch, b->in, from, left < at ? left : at);
        run_batch(&run, &batch);
        take_batch(&run, &batch, b->out);
        status = from == 0 ? ts_inserter_cancel(b->stage, id) : status;
    }
    batch.count = 0;
    CHECK(ts_inserter_finish(b->stage, &batch) == TS_OK);
    bench_control(b);
    ts_batch_free(&batch);
    return status;
}

static void what_has_not_begun_is_taken_back(void) {
    const int64_t dues[] = {700, 100}; /* waiting, and standing ready for a null packet */
    for (size_t i = 0; i < 2; i++) {
        insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
        add_program(b.in, NO_NULLS);
        stream_add_nulls(b.in, 5);
        bench_plan(&b, dues[i], 3000, 50);
        bench_plan(&b, dues[i], 3000, 50);
        bench_plan(&b, dues[i], 3000, 50);
        CHECK(run_and_cancel(&b, 500, 1) == TS_OK);
        CHECK(confirmed_id(&b, 0) == 2 && confirmed_id(&b, 1) == 3);
        CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 2 && bench_count(&b, TS_INSERT_FAILED) == 0);
        CHECK(ts_inserter_cancel(b.stage, 1) == TS_NOT_FOUND);
        bench_end(&b);
    }
}

static void what_has_begun_is_ended_and_does_not_come_back(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, WITH_NULLS);
    bench_plan(&b, 480, 3000, 900)->item.interval = MS;
    CHECK(run_and_cancel(&b, 500, 1) == TS_NOT_FOUND);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 1);
    CHECK(read_sections(b.out, BENCH_CUES).complete == 1);
    bench_end(&b);
}

static void all_of_an_id_are_taken_back_from_among_many(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    for (unsigned i = 0; i < 60; i++) {
        planned *plan = bench_plan(&b, 600 + i * 37 % 60, 700 + i * 17 % 60, 50);
        plan->item.id = i % 3;
    }
    CHECK(run_and_cancel(&b, 500, 1) == TS_OK);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 40);
    for (size_t i = 0; i < 40; i++) {
        CHECK(confirmed_id(&b, i) != 1);
    }
    bench_end(&b);
}

static void at_the_end_each_that_did_not_leave_is_told(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, WITH_NULLS);
    bench_plan(&b, 5000, 6000, 50);                          /* not due yet */
    bench_plan(&b, 960, 6000, 4000);                         /* begun */
    bench_plan(&b, 970, 7000, 50);                           /* ready */
    bench_plan(&b, 5000, 6000, 50)->item.interval = 10 * MS; /* would go on for ever */
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 0 && bench_count(&b, TS_INSERT_FAILED) == 3);
    uint64_t ids = 0;
    for (size_t i = 0; i < 3; i++) {
        const ts_insert_event event = bench_event(&b, TS_INSERT_FAILED, i);
        CHECK(event.reason == TS_INSERT_STREAM_ENDED && event.pid == BENCH_CUES);
        ids += event.id;
    }
    CHECK(ids == 6);
    bench_end(&b);
}

static void without_a_clock_nothing_leaves(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    stream_add_nulls(b.in, 50);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_program_pmt(b.in, BENCH_PMT, 0, TS_PID_NULL, 0);
    stream_add_nulls(b.in, 50);
    planned *plan = bench_plan(&b, 0, 10, 50);
    bench_queue(&b, plan);
    bench_run_all(&b);
    CHECK(same_streams(b.in, b.out) && b.event_count == 1);
    CHECK(bench_event(&b, TS_INSERT_FAILED, 0).reason == TS_INSERT_STREAM_ENDED);
    bench_end(&b);
}

static void what_was_queued_before_the_clock_leaves_when_it_starts(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program_pcr(b.in, BENCH_VIDEO, 0); /* before the PMT says whose it is */
    stream_add_many(b.in, BENCH_VIDEO, 4);
    add_program_pcr(b.in, BENCH_VIDEO, 0);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_program_pmt(b.in, BENCH_PMT, 0, BENCH_VIDEO, 0);
    stream_add_many(b.in, BENCH_VIDEO, 9);
    planned *plan = bench_plan(&b, 0, 10, 50);
    b.plan_count = 0;
    bench_queue(&b, plan);
    bench_run_all(&b);
    CHECK(bench_event(&b, TS_INSERT_CLOCK_STARTED, 0).packet_index == 7);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).packet_index == 8);
    bench_end(&b);
}

static void what_cannot_be_put_in_is_refused(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    const uint8_t bytes[TS_SECTION_MAX + 1] = {0xC0};
    const ts_insert_item good = {.due = 5, .deadline = 5, .section = (uint8_t *)bytes, .size = 20};
    ts_insert_item item = good;
    item.size = 2;
    CHECK(ts_inserter_queue(b.stage, &item) == TS_BAD_ARGUMENT);
    item.size = TS_SECTION_MAX + 1;
    CHECK(ts_inserter_queue(b.stage, &item) == TS_BAD_ARGUMENT);
    item = good;
    item.pid = TS_PID_NULL;
    CHECK(ts_inserter_queue(b.stage, &item) == TS_BAD_ARGUMENT);
    item = good;
    item.deadline = 4;
    CHECK(ts_inserter_queue(b.stage, &item) == TS_BAD_ARGUMENT);
    item = good;
    item.interval = -1;
    CHECK(ts_inserter_queue(b.stage, &item) == TS_BAD_ARGUMENT);
    bench_end(&b);
}

/* No time makes the arithmetic leave its type: the sanitizers watch. */
static void times_out_of_all_bounds_are_borne(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, WITH_NULLS);
    const int64_t times[] = {INT64_MIN, INT64_MIN / 2, -1, 0, 1, INT64_MAX / 2, INT64_MAX};
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = i; j < 7; j++) {
            planned *plan = bench_plan(&b, 0, 0, 50);
            plan->item.due = times[i];
            plan->item.deadline = times[j];
            plan->item.interval = i == j ? 0 : j % 2 ? INT64_MAX : 1;
        }
    }
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) > 0);
    bench_end(&b);
}

int main(void) {
    the_earliest_deadline_goes_first();
    one_that_waits_gives_way_to_a_more_urgent_one();
    sections_of_a_pid_keep_their_distance();
    sections_of_a_group_keep_their_distance();
    a_group_out_of_range_is_refused();
    a_distance_without_end_is_borne();
    a_section_with_an_interval_comes_back();
    being_held_up_does_not_shift_what_comes_after();
    a_repetition_that_fails_is_not_the_last();
    what_has_not_begun_is_taken_back();
    what_has_begun_is_ended_and_does_not_come_back();
    all_of_an_id_are_taken_back_from_among_many();
    at_the_end_each_that_did_not_leave_is_told();
    without_a_clock_nothing_leaves();
    what_was_queued_before_the_clock_leaves_when_it_starts();
    what_cannot_be_put_in_is_refused();
    times_out_of_all_bounds_are_borne();
    return CHECK_RESULT;
}
