#include "section_bench.h"

static void every_size_comes_back(void) {
    for (size_t size = 4; size <= TS_SECTION_MAX; size += size < 400 ? 1 : 97) {
        bench b;
        begin(&b);
        put_section(&b, size, 0x11);
        CHECK(b.count == ts_section_get_packet_count(size));
        run(&b);
        CHECK(b.log.count == 1);
        check_entry(&b, 0, TS_SECTION_DROP_NONE, size, 0x11, 0, b.count - 1);
    }
    CHECK(ts_section_get_packet_count(0) == 0);
    CHECK(ts_section_get_packet_count(183) == 1);
    CHECK(ts_section_get_packet_count(184) == 2);
}

static void several_sections_share_a_packet(void) {
    bench b;
    uint8_t payload[184];
    begin(&b);
    memset(payload, TS_SECTION_STUFFING, sizeof payload);
    payload[0] = 0;
    make_section(payload + 1, 20, 1);
    make_section(payload + 21, 4, 2);
    make_section(payload + 25, 100, 3);
    put_payload(&b, 1, payload, sizeof payload);
    run(&b);
    CHECK(b.log.count == 3);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 20, 1, 0, 0);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 4, 2, 0, 0);
    check_entry(&b, 2, TS_SECTION_DROP_NONE, 100, 3, 0, 0);
}

/* One section ends and the next begins anywhere in the second packet, header bytes torn too. */
static void sections_follow_each_other_over_packets(void) {
    for (size_t first = 100; first < 300; first++) {
        bench b;
        uint8_t joined[600];
        begin(&b);
        make_section(joined, first, 1);
        make_section(joined + first, 200, 2);
        memset(joined + first + 200, TS_SECTION_STUFFING, sizeof joined - first - 200);
        uint8_t payload[184] = {0};
        size_t at = 0;
        for (size_t packet = 0; packet < 3; packet++) {
            const size_t room = sizeof payload;
            const bool starts =
                packet == 0 || (first >= at && first < at + room - 1 && at <= first);
            const size_t lead = starts ? 1 : 0;
            if (starts) {
                payload[0] = (uint8_t)(packet == 0 ? 0 : first - at);
            }
            memcpy(payload + lead, joined + at, room - lead);
            put_payload(&b, starts, payload, sizeof payload);
            at += room - lead;
        }
        run(&b);
        CHECK(b.log.count == 2);
        CHECK(b.log.entries[0].size == first && b.log.entries[0].mark == 1);
        CHECK(b.log.entries[1].size == 200 && b.log.entries[1].mark == 2);
    }
}

static void payload_as_small_as_one_byte_is_enough(void) {
    bench b;
    uint8_t section[40];
    const uint8_t pointer_field = 0;
    begin(&b);
    make_section(section, sizeof section, 7);
    put_payload(&b, 1, &pointer_field, 1);
    for (size_t i = 0; i < sizeof section; i++) {
        put_payload(&b, 0, section + i, 1);
    }
    run(&b);
    /* pointer_field 0 with nothing behind it points beyond the packet. */
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_POINTER, 0, 0, 0, 0);

    begin(&b);
    const uint8_t start[2] = {0, section[0]};
    put_payload(&b, 1, start, 2);
    for (size_t i = 1; i < sizeof section; i++) {
        put_payload(&b, 0, section + i, 1);
    }
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, sizeof section, 7, 0, sizeof section - 1);
}

static void duplicates_are_passed_over(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    memcpy(b.packets[2], b.packets[1], TS_PACKET_SIZE);
    memcpy(b.packets[1], b.packets[0], TS_PACKET_SIZE);
    memcpy(b.packets[3], b.packets[2], TS_PACKET_SIZE);
    b.count = 4;
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 300, 1, 0, 2);
}

/* A continuity_counter that never moves: what repeats more than once is read. */
static void a_standing_counter_hides_no_section(void) {
    bench b;
    begin(&b);
    for (size_t i = 0; i < 6; i++) {
        b.continuity_counter = 0;
        put_section(&b, 50, (uint8_t)(i < 3 ? 1 : 2));
    }
    run(&b);
    CHECK(b.log.count == 4);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 50, 1, 0, 0);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 50, 1, 2, 2);
    check_entry(&b, 2, TS_SECTION_DROP_NONE, 50, 2, 3, 3);
    check_entry(&b, 3, TS_SECTION_DROP_NONE, 50, 2, 5, 5);
}

/* Each packet three times over: the second repetition is not legal, but brings nothing new. */
static void packets_sent_three_times_make_one_section(void) {
    bench b;
    uint8_t sent[3][TS_PACKET_SIZE];
    begin(&b);
    put_section(&b, 500, 1);
    memcpy(sent, b.packets, sizeof sent);
    for (size_t i = 0; i < 9; i++) {
        memcpy(b.packets[i], sent[i / 3], TS_PACKET_SIZE);
    }
    b.count = 9;
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 500, 1, 0, 6);
}

/* 2.4.3.3 wants the same bytes: another flag, or another header, makes another packet. */
static void a_packet_with_other_flags_is_no_duplicate(void) {
    bench b;
    uint8_t payload[100];
    begin(&b);
    memset(payload, TS_SECTION_STUFFING, sizeof payload);
    payload[0] = 0;
    make_section(payload + 1, 50, 1);
    for (size_t i = 0; i < 3; i++) {
        b.continuity_counter = 0;
        put_payload(&b, 1, payload, sizeof payload);
    }
    b.packets[1][5] |= 0x80u;
    b.packets[2][5] |= 0x80u;
    b.packets[2][1] |= 0x20u;
    run(&b);
    CHECK(b.log.count == 3);
}

static void packets_without_payload_are_passed_over(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    memcpy(b.packets[2], b.packets[1], TS_PACKET_SIZE);
    b.packets[1][3] = 0x20;
    b.packets[1][4] = 183;
    b.count = 3;
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 300, 1, 0, 2);
}

static void a_batch_gives_the_sections_of_its_pid_with_their_positions(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    memcpy(b.packets[3], b.packets[1], TS_PACKET_SIZE);
    b.packets[1][2] ^= 1u; /* other PIDs in between */
    b.packets[2][2] ^= 1u;
    uint32_t position[4] = {5, 6, 7, 9};
    ts_batch batch;
    memset(&batch, 0, sizeof batch);
    batch.packets = b.packets[0];
    batch.count = 4;
    batch.first_index = 100;
    ts_section_assembler_feed_batch(&b.assembler, PID, &batch, note, &b.log);
    batch.position = position;
    ts_section_assembler_init(&b.assembler);
    ts_section_assembler_feed_batch(&b.assembler, PID, &batch, note, &b.log);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 300, 1, 100, 103);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 300, 1, 105, 109);
}

int main(void) {
    every_size_comes_back();
    several_sections_share_a_packet();
    sections_follow_each_other_over_packets();
    payload_as_small_as_one_byte_is_enough();
    duplicates_are_passed_over();
    a_standing_counter_hides_no_section();
    packets_sent_three_times_make_one_section();
    a_packet_with_other_flags_is_no_duplicate();
    packets_without_payload_are_passed_over();
    a_batch_gives_the_sections_of_its_pid_with_their_positions();
    return CHECK_RESULT;
}
