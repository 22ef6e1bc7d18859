/* For the tests of the reader of elementary streams: PES packets laid out packet by packet. */
#ifndef TSLOOM_TESTS_ELEMENTARY_BENCH_H
#define TSLOOM_TESTS_ELEMENTARY_BENCH_H

#include "random_access_bench.h"
#include "tsloom/elementary.h"

/* Baseline, level 4, frame_num of four bits, 1920x1088: of frames, and of frames or fields. */
#define SPS_FRAMES "\0\0\0\1\x67\x42\x00\x28\xDA\x01\xE0\x08\x99"
#define SPS_FIELDS "\0\0\0\1\x67\x42\x00\x28\xDA\x01\xE0\x11\x12"
#define DELIMITER "\0\0\0\1\x09\xF0"
/* First slices by slice_type and frame_num. */
#define SLICE_IDR "\0\0\1\x65\x88\x80\x04"
#define SLICE_P1 "\0\0\1\x41\x9A\x20\x10"
#define SLICE_B2 "\0\0\1\x01\x9E\x40\x10"
#define SLICE_TOP "\0\0\1\x65\x88\x84\x01" /* IDR, of the top field */
#define SLICE_BOTTOM "\0\0\1\x41\x9A\x18\x04"

typedef struct head_bench {
    ts_elementary e;
    uint8_t unit[UNIT_MAX];
    size_t size;
    unsigned counter;
    size_t fed; /* packets of the last PES packet */
} head_bench;

static inline void head_begin(head_bench *b, ts_elementary_kind kind) {
    memset(b, 0, sizeof *b);
    ts_elementary_init(&b->e, kind);
}

static inline void head_put(head_bench *b, const void *bytes, size_t size) {
    memcpy(b->unit + b->size, bytes, size);
    b->size += size;
}

#define HEAD_PUT(b, bytes) head_put(b, bytes, sizeof(bytes) - 1)

static inline void head_fill(head_bench *b, uint8_t byte, size_t size) {
    memset(b->unit + b->size, byte, size);
    b->size += size;
}

static inline void head_pes(head_bench *b, uint64_t pts) {
    b->size = 0;
    HEAD_PUT(b, "\0\0\1\xE0\0\0\x80\x80\5");
    uint8_t *field = b->unit + b->size;
    field[0] = (uint8_t)(0x21u | (pts >> 29 & 0x0Eu));
    ts_store_be16(field + 1, (uint16_t)(pts >> 14 | 1u));
    ts_store_be16(field + 3, (uint16_t)(pts << 1 | 1u));
    b->size += PES_TIMESTAMP_SIZE;
}

/* One packet of so many bytes, at most 182. */
static inline void head_make_packet(head_bench *b, uint8_t *packet, const uint8_t *bytes,
                                    size_t size, bool starts) {
    memset(packet, 0xFF, TS_PACKET_SIZE);
    ts_store_be32(packet, (uint32_t)TS_SYNC_BYTE << 24 | (starts ? TS_HEADER_PUSI : 0u) |
                              (uint32_t)VIDEO << 8 | TS_HEADER_ADAPTATION | TS_HEADER_PAYLOAD |
                              (b->counter++ & 15u));
    packet[4] = (uint8_t)(183 - size);
    if (packet[4] > 0) {
        packet[5] = 0;
    }
    memcpy(packet + TS_PACKET_SIZE - size, bytes, size);
}

/* The PES packet in pieces of so many bytes, for as long as they are wanted. */
static inline void head_feed(head_bench *b, size_t piece) {
    bool wanted = true;
    b->fed = 0;
    for (size_t at = 0; at < b->size; at += piece) {
        const size_t size = b->size - at < piece ? b->size - at : piece;
        uint8_t packet[TS_PACKET_SIZE];
        head_make_packet(b, packet, b->unit + at, size, at == 0);
        if (wanted) {
            wanted = ts_elementary_feed(&b->e, packet);
            b->fed++;
        }
    }
}

#endif
