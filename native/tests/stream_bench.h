/* For the tests of what reads and edits whole streams: packets are laid out one after the other,
 * run through a stage in batches of any cut, and read back. */
#ifndef TSLOOM_TESTS_STREAM_BENCH_H
#define TSLOOM_TESTS_STREAM_BENCH_H

#include <stdlib.h>
#include <string.h>

#include "tsloom/batch.h"
#include "tsloom/packet.h"
#include "tsloom/psi.h"
#include "tsloom/section.h"
#include "tsloom/stage.h"

static inline void *must(void *memory) {
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* Packets ---------------------------------------------------------------------------------------
 */

typedef struct stream {
    uint8_t *packets;
    size_t count;
    size_t capacity;
    uint8_t counter[TS_PID_COUNT]; /* of each PID's next packet */
} stream;

static inline stream *stream_begin(void) {
    return must(calloc(1, sizeof(stream)));
}

static inline void stream_end(stream *s) {
    free(s->packets);
    free(s);
}

static inline uint8_t *stream_at(const stream *s, size_t index) {
    return s->packets + index * TS_PACKET_SIZE;
}

static inline uint16_t stream_pid(const stream *s, size_t index) {
    return ts_header_get_pid(ts_load_be32(stream_at(s, index)));
}

static inline uint8_t *stream_append(stream *s, const uint8_t *packets, size_t count) {
    if (s->capacity - s->count < count || s->packets == NULL) {
        s->capacity = s->capacity * 2 + count + 16;
        s->packets = must(realloc(s->packets, s->capacity * TS_PACKET_SIZE));
    }
    uint8_t *to = stream_at(s, s->count);
    if (count > 0) {
        memcpy(to, packets, count * TS_PACKET_SIZE);
    }
    s->count += count;
    return to;
}

/* The last packet once more. */
static inline void stream_repeat(stream *s) {
    uint8_t packet[TS_PACKET_SIZE];
    memcpy(packet, stream_at(s, s->count - 1), sizeof packet);
    stream_append(s, packet, 1);
}

/* A packet whose payload is its index, so that no two are alike. */
static inline uint8_t *stream_add(stream *s, uint16_t pid) {
    uint8_t packet[TS_PACKET_SIZE];
    memset(packet, 0xA5, sizeof packet);
    ts_store_be32(packet, ts_header_set_pid((uint32_t)TS_SYNC_BYTE << 24 | TS_HEADER_PAYLOAD |
                                                (s->counter[pid] & 15u),
                                            pid));
    ts_store_be32(packet + TS_PACKET_SIZE - 4, (uint32_t)s->count);
    s->counter[pid]++;
    return stream_append(s, packet, 1);
}

static inline void stream_add_many(stream *s, uint16_t pid, size_t count) {
    while (count-- > 0) {
        stream_add(s, pid);
    }
}

static inline void stream_add_nulls(stream *s, size_t count) {
    while (count-- > 0) {
        uint8_t *packet = stream_add(s, TS_PID_NULL);
        memset(packet + TS_HEADER_SIZE, 0xFF, TS_PACKET_SIZE - TS_HEADER_SIZE);
        packet[3] = 0x10;
    }
}

/* An adaptation field of so many bytes, its flags 0; the payload is what is left. */
static inline uint8_t *stream_add_adaptation(stream *s, uint16_t pid, uint8_t length) {
    uint8_t *packet = stream_add(s, pid);
    packet[3] |= 0x20u;
    packet[4] = length;
    if (length >= 183) {
        packet[3] &= 0xEFu;
        packet[3] = (uint8_t)((packet[3] & 0xF0u) | ((packet[3] - 1u) & 15u));
        s->counter[pid]--;
    }
    if (length > 0) {
        packet[5] = 0;
        memset(packet + 6, 0xFF, length - 1u);
    }
    return packet;
}

static inline void put_pcr(uint8_t *field, uint64_t pcr_27mhz) {
    const uint64_t base = pcr_27mhz / 300;
    const unsigned extension = (unsigned)(pcr_27mhz % 300);
    ts_store_be32(field, (uint32_t)(base >> 1));
    field[4] = (uint8_t)((base & 1u) << 7 | 0x7Eu | extension >> 8);
    field[5] = (uint8_t)extension;
}

static inline uint8_t *stream_add_pcr(stream *s, uint16_t pid, uint64_t pcr_27mhz) {
    uint8_t *packet = stream_add_adaptation(s, pid, 7);
    packet[5] = 0x10;
    put_pcr(packet + 6, pcr_27mhz % TS_PCR_MODULUS);
    return packet;
}

static inline void stream_add_section(stream *s, uint16_t pid, const uint8_t *section,
                                      size_t size) {
    uint8_t packet[TS_PACKET_SIZE];
    for (size_t offset = 0; offset < size;) {
        offset = ts_section_put_packet(section, size, offset, pid, s->counter[pid]++, packet);
        stream_append(s, packet, 1);
    }
}

/* Sections --------------------------------------------------------------------------------------
 */

typedef struct section_bytes {
    uint8_t bytes[TS_SECTION_MAX];
    size_t size;
} section_bytes;

typedef struct pid_pair {
    uint16_t number; /* program_number, or stream_type */
    uint16_t pid;
} pid_pair;

static inline void begin_section(section_bytes *section, uint8_t table_id, uint16_t extension,
                                 uint8_t version) {
    memset(section->bytes, 0, TS_SECTION_LONG_HEADER_SIZE);
    section->bytes[0] = table_id;
    section->bytes[1] = 0xB0;
    ts_store_be16(section->bytes + 3, extension);
    section->bytes[5] = (uint8_t)(0xC1u | (version & 31u) << 1);
    section->size = TS_SECTION_LONG_HEADER_SIZE;
}

static inline void put_word(section_bytes *section, unsigned word) {
    ts_store_be16(section->bytes + section->size, (uint16_t)word);
    section->size += 2;
}

static inline void end_section(section_bytes *section) {
    section->size += TS_SECTION_CRC_SIZE;
    if (psi_seal(section->bytes, section->size) != TS_OK) {
        abort();
    }
}

static inline section_bytes make_pat(uint8_t version, const pid_pair *programs, size_t count) {
    section_bytes pat;
    begin_section(&pat, PSI_TABLE_ID_PAT, 1, version);
    for (size_t i = 0; i < count; i++) {
        put_word(&pat, programs[i].number);
        put_word(&pat, 0xE000u | programs[i].pid);
    }
    end_section(&pat);
    return pat;
}

/* padding: bytes of private descriptors in the program loop, to make it as large as wanted. */
static inline section_bytes make_pmt(uint16_t program_number, uint8_t version, uint16_t pcr_pid,
                                     size_t padding, const pid_pair *streams, size_t count) {
    section_bytes pmt;
    begin_section(&pmt, PSI_TABLE_ID_PMT, program_number, version);
    put_word(&pmt, 0xE000u | pcr_pid);
    put_word(&pmt, 0xF000u | (unsigned)padding);
    while (padding > 1) {
        const size_t part = padding < 200 ? padding : 200;
        const size_t left = padding - part == 1 ? part - 2 : part;
        pmt.bytes[pmt.size] = 0xEE;
        pmt.bytes[pmt.size + 1] = (uint8_t)(left - 2);
        memset(pmt.bytes + pmt.size + 2, 0x11, left - 2);
        pmt.size += left;
        padding -= left;
    }
    for (size_t i = 0; i < count; i++) {
        pmt.bytes[pmt.size++] = (uint8_t)streams[i].number;
        put_word(&pmt, 0xE000u | streams[i].pid);
        put_word(&pmt, 0xF000u);
    }
    end_section(&pmt);
    return pmt;
}

static inline void stream_add_table(stream *s, uint16_t pid, const section_bytes *section) {
    stream_add_section(s, pid, section->bytes, section->size);
}

/* Running ---------------------------------------------------------------------------------------
 */

/* Served where the stage wants control and behind each batch. */
typedef void (*control_plane)(void *context);

typedef struct bench_run {
    ts_stage stage;
    control_plane control; /* may be NULL */
    void *context;
    bool lying; /* a header word does not say what its packet says, or a batch overflows */
} bench_run;

static inline void load_batch(ts_batch *batch, const stream *in, size_t from, size_t count) {
    if (ts_batch_reserve(batch, count) != TS_OK) {
        abort();
    }
    if (count > 0) {
        memcpy(batch->packets, stream_at(in, from), count * TS_PACKET_SIZE);
    }
    batch->count = count;
    batch->first_index = from;
    ts_batch_scan(batch, NULL);
    /* A stage is fed packets without sync byte too, so that it is seen to hold out. */
    for (size_t i = 0; i < count; i++) {
        batch->header[i] = ts_load_be32(batch->packets + i * TS_PACKET_SIZE);
    }
}

static inline void take_batch(bench_run *run, const ts_batch *batch, stream *out) {
    run->lying = run->lying || batch->count > batch->capacity;
    for (size_t i = 0; i < batch->count; i++) {
        run->lying =
            run->lying || batch->header[i] != ts_load_be32(batch->packets + i * TS_PACKET_SIZE);
    }
    stream_append(out, batch->packets, batch->count);
}

static inline void run_batch(bench_run *run, ts_batch *batch) {
    ts_status status;
    while ((status = run->stage.process(run->stage.state, batch)) == TS_WANTS_CONTROL) {
        if (run->control != NULL) {
            run->control(run->context);
        }
    }
    if (status != TS_OK || ts_batch_settle(batch) != TS_OK) {
        abort();
    }
}

/* All packets from one on, in batches of the given sizes, which are used in turn. */
static inline void run_stream(bench_run *run, const stream *in, const size_t *cuts,
                              size_t cut_count, stream *out) {
    ts_batch batch;
    ts_batch_init(&batch);
    size_t turn = 0;
    for (size_t at = 0; at < in->count;) {
        const size_t wanted = cuts[turn++ % cut_count];
        const size_t count = wanted < in->count - at ? wanted : in->count - at;
        load_batch(&batch, in, at, count);
        run_batch(run, &batch);
        take_batch(run, &batch, out);
        at += count;
    }
    ts_batch_free(&batch);
}

static inline void run_whole(bench_run *run, const stream *in, stream *out) {
    const size_t all = SIZE_MAX;
    run_stream(run, in, &all, 1, out);
}

/* Reading ---------------------------------------------------------------------------------------
 */

static inline size_t count_pid(const stream *s, uint16_t pid) {
    size_t found = 0;
    for (size_t i = 0; i < s->count; i++) {
        found += stream_pid(s, i) == pid;
    }
    return found;
}

/* The index of a PID's n-th packet, counted from 0; the stream's size if there is none. */
static inline size_t find_pid(const stream *s, uint16_t pid, size_t n) {
    size_t at = 0;
    while (at < s->count && (stream_pid(s, at) != pid || n-- > 0)) {
        at++;
    }
    return at;
}

static inline bool same_streams(const stream *a, const stream *b) {
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->packets, b->packets, a->count * TS_PACKET_SIZE) == 0);
}

/* A PID's last packet that counts, for the slow reading of 2.4.3.3. */
typedef struct counted_packet {
    size_t behind; /* its index + 1; 0: none yet */
    bool repeated;
} counted_packet;

static inline bool is_same_but_pcr(const uint8_t *a, const uint8_t *b) {
    const size_t pcr = ts_packet_has_pcr(a) && ts_packet_has_pcr(b) ? 6 : 0;
    return memcmp(a, b, 6) == 0 && memcmp(a + 6 + pcr, b + 6 + pcr, TS_PACKET_SIZE - 6 - pcr) == 0;
}

static inline bool is_wrong_counter(const stream *s, counted_packet *last, const uint8_t *packet) {
    const uint8_t *before = stream_at(s, last->behind - 1);
    const bool payload = (packet[3] & 0x10u) != 0;
    const bool stands = (packet[3] & 15u) == (before[3] & 15u);
    const bool repeats =
        stands && payload && (before[3] & 0x10u) && is_same_but_pcr(packet, before);
    const bool wrong = payload ? ((packet[3] - before[3]) & 15u) != 1 : !stands;
    const bool was_repeated = last->repeated;
    last->repeated = false;
    if (!wrong || ts_packet_has_discontinuity(packet)) {
        return false;
    }
    last->repeated = repeats;
    return !repeats || was_repeated;
}

static inline size_t count_continuity_errors(const stream *s) {
    counted_packet *lasts = must(calloc(TS_PID_COUNT, sizeof *lasts));
    size_t errors = 0;
    for (size_t i = 0; i < s->count; i++) {
        const uint8_t *packet = stream_at(s, i);
        counted_packet *last = &lasts[stream_pid(s, i)];
        if (stream_pid(s, i) == TS_PID_NULL || !ts_header_has_cc(ts_load_be32(packet))) {
            continue;
        }
        errors += last->behind != 0 && is_wrong_counter(s, last, packet);
        last->behind = i + 1;
    }
    free(lasts);
    return errors;
}

/* Sections of one PID. */
typedef struct section_list {
    size_t complete;
    size_t broken;      /* dropped, or CRC_32 does not match */
    section_bytes last; /* complete one */
    size_t first_packet;
} section_list;

static inline void list_section(void *context, const ts_section_report *report) {
    section_list *list = context;
    if (report->kind != TS_SECTION_COMPLETE) {
        list->broken++;
        return;
    }
    list->complete++;
    list->broken += psi_check_crc(report->bytes, report->size) != TS_OK;
    memcpy(list->last.bytes, report->bytes, report->size);
    list->last.size = report->size;
    list->first_packet = (size_t)report->first_packet;
}

static inline section_list read_sections(const stream *s, uint16_t pid) {
    section_list list = {0};
    ts_section_assembler assembler;
    ts_section_assembler_init(&assembler);
    for (size_t i = 0; i < s->count; i++) {
        if (stream_pid(s, i) == pid) {
            ts_section_assembler_feed(&assembler, stream_at(s, i), i, list_section, &list);
        }
    }
    ts_section_assembler_flush(&assembler, s->count, list_section, &list);
    return list;
}

static inline bool is_section(const section_bytes *a, const section_bytes *b) {
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

#endif
