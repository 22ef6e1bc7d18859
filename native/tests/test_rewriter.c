#include "tsloom/rewriter.h"

#include "stream_bench.h"

#include "check.h"

enum { PID = 0x100, TARGET = 0x200 };

typedef struct rewriter_bench {
    ts_rewriter *rewriter;
    ts_batch batch;
    stream *in;
    stream *out;
} rewriter_bench;

static rewriter_bench begin(uint8_t counter) {
    rewriter_bench b = {must(malloc(sizeof(ts_rewriter))), {0}, stream_begin(), stream_begin()};
    ts_rewriter_init(b.rewriter);
    CHECK(!ts_rewriter_has(b.rewriter, PID));
    CHECK(ts_rewriter_take_over(b.rewriter, PID, TARGET, counter) == TS_OK);
    CHECK(ts_rewriter_has(b.rewriter, PID));
    ts_batch_init(&b.batch);
    return b;
}

static void end(rewriter_bench *b) {
    ts_rewriter_free(b->rewriter);
    free(b->rewriter);
    ts_batch_free(&b->batch);
    stream_end(b->in);
    stream_end(b->out);
}

typedef void (*step)(ts_rewriter *, ts_batch *, size_t);

/* The last packet of the input through fill or pass. */
static uint8_t *put(rewriter_bench *b, step how) {
    load_batch(&b->batch, b->in, b->in->count - 1, 1);
    how(b->rewriter, &b->batch, 0);
    CHECK(b->batch.header[0] == ts_load_be32(b->batch.packets));
    return stream_append(b->out, b->batch.packets, 1);
}

static section_bytes make_table(uint8_t version, size_t padding) {
    return make_pmt(1, version, 0x1FFF, padding, NULL, 0);
}

static void each_packet_is_a_slot(void) {
    rewriter_bench b = begin(14);
    const section_bytes table = make_table(0, 400);
    ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    for (size_t i = 0; i < 5; i++) {
        stream_add(b.in, PID);
        put(&b, ts_rewriter_fill);
    }
    const section_list list = read_sections(b.out, TARGET);
    CHECK(list.complete == 1 && list.broken == 0 && is_section(&list.last, &table));
    CHECK((stream_at(b.out, 0)[3] & 15) == 14);
    CHECK(count_pid(b.out, TARGET) == 3 && count_pid(b.out, TS_PID_NULL) == 2);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void a_pcr_stays_and_costs_no_counter(void) {
    rewriter_bench b = begin(0);
    const section_bytes table = make_table(0, 400);
    ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    for (size_t i = 0; i < 6; i++) {
        stream_add_pcr(b.in, PID, 1000 * i);
        put(&b, ts_rewriter_fill);
        stream_add(b.in, PID);
        put(&b, ts_rewriter_fill);
    }
    for (size_t i = 0; i < b.out->count; i += 2) {
        const uint8_t *packet = stream_at(b.out, i);
        CHECK(ts_packet_has_pcr(packet) && ts_packet_get_pcr(packet) == 500 * i);
        CHECK(!(packet[3] & 0x10) && stream_pid(b.out, i) == TARGET);
    }
    CHECK(read_sections(b.out, TARGET).complete == 1);
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

static void a_pcr_of_a_damaged_packet_is_none(void) {
    rewriter_bench b = begin(0);
    stream_add_pcr(b.in, PID, 1000)[1] |= 0x80;
    put(&b, ts_rewriter_fill);
    CHECK(stream_pid(b.out, 0) == TS_PID_NULL);
    end(&b);
}

/* Each table wants two packets, and has one slot. */
static void a_table_repeated_too_fast_leaves_as_it_is_now(void) {
    rewriter_bench b = begin(0);
    for (uint8_t version = 0; version < 100; version++) {
        const section_bytes table = make_table(version, 250);
        ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
        stream_add(b.in, PID);
        put(&b, ts_rewriter_fill);
    }
    const section_list list = read_sections(b.out, TARGET);
    CHECK(b.rewriter->overflows == 0);
    CHECK(list.complete >= 49 && list.broken <= 1);
    CHECK(((99u - ts_section_get_version_number(list.last.bytes)) & 31u) <= 2);
    end(&b);
}

static void tables_of_others_wait_in_their_order(void) {
    rewriter_bench b = begin(0);
    for (uint16_t program = 1; program <= 3; program++) {
        const section_bytes table = make_pmt(program, 0, 0x1FFF, 300, NULL, 0);
        ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    }
    const section_bytes newer = make_pmt(2, 1, 0x1FFF, 20, NULL, 0);
    ts_rewriter_push(b.rewriter, PID, newer.bytes, newer.size);
    for (size_t i = 0; i < 5; i++) {
        stream_add(b.in, PID);
        put(&b, ts_rewriter_fill);
    }
    const section_list list = read_sections(b.out, TARGET);
    CHECK(list.complete == 3 && list.broken == 0);
    CHECK(psi_pmt_get_program_number(list.last.bytes) == 3);
    end(&b);
}

static void what_finds_the_queue_full_is_counted(void) {
    rewriter_bench b = begin(0);
    for (uint16_t i = 0; i < 300; i++) {
        const section_bytes table = make_pmt(i, 0, 0x1FFF, 0, NULL, 0);
        ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    }
    CHECK(b.rewriter->overflows == 300 - TS_SECTION_QUEUE_SECTIONS);
    end(&b);
}

static void what_no_longer_carries_tables_passes_with_its_counters_running_on(void) {
    rewriter_bench b = begin(5);
    const section_bytes table = make_table(0, 600);
    ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    stream_add(b.in, PID);
    put(&b, ts_rewriter_fill);
    for (size_t i = 0; i < 40; i++) {
        stream_add_adaptation(b.in, PID, i % 3 == 0 ? 183 : 9);
        const uint8_t *packet = put(&b, ts_rewriter_pass);
        CHECK(memcmp(packet + 4, stream_at(b.in, b.in->count - 1) + 4, TS_PACKET_SIZE - 4) == 0);
    }
    ts_rewriter_push(b.rewriter, PID, table.bytes, table.size);
    for (size_t i = 0; i < 4; i++) {
        stream_add(b.in, PID);
        put(&b, ts_rewriter_fill);
    }
    CHECK(count_continuity_errors(b.out) == 0);
    const section_list list = read_sections(b.out, TARGET);
    CHECK(is_section(&list.last, &table));
    CHECK(count_pid(b.out, TARGET) == b.out->count);
    end(&b);
}

static void a_packet_put_in_shifts_those_that_pass(void) {
    rewriter_bench b = begin(5);
    uint8_t packet[TS_PACKET_SIZE];
    for (size_t i = 0; i < 30; i++) {
        stream_add(b.in, PID);
        put(&b, ts_rewriter_pass);
        if (i % 4 == 1) {
            memcpy(packet, stream_at(b.out, b.out->count - 1), sizeof packet);
            packet[3] = (uint8_t)(0x10 | ts_rewriter_take_counter(b.rewriter, PID));
            stream_append(b.out, packet, 1);
        }
    }
    CHECK(count_continuity_errors(b.out) == 0);
    end(&b);
}

int main(void) {
    each_packet_is_a_slot();
    a_pcr_stays_and_costs_no_counter();
    a_pcr_of_a_damaged_packet_is_none();
    a_table_repeated_too_fast_leaves_as_it_is_now();
    tables_of_others_wait_in_their_order();
    what_finds_the_queue_full_is_counted();
    what_no_longer_carries_tables_passes_with_its_counters_running_on();
    a_packet_put_in_shifts_those_that_pass();
    return CHECK_RESULT;
}
