#include "tsloom/references.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT_1 = 0x30, PMT_2 = 0x31, VIDEO = 0x100, AUDIO = 0x101, CLOCK = 0x1F0 };

typedef struct follower {
    ts_demux demux;
    ts_references references;
    ts_status status;
} follower;

static ts_status follow(void *context, const ts_demux_section *section) {
    follower *f = context;
    return ts_references_follow(&f->references, &f->demux, section);
}

static ts_status feed(void *state, ts_batch *batch) {
    return ts_demux_feed(&((follower *)state)->demux, batch, 0);
}

static follower *run(stream *s) {
    follower *f = must(calloc(1, sizeof *f));
    ts_references_init(&f->references);
    CHECK(ts_demux_init(&f->demux, TS_FOLLOW_PROGRAMS, follow, f) == TS_OK);
    CHECK(ts_demux_watch(&f->demux, TS_PID_CAT) == TS_OK);
    stream *out = stream_begin();
    bench_run bench = {.stage = {.process = feed, .state = f}};
    run_whole(&bench, s, out);
    stream_end(out);
    stream_end(s);
    return f;
}

static void end(follower *f) {
    ts_references_free(&f->references);
    ts_demux_free(&f->demux);
    free(f);
}

static const ts_reference *of(const follower *f, uint16_t pid) {
    return &f->references.pid[pid];
}

static void add_pat(stream *s, uint8_t version, const pid_pair *programs, size_t count) {
    const section_bytes pat = make_pat(version, programs, count);
    stream_add_table(s, TS_PID_PAT, &pat);
}

static void add_pmt(stream *s, uint16_t number, uint16_t pid, uint8_t version, uint16_t pcr_pid,
                    const pid_pair *streams, size_t count) {
    const section_bytes pmt = make_pmt(number, version, pcr_pid, 0, streams, count);
    stream_add_table(s, pid, &pmt);
}

static const pid_pair BOTH[] = {{1, PMT_1}, {2, PMT_2}};
static const pid_pair VIDEO_AUDIO[] = {{0x1B, VIDEO}, {0x0F, AUDIO}};

static void what_tables_name_is_known(void) {
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 2);
    add_pmt(s, 1, PMT_1, 0, CLOCK, VIDEO_AUDIO, 2);
    follower *f = run(s);
    CHECK(of(f, VIDEO)->elementary == 1 && of(f, AUDIO)->elementary == 1);
    CHECK(of(f, VIDEO)->stream_type == 0x1B && of(f, VIDEO)->pcr_pid == CLOCK);
    CHECK(of(f, CLOCK)->pcr == 1 && of(f, CLOCK)->elementary == 0);
    CHECK(of(f, PMT_1)->pmt && of(f, PMT_2)->pmt && !of(f, VIDEO)->pmt);
    CHECK(ts_references_has(&f->references, CLOCK) && !ts_references_has(&f->references, 0x200));
    CHECK(ts_references_has(&f->references, 0x1F) && !ts_references_has(&f->references, 0x20));
    CHECK(ts_references_has(&f->references, TS_PID_NULL));
    end(f);
}

/* Two programs share a PID and say otherwise what it is: it counts twice, the last one names it. */
static void programs_that_contradict_each_other_both_count(void) {
    const pid_pair other[] = {{0x03, VIDEO}};
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 2);
    add_pmt(s, 1, PMT_1, 0, CLOCK, VIDEO_AUDIO, 2);
    add_pmt(s, 2, PMT_2, 0, VIDEO, other, 1);
    follower *f = run(s);
    CHECK(of(f, VIDEO)->elementary == 2 && of(f, VIDEO)->stream_type == 0x03);
    CHECK(of(f, VIDEO)->pcr_pid == VIDEO && of(f, VIDEO)->pcr == 1 && of(f, CLOCK)->pcr == 1);
    end(f);
}

static void a_program_that_the_pat_drops_takes_its_references_along(void) {
    const pid_pair shared[] = {{0x1B, VIDEO}};
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 2);
    add_pmt(s, 1, PMT_1, 0, CLOCK, VIDEO_AUDIO, 2);
    add_pmt(s, 2, PMT_2, 0, VIDEO, shared, 1);
    add_pat(s, 1, BOTH + 1, 1);
    follower *f = run(s);
    CHECK(of(f, VIDEO)->elementary == 1 && of(f, AUDIO)->elementary == 0);
    CHECK(of(f, CLOCK)->pcr == 0 && !ts_references_has(&f->references, CLOCK));
    CHECK(!of(f, PMT_1)->pmt && of(f, PMT_2)->pmt && f->references.table_count == 1);
    end(f);
}

static void a_new_version_replaces_what_the_last_one_named(void) {
    const pid_pair moved[] = {{0x1B, 0x200}};
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 1);
    for (uint8_t version = 0; version < 100; version++) {
        add_pmt(s, 1, PMT_1, version, CLOCK, version % 2 ? moved : VIDEO_AUDIO,
                version % 2 ? 1 : 2);
    }
    follower *f = run(s);
    CHECK(of(f, VIDEO)->elementary == 0 && of(f, 0x200)->elementary == 1);
    CHECK(of(f, CLOCK)->pcr == 1 && f->references.table_count == 1);
    CHECK(f->references.changes == 101);
    end(f);
}

/* A PID that is named as a table and as a stream is both. */
static void a_pid_may_have_two_roles(void) {
    const pid_pair itself[] = {{0x05, PMT_1}};
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 1);
    add_pmt(s, 1, PMT_1, 0, PMT_1, itself, 1);
    follower *f = run(s);
    CHECK(of(f, PMT_1)->pmt && of(f, PMT_1)->elementary == 1 && of(f, PMT_1)->pcr == 1);
    end(f);
}

static void a_program_on_a_pid_that_is_not_its_own_says_nothing(void) {
    stream *s = stream_begin();
    add_pat(s, 0, BOTH, 2);
    add_pmt(s, 1, PMT_2, 0, CLOCK, VIDEO_AUDIO, 2);
    follower *f = run(s);
    CHECK(of(f, VIDEO)->elementary == 0 && of(f, CLOCK)->pcr == 0);
    end(f);
}

int main(void) {
    what_tables_name_is_known();
    programs_that_contradict_each_other_both_count();
    a_program_that_the_pat_drops_takes_its_references_along();
    a_new_version_replaces_what_the_last_one_named();
    a_pid_may_have_two_roles();
    a_program_on_a_pid_that_is_not_its_own_says_nothing();
    return CHECK_RESULT;
}
