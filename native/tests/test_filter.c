#include "tsloom/filter.h"

#include "stream_bench.h"

#include "check.h"

static stream *make_mix(void) {
    stream *s = stream_begin();
    for (size_t i = 0; i < 500; i++) {
        stream_add(s, (uint16_t)(0x100 + i * i % 7));
    }
    return s;
}

static ts_filter *make_filter(void) {
    ts_filter *filter = must(malloc(sizeof *filter));
    ts_filter_init(filter);
    return filter;
}

static stream *run_filter(ts_filter *filter, const stream *s, size_t cut) {
    stream *out = stream_begin();
    bench_run run = {.stage = {.process = ts_filter_process, .state = filter}};
    run_stream(&run, s, &cut, 1, out);
    CHECK(!run.lying);
    return out;
}

static void all_pass_at_first(void) {
    stream *s = make_mix();
    ts_filter *filter = make_filter();
    stream *out = run_filter(filter, s, 100);
    CHECK(same_streams(out, s));
    CHECK(filter->dropped == 0);
    free(filter);
    stream_end(out);
    stream_end(s);
}

/* The same one packet at a time, into another stream. */
static stream *filter_slowly(const ts_filter *filter, const stream *s) {
    stream *out = stream_begin();
    for (size_t i = 0; i < s->count; i++) {
        if (filter->keeps[stream_pid(s, i)]) {
            stream_append(out, stream_at(s, i), 1);
        }
    }
    return out;
}

static void dropped_packets_are_counted(void) {
    stream *s = make_mix();
    ts_filter *filter = make_filter();
    filter->keeps[0x100] = 0;
    filter->keeps[0x102] = 0;
    stream *wanted = filter_slowly(filter, s);
    for (size_t cut = 1; cut <= s->count; cut = cut * 2 + 1) {
        filter->dropped = 0;
        stream *out = run_filter(filter, s, cut);
        CHECK(same_streams(out, wanted));
        CHECK(filter->dropped == count_pid(s, 0x100) + count_pid(s, 0x102));
        stream_end(out);
    }
    free(filter);
    stream_end(wanted);
    stream_end(s);
}

static void all_may_be_dropped(void) {
    stream *s = make_mix();
    ts_filter *filter = make_filter();
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        filter->keeps[pid] = 0;
    }
    stream *out = run_filter(filter, s, 77);
    CHECK(out->count == 0 && filter->dropped == s->count);
    free(filter);
    stream_end(out);
    stream_end(s);
}

static void positions_move_with_their_packets(void) {
    stream *s = make_mix();
    ts_filter *filter = make_filter();
    ts_batch batch;
    ts_batch_init(&batch);
    load_batch(&batch, s, 0, s->count);
    filter->keeps[0x100] = 0;
    filter->keeps[0x104] = 0;
    CHECK(ts_filter_process(filter, &batch) == TS_OK);
    for (size_t i = 0; i < batch.count; i++) {
        CHECK(memcmp(batch.packets + i * TS_PACKET_SIZE, stream_at(s, batch.position[i]),
                     TS_PACKET_SIZE) == 0);
    }
    ts_batch_free(&batch);
    free(filter);
    stream_end(s);
}

static void a_span_leaves_the_rest_alone(void) {
    stream *s = make_mix();
    ts_filter *filter = make_filter();
    ts_batch batch;
    ts_batch_init(&batch);
    load_batch(&batch, s, 0, s->count);
    filter->keeps[0x101] = 0;
    size_t kept = 0;
    for (size_t i = 100; i < 200; i++) {
        kept += stream_pid(s, i) != 0x101;
    }
    CHECK(ts_filter_span(filter, &batch, 100, 200, 50) == 50 + kept);
    CHECK(memcmp(batch.packets, s->packets, 50 * TS_PACKET_SIZE) == 0);
    CHECK(memcmp(batch.packets + 200 * TS_PACKET_SIZE, stream_at(s, 200),
                 (s->count - 200) * TS_PACKET_SIZE) == 0);
    CHECK(ts_filter_span(filter, &batch, 7, 7, 3) == 3);
    ts_batch_free(&batch);
    free(filter);
    stream_end(s);
}

int main(void) {
    all_pass_at_first();
    dropped_packets_are_counted();
    all_may_be_dropped();
    positions_move_with_their_packets();
    a_span_leaves_the_rest_alone();
    return CHECK_RESULT;
}
