/* The whole analyser with the decoder's buffers modelled, over streams of the fuzzer's bytes that
 * came with arrival times of its choice: it ends, and neither the cuts nor a look in between change
 * what it finds. */
#include "fuzz_stream.h"
#include "tsloom/analyze.h"
#include "tsloom/arrival.h"

typedef struct timed {
    ts_analyzer *analyzer;
    const uint8_t *rest;
    unsigned how; /* 0: no arrival times */
    int64_t arrival[FUZZ_LONG_MAX + 4096];
} timed;

/* Mostly a millisecond a packet; now and then back, far ahead, or not known. */
static int64_t arrival_of(const timed *t, uint64_t index) {
    const unsigned choice = t->rest[index % FUZZ_CHOICES] & t->how;
    const int64_t even = (int64_t)index * 27000;
    switch (choice & 7u) {
    case 1:
        return TS_NO_ARRIVAL;
    case 2:
        return even - 27000000;
    case 3:
        return even + ((int64_t)choice << 40);
    case 4:
        return INT64_MAX;
    case 5:
        return INT64_MIN + 1;
    default:
        return even;
    }
}

static ts_status analyze(void *state, ts_batch *batch) {
    timed *t = state;
    require(batch->count <= sizeof t->arrival / sizeof t->arrival[0]);
    for (size_t i = 0; i < batch->count; i++) {
        t->arrival[i] = arrival_of(t, batch->first_index + i);
    }
    const ts_arrival_clock clock = t->how == 0 ? TS_ARRIVAL_UNKNOWN : TS_ARRIVAL_RECEIVED;
    ts_batch_set_arrival(batch, clock, t->arrival, batch->count);
    return ts_analyzer_process(t->analyzer, batch);
}

static ts_analyzer *run(const stream *s, size_t cut, const fuzz_choice *choice) {
    timed *t = must(malloc(sizeof *t));
    t->analyzer = must(malloc(sizeof *t->analyzer));
    t->rest = choice->rest;
    t->how = choice->bits & 1u ? choice->bits : 0;
    require(ts_analyzer_init(t->analyzer) == TS_OK);
    require(ts_analyzer_model_buffers(t->analyzer) == TS_OK);
    stream *out = stream_begin();
    bench_run bench = {.stage = {.process = analyze, .state = t}};
    run_stream(&bench, s, &cut, 1, out);
    require(ts_analyzer_finish(t->analyzer) == TS_OK);
    stream_end(out);
    ts_analyzer *analyzer = t->analyzer;
    free(t);
    return analyzer;
}

static void end(ts_analyzer *analyzer) {
    ts_analyzer_free(analyzer);
    free(analyzer);
}

static void compare_pcrs(const ts_analyzer *a, const ts_analyzer *b) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        require((a->pcr[pid] == NULL) == (b->pcr[pid] == NULL));
        require((a->timestamps[pid] == NULL) == (b->timestamps[pid] == NULL));
        if (a->pcr[pid] != NULL) {
            const ts_pcr_figures *left = &a->pcr[pid]->measure.total;
            const ts_pcr_figures *right = &b->pcr[pid]->measure.total;
            require(left->pcr_count == right->pcr_count);
            require(left->jitter.count == right->jitter.count);
            require(left->accuracy.errors == right->accuracy.errors);
        }
    }
}

static void compare(const ts_analyzer *a, const ts_analyzer *b) {
    require(a->packets == b->packets && a->event_count == b->event_count);
    require(memcmp(a->counters, b->counters, sizeof a->counters) == 0);
    require(memcmp(a->tr.state, b->tr.state, sizeof a->tr.state) == 0);
    require(a->tr.occurrences.count == b->tr.occurrences.count);
    require(a->timeline.clock.stream_time == b->timeline.clock.stream_time);
    require(a->timeline.switches == b->timeline.switches);
    require(a->bitrates.windows == b->bitrates.windows);
    require(a->references.changes == b->references.changes);
    compare_pcrs(a, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    /* The same packets again and again: so that time goes on for longer than the stream. */
    const size_t once = s->count;
    for (size_t i = 0; once > 0 && i < (choice.bits >> 4) && s->count < 3 * TS_ANALYZER_BLOCK;
         i++) {
        stream *part = stream_begin();
        stream_append(part, s->packets, once);
        stream_append(s, part->packets, once);
        stream_end(part);
    }
    ts_analyzer *whole = run(s, s->count + 1, &choice);
    ts_analyzer *pieces = run(s, choice.cut, &choice);
    compare(whole, pieces);
    require(whole->tr.occurrences.count <= TS_INDICATOR_COUNT * (size_t)TS_OCCURRENCES_MAX);
    end(whole);
    end(pieces);
    stream_end(s);
    return 0;
}
