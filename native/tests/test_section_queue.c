#include "tsloom/section_queue.h"

#include "stream_bench.h"

#include "check.h"

enum { PID = 0x123 };

static section_bytes make_section(uint8_t table_id, uint16_t extension, size_t size, uint8_t fill) {
    section_bytes section;
    begin_section(&section, table_id, extension, 0);
    memset(section.bytes + section.size, fill, size - section.size - TS_SECTION_CRC_SIZE);
    section.size = size - TS_SECTION_CRC_SIZE;
    end_section(&section);
    return section;
}

static ts_section_queue *make_queue(void) {
    ts_section_queue *queue = must(malloc(sizeof *queue));
    memset(queue, 0xEE, sizeof *queue);
    ts_section_queue_init(queue, PID);
    return queue;
}

static void pop_all(ts_section_queue *queue, stream *out) {
    while (!ts_section_queue_is_empty(queue)) {
        uint8_t packet[TS_PACKET_SIZE];
        ts_section_queue_pop(queue, packet);
        stream_append(out, packet, 1);
    }
}

static void sections_of_any_size_leave_whole(void) {
    for (size_t size = 12; size <= TS_SECTION_MAX; size += size < 400 ? 1 : 91) {
        const section_bytes section = make_section(0x80, 1, size, 0x55);
        ts_section_queue *queue = make_queue();
        stream *out = stream_begin();
        CHECK(ts_section_queue_push(queue, section.bytes, size) == TS_OK);
        pop_all(queue, out);
        const section_list list = read_sections(out, PID);
        CHECK(list.complete == 1 && list.broken == 0 && is_section(&list.last, &section));
        CHECK(out->count == ts_section_get_packet_count(size));
        CHECK(count_continuity_errors(out) == 0);
        free(queue);
        stream_end(out);
    }
}

/* Two sections of all sizes that let the first one's end fall anywhere in a packet. */
static void sections_follow_each_other_without_a_gap(void) {
    for (size_t first = 12; first < 600; first++) {
        const section_bytes a = make_section(0x80, 1, first, 0x55);
        const section_bytes b = make_section(0x80, 2, 300, 0x66);
        ts_section_queue *queue = make_queue();
        stream *out = stream_begin();
        ts_section_queue_push(queue, a.bytes, a.size);
        ts_section_queue_push(queue, b.bytes, b.size);
        pop_all(queue, out);
        const section_list list = read_sections(out, PID);
        CHECK(list.complete == 2 && list.broken == 0 && is_section(&list.last, &b));
        CHECK(out->count <= (first + 300) / 183 + 1);
        free(queue);
        stream_end(out);
    }
}

static void what_is_pushed_in_mid_section_starts_in_its_packet(void) {
    const section_bytes a = make_section(0x80, 1, 300, 0x55);
    const section_bytes b = make_section(0x80, 2, 20, 0x66);
    ts_section_queue *queue = make_queue();
    stream *out = stream_begin();
    uint8_t packet[TS_PACKET_SIZE];
    ts_section_queue_push(queue, a.bytes, a.size);
    ts_section_queue_pop(queue, packet);
    stream_append(out, packet, 1);
    ts_section_queue_push(queue, b.bytes, b.size);
    pop_all(queue, out);
    const section_list list = read_sections(out, PID);
    CHECK(out->count == 2 && list.complete == 2 && list.broken == 0 && list.first_packet == 1);
    free(queue);
    stream_end(out);
}

static void counters_run_on_from_what_they_are_told(void) {
    const section_bytes a = make_section(0x80, 1, 2000, 0x55);
    ts_section_queue *queue = make_queue();
    stream *out = stream_begin();
    queue->continuity_counter = 13;
    ts_section_queue_push(queue, a.bytes, a.size);
    pop_all(queue, out);
    for (size_t i = 0; i < out->count; i++) {
        CHECK((stream_at(out, i)[3] & 15u) == ((13 + i) & 15u));
        CHECK(stream_pid(out, i) == PID);
    }
    free(queue);
    stream_end(out);
}

static void a_full_queue_refuses_and_keeps_what_it_has(void) {
    ts_section_queue *queue = make_queue();
    stream *out = stream_begin();
    size_t pushed = 0;
    for (;;) {
        const section_bytes a = make_section(0x80, (uint16_t)pushed, 4000, 0x55);
        if (ts_section_queue_push(queue, a.bytes, a.size) != TS_OK) {
            break;
        }
        pushed++;
    }
    CHECK(pushed == TS_SECTION_QUEUE_BYTES / 4000);
    const uint8_t few[12] = {0x80, 0x30, 9};
    while (ts_section_queue_push(queue, few, sizeof few) == TS_OK) {
        pushed++;
    }
    CHECK(TS_SECTION_QUEUE_BYTES - queue->byte_count < sizeof few);
    pop_all(queue, out);
    CHECK(read_sections(out, PID).complete == pushed);
    for (pushed = 0; ts_section_queue_push(queue, few, sizeof few) == TS_OK; pushed++) {
    }
    CHECK(pushed == TS_SECTION_QUEUE_SECTIONS);
    CHECK(ts_section_queue_push(queue, few, 0) == TS_BAD_ARGUMENT);
    CHECK(ts_section_queue_push(queue, few, UINT16_MAX + 1u) == TS_BAD_ARGUMENT);
    free(queue);
    stream_end(out);
}

static void a_null_packet_is_one(void) {
    uint8_t packet[TS_PACKET_SIZE] = {0};
    ts_packet_put_null(packet);
    CHECK(ts_load_be32(packet) == 0x471FFF10);
    for (size_t i = TS_HEADER_SIZE; i < TS_PACKET_SIZE; i++) {
        CHECK(packet[i] == 0xFF);
    }
}

int main(void) {
    sections_of_any_size_leave_whole();
    sections_follow_each_other_without_a_gap();
    what_is_pushed_in_mid_section_starts_in_its_packet();
    counters_run_on_from_what_they_are_told();
    a_full_queue_refuses_and_keeps_what_it_has();
    a_null_packet_is_one();
    return CHECK_RESULT;
}
