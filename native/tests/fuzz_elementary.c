/* Headers of any content through the reader of elementary streams, fed alone and as a stage.
 * Whatever comes in: the cuts change nothing, and the figures agree with each other. */
#include "fuzz_stream.h"
#include "tsloom/elementary.h"
#include "tsloom/elementary_stage.h"

enum { MORE_PID = 0x41 };

static void check_figures(const ts_elementary *e) {
    uint64_t pictures = 0;
    for (size_t i = 0; i < TS_PICTURE_TYPES; i++) {
        pictures += e->pictures[i];
    }
    require(pictures == e->frames);
    require(e->idr_pictures <= e->random_access_points && e->random_access_points <= e->frames);
    require(e->gop.frames <= e->frames && e->gop.shortest <= e->gop.longest);
    require(e->gop.count <= e->random_access_points);
    require(e->format.size <= TS_PARAMETER_SET_MAX && e->vps.size <= TS_PARAMETER_SET_MAX);
    require(e->size <= TS_ELEMENTARY_HEAD_MAX && e->scanned <= e->size);
    require(e->gop.structure[TS_GOP_STRUCTURE_MAX - 1] == 0);
    require(e->idr_interval.count == 0 || e->idr_interval.shortest <= e->idr_interval.longest);
    require(e->decode_interval.sum >= e->decode_interval.longest);
}

static ts_elementary_stage *run(const stream *in, size_t cut) {
    ts_elementary_stage *stage = must(malloc(sizeof *stage));
    require(ts_elementary_stage_init(stage) == TS_OK);
    for (size_t at = 0; at < in->count; at += cut) {
        ts_batch batch;
        ts_batch_init(&batch);
        load_batch(&batch, in, at, in->count - at < cut ? in->count - at : cut);
        require(ts_elementary_stage_process(stage, &batch) == TS_OK);
        ts_batch_free(&batch);
    }
    return stage;
}

static void compare(const ts_elementary_stage *whole, const ts_elementary_stage *pieces) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        const ts_elementary *a = whole->stream[pid];
        const ts_elementary *b = pieces->stream[pid];
        require((a == NULL) == (b == NULL));
        if (a == NULL) {
            continue;
        }
        require(a->kind == b->kind && a->frames == b->frames && a->size == b->size);
        require(a->format.changes == b->format.changes && a->format.size == b->format.size);
        require(memcmp(a->format.bytes, b->format.bytes, a->format.size) == 0);
        require(memcmp(a->gop.structure, b->gop.structure, sizeof a->gop.structure) == 0);
        require(a->captions == b->captions && a->losses == b->losses);
        check_figures(a);
    }
}

static void add_pmt(stream *s, uint8_t how) {
    static const uint16_t types[] = {0x02, 0x1B, 0x24, 0x03, 0x0F, 0x11, 0x81, 0x06};
    const pid_pair programs[] = {{1, FUZZ_PMT}};
    const pid_pair streams[] = {{types[how & 7u], FUZZ_VIDEO}, {types[how >> 3 & 7u], MORE_PID}};
    const section_bytes pat = make_pat(0, programs, 1);
    const section_bytes pmt = make_pmt(1, how >> 6, FUZZ_VIDEO, 0, streams, 2);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, FUZZ_PMT, &pmt);
}

static const uint8_t *add_head(stream *s, uint8_t how, const uint8_t *data, size_t *size) {
    static const uint8_t pes[] = {0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1};
    uint8_t *packet = stream_add_adaptation(s, FUZZ_VIDEO + (how & 1u), how >> 1 & 0x1Fu);
    size_t at = ts_packet_get_payload_offset(packet);
    if (how & 0x80u) {
        packet[1] |= 0x40u;
        memcpy(packet + at, pes, sizeof pes);
        packet[at + 12] = (uint8_t)s->count;
        at += sizeof pes;
    }
    while (*size > 0 && at < TS_PACKET_SIZE) {
        /* 0xFF stands for a start code, 0xFE for a frame's sync word. */
        static const uint8_t code[] = {0, 0, 1};
        const bool is_code = data[0] == 0xFF && at + sizeof code <= TS_PACKET_SIZE;
        if (is_code) {
            memcpy(packet + at, code, sizeof code);
        } else {
            packet[at] = data[0] == 0xFE ? 0xFF : data[0];
        }
        at += is_code ? sizeof code : 1;
        data++;
        --*size;
    }
    return data;
}

static stream *build(const uint8_t *data, size_t size) {
    stream *s = stream_begin();
    while (size >= 2 && s->count < FUZZ_PACKETS_MAX) {
        const uint8_t what = data[0];
        const uint8_t how = data[1];
        data += 2;
        size -= 2;
        if (what & 1u) {
            data = add_head(s, how, data, &size);
        } else if (what & 2u) {
            add_pmt(s, how);
        } else {
            fuzz_step(s, what >> 2, how);
        }
    }
    return s;
}

static void feed_alone(const stream *s, ts_elementary_kind kind) {
    ts_elementary e;
    ts_elementary_init(&e, kind);
    for (size_t i = 0; i < s->count; i++) {
        ts_elementary_feed(&e, stream_at(s, i));
        check_figures(&e);
    }
    ts_elementary_end(&e);
    check_figures(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) {
        return 0;
    }
    fuzz_choice choice;
    stream *s = data[1] & 3u ? build(data + 2, size - 2) : fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    feed_alone(s, (ts_elementary_kind)(data[0] % 7u + 1u));
    ts_elementary_stage *whole = run(s, s->count + 1);
    ts_elementary_stage *pieces = run(s, data[1] % 29u + 1u);
    compare(whole, pieces);
    ts_elementary_stage_free(whole);
    ts_elementary_stage_free(pieces);
    free(whole);
    free(pieces);
    stream_end(s);
    return 0;
}
