/* Tables that change in mid-stream. */
#include "stream_bench.h"

#include "check.h"
#include "tsloom/demux.h"

enum { A = 0x30, B = 0x31, CUES = 0x40, VIDEO = 0x100, AUDIO = 0x101 };

typedef struct follow_bench {
    ts_demux *demux;
    stream *s;
    size_t fed;
    size_t complete;
} follow_bench;

static ts_status count_section(void *context, const ts_demux_section *section) {
    follow_bench *b = context;
    b->complete += section->report->kind == TS_SECTION_COMPLETE;
    return TS_OK;
}

static void begin(follow_bench *b) {
    *b = (follow_bench){must(malloc(sizeof(ts_demux))), stream_begin(), 0, 0};
    CHECK(ts_demux_init(b->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                        count_section, b) == TS_OK);
}

static void end(follow_bench *b) {
    ts_demux_free(b->demux);
    free(b->demux);
    stream_end(b->s);
}

static void feed(follow_bench *b) {
    for (; b->fed < b->s->count; b->fed++) {
        const uint8_t *packet = stream_at(b->s, b->fed);
        CHECK(ts_demux_feed_packet(b->demux, packet, ts_load_be32(packet), b->fed) == TS_OK);
    }
}

static void send_pat(follow_bench *b, uint8_t version, const pid_pair *programs, size_t count) {
    const section_bytes pat = make_pat(version, programs, count);
    stream_add_table(b->s, TS_PID_PAT, &pat);
    feed(b);
}

static void send_pmt(follow_bench *b, uint16_t pid, uint16_t program_number, uint8_t version,
                     uint16_t pcr_pid, bool cues) {
    const pid_pair streams[] = {{0x1B, VIDEO}, {0x86, CUES}};
    const section_bytes pmt = make_pmt(program_number, version, pcr_pid, 0, streams, cues ? 2 : 1);
    stream_add_table(b->s, pid, &pmt);
    feed(b);
}

static bool has_pmt(const follow_bench *b, uint16_t program_number) {
    const ts_program *program = ts_demux_find_program(b->demux, program_number);
    return program != NULL && program->has_pmt;
}

static const pid_pair ONE[] = {{1, A}};
static const pid_pair TWO[] = {{2, B}};
static const pid_pair MOVED[] = {{1, B}};
static const pid_pair SHARED[] = {{1, A}, {2, A}};

static void a_program_that_goes_and_comes_back_has_its_pmt_again(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, true);
    send_pat(&b, 1, TWO, 1);
    CHECK(!has_pmt(&b, 1) && b.demux->role[A] == 0 && b.demux->role[CUES] == 0);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, true);
    CHECK(has_pmt(&b, 1) && (b.demux->role[CUES] & TS_ROLE_CUES));
    end(&b);
}

static void a_pmt_that_moves_away_and_back_is_taken_in_again(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    send_pat(&b, 1, MOVED, 1);
    CHECK(!has_pmt(&b, 1) && b.demux->role[A] == 0 && (b.demux->role[B] & TS_ROLE_PMT));
    send_pmt(&b, B, 1, 0, VIDEO, false);
    CHECK(has_pmt(&b, 1));
    send_pat(&b, 2, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    CHECK(has_pmt(&b, 1));
    end(&b);
}

static void a_pat_of_another_stream_and_back_is_taken_in_each_time(void) {
    follow_bench b;
    begin(&b);
    const section_bytes first = make_pat(0, ONE, 1);
    section_bytes second = make_pat(0, TWO, 1);
    ts_store_be16(second.bytes + 3, 99);
    psi_seal(second.bytes, second.size);
    for (size_t i = 0; i < 3; i++) {
        stream_add_table(b.s, TS_PID_PAT, &first);
        feed(&b);
        CHECK(ts_demux_find_program(b.demux, 1) != NULL && b.demux->program_count == 1);
        stream_add_table(b.s, TS_PID_PAT, &second);
        feed(&b);
        CHECK(ts_demux_find_program(b.demux, 2) != NULL && b.demux->program_count == 1);
    }
    end(&b);
}

static section_bytes make_pat_part(uint8_t number, uint8_t last, const pid_pair *programs) {
    section_bytes pat = make_pat(0, programs, 1);
    pat.bytes[6] = number;
    pat.bytes[7] = last;
    psi_seal(pat.bytes, pat.size);
    return pat;
}

static void a_second_pat_section_that_goes_and_comes_back_is_taken_in_again(void) {
    follow_bench b;
    begin(&b);
    const section_bytes parts[] = {make_pat_part(0, 1, ONE), make_pat_part(1, 1, TWO)};
    const section_bytes alone = make_pat_part(0, 0, ONE);
    for (size_t i = 0; i < 2; i++) {
        stream_add_table(b.s, TS_PID_PAT, &parts[0]);
        stream_add_table(b.s, TS_PID_PAT, &parts[1]);
        feed(&b);
        CHECK(b.demux->program_count == 2);
        stream_add_table(b.s, TS_PID_PAT, &alone);
        feed(&b);
        CHECK(b.demux->program_count == 1);
    }
    end(&b);
}

static void a_program_added_on_a_shared_pid_finds_its_pmt(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    send_pmt(&b, A, 2, 0, AUDIO, false); /* not listed yet */
    CHECK(!has_pmt(&b, 2));
    send_pat(&b, 1, SHARED, 2);
    send_pmt(&b, A, 2, 0, AUDIO, false);
    CHECK(has_pmt(&b, 1) && has_pmt(&b, 2));
    end(&b);
}

static void a_pat_change_tears_no_pmt_apart(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    const section_bytes pmt = make_pmt(1, 0, VIDEO, 400, NULL, 0);
    stream_add_table(b.s, A, &pmt);
    const section_bytes pat = make_pat(1, SHARED, 2);
    stream_add_table(b.s, TS_PID_PAT, &pat);
    uint8_t last[TS_PACKET_SIZE]; /* the PAT changes places with the PMT's last packet */
    memcpy(last, stream_at(b.s, b.s->count - 2), sizeof last);
    memcpy(stream_at(b.s, b.s->count - 2), stream_at(b.s, b.s->count - 1), sizeof last);
    memcpy(stream_at(b.s, b.s->count - 1), last, sizeof last);
    feed(&b);
    CHECK(b.complete == 3 && has_pmt(&b, 1));
    end(&b);
}

static void a_pid_watched_anew_begins_with_nothing(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    const section_bytes pmt = make_pmt(1, 0, VIDEO, 400, NULL, 0);
    stream_add_table(b.s, A, &pmt);
    b.s->count--; /* it never ends */
    feed(&b);
    send_pat(&b, 1, TWO, 1);
    send_pat(&b, 2, ONE, 1);
    CHECK(b.demux->assembler[A]->size == 0);
    end(&b);
}

static void a_cue_pid_no_longer_listed_is_left_alone(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, true);
    CHECK(b.demux->role[CUES] == TS_ROLE_CUES);
    send_pmt(&b, A, 1, 1, VIDEO, false);
    CHECK(b.demux->role[CUES] == 0);
    end(&b);
}

static void a_pcr_pid_that_changes_goes_on_with_the_program_s_time(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    stream_add_pcr(b.s, VIDEO, 270000);
    stream_add_pcr(b.s, VIDEO, 270000 + 27000);
    send_pmt(&b, A, 1, 1, AUDIO, false);
    const ts_clock *clock = b.demux->clock[AUDIO];
    CHECK(clock != NULL && clock->carried && ts_clock_get_time(clock, 5) == 3 * 27000);
    CHECK(ts_clock_time_to_pcr(clock, 27000) == 297000);
    stream_add_pcr(b.s, AUDIO, 5);
    feed(&b);
    CHECK(!clock->carried && ts_clock_get_time(clock, 5) == 3 * 27000);
    CHECK(ts_clock_time_to_pcr(clock, 3 * 27000) == 5);
    CHECK(clock->discontinuities == 0 && clock->jumps == 0 && clock->pcr_count == 1);
    end(&b);
}

static void a_pcr_pid_that_ran_beside_is_brought_to_the_program_s_time(void) {
    follow_bench b;
    begin(&b);
    send_pat(&b, 0, ONE, 1);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    for (unsigned i = 0; i < 10; i++) {
        stream_add_pcr(b.s, VIDEO, i * 54000u);
    }
    stream_add_pcr(b.s, AUDIO, 1);
    stream_add_pcr(b.s, AUDIO, 1 + 54000);
    feed(&b);
    send_pmt(&b, A, 1, 1, AUDIO, false);
    const uint64_t here = b.s->count - 1;
    CHECK(ts_clock_get_time(b.demux->clock[AUDIO], here) ==
          ts_clock_get_time(b.demux->clock[VIDEO], here));
    end(&b);
}

static void a_clock_of_another_program_stays_that_program_s(void) {
    follow_bench b;
    const pid_pair both[] = {{1, A}, {2, B}};
    begin(&b);
    send_pat(&b, 0, both, 2);
    send_pmt(&b, A, 1, 0, VIDEO, false);
    send_pmt(&b, B, 2, 0, AUDIO, false);
    stream_add_pcr(b.s, VIDEO, 0);
    stream_add_pcr(b.s, VIDEO, 27000);
    stream_add_pcr(b.s, AUDIO, 0);
    feed(&b);
    send_pmt(&b, A, 1, 1, AUDIO, false);
    CHECK(b.demux->clock[AUDIO]->stream_time == 0);
    end(&b);
}

/* PIDs that have a fixed meaning, and the null PID, are no PMT and no cue PID. */
static void tables_cannot_point_everywhere(void) {
    follow_bench b;
    const pid_pair bad[] = {{1, 0x0F}, {2, TS_PID_NULL}, {3, A}};
    const pid_pair streams[] = {{0x86, 0x01}, {0x86, TS_PID_NULL}};
    begin(&b);
    send_pat(&b, 0, bad, 3);
    const section_bytes pmt = make_pmt(3, 0, TS_PID_NULL, 0, streams, 2);
    stream_add_table(b.s, A, &pmt);
    feed(&b);
    CHECK(b.demux->role[0x0F] == 0 && b.demux->role[TS_PID_NULL] == 0 && b.demux->role[1] == 0);
    CHECK(has_pmt(&b, 3) && ts_demux_get_clock(b.demux, A) == NULL);
    end(&b);
}

static void a_table_for_later_is_not_followed_now(void) {
    follow_bench b;
    begin(&b);
    section_bytes pat = make_pat(0, ONE, 1);
    pat.bytes[5] &= 0xFE;
    psi_seal(pat.bytes, pat.size);
    stream_add_table(b.s, TS_PID_PAT, &pat);
    feed(&b);
    CHECK(b.complete == 1 && b.demux->program_count == 0);
    end(&b);
}

int main(void) {
    a_program_that_goes_and_comes_back_has_its_pmt_again();
    a_pmt_that_moves_away_and_back_is_taken_in_again();
    a_pat_of_another_stream_and_back_is_taken_in_each_time();
    a_second_pat_section_that_goes_and_comes_back_is_taken_in_again();
    a_program_added_on_a_shared_pid_finds_its_pmt();
    a_pat_change_tears_no_pmt_apart();
    a_pid_watched_anew_begins_with_nothing();
    a_cue_pid_no_longer_listed_is_left_alone();
    a_pcr_pid_that_changes_goes_on_with_the_program_s_time();
    a_pcr_pid_that_ran_beside_is_brought_to_the_program_s_time();
    a_clock_of_another_program_stays_that_program_s();
    tables_cannot_point_everywhere();
    a_table_for_later_is_not_followed_now();
    return CHECK_RESULT;
}
