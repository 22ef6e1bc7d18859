#include "stream_bench.h"
#include "tsloom/continuity.h"

#include "check.h"

enum { PID = 0x100, OTHER = 0x101 };

static stream *repair(const stream *s, const uint16_t *pids, size_t pid_count, size_t cut,
                      uint64_t *repaired) {
    ts_continuity_repair *stage = must(malloc(sizeof *stage));
    stream *out = stream_begin();
    CHECK(ts_continuity_repair_init(stage) == TS_OK);
    for (size_t i = 0; i < pid_count; i++) {
        ts_continuity_repair_enable(stage, pids[i]);
    }
    bench_run run = {.stage = {.process = ts_continuity_repair_process, .state = stage}};
    run_stream(&run, s, &cut, 1, out);
    CHECK(!run.lying);
    *repaired = stage->repaired;
    ts_continuity_repair_free(stage);
    free(stage);
    return out;
}

static const uint16_t BOTH[] = {PID, OTHER};

/* Every 7th packet of both PIDs is lost, some come twice, some three times, some have no payload.
 */
static stream *make_damaged(void) {
    stream *s = stream_begin();
    for (size_t i = 0; i < 400; i++) {
        const uint16_t pid = i % 3 ? PID : OTHER;
        if (i % 11 == 3) {
            stream_add_adaptation(s, pid, 183)[3] ^= i % 2;
            continue;
        }
        stream_add(s, pid);
        const size_t copies = i % 13 == 5 ? 1 : i % 13 == 7 ? 3 : 0;
        for (size_t copy = 0; copy < copies; copy++) {
            stream_repeat(s);
        }
        s->counter[pid] = (uint8_t)(s->counter[pid] + (i % 7 == 0 ? i % 5 : 0));
    }
    return s;
}

static void nothing_is_wrong_behind_a_repair(void) {
    stream *s = make_damaged();
    uint64_t repaired;
    CHECK(count_continuity_errors(s) > 50);
    stream *whole = repair(s, BOTH, 2, s->count, &repaired);
    CHECK(count_continuity_errors(whole) == 0);
    CHECK(repaired > 100);
    for (size_t cut = 1; cut < 60; cut += 7) {
        uint64_t again;
        stream *pieces = repair(s, BOTH, 2, cut, &again);
        CHECK(same_streams(whole, pieces) && again == repaired);
        stream_end(pieces);
    }
    stream_end(whole);
    stream_end(s);
}

static void only_the_counter_is_written(void) {
    stream *s = make_damaged();
    uint64_t repaired;
    uint64_t changed = 0;
    stream *out = repair(s, BOTH, 2, 64, &repaired);
    CHECK(out->count == s->count);
    for (size_t i = 0; i < s->count; i++) {
        changed += memcmp(stream_at(out, i), stream_at(s, i), TS_PACKET_SIZE) != 0;
        stream_at(out, i)[3] = stream_at(s, i)[3];
    }
    CHECK(changed == repaired);
    CHECK(same_streams(out, s));
    stream_end(out);
    stream_end(s);
}

static void a_pid_not_asked_for_stays_as_it_is(void) {
    stream *s = make_damaged();
    uint64_t repaired;
    stream *out = repair(s, BOTH, 1, 64, &repaired);
    for (size_t i = 0; i < s->count; i++) {
        if (stream_pid(s, i) == OTHER) {
            CHECK(memcmp(stream_at(out, i), stream_at(s, i), TS_PACKET_SIZE) == 0);
        }
    }
    stream_end(out);
    stream_end(s);
}

static void a_good_stream_with_legal_duplicates_stays_as_it_is(void) {
    stream *s = stream_begin();
    for (size_t i = 0; i < 100; i++) {
        stream_add(s, PID);
        if (i % 4 == 0) {
            stream_repeat(s);
        }
    }
    uint64_t repaired;
    stream *out = repair(s, BOTH, 2, 9, &repaired);
    CHECK(same_streams(out, s) && repaired == 0);
    stream_end(out);
    stream_end(s);
}

static void an_announced_discontinuity_stays(void) {
    stream *s = stream_begin();
    stream_add_many(s, PID, 10);
    s->counter[PID] = 3;
    stream_add_adaptation(s, PID, 7)[5] = 0x80;
    stream_add_many(s, PID, 10);
    uint64_t repaired;
    stream *out = repair(s, BOTH, 2, 4, &repaired);
    CHECK(same_streams(out, s) && repaired == 0);
    stream_end(out);
    stream_end(s);
}

int main(void) {
    nothing_is_wrong_behind_a_repair();
    only_the_counter_is_written();
    a_pid_not_asked_for_stays_as_it_is();
    a_good_stream_with_legal_duplicates_stays_as_it_is();
    an_announced_discontinuity_stays();
    return CHECK_RESULT;
}
