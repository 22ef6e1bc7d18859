/* Streams of any content, switched at any packets. Whatever comes in: as many packets come out, the
 * cuts change nothing, the first PCR of each PID behind a switch says so, and counters that were
 * right in each input are right in the output. */
#include "fuzz_stream.h"
#include "tsloom/continuity.h"
#include "tsloom/input_switch.h"

enum { MARKS = 4 };

static void set_marks(ts_input_switch *stage, const stream *s, const fuzz_choice *choice) {
    uint64_t at = 0;
    for (size_t i = 0; i < MARKS; i++) {
        at += choice->rest[i] % (s->count / 2 + 2);
        const ts_switch_mark mark = {at, choice->rest[MARKS + i] % 7u};
        require(ts_input_switch_mark(stage, mark) == TS_OK);
    }
}

static stream *run_cut(const stream *in, const fuzz_choice *choice, size_t cut) {
    static ts_input_switch stage;
    stream *out = stream_begin();
    require(ts_input_switch_init(&stage) == TS_OK);
    set_marks(&stage, in, choice);
    bench_run run = {.stage = {.process = ts_input_switch_process, .state = &stage}};
    run_stream(&run, in, &cut, 1, out);
    require(!run.lying && out->count == in->count);
    ts_input_switch_free(&stage);
    return out;
}

/* Each input's counters right by themselves, and none leading on from the input before. */
static void repair(stream *s, const fuzz_choice *choice) {
    static ts_continuity_repair stage;
    ts_batch batch;
    ts_batch_init(&batch);
    require(ts_continuity_repair_init(&stage) == TS_OK);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        ts_continuity_repair_enable(&stage, (uint16_t)pid);
    }
    load_batch(&batch, s, 0, s->count);
    require(ts_continuity_repair_process(&stage, &batch) == TS_OK);
    if (s->count > 0) {
        memcpy(s->packets, batch.packets, s->count * TS_PACKET_SIZE);
    }
    ts_batch_free(&batch);
    ts_continuity_repair_free(&stage);
    uint64_t at = 0;
    for (size_t i = 0; i < MARKS; i++) {
        at += choice->rest[i] % (s->count / 2 + 2);
        for (size_t j = (size_t)at; j < s->count; j++) {
            uint8_t *packet = stream_at(s, j);
            const unsigned jump = stream_pid(s, j) == TS_PID_NULL ? 0u : choice->rest[8 + i];
            packet[3] = (uint8_t)((packet[3] & 0xF0u) | ((packet[3] + jump) & 15u));
        }
    }
}

static void check_announced(const stream *in, const stream *out, const fuzz_choice *choice) {
    uint64_t at = 0;
    for (size_t i = 0; i < MARKS; i++) {
        at += choice->rest[i] % (in->count / 2 + 2);
        static bool had[TS_PID_COUNT];
        memset(had, 0, sizeof had);
        for (size_t j = (size_t)at; j < in->count; j++) {
            const uint8_t *packet = stream_at(out, j);
            const uint16_t pid = stream_pid(out, j);
            if (pid == TS_PID_NULL || (packet[1] & 0x80u) || !ts_packet_has_pcr(packet)) {
                continue;
            }
            require(had[pid] || ts_packet_has_discontinuity(packet));
            had[pid] = true;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    const bool repaired = choice.bits & 1u;
    if (repaired) {
        repair(s, &choice);
    }
    stream *whole = run_cut(s, &choice, s->count + 1);
    stream *pieces = run_cut(s, &choice, choice.cut);
    require(same_streams(whole, pieces));
    check_announced(s, whole, &choice);
    require(!repaired || count_continuity_errors(whole) == 0);
    stream_end(whole);
    stream_end(pieces);
    stream_end(s);
    return 0;
}
