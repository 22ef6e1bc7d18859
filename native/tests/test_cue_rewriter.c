#include "tsloom/cue_rewriter.h"

#include "stream_bench.h"

#include "check.h"
#include "tsloom/crc32.h"

enum { PMT = 0x30, OTHER_PMT = 0x31, VIDEO = 0x100, CUES = 0x1F0, MORE_CUES = 0x1F1 };

typedef struct cue_bench {
    ts_cue_rewriter *stage;
    stream *in;
    stream *out;
    /* What is answered, to each question in turn; the last one goes on. */
    ts_cue_verdict verdicts[8];
    section_bytes answer;
    size_t asked;
} cue_bench;

static void add_psi(stream *s) {
    const pid_pair programs[] = {{1, PMT}, {2, OTHER_PMT}};
    const pid_pair first[] = {{0x1B, VIDEO}, {0x86, CUES}};
    const pid_pair second[] = {{0x86, MORE_CUES}};
    const section_bytes pat = make_pat(0, programs, 2);
    const section_bytes pmt = make_pmt(1, 0, VIDEO, 0, first, 2);
    const section_bytes other = make_pmt(2, 0, VIDEO, 0, second, 1);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT, &pmt);
    stream_add_table(s, OTHER_PMT, &other);
}

static cue_bench begin(uint16_t program_number) {
    cue_bench b = {.stage = must(malloc(sizeof(ts_cue_rewriter))),
                   .in = stream_begin(),
                   .out = stream_begin()};
    CHECK(ts_cue_rewriter_init(b.stage, program_number) == TS_OK);
    add_psi(b.in);
    return b;
}

static void end(cue_bench *b) {
    ts_cue_rewriter_free(b->stage);
    free(b->stage);
    stream_end(b->in);
    stream_end(b->out);
}

static void seal(section_bytes *cue) {
    ts_store_be16(cue->bytes + 1, (uint16_t)(0x3000u | (cue->size - 3)));
    ts_store_be32(cue->bytes + cue->size - 4, ts_crc32(cue->bytes, cue->size - 4));
}

/* A time_signal with this pts_adjustment, and descriptors of nothing up to a size. */
static section_bytes make_cue(uint64_t pts_adjustment, uint8_t id, size_t size) {
    static const uint8_t front[] = {0xFC, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xF0, 5, 6, 0xFE};
    section_bytes cue = {.size = size};
    memset(cue.bytes, id, sizeof cue.bytes);
    memcpy(cue.bytes, front, sizeof front);
    cue.bytes[4] = (uint8_t)(pts_adjustment >> 32);
    ts_store_be32(cue.bytes + 5, (uint32_t)pts_adjustment);
    seal(&cue);
    return cue;
}

static void add_cue(cue_bench *b, uint16_t pid, uint64_t pts_adjustment, uint8_t id, size_t size) {
    const section_bytes cue = make_cue(pts_adjustment, id, size);
    stream_add_table(b->in, pid, &cue);
}

static void control(void *context) {
    cue_bench *b = context;
    for (size_t i = 0; i < b->stage->section_count; i++) {
        if (b->stage->sections[i].is_asked) {
            const ts_cue_verdict verdict = b->verdicts[b->asked < 8 ? b->asked : 7];
            CHECK(ts_cue_rewriter_answer(b->stage, i, verdict, b->answer.bytes, b->answer.size) ==
                  TS_OK);
            b->asked++;
        }
    }
}

static void run(cue_bench *b, size_t cut) {
    bench_run run = {.stage = {.process = ts_cue_rewriter_process, .state = b->stage},
                     .control = control,
                     .context = b};
    run_stream(&run, b->in, &cut, 1, b->out);
    ts_batch rest;
    ts_batch_init(&rest);
    CHECK(ts_cue_rewriter_finish(b->stage, &rest) == TS_OK);
    take_batch(&run, &rest, b->out);
    ts_batch_free(&rest);
    CHECK(!run.lying && count_continuity_errors(b->out) == 0);
}

static void pts_adjustment_grows_by_the_offset_modulo_2_33(void) {
    cue_bench b = begin(0);
    const uint64_t offset = UINT64_C(0x1FFFFFFF0);
    CHECK(ts_cue_rewriter_set_offset(b.stage, offset, 0) == TS_OK);
    add_cue(&b, CUES, 0x20, 7, 40);
    stream_add_many(b.in, VIDEO, 3);
    add_cue(&b, MORE_CUES, 0, 8, 183);
    run(&b, 2);
    CHECK(b.stage->restamped_sections == 2 && b.out->count == b.in->count);
    const section_bytes first = make_cue(0x10, 7, 40);
    const section_bytes second = make_cue(offset, 8, 183);
    section_list list = read_sections(b.out, CUES);
    CHECK(list.complete == 1 && is_section(&list.last, &first));
    list = read_sections(b.out, MORE_CUES);
    CHECK(list.complete == 1 && is_section(&list.last, &second));
    for (size_t i = 0; i < b.in->count; i++) {
        const uint16_t pid = stream_pid(b.in, i);
        CHECK(pid == CUES || pid == MORE_CUES ||
              memcmp(stream_at(b.in, i), stream_at(b.out, i), TS_PACKET_SIZE) == 0);
    }
    end(&b);
}

static void without_an_offset_nothing_changes(void) {
    cue_bench b = begin(0);
    for (uint8_t i = 0; i < 5; i++) {
        add_cue(&b, CUES, 5, i, 60);
        stream_add(b.in, VIDEO);
    }
    run(&b, 3);
    CHECK(same_streams(b.in, b.out));
    end(&b);
}

static void cues_of_other_programs_pass(void) {
    cue_bench b = begin(1);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 900, 0) == TS_OK);
    add_cue(&b, CUES, 0, 1, 60);
    add_cue(&b, MORE_CUES, 0, 1, 60);
    run(&b, 100);
    const section_bytes moved = make_cue(900, 1, 60);
    const section_bytes same = make_cue(0, 1, 60);
    const section_list own = read_sections(b.out, CUES);
    const section_list other = read_sections(b.out, MORE_CUES);
    CHECK(is_section(&own.last, &moved) && is_section(&other.last, &same));
    end(&b);
}

static void a_named_pid_needs_no_pmt(void) {
    cue_bench b = begin(3);
    CHECK(ts_cue_rewriter_name(b.stage, 0x77) == TS_OK);
    CHECK(ts_cue_rewriter_name(b.stage, TS_PID_NULL) == TS_BAD_ARGUMENT);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 900, 0) == TS_OK);
    add_cue(&b, 0x77, 0, 1, 60);
    add_cue(&b, CUES, 0, 1, 60);
    run(&b, 100);
    CHECK(b.stage->restamped_sections == 1);
    end(&b);
}

static void an_offset_takes_effect_at_its_packet(void) {
    for (size_t cut = 1; cut < 40; cut += 6) {
        cue_bench b = begin(0);
        CHECK(ts_cue_rewriter_set_offset(b.stage, 300, 23) == TS_OK);
        CHECK(ts_cue_rewriter_set_offset(b.stage, 100, 0) == TS_OK);
        CHECK(ts_cue_rewriter_set_offset(b.stage, 200, 13) == TS_OK);
        CHECK(ts_cue_rewriter_set_offset(b.stage, TS_PTS_MODULUS, 0) == TS_BAD_ARGUMENT);
        while (b.in->count < 33) {
            add_cue(&b, CUES, 0, 1, 60);
        }
        run(&b, cut);
        for (size_t i = 3; i < 33; i++) {
            const uint32_t adjustment = ts_load_be32(stream_at(b.out, i) + 5 + 5);
            CHECK(adjustment == (i < 13 ? 100u : i < 23 ? 200u : 300u));
        }
        end(&b);
    }
}

static void what_is_encrypted_or_damaged_or_another_table_keeps_its_bytes(void) {
    cue_bench b = begin(0);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 1, 0) == TS_OK);
    section_bytes encrypted = make_cue(UINT64_C(0x1FFFFFFFF), 1, 60);
    encrypted.bytes[4] |= 0x82;
    seal(&encrypted);
    section_bytes damaged = make_cue(5, 2, 60);
    damaged.bytes[20] ^= 1;
    section_bytes version = make_cue(5, 3, 60);
    version.bytes[3] = 1;
    seal(&version);
    section_bytes other;
    begin_section(&other, 0x80, 1, 0);
    end_section(&other);
    const section_bytes all[] = {encrypted, damaged, version, other};
    for (size_t i = 0; i < 4; i++) {
        stream_add_table(b.in, CUES, &all[i]);
    }
    run(&b, 100);
    encrypted.bytes[4] = 0x82;
    memset(encrypted.bytes + 5, 0, 4);
    seal(&encrypted);
    const size_t first = find_pid(b.out, CUES, 0);
    CHECK(memcmp(stream_at(b.out, first) + 5, encrypted.bytes, encrypted.size) == 0);
    for (size_t i = 1; i < 4; i++) {
        CHECK(memcmp(stream_at(b.in, first + i), stream_at(b.out, first + i), TS_PACKET_SIZE) == 0);
    }
    CHECK(b.stage->restamped_sections == 1);
    end(&b);
}

static void removed_sections_leave_null_packets_and_right_counters(void) {
    cue_bench b = begin(0);
    b.stage->asks = true;
    b.verdicts[1] = b.verdicts[2] = b.verdicts[4] = TS_CUE_REMOVE;
    for (uint8_t i = 0; i < 6; i++) {
        add_cue(&b, CUES, 0, i, i == 2 ? 400 : 60);
        stream_add(b.in, VIDEO);
    }
    run(&b, 5);
    CHECK(b.asked == 6 && b.stage->removed_sections == 3);
    CHECK(b.out->count == b.in->count && count_pid(b.out, TS_PID_NULL) == 5);
    const section_list list = read_sections(b.out, CUES);
    CHECK(list.complete == 3 && list.broken == 0 && count_pid(b.out, CUES) == 3);
    end(&b);
}

static void freed_packets_may_be_dropped(void) {
    cue_bench b = begin(0);
    b.stage->asks = true;
    b.stage->drops_freed = true;
    b.verdicts[0] = b.verdicts[2] = TS_CUE_REMOVE;
    for (uint8_t i = 0; i < 4; i++) {
        stream_add_nulls(b.in, 1);
        add_cue(&b, CUES, 0, i, 60);
        stream_add(b.in, VIDEO);
    }
    run(&b, 100);
    CHECK(b.out->count == b.in->count - 2 && count_pid(b.out, TS_PID_NULL) == 4);
    CHECK(count_pid(b.out, VIDEO) == 4 && count_pid(b.out, CUES) == 2);
    end(&b);
}

/* Room for a section that has outgrown its packet: null packets, or added ones. */
static void a_larger_section_takes_the_room_that_it_may(void) {
    for (int room = TS_ROOM_NULLS; room <= TS_ROOM_ADD; room++) {
        for (size_t cut = 1; cut < 30; cut += 9) {
            cue_bench b = begin(0);
            b.stage->asks = true;
            b.stage->drops_freed = cut & 2u;
            b.stage->room = (ts_room)room;
            b.answer = make_cue(0, 9, 700);
            b.verdicts[0] = TS_CUE_REPLACE;
            stream_add_pcr(b.in, VIDEO, 0);
            stream_add_pcr(b.in, VIDEO, 27000);
            add_cue(&b, CUES, 0, 1, 60);
            stream_add_many(b.in, VIDEO, 5);
            stream_add_nulls(b.in, 2);
            stream_add_many(b.in, VIDEO, 30);
            stream_add_nulls(b.in, 2);
            stream_add_many(b.in, VIDEO, 30);
            run(&b, cut);
            const section_list list = read_sections(b.out, CUES);
            CHECK(list.complete == 1 && list.broken == 0 && is_section(&list.last, &b.answer));
            CHECK(b.stage->replaced_sections == 1 && b.stage->lost_sections == 0);
            const size_t added[] = {0, 1, 3};
            CHECK(b.out->count == b.in->count + added[room]);
            end(&b);
        }
    }
}

static void a_section_of_several_packets_leaves_whole_behind_its_last(void) {
    cue_bench b = begin(0);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 7, 0) == TS_OK);
    b.stage->room = TS_ROOM_ADD;
    b.stage->drops_freed = true;
    add_cue(&b, CUES, 0, 1, 1000);
    add_cue(&b, CUES, 0, 2, 60);
    stream_add_many(b.in, VIDEO, 10);
    run(&b, 4);
    const section_list list = read_sections(b.out, CUES);
    CHECK(list.complete == 2 && list.broken == 0 && b.stage->restamped_sections == 2);
    CHECK(b.out->count <= b.in->count);
    end(&b);
}

static void what_finds_no_room_is_counted(void) {
    cue_bench b = begin(0);
    b.stage->asks = true;
    b.stage->room = TS_ROOM_NULLS;
    b.answer = make_cue(0, 9, 700);
    b.verdicts[0] = TS_CUE_REPLACE;
    add_cue(&b, CUES, 0, 1, 60);
    stream_add_many(b.in, VIDEO, 30);
    run(&b, 100);
    CHECK(b.stage->lost_sections == 1 && b.out->count == b.in->count);
    end(&b);
}

static void a_pcr_on_the_cue_pid_stays(void) {
    cue_bench b = begin(0);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 7, 0) == TS_OK);
    add_cue(&b, CUES, 0, 1, 60);
    uint8_t *packet = stream_add_pcr(b.in, CUES, 1234567);
    packet[1] |= 0x40;
    const section_bytes cue = make_cue(0, 2, 60);
    packet[12] = 0;
    memcpy(packet + 13, cue.bytes, cue.size);
    memset(packet + 13 + cue.size, 0xFF, TS_PACKET_SIZE - 13 - cue.size);
    stream_add_adaptation(b.in, CUES, 183);
    stream_add_many(b.in, VIDEO, 30);
    run(&b, 100);
    const section_list list = read_sections(b.out, CUES);
    CHECK(list.complete == 2 && list.broken == 0 && b.stage->restamped_sections == 2);
    size_t pcrs = 0;
    for (size_t i = 0; i < b.out->count; i++) {
        pcrs += stream_pid(b.out, i) == CUES && ts_packet_has_pcr(stream_at(b.out, i)) &&
                ts_packet_get_pcr(stream_at(b.out, i)) == 1234567;
    }
    CHECK(pcrs == 1);
    end(&b);
}

static void scrambled_packets_pass(void) {
    cue_bench b = begin(0);
    CHECK(ts_cue_rewriter_set_offset(b.stage, 7, 0) == TS_OK);
    for (uint8_t i = 0; i < 4; i++) {
        add_cue(&b, CUES, 0, i, 60);
    }
    stream_at(b.in, 4)[3] |= 0x80;
    run(&b, 100);
    CHECK(memcmp(stream_at(b.in, 4), stream_at(b.out, 4), TS_PACKET_SIZE) == 0);
    CHECK(b.stage->restamped_sections == 3);
    end(&b);
}

static void an_answer_to_no_question_is_refused(void) {
    cue_bench b = begin(0);
    CHECK(ts_cue_rewriter_answer(b.stage, 0, TS_CUE_KEEP, NULL, 0) == TS_BAD_ARGUMENT);
    end(&b);
}

int main(void) {
    pts_adjustment_grows_by_the_offset_modulo_2_33();
    without_an_offset_nothing_changes();
    cues_of_other_programs_pass();
    a_named_pid_needs_no_pmt();
    an_offset_takes_effect_at_its_packet();
    what_is_encrypted_or_damaged_or_another_table_keeps_its_bytes();
    removed_sections_leave_null_packets_and_right_counters();
    freed_packets_may_be_dropped();
    a_larger_section_takes_the_room_that_it_may();
    a_section_of_several_packets_leaves_whole_behind_its_last();
    what_finds_no_room_is_counted();
    a_pcr_on_the_cue_pid_stays();
    scrambled_packets_pass();
    an_answer_to_no_question_is_refused();
    return CHECK_RESULT;
}
