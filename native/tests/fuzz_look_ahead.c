/* Streams of any content through the delay. Whatever comes in: the same packets at the same
 * positions come out, the bound holds, and what has left after a packet does not depend on the
 * cuts. */
#include "fuzz_stream.h"
#include "tsloom/look_ahead.h"

typedef struct delay_run {
    ts_look_ahead *stage;
    const stream *in;
    size_t left; /* packets that have come out */
} delay_run;

static void check_batch(delay_run *run, const ts_batch *batch) {
    require(batch->count <= batch->capacity && run->left + batch->count <= run->in->count);
    for (size_t i = 0; i < batch->count; i++) {
        const uint8_t *packet = batch->packets + i * TS_PACKET_SIZE;
        require(memcmp(packet, stream_at(run->in, run->left + i), TS_PACKET_SIZE) == 0);
        require(batch->header[i] == ts_load_be32(packet));
        require(batch->first_index + batch->position[i] == run->left + i);
    }
    run->left += batch->count;
}

/* left_after, if given: how many had left behind each packet, of the run that is compared with. */
static uint64_t run_cut(const stream *in, const ts_look_ahead *settings, size_t cut,
                        size_t *left_after, bool fills) {
    delay_run run = {must(malloc(sizeof(ts_look_ahead))), in, 0};
    ts_batch batch;
    ts_batch_init(&batch);
    require(ts_look_ahead_init(run.stage, settings->program_number, settings->delay,
                               settings->max_packets) == TS_OK);
    for (size_t at = 0; at < in->count; at += cut) {
        const size_t count = in->count - at < cut ? in->count - at : cut;
        load_batch(&batch, in, at, count);
        require(ts_look_ahead_process(run.stage, &batch) == TS_OK);
        check_batch(&run, &batch);
        require(run.stage->count <= settings->max_packets);
        if (fills) {
            left_after[at + count] = run.left;
        }
        require(left_after[at + count] == run.left);
    }
    batch.count = 0;
    require(ts_look_ahead_finish(run.stage, &batch) == TS_OK);
    check_batch(&run, &batch);
    require(run.left == in->count);
    const uint64_t early = run.stage->early_packets;
    ts_batch_free(&batch);
    ts_look_ahead_free(run.stage);
    free(run.stage);
    return early;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    const ts_look_ahead settings = {.program_number = choice.rest[0] & 1u,
                                    .delay = choice.rest[1] * INT64_C(100000),
                                    .max_packets = choice.rest[2]};
    size_t *left_after = must(calloc(s->count + 1, sizeof *left_after));
    const uint64_t early = run_cut(s, &settings, 1, left_after, true);
    require(run_cut(s, &settings, choice.cut, left_after, false) == early);
    require(run_cut(s, &settings, s->count + 1, left_after, false) == early);
    free(left_after);
    stream_end(s);
    return 0;
}
