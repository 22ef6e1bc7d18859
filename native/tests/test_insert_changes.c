/* The inserter: a stream that changes around it, and others' sections on its PIDs. */
#include "insert_bench.h"

#include "check.h"

enum { NEW_PMT = 0x31, OTHER_PMT = 0x32 };

static const program_shape NO_NULLS = {1000, 0, 0, 5};

/* The PAT moves the PMT to another PID; its old PID carries a picture then. */
static void a_pmt_that_moves_is_followed_and_its_old_pid_let_go(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    add_program(b.in, NO_NULLS);
    add_program_pat(b.in, 1, NEW_PMT);
    const size_t from = b.in->count;
    for (size_t i = 0; i < 20; i++) {
        add_program_pmt(b.in, NEW_PMT, 0, BENCH_VIDEO, 0);
        add_program_pcr(b.in, BENCH_VIDEO, 5);
        stream_add_many(b.in, BENCH_PMT, 8);
    }
    CHECK(bench_announce(&b) == TS_OK);
    bench_plan(&b, 1100, 1110, 50);
    bench_run_cut(&b, 41);
    const section_list list = read_sections(b.out, NEW_PMT);
    CHECK(list.complete == 20 && list.broken == 0);
    CHECK(ts_section_get_version_number(list.last.bytes) == 1);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 1);
    CHECK(count_pid(b.out, BENCH_PMT) == count_pid(b.in, BENCH_PMT));
    for (size_t i = from; i < b.in->count; i++) {
        if (stream_pid(b.in, i) == BENCH_PMT) {
            const size_t at = i + (i >= find_pid(b.out, BENCH_CUES, 0));
            CHECK(memcmp(stream_at(b.in, i) + 4, stream_at(b.out, at) + 4, 184) == 0);
        }
    }
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* What still waited of the old PMT must not be put into the stream of the new one. */
static void a_pmt_that_moves_leaves_nothing_behind(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_program_pmt(b.in, BENCH_PMT, 0, BENCH_VIDEO, 145);
    add_program_pat(b.in, 1, NEW_PMT);
    stream_add_nulls(b.in, 10);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    CHECK(count_pid(b.out, BENCH_PMT) == 1 && count_pid(b.out, TS_PID_NULL) == 10);
    bench_end(&b);
}

static void a_program_that_goes_and_comes_back_is_served_again(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    const pid_pair other[] = {{2, OTHER_PMT}};
    const section_bytes away = make_pat(1, other, 1);
    add_program(b.in, NO_NULLS);
    stream_add_table(b.in, TS_PID_PAT, &away);
    for (size_t i = 0; i < 50; i++) {
        add_program_pcr(b.in, BENCH_VIDEO, 5);
        stream_add_many(b.in, BENCH_VIDEO, 9);
    }
    add_program(b.in, NO_NULLS);
    bench_plan(&b, 1200, 1300, 50);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).stream_time >= 1491 * MS);
    const section_list list = read_sections(b.out, BENCH_PMT);
    CHECK(list.broken == 0 && ts_section_get_version_number(list.last.bytes) == 1);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* The times that were asked for stay right; the relation to PTS is told anew. */
static void a_pcr_pid_that_changes_breaks_the_clock_but_not_the_times(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    add_program_pmt(b.in, BENCH_PMT, 1, BENCH_AUDIO, 0);
    for (size_t i = 0; i < 50; i++) {
        stream_add_many(b.in, BENCH_VIDEO, 9);
        add_program_pcr(b.in, BENCH_AUDIO, 123456);
    }
    bench_plan(&b, 1300, 1400, 50);
    bench_run_cut(&b, 17);
    const ts_insert_event broken = bench_event(&b, TS_INSERT_CLOCK_BROKEN, 0);
    CHECK(bench_count(&b, TS_INSERT_CLOCK_BROKEN) == 1);
    CHECK(broken.packet_index == 1010 && broken.stream_time == bench_time(1010));
    CHECK(broken.pts_90khz == (123456 + 1010 * MS) / 300);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.stream_time == 1300 * MS && event.pts_90khz == (123456 + 1309 * MS) / 300);
    bench_end(&b);
}

/* The program is away for a while, and its PCRs come on another PID then: no time is lost or made.
 */
static void a_program_that_comes_back_with_another_pcr_pid_keeps_its_time(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    const pid_pair other[] = {{2, OTHER_PMT}};
    const section_bytes away = make_pat(1, other, 1);
    add_program(b.in, NO_NULLS);
    stream_add_table(b.in, TS_PID_PAT, &away);
    stream_add_many(b.in, BENCH_VIDEO, 400);
    add_program_pat(b.in, 2, NEW_PMT);
    add_program_pmt(b.in, NEW_PMT, 0, BENCH_AUDIO, 0);
    for (size_t i = 0; i < 60; i++) {
        add_program_pcr(b.in, BENCH_AUDIO, 98765);
        stream_add_many(b.in, BENCH_VIDEO, 9);
    }
    bench_plan(&b, 1800, 1900, 50);
    bench_run_cut(&b, 23);
    CHECK(bench_count(&b, TS_INSERT_CLOCK_BROKEN) == 1);
    const ts_insert_event event = bench_event(&b, TS_INSERT_CONFIRMED, 0);
    CHECK(event.stream_time == 1800 * MS && event.pts_90khz == (98765 + 1809 * MS) / 300);
    bench_end(&b);
}

/* Two programs' PMTs on one PID, in the same packets, ours behind the other one's end. */
static void a_shared_pmt_pid_keeps_the_others_pmt(void) {
    for (uint16_t program = 0; program <= 1; program++) {
        insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, program);
        const pid_pair programs[] = {{2, BENCH_PMT}, {1, BENCH_PMT}};
        const pid_pair streams[] = {{0x1B, 0x200}};
        const section_bytes pat = make_pat(0, programs, 2);
        const section_bytes other = make_pmt(2, 0, BENCH_VIDEO, 200, streams, 1);
        const section_bytes ours = make_pmt(1, 0, BENCH_VIDEO, 0, streams, 1);
        ts_section_queue *queue = must(malloc(sizeof *queue));
        ts_section_queue_init(queue, BENCH_PMT);
        for (size_t i = 0; i < 10; i++) {
            stream_add_table(b.in, TS_PID_PAT, &pat);
            ts_section_queue_push(queue, other.bytes, other.size);
            ts_section_queue_push(queue, ours.bytes, ours.size);
            while (!ts_section_queue_is_empty(queue)) {
                uint8_t packet[TS_PACKET_SIZE];
                ts_section_queue_pop(queue, packet);
                stream_append(b.in, packet, 1);
            }
            add_program_pcr(b.in, BENCH_VIDEO, 0);
            stream_add_many(b.in, BENCH_VIDEO, 20);
        }
        CHECK(bench_announce(&b) == TS_OK);
        bench_run_all(&b);
        CHECK(b.stage->program_number == (program ? 1 : 2));
        const section_list list = read_sections(b.out, BENCH_PMT);
        /* Without being told which program, it shows only as a PMT ends that has begun to leave. */
        CHECK(list.complete >= 19 && list.broken <= (program ? 0 : 1));
        CHECK(count_continuity_errors(b.out) == 0);
        free(queue);
        bench_end(&b);
    }
}

/* Which program is meant shows only as its PMT ends, in a packet where another one ended before. */
static void what_ended_in_the_packet_of_the_first_pmt_is_not_lost(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 0);
    const pid_pair programs[] = {{1, BENCH_PMT}, {2, OTHER_PMT}};
    const section_bytes pat = make_pat(0, programs, 2);
    uint8_t other[60] = {0xC0, 0x30, 57};
    uint8_t *packet;
    stream_add_table(b.in, TS_PID_PAT, &pat);
    add_program_pmt(b.in, BENCH_PMT, 0, BENCH_VIDEO, 0);
    packet = stream_at(b.in, 1);
    memmove(packet + 5 + sizeof other, packet + 5, TS_PACKET_SIZE - 5 - sizeof other);
    memcpy(packet + 5, other, sizeof other);
    add_program_pcr(b.in, BENCH_VIDEO, 0);
    stream_add_nulls(b.in, 5);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    const section_list list = read_sections(b.out, BENCH_PMT);
    CHECK(list.complete == 2 && list.last.bytes[0] == PSI_TABLE_ID_PMT);
    CHECK(ts_section_get_version_number(list.last.bytes) == 1);
    bench_end(&b);
}

/* A foreign PID's section that looks like our PMT is none. */
static void only_the_program_s_own_pid_tells_its_pmt(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    const pid_pair programs[] = {{1, BENCH_PMT}, {2, OTHER_PMT}};
    const section_bytes pat = make_pat(0, programs, 2);
    stream_add_table(b.in, TS_PID_PAT, &pat);
    add_program_pmt(b.in, OTHER_PMT, 0, BENCH_VIDEO, 0);
    add_program_pcr(b.in, BENCH_VIDEO, 0);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    CHECK(same_streams(b.in, b.out) && b.event_count == 0);
    bench_end(&b);
}

/* The stream has sections of its own on the PID, long ones, some packets sent twice. */
static void sections_of_the_stream_s_own_are_not_torn_apart(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        insert_bench b = bench_begin(room, 1);
        section_bytes own;
        begin_section(&own, 0x50, 1, 0);
        memset(own.bytes + own.size, 0x44, 500);
        own.size += 500;
        end_section(&own);
        for (size_t i = 0; i < 30; i++) {
            add_program(b.in, (program_shape){50, 4, 0, 5});
            stream_add_table(b.in, BENCH_CUES, &own);
            stream_repeat(b.in);
            stream_add_nulls(b.in, 2);
        }
        for (unsigned i = 0; i < 40; i++) {
            bench_plan(&b, 40 * i, 40 * i + 45, 20 + 200 * (i % 2));
        }
        bench_run_cut(&b, 13);
        const section_list list = read_sections(b.out, BENCH_CUES);
        CHECK(list.complete == 30 + bench_count(&b, TS_INSERT_CONFIRMED));
        CHECK(list.broken == 0 || room == TS_ROOM_NULLS);
        CHECK(bench_count(&b, TS_INSERT_CONFIRMED) >= 30);
        CHECK(count_continuity_errors(b.out) == 0);
        bench_end(&b);
    }
}

/* A packet, one put in behind it, and then the packet's duplicate. */
static void a_duplicate_is_not_taken_for_new(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    const uint8_t own[30] = {0x50, 0x30, 27};
    add_program(b.in, (program_shape){200, 0, 0, 5});
    stream_add_section(b.in, BENCH_CUES, own, sizeof own);
    uint8_t packet[TS_PACKET_SIZE];
    memcpy(packet, stream_at(b.in, 200), sizeof packet);
    stream_add_nulls(b.in, 1);
    stream_append(b.in, packet, 1);
    stream_add_section(b.in, BENCH_CUES, own, sizeof own);
    bench_plan(&b, 192, 400, 50);
    bench_run_all(&b);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).packet_index == 201);
    CHECK(stream_pid(b.out, 202) == TS_PID_NULL);
    CHECK(read_sections(b.out, BENCH_CUES).complete == 3);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* The control plane asks for a PID that has been passing for long. */
static void counters_go_on_from_what_has_passed(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    stream_add_many(b.in, BENCH_CUES, 7);
    add_program(b.in, NO_NULLS);
    stream_add_many(b.in, BENCH_CUES, 7);
    bench_plan(&b, 100, 200, 500);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 1);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* What the stream itself lost stays lost, and shows. */
static void errors_of_the_stream_s_own_stay(void) {
    insert_bench b = bench_begin(TS_ROOM_ADD, 1);
    add_program(b.in, NO_NULLS);
    stream_add_many(b.in, BENCH_CUES, 3);
    b.in->counter[BENCH_CUES]++;
    stream_add_many(b.in, BENCH_CUES, 3);
    bench_plan(&b, 100, 200, 50);
    bench_run_all(&b);
    CHECK(count_continuity_errors(b.out) == 1);
    bench_end(&b);
}

/* A section of the stream's own that never ends does not hold ours up for ever. */
static void one_that_never_ends_is_not_waited_for(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS_THEN_ADD, 1);
    const uint8_t own[400] = {0x50, 0x31, 0x8D};
    add_program(b.in, NO_NULLS);
    stream_add_section(b.in, BENCH_CUES, own, sizeof own);
    b.in->count--;
    add_program(b.in, (program_shape){2500, 0, 0, 5});
    bench_plan(&b, 1100, 1200, 50);
    bench_run_all(&b);
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).stream_time == 2201 * MS);
    bench_end(&b);
}

int main(void) {
    a_pmt_that_moves_is_followed_and_its_old_pid_let_go();
    a_pmt_that_moves_leaves_nothing_behind();
    a_program_that_goes_and_comes_back_is_served_again();
    a_pcr_pid_that_changes_breaks_the_clock_but_not_the_times();
    a_program_that_comes_back_with_another_pcr_pid_keeps_its_time();
    a_shared_pmt_pid_keeps_the_others_pmt();
    what_ended_in_the_packet_of_the_first_pmt_is_not_lost();
    only_the_program_s_own_pid_tells_its_pmt();
    sections_of_the_stream_s_own_are_not_torn_apart();
    a_duplicate_is_not_taken_for_new();
    counters_go_on_from_what_has_passed();
    errors_of_the_stream_s_own_stay();
    one_that_never_ends_is_not_waited_for();
    return CHECK_RESULT;
}
