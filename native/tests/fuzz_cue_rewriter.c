/* Splice information of any content through the stage that rewrites it. Whatever comes in: header
 * words say what packets say, the cuts change nothing, and no continuity error is made. */
#include "fuzz_stream.h"
#include "tsloom/continuity.h"
#include "tsloom/cue_rewriter.h"
#include "tsloom/scte35.h"

typedef struct cue_fuzz {
    ts_cue_rewriter *stage;
    const fuzz_choice *choice;
    size_t turn;
    stream *out;
} cue_fuzz;

static void control(void *context) {
    cue_fuzz *f = context;
    static const size_t sizes[] = {20, 183, 184, 700, 4096};
    uint8_t bytes[TS_SECTION_MAX];
    size_t asked = 0;
    for (size_t i = 0; i < f->stage->section_count; i++) {
        const ts_passing_section *section = &f->stage->sections[i];
        if (!section->is_asked) {
            continue;
        }
        const uint8_t how = f->choice->rest[8 + f->turn++ % 16];
        const size_t size = sizes[(how >> 2) % 5];
        memset(bytes, how, sizeof bytes);
        bytes[0] = SCTE35_TABLE_ID;
        require(psi_seal(bytes, size) == TS_OK);
        require(section->bytes[0] == SCTE35_TABLE_ID && section->size <= TS_SECTION_MAX);
        require(ts_cue_rewriter_answer(f->stage, i, (ts_cue_verdict)(how % 3), bytes, size) ==
                TS_OK);
        asked++;
    }
    require(asked > 0);
}

static void init(ts_cue_rewriter *stage, const fuzz_choice *choice) {
    const uint8_t *how = choice->rest;
    require(ts_cue_rewriter_init(stage, how[0] & 1u) == TS_OK);
    stage->room = (ts_room)(how[1] % 3);
    stage->asks = how[2] & 1u;
    stage->drops_freed = how[2] & 2u;
    if (how[2] & 4u) {
        require(ts_cue_rewriter_name(stage, FUZZ_CUES) == TS_OK);
    }
    for (size_t i = 3; i < 8; i++) {
        const uint64_t offset = (TS_PTS_MODULUS >> 8) * how[i];
        require(ts_cue_rewriter_set_offset(stage, offset, how[i]) == TS_OK);
    }
}

static stream *run_cut(const stream *in, const fuzz_choice *choice, size_t cut) {
    cue_fuzz f = {must(malloc(sizeof(ts_cue_rewriter))), choice, 0, stream_begin()};
    init(f.stage, choice);
    bench_run run = {.stage = {.process = ts_cue_rewriter_process, .state = f.stage},
                     .control = control,
                     .context = &f};
    run_stream(&run, in, &cut, 1, f.out);
    ts_batch rest;
    ts_batch_init(&rest);
    require(ts_cue_rewriter_finish(f.stage, &rest) == TS_OK);
    take_batch(&run, &rest, f.out);
    require(!run.lying);
    require(f.stage->room != TS_ROOM_NULLS || f.out->count <= in->count);
    require(f.stage->drops_freed || f.out->count >= in->count);
    ts_batch_free(&rest);
    ts_cue_rewriter_free(f.stage);
    free(f.stage);
    return f.out;
}

static void add_cues(stream *s, uint8_t how) {
    section_bytes cue;
    begin_section(&cue, SCTE35_TABLE_ID, how, 0);
    cue.bytes[1] = 0x30;
    cue.bytes[3] = how >> 7;
    memset(cue.bytes + cue.size, how, how * 4u + 12u);
    cue.size += how * 4u + 12u;
    end_section(&cue);
    stream_add_table(s, FUZZ_CUES, &cue);
}

static stream *build(const uint8_t *data, size_t size) {
    stream *s = stream_begin();
    for (; size >= 2 && s->count < FUZZ_PACKETS_MAX; data += 2, size -= 2) {
        if ((data[0] & 3u) == 0) {
            add_cues(s, data[1]);
        } else {
            fuzz_step(s, data[0] >> 2, data[1]);
        }
    }
    return s;
}

/* The stream without a continuity error. */
static void repair(stream *s) {
    ts_continuity_repair *stage = must(malloc(sizeof *stage));
    ts_batch batch;
    ts_batch_init(&batch);
    require(ts_continuity_repair_init(stage) == TS_OK);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        ts_continuity_repair_enable(stage, (uint16_t)pid);
    }
    load_batch(&batch, s, 0, s->count);
    require(ts_continuity_repair_process(stage, &batch) == TS_OK);
    if (s->count > 0) {
        memcpy(s->packets, batch.packets, s->count * TS_PACKET_SIZE);
    }
    ts_batch_free(&batch);
    ts_continuity_repair_free(stage);
    free(stage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    if (choice.bits & 1u) {
        stream_end(s);
        s = build(data + FUZZ_CHOICES + 2, size - FUZZ_CHOICES - 2);
    }
    const bool repaired = choice.bits & 4u;
    if (repaired) {
        repair(s);
    }
    stream *whole = run_cut(s, &choice, s->count + 1);
    stream *pieces = run_cut(s, &choice, choice.cut);
    require(same_streams(whole, pieces));
    require(!repaired || count_continuity_errors(whole) == 0);
    stream_end(whole);
    stream_end(pieces);
    stream_end(s);
    return 0;
}
