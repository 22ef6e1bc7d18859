/* For the fuzz targets: a stream out of the fuzzer's bytes. Either the bytes are packets, or two of
 * them at a time say what comes next, since chance alone never makes a table with a good CRC_32. */
#ifndef TSLOOM_TESTS_FUZZ_STREAM_H
#define TSLOOM_TESTS_FUZZ_STREAM_H

#include <stdio.h>

#include "stream_bench.h"

enum { FUZZ_PMT = 0x30, FUZZ_VIDEO = 0x40, FUZZ_CUES = 0x48, FUZZ_RAW_MAX = 16 };
/* Most streams are short, so that many of them are tried; one in sixteen is long, for time. */
enum { FUZZ_PACKETS_MAX = 32, FUZZ_LONG_MAX = 256 };

typedef struct fuzz_choice {
    size_t cut;
    unsigned bits;       /* the target's own */
    const uint8_t *rest; /* of the target's own, FUZZ_CHOICES bytes */
} fuzz_choice;

enum { FUZZ_CHOICES = 24 };

static inline void give_up(const char *condition, int line) {
    fprintf(stderr, "line %d: not so: %s\n", line, condition);
    abort();
}

#define require(condition) ((condition) ? (void)0 : give_up(#condition, __LINE__))

static inline void fuzz_add_pat(stream *s, uint8_t how) {
    pid_pair programs[70];
    const size_t count = how >= 0xF0u ? 70 : how & 3u;
    for (size_t i = 0; i < count; i++) {
        programs[i].number = (uint16_t)(i + (how >> 6 & 1u));
        programs[i].pid = (uint16_t)(FUZZ_PMT + (how >> 2 & 3u) * (i % 3));
    }
    const section_bytes pat = make_pat(how >> 4, programs, count);
    stream_add_table(s, TS_PID_PAT, &pat);
}

static inline void fuzz_add_pmt(stream *s, uint8_t how) {
    static const size_t paddings[] = {0, 145, 160, 600, 3, 985, 170, 20};
    static const uint16_t types[] = {0x86, 0x0F};
    const pid_pair streams[] = {{0x1B, FUZZ_VIDEO}, {types[how & 1u], FUZZ_CUES}};
    const section_bytes pmt =
        make_pmt(how >> 1 & 1u ? 2 : 1, how >> 2, (uint16_t)(FUZZ_VIDEO + (how >> 2 & 1u)),
                 paddings[how >> 3 & 7u], streams, 1u + (how >> 6 & 1u));
    stream_add_table(s, (uint16_t)(FUZZ_PMT + (how >> 7)), &pmt);
}

static inline void fuzz_add_private(stream *s, uint8_t how) {
    section_bytes section;
    begin_section(&section, how & 0x7Fu, how, how);
    memset(section.bytes + section.size, how, how * 5u);
    section.size += how * 5u;
    end_section(&section);
    stream_add_table(s, how & 1u ? FUZZ_CUES : TS_PID_EIT, &section);
}

/* SDT, TDT and TOT, some of them too short for what they should say. */
static inline void fuzz_add_si(stream *s, uint8_t how) {
    static const uint8_t table_ids[] = {0x42, 0x46, 0x70, 0x73};
    const uint8_t table_id = table_ids[how & 3u];
    section_bytes section;
    begin_section(&section, table_id, how >> 4 & 1u, how);
    section.size = 3;
    for (size_t i = 0; i < 5u + (how >> 2 & 3u) * (how >> 5); i++) {
        section.bytes[section.size++] = (uint8_t)(how + (i & 1u));
    }
    if (table_id == 0x70) {
        section.bytes[1] = 0x70;
        section.bytes[2] = (uint8_t)(section.size - 3);
    } else {
        end_section(&section);
    }
    stream_add_table(s, table_id < 0x70 ? TS_PID_SDT : TS_PID_TDT, &section);
}

static inline void fuzz_add_pcr(stream *s, uint8_t how) {
    /* Mostly a millisecond a packet; now and then somewhere else. */
    const uint64_t base = how >> 3 == 31 ? TS_PCR_MODULUS - 3000000 : (uint64_t)(how >> 6) * 100000;
    uint8_t *packet = stream_add_pcr(s, FUZZ_VIDEO + (how & 1u), base + s->count * 27000);
    packet[5] |= how >> 3 == 30 ? 0x80u : 0u;
}

/* Something that was sent is damaged, repeated, cut out or moved. */
static inline void fuzz_harm(stream *s, uint8_t how) {
    if (s->count == 0) {
        return;
    }
    uint8_t *packet = stream_at(s, s->count - 1 - (how & 15u) % s->count);
    switch (how >> 4) {
    case 0:
        stream_repeat(s);
        break;
    case 1:
        s->count--;
        break;
    case 2:
        packet[1] ^= 0x80u;
        break;
    case 3:
        packet[3] ^= how & 15u;
        break;
    case 4:
        packet[3] ^= 0x20u;
        break;
    case 5:
        packet[3] ^= 0x10u;
        break;
    case 6:
        packet[1] ^= 0x40u;
        break;
    default:
        packet[4 + (how & 15u) * 11u] ^= how;
        break;
    }
}

static inline void fuzz_step(stream *s, uint8_t what, uint8_t how) {
    switch (what & 7u) {
    case 0:
        fuzz_add_pat(s, how);
        break;
    case 1:
        fuzz_add_pmt(s, how);
        break;
    case 2:
        fuzz_add_pcr(s, how);
        break;
    case 3:
        stream_add_nulls(s, how & 15u);
        break;
    case 4:
        stream_add_many(s, (uint16_t)(FUZZ_PMT + (how & 0x1Fu)), how >> 5);
        break;
    case 5:
        if (what & 8u) {
            fuzz_add_si(s, how);
        } else {
            fuzz_add_private(s, how);
        }
        break;
    case 6:
        stream_add_adaptation(s, (uint16_t)(FUZZ_PMT + (how & 0x18u)), (uint8_t)(how % 184u));
        break;
    default:
        fuzz_harm(s, how);
        break;
    }
}

/* NULL if the bytes are too few. */
static inline stream *fuzz_build(const uint8_t *data, size_t size, fuzz_choice *choice) {
    if (size < FUZZ_CHOICES + 2) {
        return NULL;
    }
    *choice = (fuzz_choice){data[0] % 97u + 1u, data[1] >> 1, data + 2};
    stream *s = stream_begin();
    const bool raw = data[1] & 1u;
    const size_t most = data[FUZZ_CHOICES + 1] < 16 ? FUZZ_LONG_MAX : FUZZ_PACKETS_MAX;
    data += FUZZ_CHOICES + 2;
    size -= FUZZ_CHOICES + 2;
    for (size_t at = 0; raw && at + TS_PACKET_SIZE <= size && s->count < FUZZ_RAW_MAX;
         at += TS_PACKET_SIZE) {
        stream_append(s, data + at, 1)[0] = TS_SYNC_BYTE;
    }
    for (size_t at = 0; !raw && at + 2 <= size && s->count < most; at += 2) {
        fuzz_step(s, data[at], data[at + 1]);
    }
    return s;
}

#endif
