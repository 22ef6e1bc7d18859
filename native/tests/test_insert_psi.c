/* The inserter: what the program's PMT gains. */
#include "insert_bench.h"

#include "check.h"

static const program_shape WITH_NULLS = {1000, 5, 0, 5};
static const program_shape NO_NULLS = {1000, 0, 0, 5};

/* Adds one elementary stream to the PMT of add_program, with the descriptors of bench_announce. */
static section_bytes make_announced(uint8_t version, uint16_t pcr_pid, size_t padding) {
    const pid_pair streams[] = {{0x1B, BENCH_VIDEO}, {0x0F, BENCH_AUDIO}, {0x86, BENCH_CUES}};
    section_bytes pmt = make_pmt(1, version, pcr_pid, padding + 6, streams, 3);
    const uint8_t registration[] = {0x05, 4, 'C', 'U', 'E', 'I'};
    const uint8_t cue_identifier[] = {0x8A, 1, 1};
    const section_bytes plain = make_pmt(1, version, pcr_pid, padding, streams, 3);
    memcpy(pmt.bytes + 12, plain.bytes + 12, padding);
    memcpy(pmt.bytes + 12 + padding, registration, 6);
    pmt.size -= TS_SECTION_CRC_SIZE;
    memcpy(pmt.bytes + pmt.size, cue_identifier, 3);
    pmt.bytes[pmt.size - 1] = 3; /* ES_info_length */
    pmt.size += 3;
    end_section(&pmt);
    return pmt;
}

static insert_bench run_announced(ts_room room, program_shape shape, size_t cut) {
    insert_bench b = bench_begin(room, 0);
    add_program(b.in, shape);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_cut(&b, cut);
    CHECK(!b.lying && count_continuity_errors(b.out) == 0);
    return b;
}

static void the_pmt_announces_the_pid_from_its_first_section_on(void) {
    insert_bench b = run_announced(TS_ROOM_NULLS, WITH_NULLS, 33);
    const section_list list = read_sections(b.out, BENCH_PMT);
    const section_bytes wanted = make_announced(1, BENCH_VIDEO, 0);
    CHECK(list.complete == 20 && list.broken == 0 && is_section(&list.last, &wanted));
    CHECK(b.out->count == b.in->count);
    CHECK(bench_count(&b, TS_INSERT_ANNOUNCED) == 1);
    const ts_insert_event event = bench_event(&b, TS_INSERT_ANNOUNCED, 0);
    CHECK(event.pid == BENCH_CUES && event.packet_index == 1);
    bench_end(&b);
}

/* 170 bytes of padding: one packet comes in, two go out. */
static void a_pmt_that_grows_over_its_packet_takes_null_packets(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        program_shape shape = WITH_NULLS;
        shape.pmt_padding = 145;
        insert_bench b = run_announced(room, shape, 33);
        const section_list list = read_sections(b.out, BENCH_PMT);
        const section_bytes wanted = make_announced(1, BENCH_VIDEO, 145);
        CHECK(list.complete == 20 && list.broken == 0 && is_section(&list.last, &wanted));
        CHECK(count_pid(b.out, BENCH_PMT) == 40);
        CHECK(b.out->count == b.in->count + (room == TS_ROOM_ADD ? 20 : 0));
        bench_end(&b);
    }
}

static void without_null_packets_it_takes_added_ones_where_it_may(void) {
    for (ts_room room = TS_ROOM_NULLS_THEN_ADD; room <= TS_ROOM_ADD; room++) {
        program_shape shape = NO_NULLS;
        shape.pmt_padding = 145;
        insert_bench b = run_announced(room, shape, 33);
        const section_list list = read_sections(b.out, BENCH_PMT);
        CHECK(list.complete == 20 && list.broken == 0);
        CHECK(b.out->count == b.in->count + 20);
        const size_t patience = room == TS_ROOM_ADD ? 1 : 10;
        const size_t start = find_pid(b.out, BENCH_PMT, 20);
        CHECK(find_pid(b.out, BENCH_PMT, 21) == start + patience + (patience > 1));
        bench_end(&b);
    }
}

/* Where it may not, each leaves over two slots, and none is older than it must be. */
static void without_any_room_it_leaves_in_its_own_packets(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    for (uint8_t version = 0; version < 100; version++) {
        add_program_pat(b.in, 0, BENCH_PMT);
        add_program_pmt(b.in, BENCH_PMT, version, BENCH_VIDEO, 145);
        add_program_pcr(b.in, BENCH_VIDEO, 0);
        stream_add_many(b.in, BENCH_VIDEO, 7);
    }
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    const section_list list = read_sections(b.out, BENCH_PMT);
    CHECK(b.out->count == b.in->count && b.stage->rewriter.overflows == 0);
    CHECK(list.complete >= 50 && list.broken <= 1);
    CHECK(((100u - ts_section_get_version_number(list.last.bytes)) & 31u) <= 2);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

/* The PMT spans packets: none of it may leave before it is taken over. */
static void a_pmt_over_several_packets_is_taken_over_whole(void) {
    for (ts_room room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        for (uint16_t program = 0; program <= 1; program++) {
            insert_bench b = bench_begin(room, program);
            program_shape shape = WITH_NULLS;
            shape.pmt_padding = 600;
            add_program(b.in, shape);
            CHECK(bench_announce(&b) == TS_OK);
            bench_run_all(&b);
            const section_list list = read_sections(b.out, BENCH_PMT);
            const section_bytes wanted = make_announced(1, BENCH_VIDEO, 600);
            CHECK(list.complete >= 19 && list.broken == 0 && is_section(&list.last, &wanted));
            CHECK(count_continuity_errors(b.out) == 0);
            bench_end(&b);
        }
    }
}

static void a_pmt_that_would_be_too_large_stays_and_is_told(void) {
    program_shape shape = WITH_NULLS;
    shape.pmt_padding = 985;
    insert_bench b = run_announced(TS_ROOM_NULLS_THEN_ADD, shape, 33);
    const section_list list = read_sections(b.out, BENCH_PMT);
    CHECK(list.complete > 15 && ts_section_get_version_number(list.last.bytes) == 0);
    CHECK(bench_count(&b, TS_INSERT_PMT_FULL) == 1 && bench_count(&b, TS_INSERT_ANNOUNCED) == 0);
    bench_end(&b);
}

static void add_pmt_with(stream *s, uint8_t version, uint8_t stream_type) {
    const pid_pair streams[] = {{0x1B, BENCH_VIDEO}, {stream_type, BENCH_CUES}};
    const section_bytes pmt = make_pmt(1, version, BENCH_VIDEO, 0, streams, 2);
    stream_add_table(s, BENCH_PMT, &pmt);
}

static void a_pid_that_is_announced_already_is_left_so(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    stream_add(b.in, BENCH_CUES); /* in use, as it should be */
    add_pmt_with(b.in, 3, 0x86);
    add_pmt_with(b.in, 3, 0x86);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    CHECK(same_streams(b.in, b.out));
    CHECK(bench_count(&b, TS_INSERT_ANNOUNCED) == 1 && bench_count(&b, TS_INSERT_PID_CLASH) == 0);
    bench_end(&b);
}

/* Announced, then not, then announced again: no two different PMTs bear one version_number. */
static void a_version_number_once_raised_stays_ahead(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    const uint8_t types[] = {0x86, 0, 0x86, 0};
    for (uint8_t version = 0; version < 4; version++) {
        if (types[version] != 0) {
            add_pmt_with(b.in, version, 0x86);
        } else {
            add_program_pmt(b.in, BENCH_PMT, version, BENCH_VIDEO, 0);
        }
    }
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    const uint8_t versions[] = {0, 2, 3, 4};
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *section = stream_at(b.out, find_pid(b.out, BENCH_PMT, i)) + 5;
        CHECK(ts_section_get_version_number(section) == versions[i]);
    }
    CHECK(read_sections(b.out, BENCH_PMT).broken == 0);
    bench_end(&b);
}

static void check_clash(insert_bench *b, uint64_t packet_index) {
    CHECK(bench_announce(b) == TS_OK);
    bench_run_all(b);
    CHECK(same_streams(b->in, b->out));
    CHECK(bench_count(b, TS_INSERT_PID_CLASH) == 1 && bench_count(b, TS_INSERT_ANNOUNCED) == 0);
    const ts_insert_event event = bench_event(b, TS_INSERT_PID_CLASH, 0);
    CHECK(event.pid == BENCH_CUES && event.packet_index == packet_index);
    bench_end(b);
}

static void a_pid_in_use_is_told_and_not_announced(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    stream_add(b.in, BENCH_CUES);
    add_program(b.in, WITH_NULLS);
    check_clash(&b, 51);
    b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_pmt_with(b.in, 0, 0x0F);
    check_clash(&b, 1);
    b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_program_pmt(b.in, BENCH_PMT, 0, BENCH_CUES, 0);
    check_clash(&b, 1);
    b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_CUES);
    add_program_pmt(b.in, BENCH_CUES, 0, BENCH_VIDEO, 0);
    check_clash(&b, 1);
}

static void a_pmt_that_takes_the_pid_later_is_a_clash_too(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program_pat(b.in, 0, BENCH_PMT);
    add_program_pmt(b.in, BENCH_PMT, 0, BENCH_VIDEO, 0);
    add_pmt_with(b.in, 1, 0x0F);
    add_pmt_with(b.in, 1, 0x0F);
    CHECK(bench_announce(&b) == TS_OK);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_ANNOUNCED) == 1 && bench_count(&b, TS_INSERT_PID_CLASH) == 1);
    CHECK(bench_event(&b, TS_INSERT_PID_CLASH, 0).packet_index == 2);
    bench_end(&b);
}

static void an_announcement_that_is_no_descriptors_is_refused(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    uint8_t bytes[600] = {0x05, 4};
    const psi_slice none = {NULL, 0};
    CHECK(ts_inserter_announce(b.stage, BENCH_CUES, (psi_slice){bytes, 5}, none) ==
          TS_BAD_ARGUMENT);
    CHECK(ts_inserter_announce(b.stage, BENCH_CUES, none, (psi_slice){bytes, 7}) ==
          TS_BAD_ARGUMENT);
    memset(bytes, 0, sizeof bytes);
    CHECK(ts_inserter_announce(b.stage, BENCH_CUES, (psi_slice){bytes, 514}, none) ==
          TS_BAD_ARGUMENT);
    CHECK(ts_inserter_announce(b.stage, BENCH_CUES, (psi_slice){bytes, SIZE_MAX - 1},
                               (psi_slice){bytes, 2}) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_announce(b.stage, 0x0F, none, none) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_announce(b.stage, TS_PID_NULL, none, none) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_announce(b.stage, BENCH_CUES, none, none) == TS_OK);
    bench_end(&b);
}

int main(void) {
    the_pmt_announces_the_pid_from_its_first_section_on();
    a_pmt_that_grows_over_its_packet_takes_null_packets();
    without_null_packets_it_takes_added_ones_where_it_may();
    without_any_room_it_leaves_in_its_own_packets();
    a_pmt_over_several_packets_is_taken_over_whole();
    a_pmt_that_would_be_too_large_stays_and_is_told();
    a_pid_that_is_announced_already_is_left_so();
    a_version_number_once_raised_stays_ahead();
    a_pid_in_use_is_told_and_not_announced();
    a_pmt_that_takes_the_pid_later_is_a_clash_too();
    an_announcement_that_is_no_descriptors_is_refused();
    return CHECK_RESULT;
}
