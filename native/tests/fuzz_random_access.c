/* Video of any content through the scanner of random access points. Whatever comes in: the cuts
 * change nothing, points lie within the stream and on its video PIDs. */
#include "fuzz_stream.h"
#include "tsloom/random_access.h"

enum { POINTS_MAX = 4096, MORE_VIDEO = 0x41 };

typedef struct point_list {
    ts_random_access_point points[POINTS_MAX];
    size_t count;
} point_list;

static void scan_batch(ts_random_access *stage, ts_batch *batch, point_list *list) {
    require(ts_random_access_process(stage, batch) == TS_OK);
    for (size_t i = 0; i < stage->point_count && list->count < POINTS_MAX; i++) {
        list->points[list->count++] = stage->points[i];
    }
    ts_random_access_clear_points(stage);
}

static point_list *scan(const stream *in, uint16_t program_number, size_t cut) {
    point_list *list = must(calloc(1, sizeof *list));
    ts_random_access *stage = must(malloc(sizeof *stage));
    require(ts_random_access_init(stage, program_number) == TS_OK);
    for (size_t at = 0; at < in->count; at += cut) {
        ts_batch batch;
        ts_batch_init(&batch);
        load_batch(&batch, in, at, in->count - at < cut ? in->count - at : cut);
        scan_batch(stage, &batch, list);
        ts_batch_free(&batch);
    }
    ts_random_access_free(stage);
    free(stage);
    return list;
}

static void check_point(const stream *in, uint16_t program_number,
                        const ts_random_access_point *point) {
    require(point->packet_index < in->count);
    require(stream_pid(in, (size_t)point->packet_index) == point->pid);
    require(program_number == 0 || point->program_number == program_number);
    require(point->kind <= TS_RANDOM_ACCESS_CRA);
    require(!point->has_pts || point->pts_90khz < TS_PTS_MODULUS);
}

static bool same_points(const ts_random_access_point *a, const ts_random_access_point *b) {
    return a->kind == b->kind && a->program_number == b->program_number && a->pid == b->pid &&
           a->has_time == b->has_time && a->has_pts == b->has_pts &&
           a->has_sequence_header == b->has_sequence_header &&
           a->random_access_indicator == b->random_access_indicator &&
           a->packet_index == b->packet_index && a->stream_time == b->stream_time &&
           a->pts_90khz == b->pts_90khz && a->presentation_time == b->presentation_time;
}

/* A PMT with video of three kinds, and packets that are made of start codes. */
static void add_video_pmt(stream *s, uint8_t how) {
    static const uint16_t types[] = {0x02, 0x1B, 0x24, 0x06};
    const pid_pair programs[] = {{1, FUZZ_PMT}, {2, FUZZ_PMT}};
    const pid_pair streams[] = {{types[how & 3u], FUZZ_VIDEO}, {types[how >> 2 & 3u], MORE_VIDEO}};
    const section_bytes pat = make_pat(how >> 4, programs, 1u + (how >> 7));
    const section_bytes pmt =
        make_pmt(1u + (how >> 6 & 1u), how >> 4, FUZZ_VIDEO, 0, streams, 1u + (how >> 5 & 1u));
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, FUZZ_PMT, &pmt);
}

static const uint8_t *add_video(stream *s, uint8_t how, const uint8_t *data, size_t *size) {
    static const uint8_t pes[] = {0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1};
    uint8_t *packet = stream_add_adaptation(s, FUZZ_VIDEO + (how & 1u), how >> 1 & 0x3Fu);
    const bool starts = how & 0x80u;
    size_t at = ts_packet_get_payload_offset(packet);
    if (how >> 1 & 0x3Fu) {
        packet[5] = starts ? 0x40u : 0u;
    }
    if (starts) {
        packet[1] |= 0x40u;
        memcpy(packet + at, pes, sizeof pes);
        at += sizeof pes;
    }
    /* Each byte stands for a start code with it. */
    while (*size > 0 && at + 6 < TS_PACKET_SIZE) {
        const uint8_t unit[] = {0, 0, 1, data[0], how, (uint8_t)~how};
        memcpy(packet + at, unit, sizeof unit);
        at += sizeof unit - (data[0] & 1u);
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
        switch (what & 3u) {
        case 0:
            data = add_video(s, how, data, &size);
            break;
        case 1:
            add_video_pmt(s, how);
            break;
        default:
            fuzz_step(s, what >> 2, how);
            break;
        }
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4) {
        return 0;
    }
    const uint16_t program_number = data[1] & 1u;
    fuzz_choice choice;
    stream *s = data[1] & 2u ? build(data + 2, size - 2) : fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    point_list *whole = scan(s, program_number, s->count + 1);
    point_list *pieces = scan(s, program_number, data[0] % 97u + 1u);
    require(whole->count == pieces->count);
    for (size_t i = 0; i < whole->count; i++) {
        require(same_points(&whole->points[i], &pieces->points[i]));
        check_point(s, program_number, &whole->points[i]);
    }
    free(whole);
    free(pieces);
    stream_end(s);
    return 0;
}
