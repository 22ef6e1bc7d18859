#include "tsloom/pid_remap.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, OTHER_PMT = 0x31, VIDEO = 0x100, AUDIO = 0x101, EMM = 0x50 };

typedef struct remap_bench {
    ts_pid_remap *stage;
    stream *in;
    stream *out;
} remap_bench;

/* PMT 0x30 to 0x1030, video 0x100 to 0x1100, audio and EMM likewise; OTHER_PMT stays. */
static remap_bench begin(void) {
    remap_bench b = {must(malloc(sizeof(ts_pid_remap))), stream_begin(), stream_begin()};
    CHECK(ts_pid_remap_init(b.stage) == TS_OK);
    static const uint16_t moved[] = {PMT, VIDEO, AUDIO, EMM};
    for (size_t i = 0; i < 4; i++) {
        ts_pid_remap_set(b.stage, moved[i], (uint16_t)(moved[i] + 0x1000));
    }
    return b;
}

static void run(remap_bench *b, size_t cut) {
    bench_run run = {.stage = {.process = ts_pid_remap_process, .state = b->stage}};
    run_stream(&run, b->in, &cut, 1, b->out);
    CHECK(!run.lying && b->out->count == b->in->count);
    CHECK(b->stage->rewriter.overflows == 0);
}

static void end(remap_bench *b) {
    ts_pid_remap_free(b->stage);
    free(b->stage);
    stream_end(b->in);
    stream_end(b->out);
}

static const pid_pair PROGRAMS[] = {{0, 0x10}, {1, PMT}, {2, OTHER_PMT}};
static const pid_pair MOVED[] = {{1, OTHER_PMT}};
static const pid_pair STREAMS[] = {{0x1B, VIDEO}, {0x0F, AUDIO}, {0x06, 0x200}};

static void add_psi(stream *s, uint8_t version) {
    const section_bytes pat = make_pat(version, PROGRAMS, 3);
    const section_bytes pmt = make_pmt(1, version, VIDEO, 300, STREAMS, 3);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT, &pmt);
}

/* The last PMT, of two packets, begins to leave as it ends: its second packet wants a slot more. */
static void packets_and_tables_say_the_same(void) {
    remap_bench b = begin();
    for (uint8_t i = 0; i < 4; i++) {
        add_psi(b.in, i);
        stream_add_pcr(b.in, VIDEO, 1000u * i);
        stream_add(b.in, AUDIO);
        stream_add(b.in, 0x200);
    }
    stream_add_adaptation(b.in, PMT, 183);
    run(&b, 5);
    const section_list pats = read_sections(b.out, TS_PID_PAT);
    const section_list pmts = read_sections(b.out, PMT + 0x1000);
    CHECK(pats.complete == 4 && pats.broken == 0 && pmts.complete == 4 && pmts.broken == 0);
    CHECK(psi_pat_get_pid(pats.last.bytes, 1) == PMT + 0x1000);
    CHECK(psi_pat_get_pid(pats.last.bytes, 2) == OTHER_PMT);
    const section_bytes wanted = make_pmt(
        1, 3, VIDEO + 0x1000, 300,
        (const pid_pair[]){{0x1B, VIDEO + 0x1000}, {0x0F, AUDIO + 0x1000}, {0x06, 0x200}}, 3);
    CHECK(is_section(&pmts.last, &wanted));
    CHECK(count_pid(b.out, VIDEO + 0x1000) == 4 && count_pid(b.out, AUDIO + 0x1000) == 4);
    CHECK(count_pid(b.out, PMT) == 0 && count_pid(b.out, VIDEO) == 0);
    CHECK(b.stage->remapped == 8 && count_continuity_errors(b.out) == 0);
    end(&b);
}

static void the_cat_follows(void) {
    remap_bench b = begin();
    section_bytes cat;
    begin_section(&cat, PSI_TABLE_ID_CAT, 0xFFFF, 0);
    const uint8_t ca[] = {0x09, 4, 0x01, 0x00, 0xE0, EMM};
    memcpy(cat.bytes + cat.size, ca, sizeof ca);
    cat.size += sizeof ca;
    end_section(&cat);
    stream_add_table(b.in, TS_PID_CAT, &cat);
    stream_add(b.in, EMM);
    run(&b, 1);
    CHECK(ts_load_be16(read_sections(b.out, TS_PID_CAT).last.bytes + 12) == 0xF000 + EMM);
    CHECK(stream_pid(b.out, 1) == EMM + 0x1000);
    end(&b);
}

static void what_cannot_be_edited_goes_on_as_it_came(void) {
    remap_bench b = begin();
    uint8_t other[40] = {0xC0, 0x30, 37};
    add_psi(b.in, 0);
    stream_add_section(b.in, PMT, other, sizeof other);
    section_bytes damaged = make_pmt(1, 1, VIDEO, 0, STREAMS, 3);
    damaged.bytes[9] ^= 1;
    stream_add_table(b.in, PMT, &damaged);
    run(&b, 2);
    const section_list list = read_sections(b.out, PMT + 0x1000);
    CHECK(list.complete == 3 && is_section(&list.last, &damaged));
    end(&b);
}

static void a_pid_that_is_moved_to_another_s_is_counted(void) {
    remap_bench b = begin();
    ts_pid_remap_set(b.stage, 0x300, 0x301);
    ts_pid_remap_set(b.stage, 0x301, 0x300); /* they change places */
    ts_pid_remap_set(b.stage, VIDEO + 0x1000, VIDEO + 0x1000);
    stream_add_many(b.in, VIDEO, 3);
    stream_add_many(b.in, VIDEO + 0x1000, 4);
    stream_add_many(b.in, 0x300, 5);
    stream_add_many(b.in, 0x301, 6);
    run(&b, 4);
    CHECK(b.stage->clashes == 4);
    CHECK(count_pid(b.out, 0x300) == 6 && count_pid(b.out, 0x301) == 5);
    end(&b);
}

/* The PAT moves a PMT; on its PID a picture follows. Nothing of it may be lost. */
static void a_pid_that_was_a_pmt_s_keeps_what_comes_next(void) {
    remap_bench b = begin();
    add_psi(b.in, 0);
    const section_bytes pat = make_pat(1, MOVED, 1);
    stream_add_table(b.in, TS_PID_PAT, &pat);
    const size_t from = b.in->count;
    stream_add_many(b.in, PMT, 50);
    run(&b, 9);
    for (size_t i = from; i < b.out->count; i++) {
        CHECK(stream_pid(b.out, i) == PMT + 0x1000);
        CHECK(memcmp(stream_at(b.out, i) + 4, stream_at(b.in, i) + 4, TS_PACKET_SIZE - 4) == 0);
    }
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

/* It may carry PMTs later, and then again none. */
static void counters_run_on_however_often_a_pid_changes_its_use(void) {
    remap_bench b = begin();
    for (uint8_t i = 0; i < 9; i++) {
        add_psi(b.in, i);
        stream_add_adaptation(b.in, PMT, i % 2 ? 183 : 20);
        const section_bytes pat = make_pat((uint8_t)(i + 16), MOVED, 1);
        stream_add_table(b.in, TS_PID_PAT, &pat);
        stream_add_many(b.in, PMT, i);
        stream_add_adaptation(b.in, PMT, 183);
        stream_add_many(b.in, PMT, 3);
    }
    run(&b, 4);
    CHECK(count_continuity_errors(b.out) == 0);
    CHECK(read_sections(b.out, TS_PID_PAT).complete == 18);
    end(&b);
}

static void a_packet_without_payload_at_the_start_costs_no_counter(void) {
    remap_bench b = begin();
    stream_add_many(b.in, PMT, 3); /* before the PAT */
    const section_bytes pat = make_pat(0, PROGRAMS, 3);
    const section_bytes pmt = make_pmt(1, 0, VIDEO, 0, STREAMS, 3);
    stream_add_table(b.in, TS_PID_PAT, &pat);
    stream_add_adaptation(b.in, PMT, 183);
    stream_add_table(b.in, PMT, &pmt);
    run(&b, 3);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void the_output_does_not_depend_on_the_cuts(void) {
    remap_bench whole = begin();
    for (uint8_t i = 0; i < 9; i++) {
        stream_add_many(whole.in, PMT, 2);
        add_psi(whole.in, i);
        const section_bytes pat = make_pat((uint8_t)(i + 16), MOVED, i % 2);
        stream_add_table(whole.in, TS_PID_PAT, &pat);
        stream_add_many(whole.in, AUDIO, 3);
    }
    run(&whole, SIZE_MAX);
    for (size_t cut = 1; cut < whole.in->count; cut += 1 + cut / 4) {
        remap_bench pieces = begin();
        stream_append(pieces.in, whole.in->packets, whole.in->count);
        run(&pieces, cut);
        CHECK(same_streams(whole.out, pieces.out));
        CHECK(pieces.stage->clashes == whole.stage->clashes);
        end(&pieces);
    }
    end(&whole);
}

int main(void) {
    packets_and_tables_say_the_same();
    the_cat_follows();
    what_cannot_be_edited_goes_on_as_it_came();
    a_pid_that_is_moved_to_another_s_is_counted();
    a_pid_that_was_a_pmt_s_keeps_what_comes_next();
    counters_run_on_however_often_a_pid_changes_its_use();
    a_packet_without_payload_at_the_start_costs_no_counter();
    the_output_does_not_depend_on_the_cuts();
    return CHECK_RESULT;
}
