/* The inserter: how room is made, when, and what is told of it. */
#include "insert_bench.h"

#include "check.h"

static const program_shape WITH_NULLS = {1000, 5, 0, 123456789};
static const program_shape NO_NULLS = {1000, 0, 0, 123456789};

/* Nothing else may be lost, doubled or put out of order: without what was inserted and without
 * nulls the output is the input. */
static void check_rest(const insert_bench *b) {
    stream *left = stream_begin();
    stream *right = stream_begin();
    for (size_t i = 0; i < b->in->count; i++) {
        if (stream_pid(b->in, i) != TS_PID_NULL) {
            stream_append(left, stream_at(b->in, i), 1);
        }
    }
    for (size_t i = 0; i < b->out->count; i++) {
        if (stream_pid(b->out, i) != TS_PID_NULL && stream_pid(b->out, i) != BENCH_CUES) {
            stream_append(right, stream_at(b->out, i), 1);
        }
    }
    CHECK(same_streams(left, right));
    CHECK(!b->lying);
    CHECK(count_continuity_errors(b->out) == 0);
    stream_end(left);
    stream_end(right);
}

static void without_anything_to_do_all_passes(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        insert_bench b = bench_begin(room, 0);
        add_program(b.in, WITH_NULLS);
        bench_run_cut(&b, 100);
        CHECK(same_streams(b.in, b.out));
        CHECK(b.event_count == 1);
        const ts_insert_event started = bench_event(&b, TS_INSERT_CLOCK_STARTED, 0);
        CHECK(started.packet_index == 9 && started.stream_time == 0);
        CHECK(started.pts_90khz == (WITH_NULLS.first_pcr + 9 * MS) / 300);
        bench_end(&b);
    }
}

static void a_section_takes_the_first_null_packet_from_its_due_time_on(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_NULLS_THEN_ADD; room++) {
        insert_bench b = bench_begin(room, 1);
        add_program(b.in, WITH_NULLS);
        const planned *plan = bench_plan(&b, 300, 400, 100);
        bench_run_cut(&b, 64);
        const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
        CHECK(b.out->count == b.in->count);
        CHECK(event.id == 1 && event.pid == BENCH_CUES && !event.added);
        CHECK(event.packet_index == 313 && event.last_packet_index == 313);
        CHECK(event.stream_time == bench_time(313));
        CHECK(event.pts_90khz == (WITH_NULLS.first_pcr + 313 * MS) / 300);
        CHECK(find_pid(b.out, BENCH_CUES, 0) == 313);
        const section_list list = read_sections(b.out, BENCH_CUES);
        CHECK(list.complete == 1 && is_section(&list.last, &plan->section));
        check_rest(&b);
        bench_end(&b);
    }
}

static void without_null_packets_it_fails_at_its_deadline(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 300, 400, 100);
    bench_run_all(&b);
    const ts_insert_event event = bench_event(&b, TS_INSERT_FAILED, 0);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 0);
    CHECK(event.id == 1 && event.reason == TS_INSERT_NO_NULL_PACKET);
    CHECK(event.stream_time == 401 * MS);
    CHECK(same_streams(b.in, b.out));
    bench_end(&b);
}

/* One that stands ready for want of a null packet must not leave after its deadline. */
static void a_null_packet_after_the_deadline_is_too_late(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, NO_NULLS);
    stream_add_nulls(b.in, 20);
    bench_plan(&b, 900, 950, 100);
    bench_plan(&b, 900, 2000, 100);
    bench_run_all(&b);
    CHECK(bench_event(&b, TS_INSERT_FAILED, 0).id == 1);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).id == 2);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).packet_index == 1000);
    bench_end(&b);
}

static void at_the_deadline_a_packet_is_added(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 300, 400, 100);
    bench_run_cut(&b, 50);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.added && event.packet_index == 410 && event.stream_time == 400 * MS);
    CHECK(b.out->count == b.in->count + 1 && find_pid(b.out, BENCH_CUES, 0) == 410);
    check_rest(&b);
    bench_end(&b);
}

static void where_asked_for_a_packet_is_added_at_once(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 300, 400, 100);
    bench_run_all(&b);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.added && event.packet_index == 310 && event.stream_time == 300 * MS);
    check_rest(&b);
    bench_end(&b);
}

static void what_is_due_already_leaves_as_the_clock_starts(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, -5000, 0, 100);
    bench_run_all(&b);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.packet_index == 10 && event.stream_time == 0);
    check_rest(&b);
    bench_end(&b);
}

static void a_long_section_is_not_mixed_with_another(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        insert_bench b = bench_begin(room, 1);
        add_program(b.in, WITH_NULLS);
        bench_plan(&b, 300, 600, 900);
        bench_plan(&b, 305, 306 + 300 * (room == TS_ROOM_NULLS), 100); /* more urgent, but later */
        bench_plan(&b, 301, 700, 4096);
        bench_run_cut(&b, 31);
        const section_list list = read_sections(b.out, BENCH_CUES);
        CHECK(list.complete == 3 && list.broken == 0);
        CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 3);
        for (size_t i = 0; i < 3; i++) {
            const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, i);
            CHECK(event.id == i + 1);
            CHECK(stream_pid(b.out, event.packet_index) == BENCH_CUES);
            CHECK(stream_at(b.out, event.packet_index)[1] & 0x40);
            CHECK(stream_pid(b.out, event.last_packet_index) == BENCH_CUES);
            CHECK(!event.added || room != TS_ROOM_NULLS);
        }
        check_rest(&b);
        bench_end(&b);
    }
}

static void sections_of_two_pids_leave_side_by_side(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 300, 310, 500);
    bench_plan(&b, 300, 310, 500)->item.pid = 0x12;
    bench_run_all(&b);
    CHECK(read_sections(b.out, BENCH_CUES).complete == 1);
    CHECK(read_sections(b.out, 0x12).complete == 1);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* The program's times go over the wrap of its PCR as if there were none. */
static void a_wrap_of_the_pcr_changes_nothing(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, (program_shape){1000, 0, 0, TS_PCR_MODULUS - 500 * MS});
    bench_plan(&b, 300, 400, 100);
    bench_plan(&b, 600, 700, 100);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CLOCK_BROKEN) == 0);
    const ts_insert_event before = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    const ts_insert_event after = bench_event(&b, TS_INSERT_CONFIRMED, 1);
    CHECK(before.packet_index == 310 && before.pts_90khz == TS_PTS_MODULUS - 191 * 90);
    CHECK(after.packet_index == 611 && after.pts_90khz == 109 * 90);
    bench_end(&b);
}

static void a_break_of_the_clock_asks_for_control_and_time_goes_on(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    add_program(b.in, (program_shape){1000, 0, 0, 77});
    bench_plan(&b, 1500, 1600, 100);
    bench_run_all(&b);
    const ts_insert_event broken = bench_event(&b, TS_INSERT_CLOCK_BROKEN, 0);
    CHECK(bench_count(&b, TS_INSERT_CLOCK_BROKEN) == 1);
    CHECK(broken.packet_index == 1009 && broken.stream_time == 1000 * MS);
    CHECK(broken.pts_90khz == (77 + 1009 * MS) / 300);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.stream_time == 1500 * MS && event.pts_90khz == (77 + 1509 * MS) / 300);
    bench_end(&b);
}

static void the_same_leaves_whatever_the_cuts(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        insert_bench whole = bench_begin(room, 1);
        add_program(whole.in, (program_shape){600, 7, 170, TS_PCR_MODULUS - 300 * MS});
        add_program(whole.in, (program_shape){300, 0, 170, 5});
        for (unsigned i = 0; i < 20; i++) {
            planned *plan = bench_plan(&whole, 40 * i, 40 * i + i * i, 20 + 190 * (i % 4));
            plan->item.pid = i % 3 ? BENCH_CUES : 0x12;
            plan->item.interval = i % 5 ? 0 : 60 * MS;
        }
        CHECK(bench_announce(&whole) == TS_OK);
        bench_run_all(&whole);
        CHECK(bench_count(&whole, TS_INSERT_CONFIRMED) > 15);
        CHECK(count_continuity_errors(whole.out) == 0);
        for (size_t cut = 1; cut < whole.in->count; cut += 1 + cut / 3) {
            insert_bench pieces = bench_begin(room, 1);
            stream_append(pieces.in, whole.in->packets, whole.in->count);
            memcpy(pieces.plans, whole.plans, BENCH_PLANS * sizeof(planned));
            pieces.plan_count = whole.plan_count;
            CHECK(bench_announce(&pieces) == TS_OK);
            bench_run_cut(&pieces, cut);
            CHECK(same_streams(whole.out, pieces.out) && same_events(&whole, &pieces));
            bench_end(&pieces);
        }
        bench_end(&whole);
    }
}

int main(void) {
    without_anything_to_do_all_passes();
    a_section_takes_the_first_null_packet_from_its_due_time_on();
    without_null_packets_it_fails_at_its_deadline();
    a_null_packet_after_the_deadline_is_too_late();
    at_the_deadline_a_packet_is_added();
    where_asked_for_a_packet_is_added_at_once();
    what_is_due_already_leaves_as_the_clock_starts();
    a_long_section_is_not_mixed_with_another();
    sections_of_two_pids_leave_side_by_side();
    a_wrap_of_the_pcr_changes_nothing();
    a_break_of_the_clock_asks_for_control_and_time_goes_on();
    the_same_leaves_whatever_the_cuts();
    return CHECK_RESULT;
}
