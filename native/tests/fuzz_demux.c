/* Packets of any content through the demultiplexer into the recorder, in two different cuts: the
 * same records, none that lies, no clock that runs backwards. */
#include "fuzz_stream.h"
#include "tsloom/recorder.h"

typedef struct record_log {
    uint8_t *bytes;
    size_t size;
} record_log;

typedef struct demux_bench {
    ts_demux demux;
    ts_recorder recorder;
    record_log log;
} demux_bench;

static void note(record_log *log, const void *bytes, size_t size) {
    log->bytes = must(realloc(log->bytes, log->size + size + 1));
    if (size > 0) {
        memcpy(log->bytes + log->size, bytes, size);
    }
    log->size += size;
}

/* Field by field: what lies between them has no value. */
static void take_records(demux_bench *b) {
    for (size_t i = 0; i < b->recorder.record_count; i++) {
        const ts_section_record *r = &b->recorder.records[i];
        require(r->offset + r->size <= b->recorder.byte_count && r->size <= TS_SECTION_MAX);
        require(r->first_packet <= r->last_packet && r->pid < TS_PID_NULL);
        require(r->has_time || (r->stream_time == 0 && r->pts_90khz == 0));
        require(r->stream_time >= 0 && r->pts_90khz < TS_PTS_MODULUS);
        const uint64_t facts[] = {r->first_packet, r->last_packet, (uint64_t)r->stream_time,
                                  r->pts_90khz,    r->size,        r->pid,
                                  r->role,         r->reason,      r->crc_ok,
                                  r->is_new,       r->has_time};
        note(&b->log, facts, sizeof facts);
        note(&b->log, r->size > 0 ? b->recorder.bytes + r->offset : NULL, r->size);
    }
    ts_recorder_clear(&b->recorder);
}

static ts_status feed(void *state, ts_batch *batch) {
    demux_bench *b = state;
    int64_t before[8];
    for (size_t i = 0; i < 8; i++) {
        before[i] = b->demux.clock[FUZZ_VIDEO + i] != NULL
                        ? b->demux.clock[FUZZ_VIDEO + i]->stream_time
                        : 0;
    }
    const ts_status status = ts_demux_feed(&b->demux, batch, 0);
    for (size_t i = 0; i < 8; i++) {
        /* A PMT may bring a clock to another's time; else it only goes on. */
        require(b->demux.clock[FUZZ_VIDEO + i] == NULL ||
                b->demux.clock[FUZZ_VIDEO + i]->stream_time >= before[i] ||
                (b->demux.follow & TS_FOLLOW_PROGRAMS)); /* a PMT may move it */
    }
    take_records(b);
    return status;
}

static demux_bench *run_demux(const stream *s, const fuzz_choice *choice, size_t cut) {
    demux_bench *b = must(calloc(1, sizeof *b));
    stream *out = stream_begin();
    const unsigned follow = choice->bits & 7u;
    ts_recorder_init(&b->recorder, choice->bits & 8u ? TS_RECORD_ALL : TS_RECORD_CHANGES);
    require(ts_demux_init(&b->demux, follow, ts_recorder_keep, &b->recorder) == TS_OK);
    require(ts_demux_watch(&b->demux, TS_PID_EIT) == TS_OK);
    require(ts_demux_watch(&b->demux, FUZZ_CUES) == TS_OK);
    bench_run run = {.stage = {.process = feed, .state = b}};
    run_stream(&run, s, &cut, 1, out);
    require(same_streams(s, out) && !run.lying);
    stream_end(out);
    return b;
}

static void end_demux(demux_bench *b) {
    ts_demux_free(&b->demux);
    ts_recorder_free(&b->recorder);
    free(b->log.bytes);
    free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    demux_bench *whole = run_demux(s, &choice, s->count + 1);
    demux_bench *pieces = run_demux(s, &choice, choice.cut);
    require(whole->log.size == pieces->log.size);
    require(whole->log.size == 0 ||
            memcmp(whole->log.bytes, pieces->log.bytes, whole->log.size) == 0);
    require(whole->recorder.sections == pieces->recorder.sections);
    require(whole->demux.program_count == pieces->demux.program_count);
    end_demux(whole);
    end_demux(pieces);
    stream_end(s);
    return 0;
}
