/* Packets with sections for the tests, and a log of what the assembler makes of them. */
#ifndef TSLOOM_TESTS_SECTION_BENCH_H
#define TSLOOM_TESTS_SECTION_BENCH_H

#include <string.h>

#include "tsloom/section.h"

#include "check.h"

enum { PID = 0x123, LOG_MAX = 64, STREAM_MAX = 64 };

typedef struct entry {
    ts_section_drop reason;
    size_t size;
    uint8_t mark; /* the byte behind section_length */
    uint64_t first_packet;
    uint64_t last_packet;
} entry;

typedef struct record {
    entry entries[LOG_MAX];
    size_t count;
} record;

/* Packets as they are written for a test, and what came of feeding them. */
typedef struct bench {
    ts_section_assembler assembler;
    record log;
    uint8_t packets[STREAM_MAX][TS_PACKET_SIZE];
    size_t count;
    uint8_t continuity_counter;
} bench;

static inline void note(void *context, const ts_section_report *report) {
    record *log = context;
    const entry now = {report->reason, report->size,
                       report->size > TS_SECTION_HEADER_SIZE ? report->bytes[3] : (uint8_t)0,
                       report->first_packet, report->last_packet};
    CHECK((report->kind == TS_SECTION_COMPLETE) == (report->reason == TS_SECTION_DROP_NONE));
    if (log->count < LOG_MAX) {
        log->entries[log->count++] = now;
    }
}

static inline void begin(bench *b) {
    memset(b, 0, sizeof *b);
    ts_section_assembler_init(&b->assembler);
}

static inline void run(bench *b) {
    for (size_t i = 0; i < b->count; i++) {
        ts_section_assembler_feed(&b->assembler, b->packets[i], i, note, &b->log);
    }
}

/* size bytes in all, each byte behind the header is mark. */
static inline void make_section(uint8_t *section, size_t size, uint8_t mark) {
    memset(section, mark, size);
    section[0] = 0x80;
    section[1] = (uint8_t)(0x30u | ((size - 3) >> 8));
    section[2] = (uint8_t)(size - 3);
}

/* A packet with this payload at its end, an adaptation field before it if it is short. */
static inline uint8_t *put_payload(bench *b, unsigned unit_start, const uint8_t *payload,
                                   size_t size) {
    uint8_t *packet = b->packets[b->count++];
    const uint32_t header = (uint32_t)TS_SYNC_BYTE << 24 | (unit_start ? TS_HEADER_PUSI : 0u) |
                            TS_HEADER_PAYLOAD | b->continuity_counter;
    b->continuity_counter = (b->continuity_counter + 1u) & 0x0Fu;
    ts_store_be32(packet, ts_header_set_pid(header, PID));
    const size_t stuffing = TS_PACKET_SIZE - TS_HEADER_SIZE - size;
    if (stuffing != 0) {
        packet[3] |= 0x20u;
        packet[4] = (uint8_t)(stuffing - 1);
        memset(packet + 5, 0xFF, stuffing - 1);
        if (stuffing > 1) {
            packet[5] = 0;
        }
    }
    memcpy(packet + TS_HEADER_SIZE + stuffing, payload, size);
    return packet;
}

static inline void put_section(bench *b, size_t size, uint8_t mark) {
    uint8_t section[TS_SECTION_MAX];
    make_section(section, size, mark);
    for (size_t offset = 0; offset < size;) {
        offset = ts_section_put_packet(section, size, offset, PID, b->continuity_counter,
                                       b->packets[b->count++]);
        b->continuity_counter = (b->continuity_counter + 1u) & 0x0Fu;
    }
}

static inline void check_entry(const bench *b, size_t index, ts_section_drop reason, size_t size,
                               uint8_t mark, uint64_t first_packet, uint64_t last_packet) {
    const entry *e = &b->log.entries[index];
    CHECK(index < b->log.count);
    CHECK(e->reason == reason);
    CHECK(e->size == size);
    CHECK(e->mark == mark);
    CHECK(e->first_packet == first_packet);
    CHECK(e->last_packet == last_packet);
}

#endif
