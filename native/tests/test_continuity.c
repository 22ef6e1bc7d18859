#include "tsloom/continuity.h"

#include "stream_bench.h"

#include "check.h"

enum { PID = 0x100 };

typedef struct verdict {
    unsigned marks; /* those that the slow judge knows */
    uint8_t missing;
} verdict;

enum {
    JUDGED = TS_MARK_FIRST | TS_MARK_CONTINUITY_ERROR | TS_MARK_DUPLICATE | TS_MARK_DISCONTINUITY |
             TS_MARK_TRANSPORT_ERROR | TS_MARK_ADAPTATION
};

/* What ts_continuity says of each packet, over any cut into batches. */
static verdict *judge(const stream *s, size_t cut) {
    ts_continuity *continuity = must(malloc(sizeof *continuity));
    verdict *verdicts = must(calloc(s->count + 1, sizeof *verdicts));
    ts_marked *marked = must(malloc((cut + 1) * sizeof *marked));
    ts_batch batch;
    ts_batch_init(&batch);
    CHECK(ts_continuity_init(continuity) == TS_OK);
    for (size_t at = 0; at < s->count; at += cut) {
        load_batch(&batch, s, at, s->count - at < cut ? s->count - at : cut);
        const size_t listed = ts_continuity_check(continuity, &batch, marked);
        for (size_t i = 0; i < listed; i++) {
            CHECK(i == 0 || marked[i].index > marked[i - 1].index);
            verdicts[at + marked[i].index] = (verdict){marked[i].marks & JUDGED, marked[i].missing};
        }
    }
    ts_batch_free(&batch);
    ts_continuity_free(continuity);
    free(continuity);
    free(marked);
    return verdicts;
}

/* The clause read slowly: each PID's last packet in full. */
typedef struct slow_state {
    bool seen;
    bool started;
    bool repeated;
    uint8_t last[TS_PACKET_SIZE];
} slow_state;

static void judge_counter(slow_state *state, const uint8_t *packet, verdict *v) {
    const unsigned last = state->last[3] & 15u;
    const unsigned here = packet[3] & 15u;
    const unsigned expected = packet[3] & 0x10 ? (last + 1) & 15u : last;
    const bool repeats = here == last && (packet[3] & 0x10) && (state->last[3] & 0x10) &&
                         is_same_but_pcr(packet, state->last);
    const bool repeated = state->repeated;
    state->repeated = false;
    if (ts_packet_has_discontinuity(packet) || here == expected) {
        return;
    }
    state->repeated = repeats;
    if (repeats && !repeated) {
        v->marks |= TS_MARK_DUPLICATE;
        return;
    }
    v->marks |= TS_MARK_CONTINUITY_ERROR;
    v->missing = repeats ? 0 : (uint8_t)((here - expected) & 15u);
}

static verdict judge_slowly(slow_state *states, const uint8_t *packet) {
    const uint16_t pid = ts_header_get_pid(ts_load_be32(packet));
    slow_state *state = &states[pid];
    verdict v = {0, 0};
    if (packet[1] & 0x80) {
        v.marks |= TS_MARK_TRANSPORT_ERROR;
        return v;
    }
    v.marks |= state->seen ? 0u : TS_MARK_FIRST;
    state->seen = true;
    v.marks |= packet[3] & 0x20 ? TS_MARK_ADAPTATION : 0u;
    v.marks |= ts_packet_has_discontinuity(packet) ? TS_MARK_DISCONTINUITY : 0u;
    if (pid == TS_PID_NULL || !(packet[3] & 0x30)) {
        return v;
    }
    if (state->started) {
        judge_counter(state, packet, &v);
    }
    state->started = true;
    memcpy(state->last, packet, TS_PACKET_SIZE);
    return v;
}

/* Few PIDs, counters mostly right, and every deviation often. */
static stream *make_random(uint32_t seed) {
    stream *s = stream_begin();
    uint32_t state = seed;
    for (size_t i = 0; i < 600; i++) {
        state = state * 1664525u + 1013904223u;
        const unsigned roll = state >> 16 & 31u;
        const uint16_t pid = (state >> 24 & 7u) == 0 ? TS_PID_NULL : PID + (state >> 24 & 1u);
        uint8_t *packet = stream_add(s, pid);
        packet[TS_PACKET_SIZE - 1] = (uint8_t)(state >> 27 & 1u); /* not always another */
        memset(packet + TS_PACKET_SIZE - 4, 0, 3);
        if (roll < 4 && i > 0) {
            memcpy(packet, stream_at(s, s->count - 2), TS_PACKET_SIZE);
            s->counter[pid] = (uint8_t)(s->counter[pid] - (pid == stream_pid(s, i)));
        } else if (roll >= 4 && roll < 9) {
            const uint8_t byte[] = {0x01, 0x0F, 0x10, 0x20, 0x30};
            packet[3] ^= byte[roll - 4];
        } else if (roll >= 9 && roll < 12) {
            packet[1] ^= (uint8_t)(0x20 << (roll - 9));
        }
        packet[4] = (uint8_t)(packet[3] & 0x20 ? 7 : packet[4]);
        packet[5] = (uint8_t)(packet[3] & 0x20 ? (state >> 20 & 1u) << 7 | 0x10 : packet[5]);
        packet[9] = (uint8_t)(state >> 28 & 1u);
    }
    return s;
}

static void every_verdict_is_the_clause_s_over_any_cut(void) {
    for (uint32_t seed = 1; seed <= 40; seed++) {
        stream *s = make_random(seed * 7919u);
        slow_state *states = must(calloc(TS_PID_COUNT, sizeof *states));
        verdict *slow = must(calloc(s->count, sizeof *slow));
        for (size_t i = 0; i < s->count; i++) {
            slow[i] = judge_slowly(states, stream_at(s, i));
        }
        for (size_t cut = 1; cut <= s->count; cut = cut * 3 + seed % 3) {
            verdict *fast = judge(s, cut);
            for (size_t i = 0; i < s->count; i++) {
                CHECK(fast[i].marks == slow[i].marks && fast[i].missing == slow[i].missing);
            }
            free(fast);
        }
        free(states);
        free(slow);
        stream_end(s);
    }
}

static void check_last(stream *s, unsigned marks, uint8_t missing) {
    verdict *verdicts = judge(s, s->count);
    const verdict last = verdicts[s->count - 1];
    CHECK(last.marks == marks && last.missing == missing);
    free(verdicts);
    stream_end(s);
}

static stream *make_run(size_t count) {
    stream *s = stream_begin();
    stream_add_many(s, PID, count);
    return s;
}

static void lost_packets_are_counted_modulo_16(void) {
    for (uint8_t lost = 1; lost < 16; lost++) {
        stream *s = make_run(20);
        s->counter[PID] = (uint8_t)(s->counter[PID] + lost);
        stream_add(s, PID);
        check_last(s, TS_MARK_CONTINUITY_ERROR, lost);
    }
}

static void a_packet_may_come_twice_but_not_three_times(void) {
    stream *s = make_run(5);
    stream_repeat(s);
    check_last(s, TS_MARK_DUPLICATE, 0);
    s = make_run(5);
    stream_repeat(s);
    stream_repeat(s);
    check_last(s, TS_MARK_CONTINUITY_ERROR, 0);
}

static void a_duplicate_may_have_another_pcr(void) {
    stream *s = make_run(5);
    stream_add_pcr(s, PID, 1000);
    uint8_t copy[TS_PACKET_SIZE];
    memcpy(copy, stream_at(s, 5), sizeof copy);
    put_pcr(copy + 6, 2000);
    stream_append(s, copy, 1);
    check_last(s, TS_MARK_DUPLICATE | TS_MARK_ADAPTATION, 0);
}

static void a_standing_counter_with_other_bytes_is_no_duplicate(void) {
    stream *s = make_run(5);
    s->counter[PID]--;
    stream_add(s, PID);
    check_last(s, TS_MARK_CONTINUITY_ERROR, 15);
}

static void without_payload_the_counter_stays(void) {
    stream *s = make_run(5);
    stream_add_adaptation(s, PID, 183);
    check_last(s, TS_MARK_ADAPTATION, 0);
    s = make_run(5);
    stream_add_adaptation(s, PID, 183);
    stream_add(s, PID);
    check_last(s, 0, 0);
    s = make_run(5);
    stream_add_adaptation(s, PID, 183)[3] ^= 1u;
    check_last(s, TS_MARK_ADAPTATION | TS_MARK_CONTINUITY_ERROR, 1);
}

static void an_announced_discontinuity_is_no_error(void) {
    stream *s = make_run(5);
    s->counter[PID] = (uint8_t)(s->counter[PID] + 9);
    stream_add_adaptation(s, PID, 7)[5] = 0x80;
    check_last(s, TS_MARK_ADAPTATION | TS_MARK_DISCONTINUITY, 0);
}

/* A header of which all that is compared is 0 but for the sync byte's first bit. */
static void a_first_packet_with_a_broken_sync_byte_is_judged(void) {
    ts_continuity *continuity = must(malloc(sizeof *continuity));
    ts_marked marked[16];
    ts_batch batch;
    stream *s = make_run(10);
    for (size_t i = 0; i < 10; i++) {
        memset(stream_at(s, i), 0, TS_HEADER_SIZE);
        stream_at(s, i)[0] = 0x80;
        stream_at(s, i)[2] = (uint8_t)(i + 1);
    }
    ts_batch_init(&batch);
    CHECK(ts_continuity_init(continuity) == TS_OK);
    for (size_t at = 0; at < 10; at += 5) {
        load_batch(&batch, s, at, 5);
        CHECK(ts_continuity_check(continuity, &batch, marked) == 5);
        CHECK(marked[0].marks & TS_MARK_FIRST);
        CHECK(continuity->active_count == at + 5);
    }
    ts_batch_free(&batch);
    ts_continuity_free(continuity);
    free(continuity);
    stream_end(s);
}

static void scrambled_packets_are_counted(void) {
    ts_continuity *continuity = must(malloc(sizeof *continuity));
    ts_marked marked[16];
    ts_batch batch;
    stream *s = make_run(16);
    for (size_t i = 4; i < 14; i++) {
        stream_at(s, i)[3] |= i < 9 ? 0x80u : 0xC0u;
    }
    ts_batch_init(&batch);
    CHECK(ts_continuity_init(continuity) == TS_OK);
    for (size_t at = 0; at < 16; at += 2) {
        load_batch(&batch, s, at, 2);
        ts_continuity_check(continuity, &batch, marked);
        const uint64_t scrambled = at < 4 ? 0 : at < 14 ? at - 2 : 10;
        CHECK(ts_continuity_get_scrambled(continuity, PID) == scrambled);
        CHECK(continuity->pid[PID].packets == at + 2);
    }
    CHECK(continuity->active_count == 1 && continuity->active[0] == PID);
    ts_batch_free(&batch);
    ts_continuity_free(continuity);
    free(continuity);
    stream_end(s);
}

int main(void) {
    every_verdict_is_the_clause_s_over_any_cut();
    lost_packets_are_counted_modulo_16();
    a_packet_may_come_twice_but_not_three_times();
    a_duplicate_may_have_another_pcr();
    a_standing_counter_with_other_bytes_is_no_duplicate();
    without_payload_the_counter_stays();
    an_announced_discontinuity_is_no_error();
    a_first_packet_with_a_broken_sync_byte_is_judged();
    scrambled_packets_are_counted();
    return CHECK_RESULT;
}
