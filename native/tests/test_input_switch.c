#include "tsloom/input_switch.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, VIDEO = 0x100, AUDIO = 0x101, CUES = 0x102, MS = 27000 };

static const pid_pair PROGRAM = {1, PMT};
static const pid_pair STREAMS[] = {{0x1B, VIDEO}, {0x0F, AUDIO}, {0x86, CUES}};

typedef struct bench {
    ts_input_switch *stage;
    stream *in;
    stream *out;
} bench;

static bench begin(void) {
    bench b = {must(malloc(sizeof(ts_input_switch))), stream_begin(), stream_begin()};
    CHECK(ts_input_switch_init(b.stage) == TS_OK);
    return b;
}

static void end(bench *b) {
    ts_input_switch_free(b->stage);
    free(b->stage);
    stream_end(b->in);
    stream_end(b->out);
}

static void mark(bench *b, uint32_t psi_every) {
    CHECK(ts_input_switch_mark(b->stage, (ts_switch_mark){b->in->count, psi_every}) == TS_OK);
}

static void run(bench *b, size_t cut) {
    bench_run r = {.stage = {.process = ts_input_switch_process, .state = b->stage}};
    run_stream(&r, b->in, &cut, 1, b->out);
    CHECK(!r.lying);
    CHECK(b->out->count == b->in->count);
}

static void add_start(stream *s, uint16_t pid) {
    stream_add(s, pid)[1] |= 0x40u;
}

static void add_tables(stream *s, uint8_t version, size_t stream_count) {
    const section_bytes pat = make_pat(version, &PROGRAM, 1);
    const section_bytes pmt = make_pmt(1, version, VIDEO, 0, STREAMS, stream_count);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT, &pmt);
}

/* Tables, and units of two packets with a PCR between. */
static void add_input(stream *s, uint8_t version, size_t stream_count) {
    add_tables(s, version, stream_count);
    for (size_t i = 0; i < 8; i++) {
        stream_add_pcr(s, VIDEO, i * 40 * MS);
        add_start(s, VIDEO);
        stream_add(s, VIDEO);
        add_start(s, AUDIO);
        stream_add(s, AUDIO);
    }
}

/* As if from elsewhere: counters that lead on from nothing. */
static void jump(stream *s) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        s->counter[pid] = (uint8_t)(s->counter[pid] + 5 + pid % 7);
    }
}

static size_t find_discontinuity(const stream *s, size_t from) {
    while (from < s->count && !ts_packet_has_discontinuity(stream_at(s, from))) {
        from++;
    }
    return from;
}

static void nothing_changes_without_a_switch(void) {
    bench b = begin();
    add_input(b.in, 3, 2);
    add_input(b.in, 3, 2);
    run(&b, 7);
    CHECK(same_streams(b.in, b.out));
    end(&b);
}

static void counters_go_on_and_the_first_pcr_says_so(void) {
    bench b = begin();
    add_input(b.in, 3, 2);
    const size_t at = b.in->count;
    mark(&b, 0);
    jump(b.in);
    add_input(b.in, 3, 2);
    CHECK(count_continuity_errors(b.in) >= 4);
    run(&b, 5);
    CHECK(count_continuity_errors(b.out) == 0);
    const size_t first = find_discontinuity(b.out, 0);
    CHECK(first == at + 2 && ts_packet_has_pcr(stream_at(b.out, first)));
    CHECK(find_discontinuity(b.out, first + 1) == b.out->count);
    CHECK(b.stage->announced == 1);
    end(&b);
}

static void a_unit_that_was_cut_does_not_leave(void) {
    bench b = begin();
    add_input(b.in, 3, 2);
    mark(&b, 0);
    jump(b.in);
    const size_t at = b.in->count;
    add_start(b.in, AUDIO); /* in front of the clock */
    stream_add(b.in, AUDIO);
    stream_add(b.in, VIDEO);
    stream_add_pcr(b.in, VIDEO, 0); /* its clock stays, its payload goes */
    stream_add(b.in, VIDEO);
    add_start(b.in, VIDEO);
    add_start(b.in, AUDIO);
    run(&b, 3);
    static const uint16_t pids[] = {TS_PID_NULL, TS_PID_NULL, TS_PID_NULL, VIDEO,
                                    TS_PID_NULL, VIDEO,       AUDIO};
    for (size_t i = 0; i < 7; i++) {
        CHECK(stream_pid(b.out, at + i) == pids[i]);
    }
    const uint8_t *clock = stream_at(b.out, at + 3);
    CHECK((clock[3] & 0x30u) == 0x20u && ts_packet_has_pcr(clock));
    CHECK(ts_packet_has_discontinuity(clock) && clock[4] == 183);
    CHECK(count_continuity_errors(b.out) == 0);
    CHECK(b.stage->withheld == 5);
    end(&b);
}

static void a_pid_that_never_starts_a_unit_is_not_waited_for_twice(void) {
    bench b = begin();
    add_input(b.in, 3, 2);
    stream_add_many(b.in, 0x200, TS_SWITCH_WAIT_MAX);
    mark(&b, 0);
    jump(b.in);
    stream_add_many(b.in, 0x200, 3);
    stream_add_many(b.in, VIDEO, TS_SWITCH_WAIT_MAX + 2);
    run(&b, 1000);
    CHECK(count_pid(b.out, 0x200) == TS_SWITCH_WAIT_MAX + 3);
    CHECK(b.stage->withheld == TS_SWITCH_WAIT_MAX);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static uint8_t version_on(const stream *s, uint16_t pid) {
    const section_list list = read_sections(s, pid);
    CHECK(list.broken == 0);
    return ts_section_get_version_number(list.last.bytes);
}

/* What versions leave for an input of version 3 with two streams, then another. */
static void check_versions(uint8_t version, size_t streams, uint8_t pat, uint8_t pmt) {
    bench b = begin();
    add_input(b.in, 3, 2);
    mark(&b, 0);
    jump(b.in);
    add_input(b.in, version, streams);
    run(&b, 11);
    CHECK(version_on(b.out, TS_PID_PAT) == pat);
    CHECK(version_on(b.out, PMT) == pmt);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void versions_rise_only_where_tables_differ(void) {
    check_versions(3, 2, 3, 3);
    check_versions(3, 3, 3, 4); /* another PMT of the same version */
    check_versions(9, 2, 3, 3); /* the same tables under another version */
    check_versions(9, 3, 3, 9); /* another PMT that says so itself */
    check_versions(31, 3, 3, 31);
}

static void a_section_that_was_cut_is_joined_to_nothing(void) {
    bench b = begin();
    section_bytes long_one;
    begin_section(&long_one, 0x42, 1, 0);
    long_one.size = 300;
    memset(long_one.bytes + 8, 0x11, 292);
    end_section(&long_one);
    add_input(b.in, 3, 3);
    stream_add_table(b.in, TS_PID_SDT, &long_one);
    b.in->count--;
    mark(&b, 0);
    jump(b.in);
    for (uint8_t pointer = 0; pointer < 60; pointer++) {
        /* The end of a section, and a whole one behind it, as a new input would begin. */
        uint8_t *packet = stream_add(b.in, TS_PID_SDT);
        section_bytes whole;
        begin_section(&whole, 0x42, 2, 0);
        whole.size = 20;
        memset(whole.bytes + 8, pointer, 12);
        end_section(&whole);
        packet[1] |= 0x40u;
        packet[4] = pointer;
        memset(packet + 5, 0x22, pointer);
        memcpy(packet + 5 + pointer, whole.bytes, whole.size);
        memset(packet + 5 + pointer + whole.size, 0xFF, 183u - pointer - whole.size);
        if (pointer % 3 == 0) {
            stream_repeat(b.in);
        }
        mark(&b, 0);
        jump(b.in);
    }
    run(&b, 4);
    const section_list list = read_sections(b.out, TS_PID_SDT);
    CHECK(list.complete == 60);
    CHECK(list.broken == 1); /* the one that was cut */
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void tables_go_on_where_there_is_no_input(void) {
    bench b = begin();
    add_input(b.in, 3, 2);
    const size_t at = b.in->count;
    mark(&b, 10);
    stream_add_nulls(b.in, 50);
    mark(&b, 0);
    jump(b.in);
    add_input(b.in, 3, 3);
    run(&b, 6);
    for (size_t i = 0; i < 50; i++) {
        const uint16_t wanted = i % 10 == 0 ? TS_PID_PAT : i % 10 == 1 ? PMT : TS_PID_NULL;
        CHECK(stream_pid(b.out, at + i) == wanted);
    }
    CHECK(read_sections(b.out, PMT).complete == 7);
    CHECK(version_on(b.out, PMT) == 4);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void fill_without_tables_is_null_packets(void) {
    bench b = begin();
    mark(&b, 10);
    stream_add_nulls(b.in, 20);
    run(&b, 6);
    CHECK(same_streams(b.in, b.out));
    end(&b);
}

static bench many_switches(size_t cut) {
    bench b = begin();
    for (uint8_t i = 0; i < 40; i++) {
        add_input(b.in, i % 3, 2 + i % 2);
        b.in->count -= i % 9;
        mark(&b, i % 5 == 4 ? 7 : 0);
        if (i % 5 == 4) {
            stream_add_nulls(b.in, 30);
            mark(&b, 0);
        }
        jump(b.in);
    }
    run(&b, cut);
    return b;
}

static void cuts_change_nothing(void) {
    bench whole = many_switches(SIZE_MAX);
    CHECK(count_continuity_errors(whole.out) == 0);
    CHECK(read_sections(whole.out, TS_PID_PAT).broken == 0);
    CHECK(read_sections(whole.out, PMT).broken == 0);
    for (size_t cut = 1; cut < 50; cut += 6) {
        bench pieces = many_switches(cut);
        CHECK(same_streams(whole.out, pieces.out));
        end(&pieces);
    }
    end(&whole);
}

int main(void) {
    nothing_changes_without_a_switch();
    counters_go_on_and_the_first_pcr_says_so();
    a_unit_that_was_cut_does_not_leave();
    a_pid_that_never_starts_a_unit_is_not_waited_for_twice();
    versions_rise_only_where_tables_differ();
    a_section_that_was_cut_is_joined_to_nothing();
    tables_go_on_where_there_is_no_input();
    fill_without_tables_is_null_packets();
    cuts_change_nothing();
    return CHECK_RESULT;
}
