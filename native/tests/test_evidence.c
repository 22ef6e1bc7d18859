#include "tsloom/evidence.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, VIDEO = 0x100, OTHER = 0x110 };

static ts_collector *collector;
static bool is_stamped;
static uint32_t stamps[4096];

static ts_status collect(void *state, ts_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        stamps[i] = (uint32_t)(batch->first_index + i) * 27000u + 1;
    }
    return ts_collector_take(state, batch, is_stamped ? stamps : NULL);
}

/* Tables, PCRs and payload; in the middle the PMT's PID changes. */
static stream *make_stream(void) {
    const pid_pair programs[][1] = {{{1, PMT}}, {{1, PMT + 1}}};
    const pid_pair streams[] = {{0x1B, VIDEO}};
    stream *s = stream_begin();
    for (size_t i = 0; i < 40; i++) {
        const size_t half = i / 20;
        const section_bytes pat = make_pat((uint8_t)half, programs[half], 1);
        const section_bytes pmt = make_pmt(1, 0, VIDEO, 0, streams, 1);
        stream_add_table(s, TS_PID_PAT, &pat);
        stream_add_table(s, (uint16_t)(PMT + half), &pmt);
        stream_add_pcr(s, VIDEO, s->count * 27000);
        stream_add_many(s, VIDEO, 10);
        stream_add_many(s, OTHER, 5);
    }
    return s;
}

static void begin(const stream *s, size_t cut, bool stamped) {
    is_stamped = stamped;
    collector = must(malloc(sizeof *collector));
    CHECK(ts_collector_init(collector) == TS_OK);
    stream *out = stream_begin();
    bench_run run = {.stage = {.process = collect, .state = collector}};
    run_stream(&run, s, &cut, 1, out);
    stream_end(out);
}

static void end(void) {
    ts_collector_free(collector);
    free(collector);
}

static ts_analyzer *make_analyzer(void) {
    ts_analyzer *analyzer = must(malloc(sizeof *analyzer));
    CHECK(ts_analyzer_init(analyzer) == TS_OK);
    return analyzer;
}

static void free_analyzer(ts_analyzer *analyzer) {
    ts_analyzer_free(analyzer);
    free(analyzer);
}

static ts_status replay(ts_analyzer *analyzer, size_t size, size_t *offset) {
    ts_arrivals arrivals;
    ts_batch batch;
    ts_status status = TS_OK;
    uint64_t index = 0;
    ts_arrivals_init(&arrivals);
    ts_batch_init(&batch);
    for (*offset = 0; *offset < size && status == TS_OK; index += batch.count) {
        batch.first_index = index;
        status = ts_evidence_replay(analyzer, collector->bytes, size, offset, &arrivals, &batch);
    }
    ts_batch_free(&batch);
    ts_arrivals_free(&arrivals);
    CHECK(ts_analyzer_finish(analyzer) == TS_OK);
    return status;
}

static void the_replay_counts_what_the_packets_do(void) {
    stream *s = make_stream();
    for (size_t cut = 1; cut < 900; cut += 123) {
        size_t offset;
        begin(s, cut, false);
        ts_analyzer *analyzer = make_analyzer();
        CHECK(replay(analyzer, collector->size, &offset) == TS_OK && offset == collector->size);
        CHECK(analyzer->packets == s->count && collector->packets == s->count);
        CHECK(analyzer->continuity.pid[OTHER].packets == 200);
        CHECK(analyzer->event_count == 0 && analyzer->recorder.sections == 80);
        CHECK(analyzer->pcr[VIDEO]->measure.total.pcr_count == 40);
        CHECK(analyzer->pcr[VIDEO]->measure.total.jitter.count == 0);
        CHECK(analyzer->arrival_clock == TS_ARRIVAL_UNKNOWN);
        free_analyzer(analyzer);
        end();
    }
    stream_end(s);
}

static void time_stamps_come_with_it(void) {
    stream *s = make_stream();
    size_t offset;
    begin(s, 100, true);
    ts_analyzer *analyzer = make_analyzer();
    CHECK(replay(analyzer, collector->size, &offset) == TS_OK);
    const ts_pcr_deviations *jitter = &analyzer->pcr[VIDEO]->measure.total.jitter;
    CHECK(analyzer->arrival_clock == TS_ARRIVAL_M2TS && jitter->count == 40);
    CHECK(jitter->max < 1 && jitter->min > -1);
    free_analyzer(analyzer);
    end();
    stream_end(s);
}

static void what_is_cut_short_is_no_evidence(void) {
    stream *s = make_stream();
    for (unsigned stamped = 0; stamped < 2; stamped++) {
        begin(s, 1000, stamped != 0);
        for (size_t size = 1; size < collector->size; size += 1 + size / 9) {
            size_t offset;
            ts_analyzer *analyzer = make_analyzer();
            CHECK(replay(analyzer, size, &offset) == TS_BAD_LENGTH && offset == 0);
            free_analyzer(analyzer);
        }
        end();
    }
    stream_end(s);
}

/* A piece that did not see the tables before it has not kept what they ask for. */
static void a_piece_that_lacks_packets_is_refused(void) {
    const pid_pair programs[] = {{1, VIDEO}};
    const section_bytes pat = make_pat(0, programs, 1);
    stream *tables = stream_begin();
    stream_add_table(tables, TS_PID_PAT, &pat);
    stream *payload = stream_begin();
    for (size_t i = 0; i < 20; i++) {
        uint8_t *packet = stream_add(payload, VIDEO);
        packet[1] |= i == 0 ? 0x40u : 0u;
        memcpy(packet + 4, "\0\0\1\xE0\0\0\x80\0\0", 9);
    }
    ts_analyzer *analyzer = make_analyzer();
    stream *out = stream_begin();
    bench_run run = {.stage = {.process = ts_analyzer_process, .state = analyzer}};
    run_whole(&run, tables, out);
    begin(payload, 100, false);
    size_t offset;
    CHECK(replay(analyzer, collector->size, &offset) == TS_NOT_FOUND);
    free_analyzer(analyzer);
    end();
    stream_end(out);
    stream_end(payload);
    stream_end(tables);
}

int main(void) {
    the_replay_counts_what_the_packets_do();
    time_stamps_come_with_it();
    what_is_cut_short_is_no_evidence();
    a_piece_that_lacks_packets_is_refused();
    return CHECK_RESULT;
}
