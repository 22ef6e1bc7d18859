/* Streams of any content at a constant bitrate. Whatever comes in: what is no null packet comes out
 * once, each PID in its order, but for what the overflow drops; nothing of it is changed but PCRs;
 * the counters tell all, and the bytes do not depend on the cuts. */
#include "fuzz_stream.h"
#include "tsloom/remux.h"

typedef struct remux_run {
    ts_remux *stage;
    stream *out;
} remux_run;

static void check_batch(const remux_run *run, const ts_batch *batch) {
    require(batch->count <= batch->capacity);
    for (size_t i = 0; i < batch->count; i++) {
        require(batch->header[i] == ts_load_be32(batch->packets + i * TS_PACKET_SIZE));
        require(batch->first_index + batch->position[i] == run->out->count + i);
    }
    stream_append(run->out, batch->packets, batch->count);
}

static void run_cut(remux_run *run, const stream *in, const ts_remux_settings *settings,
                    size_t cut) {
    run->stage = must(malloc(sizeof(ts_remux)));
    run->out = stream_begin();
    ts_batch batch;
    ts_batch_init(&batch);
    require(ts_remux_init(run->stage, settings) == TS_OK);
    for (size_t at = 0; at < in->count; at += cut) {
        load_batch(&batch, in, at, in->count - at < cut ? in->count - at : cut);
        require(ts_remux_process(run->stage, &batch) == TS_OK);
        check_batch(run, &batch);
    }
    batch.count = 0;
    require(ts_remux_finish(run->stage, &batch) == TS_OK);
    check_batch(run, &batch);
    ts_batch_free(&batch);
}

static void end_run(remux_run *run) {
    ts_remux_free(run->stage);
    free(run->stage);
    stream_end(run->out);
}

static bool is_same(const uint8_t *a, const uint8_t *b) {
    return is_same_but_pcr(a, b) || memcmp(a, b, TS_PACKET_SIZE) == 0;
}

static bool is_added_pcr(const uint8_t *packet) {
    return !(packet[3] & 0x10u) && ts_packet_has_pcr(packet) && packet[4] == 183;
}

/* Each of the PID's packets that left is the next one that came in, or the next but some dropped,
 * or a PCR that was added. */
static void check_pid(const stream *in, const stream *out, uint16_t pid, uint64_t *added,
                      uint64_t *dropped) {
    size_t from = 0;
    for (size_t i = 0; i < out->count; i++) {
        if (stream_pid(out, i) != pid) {
            continue;
        }
        size_t at = from;
        while (at < in->count &&
               (stream_pid(in, at) != pid || !is_same(stream_at(in, at), stream_at(out, i)))) {
            at++;
        }
        if (at == in->count) {
            require(is_added_pcr(stream_at(out, i)) && *added > 0);
            --*added;
            continue;
        }
        for (; from < at; from++) {
            const bool lost = stream_pid(in, from) == pid;
            require(!lost || *dropped > 0);
            *dropped -= lost;
        }
        from = at + 1;
    }
    for (; from < in->count; from++) {
        const bool lost = stream_pid(in, from) == pid;
        require(!lost || *dropped > 0);
        *dropped -= lost;
    }
}

static void check_all(const stream *in, const remux_run *run) {
    const ts_remux_counters *counters = &run->stage->counters;
    const size_t nulls = count_pid(in, TS_PID_NULL);
    require(counters->packets_in == in->count && counters->packets_out == run->out->count);
    require(counters->packets_out == in->count - counters->nulls_dropped - counters->dropped -
                                         counters->repeats_dropped + counters->nulls_added +
                                         counters->pcrs_added);
    require(counters->nulls_dropped <= nulls);
    if (counters->pcrs_added > 0) {
        return; /* one that is like the input's own is not told from it */
    }
    uint64_t dropped = counters->dropped;
    uint64_t added = 0;
    uint8_t done[TS_PID_COUNT] = {0};
    for (size_t i = 0; i < in->count; i++) {
        const uint16_t pid = stream_pid(in, i);
        if (pid != TS_PID_NULL && !done[pid]) {
            done[pid] = 1;
            check_pid(in, run->out, pid, &added, &dropped);
        }
    }
    require(dropped == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint64_t bitrates[] = {1000, 300000, 1504000, 2000003, 20000000, 100000000};
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    const uint8_t *rest = choice.rest;
    const ts_remux_settings settings = {
        .mode = choice.bits & 1u ? TS_REMUX_CONSTANT : TS_REMUX_INPUT,
        .overflow = choice.bits & 2u ? TS_REMUX_DROP : TS_REMUX_DELAY,
        .bitrate = bitrates[rest[0] % 6u],
        .program_number = choice.bits >> 2 & 1u,
        .max_delay = rest[1] * INT64_C(100000),
        .max_hold = rest[2] * INT64_C(100000),
        .pcr_interval = rest[3] * INT64_C(27000),
        .psi_leak = rest[4] * UINT64_C(10000),
        .si_leak = rest[5] * UINT64_C(10000),
        .max_held = rest[6] + 1u,
        .max_fill = rest[7] % 32u + 1u};
    remux_run runs[3];
    const size_t cuts[] = {1, choice.cut, s->count + 1};
    for (size_t i = 0; i < 3; i++) {
        run_cut(&runs[i], s, &settings, cuts[i]);
        require(same_streams(runs[i].out, runs[0].out));
        require(memcmp(&runs[i].stage->counters, &runs[0].stage->counters,
                       sizeof runs[0].stage->counters) == 0);
        require(runs[i].stage->event_count == runs[0].stage->event_count);
    }
    check_all(s, &runs[0]);
    for (size_t i = 0; i < 3; i++) {
        end_run(&runs[i]);
    }
    stream_end(s);
    return 0;
}
