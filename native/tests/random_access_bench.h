/* For the tests of the scanner of random access points: video laid out PES packet by PES packet. */
#ifndef TSLOOM_TESTS_RANDOM_ACCESS_BENCH_H
#define TSLOOM_TESTS_RANDOM_ACCESS_BENCH_H

#include "stream_bench.h"

#include "check.h"
#include "tsloom/random_access.h"

enum { PMT = 0x30, OTHER_PMT = 0x31, VIDEO = 0x100, AUDIO = 0x101, MPEG2 = 0x02, AVC = 0x1B };
enum { HEVC = 0x24, UNIT_MAX = 2000 };

static const uint64_t NO_PTS = UINT64_MAX;

typedef struct scan_bench {
    stream *s;
    uint8_t unit[UNIT_MAX]; /* the PES packet that is being made */
    size_t size;
    bool indicated;
    uint8_t scrambling;
    ts_random_access_point points[64];
    size_t count;
} scan_bench;

static inline void add_psi(scan_bench *b, uint8_t version, uint16_t type) {
    const pid_pair programs[] = {{1, PMT}};
    const pid_pair streams[] = {{type, VIDEO}, {0x0F, AUDIO}};
    const section_bytes pat = make_pat(version, programs, 1);
    const section_bytes pmt = make_pmt(1, version, AUDIO, 0, streams, 2);
    stream_add_table(b->s, TS_PID_PAT, &pat);
    stream_add_table(b->s, PMT, &pmt);
}

static inline void begin(scan_bench *b, uint16_t type) {
    memset(b, 0, sizeof *b);
    b->s = stream_begin();
    add_psi(b, 0, type);
    stream_add_pcr(b->s, AUDIO, 0);
    stream_add_pcr(b->s, AUDIO, 27000);
}

static inline void put(scan_bench *b, const char *bytes, size_t size) {
    memcpy(b->unit + b->size, bytes, size);
    b->size += size;
}

#define PUT(b, bytes) put(b, bytes, sizeof(bytes) - 1)

static inline void put_filler(scan_bench *b, size_t size) {
    memset(b->unit + b->size, 0xA5, size);
    b->size += size;
}

static inline void begin_pes(scan_bench *b, uint64_t pts) {
    b->size = 0;
    if (pts == NO_PTS) {
        PUT(b, "\0\0\1\xE0\0\0\x80\0\0");
        return;
    }
    PUT(b, "\0\0\1\xE0\0\0\x80\x80\5");
    uint8_t *field = b->unit + b->size;
    field[0] = (uint8_t)(0x21u | (pts >> 29 & 0x0Eu));
    ts_store_be16(field + 1, (uint16_t)(pts >> 14 | 1u));
    ts_store_be16(field + 3, (uint16_t)(pts << 1 | 1u));
    b->size += PES_TIMESTAMP_SIZE;
}

/* One packet with so much of the PES packet as is wanted, at most 176 bytes; returns its index. */
static inline size_t add_piece(scan_bench *b, const uint8_t *bytes, size_t size, bool starts) {
    uint8_t *packet = stream_add_adaptation(b->s, VIDEO, (uint8_t)(183 - size));
    packet[1] |= starts ? 0x40u : 0u;
    packet[3] |= b->scrambling;
    if (183 - size > 0) {
        packet[5] = starts && b->indicated ? 0x40u : 0u;
    }
    memcpy(packet + TS_PACKET_SIZE - size, bytes, size);
    return b->s->count - 1;
}

/* The PES packet in packets of so many bytes; returns the first one's index. */
static inline size_t add_pes(scan_bench *b, size_t piece) {
    const size_t first = b->s->count;
    for (size_t at = 0; at < b->size; at += piece) {
        const size_t size = b->size - at < piece ? b->size - at : piece;
        add_piece(b, b->unit + at, size, at == 0);
    }
    return first;
}

typedef struct taking {
    ts_random_access *stage;
    scan_bench *b;
} taking;

static inline void take_points(taking *t) {
    for (size_t i = 0; i < t->stage->point_count && t->b->count < 64; i++) {
        t->b->points[t->b->count++] = t->stage->points[i];
    }
    ts_random_access_clear_points(t->stage);
}

static inline void scan(scan_bench *b, size_t cut, uint16_t program_number) {
    ts_random_access *stage = must(malloc(sizeof *stage));
    taking t = {stage, b};
    b->count = 0;
    CHECK(ts_random_access_init(stage, program_number) == TS_OK);
    for (size_t at = 0; at < b->s->count; at += cut) {
        ts_batch batch;
        ts_batch_init(&batch);
        load_batch(&batch, b->s, at, b->s->count - at < cut ? b->s->count - at : cut);
        CHECK(ts_random_access_process(stage, &batch) == TS_OK);
        take_points(&t);
        ts_batch_free(&batch);
    }
    ts_random_access_free(stage);
    free(stage);
}

static inline bool is_point(const scan_bench *b, size_t index, ts_random_access_kind kind,
                            size_t packet_index, uint64_t pts) {
    const ts_random_access_point *point = &b->points[index];
    return index < b->count && point->kind == kind && point->packet_index == packet_index &&
           point->program_number == 1 && point->pid == VIDEO && point->has_pts == (pts != NO_PTS) &&
           (pts == NO_PTS || point->pts_90khz == pts);
}

static inline void end(scan_bench *b) {
    stream_end(b->s);
}

#define AVC_AUD "\0\0\0\1\x09\x10"
#define AVC_SPS "\0\0\0\1\x67\x64\0\x1F"
#define AVC_PPS "\0\0\1\x68\xEE"
#define AVC_IDR "\0\0\1\x65\x88\x84"
#define AVC_IDR_LATER "\0\0\1\x65\x11\x22" /* first_mb_in_slice is not 0 */
#define AVC_P "\0\0\1\x41\x9A\x02"

#endif
