#include "tsloom/continuity.h"

#include "stream_bench.h"

#include "check.h"

enum { PID = 0x100, PACKETS = 600 };

/* Counters that go wrong behind every 50th packet, and transport errors, two of each in 100
 * packets. */
static stream *make_damaged(size_t *errors, size_t *transport_errors) {
    stream *s = stream_begin();
    *errors = 0;
    *transport_errors = 0;
    for (size_t i = 0; i < PACKETS; i++) {
        uint8_t *packet = stream_add(s, PID);
        if (i % 50 == 25) {
            s->counter[PID] = (uint8_t)((s->counter[PID] + 3) & 15u);
            *errors += 1;
        } else if (i % 50 == 40) {
            packet[1] |= 0x80;
            s->counter[PID] = (uint8_t)((s->counter[PID] + 15) & 15u);
            *transport_errors += 1;
        }
    }
    return s;
}

static void check_counts(const stream *s, size_t cut, size_t errors, size_t transport_errors) {
    ts_continuity_count *count = must(malloc(sizeof *count));
    ts_batch batch;
    ts_batch_init(&batch);
    CHECK(ts_continuity_count_init(count) == TS_OK);
    for (size_t at = 0; at < s->count; at += cut) {
        load_batch(&batch, s, at, s->count - at < cut ? s->count - at : cut);
        CHECK(ts_continuity_count_process(count, &batch) == TS_OK);
    }
    CHECK(count->errors == errors);
    CHECK(count->transport_errors == transport_errors);
    ts_continuity_count_free(count);
    ts_batch_free(&batch);
    free(count);
}

static void counts_are_the_same_over_any_cut(void) {
    size_t errors = 0;
    size_t transport_errors = 0;
    stream *s = make_damaged(&errors, &transport_errors);
    const size_t cuts[] = {1, 7, 64, PACKETS};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        check_counts(s, cuts[i], errors, transport_errors);
    }
    stream_end(s);
}

static void no_packet_counts_nothing(void) {
    ts_continuity_count count;
    ts_batch batch;
    ts_batch_init(&batch);
    CHECK(ts_continuity_count_init(&count) == TS_OK);
    CHECK(ts_continuity_count_process(&count, &batch) == TS_OK);
    CHECK(count.errors == 0 && count.transport_errors == 0);
    ts_continuity_count_free(&count);
    ts_continuity_count_free(&count);
    ts_batch_free(&batch);
}

int main(void) {
    counts_are_the_same_over_any_cut();
    no_packet_counts_nothing();
    return CHECK_RESULT;
}
