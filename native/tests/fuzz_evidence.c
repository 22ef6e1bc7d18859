/* Bytes of any content as evidence, and the evidence of a stream with some of its bytes changed:
 * the replay ends, whatever it says, and no index leads outside. Honest evidence gives what the
 * packets give. */
#include "fuzz_stream.h"
#include "tsloom/evidence.h"

typedef struct taken {
    uint8_t *bytes;
    size_t size;
} taken;

static ts_status collect(void *state, ts_batch *batch) {
    return ts_collector_take(state, batch, batch->count % 2 ? batch->header : NULL);
}

static taken collect_stream(const stream *s, size_t cut) {
    ts_collector *collector = must(malloc(sizeof *collector));
    stream *out = stream_begin();
    require(ts_collector_init(collector) == TS_OK);
    bench_run run = {.stage = {.process = collect, .state = collector}};
    run_stream(&run, s, &cut, 1, out);
    stream_end(out);
    taken t = {must(malloc(collector->size + 1)), collector->size};
    if (t.size > 0) {
        memcpy(t.bytes, collector->bytes, t.size);
    }
    ts_collector_free(collector);
    free(collector);
    return t;
}

static ts_status replay(ts_analyzer *analyzer, const uint8_t *bytes, size_t size) {
    ts_batch batch;
    ts_status status = TS_OK;
    size_t offset = 0;
    uint64_t index = 0;
    ts_arrivals arrivals;
    ts_batch_init(&batch);
    ts_arrivals_init(&arrivals);
    while (offset < size && status == TS_OK) {
        batch.first_index = index;
        status = ts_evidence_replay(analyzer, bytes, size, &offset, &arrivals, &batch);
        index += batch.count;
    }
    ts_batch_free(&batch);
    ts_arrivals_free(&arrivals);
    require(status == TS_OK || status == TS_BAD_LENGTH || status == TS_NOT_FOUND);
    require(ts_analyzer_finish(analyzer) == TS_OK);
    return status;
}

static ts_analyzer *begin(void) {
    ts_analyzer *analyzer = must(malloc(sizeof *analyzer));
    require(ts_analyzer_init(analyzer) == TS_OK);
    return analyzer;
}

static void end(ts_analyzer *analyzer) {
    ts_analyzer_free(analyzer);
    free(analyzer);
}

static void compare(const ts_analyzer *a, const ts_analyzer *b) {
    require(a->packets == b->packets && a->event_count == b->event_count);
    require(memcmp(a->counters, b->counters, sizeof a->counters) == 0);
    require(memcmp(a->tr.state, b->tr.state, sizeof a->tr.state) == 0);
    require(a->tr.occurrences.count == b->tr.occurrences.count);
    for (size_t i = 0; i < a->tr.occurrences.count; i++) {
        require(a->tr.occurrences.items[i].packet_index == b->tr.occurrences.items[i].packet_index);
        require(a->tr.occurrences.items[i].time == b->tr.occurrences.items[i].time);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    ts_analyzer *any = begin();
    replay(any, data, size);
    end(any);

    taken evidence = collect_stream(s, choice.cut);
    ts_analyzer *whole = begin();
    stream *out = stream_begin();
    const size_t all = s->count + 1;
    bench_run run = {.stage = {.process = ts_analyzer_process, .state = whole}};
    run_stream(&run, s, &all, 1, out);
    require(ts_analyzer_finish(whole) == TS_OK);
    ts_analyzer *joined = begin();
    if (replay(joined, evidence.bytes, evidence.size) == TS_OK) {
        compare(whole, joined);
    }
    end(joined);
    end(whole);
    stream_end(out);

    for (size_t i = 0; i + 3 < FUZZ_CHOICES && evidence.size > 0; i += 4) {
        const size_t at = ((size_t)ts_load_be16(choice.rest + i) << 2) % evidence.size;
        evidence.bytes[at] ^= choice.rest[i + 2];
    }
    ts_analyzer *harmed = begin();
    replay(harmed, evidence.bytes, evidence.size);
    end(harmed);
    free(evidence.bytes);
    stream_end(s);
    return 0;
}
