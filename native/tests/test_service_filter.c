#include "tsloom/service_filter.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT_1 = 0x30, PMT_2 = 0x31, VIDEO_1 = 0x100, AUDIO_1 = 0x101, VIDEO_2 = 0x110, ECM = 0x200 };

static const pid_pair BOTH[] = {{0, 0x10}, {1, PMT_1}, {2, PMT_2}};
static const pid_pair FIRST[] = {{1, PMT_1}};
static const pid_pair SECOND[] = {{2, PMT_2}};

static stream *keep(const stream *s, uint16_t program_number, size_t cut) {
    ts_service_filter *stage = must(malloc(sizeof *stage));
    stream *out = stream_begin();
    CHECK(ts_service_filter_init(stage, &program_number, 1) == TS_OK);
    bench_run run = {.stage = {.process = ts_service_filter_process, .state = stage}};
    run_stream(&run, s, &cut, 1, out);
    CHECK(!run.lying);
    CHECK(stage->filter.dropped == s->count - out->count);
    ts_service_filter_free(stage);
    free(stage);
    return out;
}

static void add_pat(stream *s, uint8_t version, const pid_pair *programs, size_t count) {
    const section_bytes pat = make_pat(version, programs, count);
    stream_add_table(s, TS_PID_PAT, &pat);
}

static void add_pmt_1(stream *s, uint8_t version, uint16_t audio) {
    const pid_pair streams[] = {{0x1B, VIDEO_1}, {0x0F, audio}};
    const section_bytes pmt = make_pmt(1, version, VIDEO_1, 0, streams, 2);
    stream_add_table(s, PMT_1, &pmt);
}

static void add_pmt_2(stream *s, uint8_t version) {
    const pid_pair streams[] = {{0x1B, VIDEO_2}};
    const section_bytes pmt = make_pmt(2, version, VIDEO_2, 0, streams, 1);
    stream_add_table(s, PMT_2, &pmt);
}

static void add_all(stream *s, size_t rounds) {
    static const uint16_t pids[] = {VIDEO_1, AUDIO_1, VIDEO_2, 0x11, 0x300, TS_PID_NULL};
    for (size_t i = 0; i < rounds * 6; i++) {
        stream_add(s, pids[i % 6]);
    }
}

static void a_service_passes_with_all_that_is_its_own(void) {
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 3);
    add_pmt_1(s, 0, AUDIO_1);
    add_pmt_2(s, 0);
    add_all(s, 10);
    stream *out = keep(s, 1, SIZE_MAX);
    CHECK(count_pid(out, PMT_1) == 1 && count_pid(out, PMT_2) == 0);
    CHECK(count_pid(out, VIDEO_1) == 10 && count_pid(out, AUDIO_1) == 10);
    CHECK(count_pid(out, VIDEO_2) == 0 && count_pid(out, 0x300) == 0);
    CHECK(count_pid(out, 0x11) == 10 && count_pid(out, TS_PID_NULL) == 10);
    const section_list pats = read_sections(out, TS_PID_PAT);
    CHECK(pats.complete == 1 && pats.broken == 0);
    CHECK(psi_pat_get_count(pats.last.bytes) == 2);
    CHECK(psi_pat_get_program_number(pats.last.bytes, 0) == 0);
    CHECK(psi_pat_get_program_number(pats.last.bytes, 1) == 1);
    stream_end(out);
    stream_end(s);
}

static void ecms_pass_too(void) {
    stream *s = stream_begin();
    add_pat(s, 0, FIRST, 1);
    section_bytes pmt = make_pmt(1, 0, VIDEO_1, 6, NULL, 0);
    const uint8_t ca[] = {0x09, 4, 0x01, 0x00, 0xE0 | ECM >> 8, ECM & 0xFF};
    memcpy(pmt.bytes + 12, ca, sizeof ca);
    psi_seal(pmt.bytes, pmt.size);
    stream_add_table(s, PMT_1, &pmt);
    stream_add_many(s, ECM, 5);
    stream *out = keep(s, 1, SIZE_MAX);
    CHECK(count_pid(out, ECM) == 5);
    stream_end(out);
    stream_end(s);
}

static void a_new_pmt_changes_what_passes_from_its_end_on(void) {
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 3);
    add_pmt_1(s, 0, AUDIO_1);
    add_all(s, 10);
    add_pmt_1(s, 1, 0x300);
    add_all(s, 10);
    stream *out = keep(s, 1, SIZE_MAX);
    CHECK(count_pid(out, AUDIO_1) == 10 && count_pid(out, 0x300) == 10);
    CHECK(count_pid(out, VIDEO_1) == 20);
    stream_end(out);
    stream_end(s);
}

static void a_service_that_comes_back_passes_again(void) {
    stream *s = stream_begin();
    add_pat(s, 0, FIRST, 1);
    add_pmt_1(s, 0, AUDIO_1);
    add_all(s, 10);
    add_pat(s, 1, SECOND, 1);
    add_all(s, 10);
    add_pat(s, 0, FIRST, 1);
    add_pmt_1(s, 0, AUDIO_1);
    add_all(s, 10);
    stream *out = keep(s, 1, SIZE_MAX);
    CHECK(count_pid(out, VIDEO_1) == 20 && count_pid(out, AUDIO_1) == 20);
    CHECK(read_sections(out, TS_PID_PAT).complete == 3);
    stream_end(out);
    stream_end(s);
}

/* On a PID that the PAT does not name for it, a PMT means nothing. */
static void a_pmt_on_a_foreign_pid_changes_nothing(void) {
    stream *s = stream_begin();
    const pid_pair streams[] = {{0x1B, 0x300}};
    const section_bytes stray = make_pmt(1, 1, 0x300, 0, streams, 1);
    add_pat(s, 0, BOTH, 3);
    add_pmt_1(s, 0, AUDIO_1);
    stream_add_table(s, PMT_2, &stray);
    add_all(s, 10);
    stream *out = keep(s, 1, SIZE_MAX);
    CHECK(count_pid(out, VIDEO_1) == 10 && count_pid(out, 0x300) == 0);
    stream_end(out);
    stream_end(s);
}

static void a_service_that_is_not_there_leaves_an_empty_pat(void) {
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 3);
    add_pmt_1(s, 0, AUDIO_1);
    add_all(s, 10);
    stream *out = keep(s, 7, SIZE_MAX);
    CHECK(psi_pat_get_count(read_sections(out, TS_PID_PAT).last.bytes) == 1);
    CHECK(out->count == 1 + 20);
    stream_end(out);
    stream_end(s);
}

static void a_pat_over_several_packets_shrinks(void) {
    pid_pair many[200];
    stream *s = stream_begin();
    for (uint16_t i = 0; i < 200; i++) {
        many[i] = (pid_pair){(uint16_t)(i + 1), (uint16_t)(0x400 + i)};
    }
    for (size_t i = 0; i < 5; i++) {
        add_pat(s, 0, many, 200);
        add_all(s, 1);
    }
    stream *out = keep(s, 9, 7);
    const section_list pats = read_sections(out, TS_PID_PAT);
    CHECK(pats.complete == 5 && pats.broken == 0 && psi_pat_get_count(pats.last.bytes) == 1);
    CHECK(count_pid(out, TS_PID_PAT) == 5 && count_continuity_errors(out) == 0);
    stream_end(out);
    stream_end(s);
}

static void the_output_does_not_depend_on_the_cuts(void) {
    stream *s = stream_begin();
    for (uint8_t i = 0; i < 6; i++) {
        add_all(s, 3);
        add_pat(s, i, i % 3 == 1 ? SECOND : BOTH, i % 3 == 1 ? 1 : 3);
        add_all(s, 3);
        add_pmt_1(s, i, i % 2 ? AUDIO_1 : 0x300);
        add_pmt_2(s, i);
    }
    stream *whole = keep(s, 1, SIZE_MAX);
    for (size_t cut = 1; cut < s->count; cut += 1 + cut / 5) {
        stream *pieces = keep(s, 1, cut);
        CHECK(same_streams(whole, pieces));
        stream_end(pieces);
    }
    CHECK(read_sections(whole, TS_PID_PAT).broken == 0);
    stream_end(whole);
    stream_end(s);
}

int main(void) {
    a_service_passes_with_all_that_is_its_own();
    ecms_pass_too();
    a_new_pmt_changes_what_passes_from_its_end_on();
    a_service_that_comes_back_passes_again();
    a_pmt_on_a_foreign_pid_changes_nothing();
    a_service_that_is_not_there_leaves_an_empty_pat();
    a_pat_over_several_packets_shrinks();
    the_output_does_not_depend_on_the_cuts();
    return CHECK_RESULT;
}
