/* The inserter: sections of a carousel. */
#include "insert_bench.h"

#include "check.h"

enum { EIT = 0x12, KEPT = 8 };

static const program_shape WITH_NULLS = {1000, 5, 0, 5};
static const program_shape NO_NULLS = {1000, 0, 0, 5};

typedef struct fixture {
    insert_bench b;
    ts_carousel carousel;
} fixture;

/* One section that is due at 100 ms, and each 400 ms from then on. */
static void begin(fixture *f, ts_room room, program_shape shape, size_t size) {
    static section_bytes section;
    size_t slot;
    begin_section(&section, 0x4E, 1, 0);
    memset(section.bytes + section.size, 0x33, size);
    section.size = size - TS_SECTION_CRC_SIZE;
    end_section(&section);
    f->b = bench_begin(room, 1);
    add_program(f->b.in, shape);
    ts_carousel_init(&f->carousel, 25 * MS, 0);
    const ts_carousel_section wanted = {section.bytes, section.size, 0, 1, EIT, 0};
    CHECK(ts_carousel_put(&f->carousel, &wanted, &slot) == TS_OK && slot == 0);
    CHECK(ts_carousel_set_turn(&f->carousel, 0, 100 * MS, 400 * MS) == TS_OK);
    CHECK(ts_inserter_set_carousel(f->b.stage, &f->carousel, 20 * MS, KEPT) == TS_OK);
    ts_inserter_set_until(f->b.stage, INT64_MAX);
}

static void end(fixture *f) {
    bench_end(&f->b);
    ts_carousel_free(&f->carousel);
}

static void each_leaves_when_it_comes_by(void) {
    fixture f;
    begin(&f, TS_ROOM_ADD, NO_NULLS, 400);
    bench_run_all(&f.b);
    CHECK(f.b.stage->carousel.confirmed == 3 && f.b.stage->carousel.failed == 0);
    CHECK(bench_count(&f.b, TS_INSERT_CONFIRMED) == 0);
    CHECK(ts_inserter_count_kept(f.b.stage) == 3);
    for (size_t i = 0; i < 3; i++) {
        const ts_insert_event *event = ts_inserter_get_kept(f.b.stage, i);
        CHECK(event->stream_time == (100 + 400 * (int64_t)i) * MS && event->added);
        CHECK(event->last_packet_index == event->packet_index + 4 && event->pid == EIT);
        CHECK(find_pid(f.b.out, EIT, 3 * i) == event->packet_index);
    }
    const section_list list = read_sections(f.b.out, EIT);
    CHECK(list.complete == 3 && list.broken == 0);
    CHECK(count_continuity_errors(f.b.out) == 0);
    end(&f);
}

static void null_packets_are_taken_where_there_are_some(void) {
    fixture f;
    begin(&f, TS_ROOM_NULLS, WITH_NULLS, 400);
    bench_run_all(&f.b);
    CHECK(f.b.out->count == f.b.in->count && count_pid(f.b.out, EIT) == 9);
    end(&f);
}

static void one_that_finds_no_null_packet_fails_and_comes_again(void) {
    fixture f;
    begin(&f, TS_ROOM_NULLS, NO_NULLS, 50);
    bench_run_all(&f.b);
    CHECK(f.b.stage->carousel.confirmed == 0 && f.b.stage->carousel.failed == 3);
    CHECK(ts_inserter_get_kept(f.b.stage, 0)->reason == TS_INSERT_NO_NULL_PACKET);
    CHECK(bench_count(&f.b, TS_INSERT_FAILED) == 0);
    end(&f);
}

static void each_is_told_of_where_that_is_wanted(void) {
    fixture f;
    begin(&f, TS_ROOM_ADD, NO_NULLS, 50);
    f.b.stage->carousel.tells = true;
    bench_run_all(&f.b);
    CHECK(bench_count(&f.b, TS_INSERT_CONFIRMED) == 3 && f.b.stage->carousel.confirmed == 0);
    end(&f);
}

static void only_the_last_events_are_kept(void) {
    fixture f;
    begin(&f, TS_ROOM_ADD, NO_NULLS, 50);
    CHECK(ts_carousel_set_turn(&f.carousel, 0, 100 * MS, 50 * MS) == TS_OK);
    ts_inserter_set_until(f.b.stage, INT64_MAX);
    bench_run_all(&f.b);
    CHECK(f.b.stage->carousel.confirmed == 18 && ts_inserter_count_kept(f.b.stage) == KEPT);
    CHECK(ts_inserter_get_kept(f.b.stage, 0)->stream_time == 600 * MS);
    CHECK(ts_inserter_get_kept(f.b.stage, KEPT - 1)->stream_time == 950 * MS);
    end(&f);
}

static void nothing_is_taken_that_comes_by_later_than_told(void) {
    fixture f;
    begin(&f, TS_ROOM_ADD, NO_NULLS, 50);
    ts_inserter_set_until(f.b.stage, 500 * MS);
    bench_run_all(&f.b);
    CHECK(f.b.stage->carousel.confirmed == 1);
    end(&f);
}

typedef struct change {
    fixture *f;
    bool removes;
} change;

/* At 110 ms, while the section waits for a null packet. */
static void change_at_alarm(void *context) {
    change *c = context;
    insert_bench *b = &c->f->b;
    for (size_t i = 0; i < b->stage->event_count; i++) {
        if (b->stage->events[i].kind == TS_INSERT_CLOCK_STARTED) {
            CHECK(ts_inserter_set_alarm(b->stage, 1, 110 * MS) == TS_OK);
        } else if (b->stage->events[i].kind == TS_INSERT_ALARM && c->removes) {
            CHECK(ts_carousel_remove(&c->f->carousel, 0) == TS_OK);
            ts_inserter_set_until(b->stage, INT64_MAX);
        } else if (b->stage->events[i].kind == TS_INSERT_ALARM) {
            section_bytes other;
            begin_section(&other, 0x4E, 1, 1);
            end_section(&other);
            CHECK(ts_carousel_replace(&c->f->carousel, 0, other.bytes, other.size) == TS_OK);
        }
    }
    ts_inserter_clear_events(b->stage);
}

static void run_with_change(fixture *f, bool removes, size_t cut) {
    change c = {f, removes};
    bench_run run = {.stage = {.process = ts_inserter_process, .state = f->b.stage},
                     .control = change_at_alarm,
                     .context = &c};
    run_stream(&run, f->b.in, &cut, 1, f->b.out);
    CHECK(!run.lying);
}

static void one_that_waits_leaves_as_it_is_by_then(void) {
    fixture f;
    begin(&f, TS_ROOM_NULLS_THEN_ADD, NO_NULLS, 400);
    run_with_change(&f, false, SIZE_MAX);
    const section_list list = read_sections(f.b.out, EIT);
    CHECK(list.complete == 3 && list.broken == 0 && count_pid(f.b.out, EIT) == 3);
    end(&f);
}

static void one_that_waits_does_not_leave_when_it_is_gone(void) {
    fixture f;
    begin(&f, TS_ROOM_NULLS_THEN_ADD, NO_NULLS, 400);
    run_with_change(&f, true, 37);
    CHECK(count_pid(f.b.out, EIT) == 0 && f.b.out->count == f.b.in->count);
    end(&f);
}

/* It is under way at 110 ms. */
static void one_that_has_begun_is_ended_as_it_was(void) {
    fixture f;
    begin(&f, TS_ROOM_ADD, NO_NULLS, 4000);
    run_with_change(&f, true, 37);
    const section_list list = read_sections(f.b.out, EIT);
    CHECK(list.complete == 1 && list.broken == 0 && list.last.size == 4000);
    end(&f);
}

int main(void) {
    each_leaves_when_it_comes_by();
    null_packets_are_taken_where_there_are_some();
    one_that_finds_no_null_packet_fails_and_comes_again();
    each_is_told_of_where_that_is_wanted();
    only_the_last_events_are_kept();
    nothing_is_taken_that_comes_by_later_than_told();
    one_that_waits_leaves_as_it_is_by_then();
    one_that_waits_does_not_leave_when_it_is_gone();
    one_that_has_begun_is_ended_as_it_was();
    return CHECK_RESULT;
}
