#include "tsloom/look_ahead.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, VIDEO = 0x100, AUDIO = 0x101, MS = 27000, MANY = 100000 };

typedef struct delay_bench {
    ts_look_ahead *stage;
    stream *in;
    stream *out;
    size_t fed;
    size_t positions_wrong;
} delay_bench;

static delay_bench begin(uint16_t program_number, int64_t delay, size_t max_packets) {
    delay_bench b = {must(malloc(sizeof(ts_look_ahead))), stream_begin(), stream_begin(), 0, 0};
    CHECK(ts_look_ahead_init(b.stage, program_number, delay, max_packets) == TS_OK);
    return b;
}

static void end(delay_bench *b) {
    ts_look_ahead_free(b->stage);
    free(b->stage);
    stream_end(b->in);
    stream_end(b->out);
}

static void take(delay_bench *b, const ts_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        b->positions_wrong += batch->first_index + batch->position[i] != b->out->count + i;
        CHECK(batch->header[i] == ts_load_be32(batch->packets + i * TS_PACKET_SIZE));
    }
    CHECK(batch->count <= batch->capacity);
    stream_append(b->out, batch->packets, batch->count);
}

/* Feeds what is there, in batches of so many packets. */
static void feed(delay_bench *b, size_t cut) {
    ts_batch batch;
    ts_batch_init(&batch);
    while (b->fed < b->in->count) {
        const size_t rest = b->in->count - b->fed;
        load_batch(&batch, b->in, b->fed, rest < cut ? rest : cut);
        b->fed += batch.count;
        CHECK(ts_look_ahead_process(b->stage, &batch) == TS_OK);
        take(b, &batch);
    }
    ts_batch_free(&batch);
}

static void finish(delay_bench *b) {
    ts_batch batch;
    ts_batch_init(&batch);
    CHECK(ts_look_ahead_finish(b->stage, &batch) == TS_OK);
    take(b, &batch);
    CHECK(b->positions_wrong == 0 && same_streams(b->in, b->out));
    ts_batch_free(&batch);
}

static void add_psi(stream *s, uint8_t version, uint16_t pcr_pid) {
    const pid_pair programs[] = {{1, PMT}};
    const pid_pair streams[] = {{0x1B, VIDEO}, {0x0F, AUDIO}};
    const section_bytes pat = make_pat(version, programs, 1);
    const section_bytes pmt = make_pmt(1, version, pcr_pid, 0, streams, 2);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT, &pmt);
}

/* So many spans of 40 ms of so many packets each, a PCR at the begin of each. */
static uint64_t add_spans(stream *s, uint64_t pcr, size_t count, size_t packets) {
    for (size_t i = 0; i < count; i++) {
        stream_add_pcr(s, VIDEO, pcr);
        stream_add_many(s, AUDIO, packets - 1);
        pcr += 40 * MS;
    }
    return pcr;
}

static void packets_leave_when_the_clock_has_run_on_by_the_delay(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 5, 50, 40); /* a packet a millisecond */
    feed(&b, 1);
    CHECK(b.in->count - b.out->count == 200);
    CHECK(ts_look_ahead_get_held(b.stage) == 199 * MS);
    CHECK(b.stage->early_packets == 0);
    finish(&b);
    end(&b);
}

/* From 40 packets in 40 ms to 400 and back: times between PCRs are what the PCRs say. */
static void the_delay_holds_at_any_rate(void) {
    for (size_t cut = 1; cut < 300; cut += 41) {
        delay_bench b = begin(0, 200 * MS, MANY);
        add_psi(b.in, 0, VIDEO);
        uint64_t pcr = add_spans(b.in, 0, 20, 40);
        feed(&b, cut);
        pcr = add_spans(b.in, pcr, 20, 400);
        feed(&b, cut);
        CHECK(b.in->count - b.out->count <= 2000 && b.in->count - b.out->count >= 1600);
        add_spans(b.in, pcr, 20, 40);
        feed(&b, cut);
        CHECK(b.in->count - b.out->count == 200);
        finish(&b);
        end(&b);
    }
}

static void no_delay_holds_nothing(void) {
    delay_bench b = begin(1, 0, MANY);
    stream_add_many(b.in, AUDIO, 100);
    feed(&b, 7);
    CHECK(b.out->count == 100);
    finish(&b);
    end(&b);
}

static void what_comes_before_the_clock_is_held_until_it_has_run(void) {
    delay_bench b = begin(1, 100 * MS, MANY);
    stream_add_many(b.in, AUDIO, 500);
    feed(&b, 64);
    CHECK(b.out->count == 0 && ts_look_ahead_get_held(b.stage) == 0);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 2, 40);
    feed(&b, 64);
    CHECK(b.out->count == 0);
    add_spans(b.in, 80 * MS, 10, 40);
    feed(&b, 64);
    CHECK(b.in->count - b.out->count == 100);
    finish(&b);
    end(&b);
}

static void the_bound_lets_go_of_the_oldest_and_says_how_many(void) {
    delay_bench b = begin(1, 1000 * MS, 300);
    stream_add_many(b.in, AUDIO, 1000);
    feed(&b, 100);
    CHECK(b.stage->count == 300 && b.stage->early_packets == 700);
    CHECK(b.stage->capacity <= 400);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 10, 40);
    feed(&b, 100);
    CHECK(b.stage->count == 300 && b.stage->early_packets == b.out->count);
    finish(&b);
    end(&b);
}

static void a_stream_without_pcr_comes_out_at_its_end(void) {
    delay_bench b = begin(1, MS, MANY);
    stream_add_many(b.in, AUDIO, 700);
    feed(&b, 64);
    CHECK(b.out->count == 0);
    finish(&b);
    CHECK(b.stage->count == 0);
    end(&b);
}

static void over_a_break_of_the_clock_the_delay_stays(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 20, 40);
    add_spans(b.in, TS_PCR_MODULUS / 2, 3, 40); /* not announced */
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 200);
    const size_t announced = b.in->count;
    add_spans(b.in, 77, 3, 40);
    stream_at(b.in, announced)[5] |= 0x80;
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 200);
    add_spans(b.in, TS_PCR_MODULUS - 40 * MS, 20, 40); /* and it wraps */
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 200);
    finish(&b);
    end(&b);
}

/* A second from one packet to the next, then as before: what is held is not held for good. */
static void a_mad_rate_does_not_stop_the_stream(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    uint64_t pcr = add_spans(b.in, 0, 20, 40);
    pcr = add_spans(b.in, pcr + 900 * MS, 1, 1);
    pcr = add_spans(b.in, pcr + 900 * MS, 1, 500);
    add_spans(b.in, pcr, 20, 40);
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 200);
    finish(&b);
    end(&b);
}

static void the_program_s_pcrs_may_move_to_another_pid(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 20, 40);
    add_psi(b.in, 1, AUDIO);
    for (size_t i = 0; i < 20; i++) {
        stream_add_pcr(b.in, AUDIO, 1000000000 + i * 40 * MS);
        stream_add_many(b.in, VIDEO, 39);
    }
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 200);
    finish(&b);
    end(&b);
}

static void pcrs_that_end_leave_the_clock_going_by_packets(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 20, 40);
    stream_add_many(b.in, AUDIO, 5000);
    feed(&b, 500);
    CHECK(b.in->count - b.out->count == 200);
    finish(&b);
    end(&b);
}

static void a_delay_that_changes_takes_effect_at_once(void) {
    delay_bench b = begin(1, 200 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 20, 40);
    feed(&b, 10);
    b.stage->delay = 100 * MS;
    add_spans(b.in, 800 * MS, 1, 40);
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 100);
    b.stage->delay = 300 * MS;
    add_spans(b.in, 840 * MS, 20, 40);
    feed(&b, 10);
    CHECK(b.in->count - b.out->count == 300);
    finish(&b);
    end(&b);
}

static void positions_survive_where_packets_were_dropped(void) {
    delay_bench b = begin(1, 20 * MS, MANY);
    add_psi(b.in, 0, VIDEO);
    add_spans(b.in, 0, 4, 40);
    ts_batch batch;
    ts_batch_init(&batch);
    load_batch(&batch, b.in, 0, b.in->count);
    batch.first_index = UINT64_C(1) << 40;
    for (size_t i = 0; i < batch.count; i++) {
        batch.position[i] = (uint32_t)i * 3u;
    }
    CHECK(ts_look_ahead_process(b.stage, &batch) == TS_OK);
    CHECK(batch.count == b.in->count - 20);
    for (size_t i = 0; i < batch.count; i++) {
        CHECK(batch.first_index + batch.position[i] == (UINT64_C(1) << 40) + i * 3);
    }
    CHECK(ts_look_ahead_finish(b.stage, &batch) == TS_OK);
    CHECK(batch.count == b.in->count);
    CHECK(batch.first_index + batch.position[batch.count - 1] ==
          (UINT64_C(1) << 40) + (batch.count - 1) * 3);
    ts_batch_free(&batch);
    end(&b);
}

int main(void) {
    packets_leave_when_the_clock_has_run_on_by_the_delay();
    the_delay_holds_at_any_rate();
    no_delay_holds_nothing();
    what_comes_before_the_clock_is_held_until_it_has_run();
    the_bound_lets_go_of_the_oldest_and_says_how_many();
    a_stream_without_pcr_comes_out_at_its_end();
    over_a_break_of_the_clock_the_delay_stays();
    a_mad_rate_does_not_stop_the_stream();
    the_program_s_pcrs_may_move_to_another_pid();
    pcrs_that_end_leave_the_clock_going_by_packets();
    a_delay_that_changes_takes_effect_at_once();
    positions_survive_where_packets_were_dropped();
    return CHECK_RESULT;
}
