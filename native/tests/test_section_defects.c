#include "section_bench.h"

static void a_lost_packet_drops_one_section_only(void) {
    bench b;
    begin(&b);
    put_section(&b, 500, 1);
    put_section(&b, 500, 2);
    put_section(&b, 500, 3);
    memmove(b.packets[4], b.packets[5], (b.count - 5) * TS_PACKET_SIZE);
    b.count--;
    run(&b);
    CHECK(b.log.count == 3);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 500, 1, 0, 2);
    check_entry(&b, 1, TS_SECTION_DROP_CONTINUITY, 183, 2, 3, 4);
    check_entry(&b, 2, TS_SECTION_DROP_NONE, 500, 3, 5, 7);
}

static void same_counter_with_another_payload_is_a_gap(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    b.packets[1][3] = (uint8_t)(b.packets[1][3] & 0xF0u);
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_CONTINUITY, 183, 1, 0, 1);
}

static void an_errored_packet_of_another_pid_does_no_harm(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    memcpy(b.packets[2], b.packets[1], TS_PACKET_SIZE);
    memset(b.packets[1] + 4, 0xA5, TS_PACKET_SIZE - 4);
    b.packets[1][1] |= 0x80u;
    b.packets[1][3] = 0x17;
    b.count = 3;
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 300, 1, 0, 2);
}

static void an_errored_packet_of_the_pid_costs_its_section(void) {
    bench b;
    begin(&b);
    put_section(&b, 500, 1);
    put_section(&b, 50, 2);
    b.packets[1][1] |= 0x80u;
    run(&b);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_TRANSPORT_ERROR, 183, 1, 0, 2);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 50, 2, 3, 3);
}

static void an_error_that_did_no_harm_is_not_blamed_later(void) {
    bench b;
    begin(&b);
    put_section(&b, 700, 1);
    memmove(b.packets[2], b.packets[1], 2 * TS_PACKET_SIZE);
    b.packets[1][1] |= 0x80u;
    b.packets[3][3] = 0x15;
    b.count = 4;
    run(&b);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_CONTINUITY, 183 + 184, 1, 0, 3);
}

static void an_adaptation_field_beyond_the_packet_costs_its_section(void) {
    bench b;
    begin(&b);
    put_section(&b, 500, 1);
    put_section(&b, 50, 2);
    b.packets[1][3] |= 0x20u;
    b.packets[1][4] = 183;
    run(&b);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_ADAPTATION, 183, 1, 0, 2);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 50, 2, 3, 3);
}

static void a_section_that_starts_early_ends_the_one_before(void) {
    bench b;
    uint8_t payload[184];
    begin(&b);
    memset(payload, TS_SECTION_STUFFING, sizeof payload);
    payload[0] = 0;
    make_section(payload + 1, 183, 1);
    payload[2] = 0x31; /* 512 bytes promised */
    put_payload(&b, 1, payload, sizeof payload);
    payload[0] = 10;
    make_section(payload + 11, 30, 2);
    put_payload(&b, 1, payload, sizeof payload);
    run(&b);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_EARLY_START, 193, 1, 0, 1);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 30, 2, 1, 1);
}

static void a_pointer_beyond_the_packet_is_told(void) {
    bench b;
    begin(&b);
    put_section(&b, 50, 1);
    put_section(&b, 50, 2);
    put_section(&b, 50, 3);
    b.packets[1][4] = 183;
    run(&b);
    CHECK(b.log.count == 3);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 50, 1, 0, 0);
    check_entry(&b, 1, TS_SECTION_DROP_POINTER, 0, 0, 1, 1);
    check_entry(&b, 2, TS_SECTION_DROP_NONE, 50, 3, 2, 2);
}

static void a_pointer_beyond_the_packet_spares_the_end_of_a_section(void) {
    bench b;
    uint8_t payload[184];
    uint8_t section[250];
    begin(&b);
    make_section(section, sizeof section, 4);
    payload[0] = 0;
    memcpy(payload + 1, section, 183);
    put_payload(&b, 1, payload, sizeof payload);
    memset(payload, TS_SECTION_STUFFING, sizeof payload);
    memcpy(payload + 1, section + 183, 67);
    put_payload(&b, 1, payload, sizeof payload);
    run(&b);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_NONE, 250, 4, 0, 1);
    check_entry(&b, 1, TS_SECTION_DROP_POINTER, 0, 0, 1, 1);
}

static void a_length_above_the_limit_is_told(void) {
    for (unsigned length = 4093; length <= 4095; length++) {
        bench b;
        begin(&b);
        put_section(&b, 100, 1);
        b.packets[0][6] = (uint8_t)(0x30u | (length >> 8));
        b.packets[0][7] = (uint8_t)length;
        put_section(&b, 60, 2);
        run(&b);
        CHECK(b.log.count == 2);
        CHECK(b.log.entries[0].reason ==
              (length == 4093 ? TS_SECTION_DROP_EARLY_START : TS_SECTION_DROP_LENGTH));
        check_entry(&b, 1, TS_SECTION_DROP_NONE, 60, 2, 1, 1);
    }
}

static void scrambled_packets_are_told_once(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    put_section(&b, 300, 2);
    put_section(&b, 60, 3);
    b.packets[1][3] |= 0x80u;
    b.packets[2][3] |= 0x80u;
    b.packets[3][3] |= 0x80u;
    run(&b);
    CHECK(b.log.count == 2);
    check_entry(&b, 0, TS_SECTION_DROP_SCRAMBLED, 183, 1, 0, 1);
    check_entry(&b, 1, TS_SECTION_DROP_NONE, 60, 3, 4, 4);
}

static void what_is_left_at_the_end_is_told(void) {
    bench b;
    begin(&b);
    put_section(&b, 300, 1);
    b.count = 1;
    run(&b);
    CHECK(b.log.count == 0);
    ts_section_assembler_flush(&b.assembler, 1, note, &b.log);
    CHECK(b.log.count == 1);
    check_entry(&b, 0, TS_SECTION_DROP_ENDED, 183, 1, 0, 1);
    ts_section_assembler_flush(&b.assembler, 1, note, &b.log);
    CHECK(b.log.count == 1);
}

int main(void) {
    a_lost_packet_drops_one_section_only();
    same_counter_with_another_payload_is_a_gap();
    an_errored_packet_of_another_pid_does_no_harm();
    an_errored_packet_of_the_pid_costs_its_section();
    an_error_that_did_no_harm_is_not_blamed_later();
    an_adaptation_field_beyond_the_packet_costs_its_section();
    a_section_that_starts_early_ends_the_one_before();
    a_pointer_beyond_the_packet_is_told();
    a_pointer_beyond_the_packet_spares_the_end_of_a_section();
    a_length_above_the_limit_is_told();
    scrambled_packets_are_told_once();
    what_is_left_at_the_end_is_told();
    return CHECK_RESULT;
}
