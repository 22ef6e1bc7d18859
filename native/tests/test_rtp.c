#include "tsloom/rtp.h"

#include "check.h"

#include <string.h>

static ts_rtp_ring ring;
static uint8_t out[1 << 20];
static int64_t now;

static void push(uint16_t number, uint32_t ssrc, unsigned leg) {
    uint8_t datagram[TS_RTP_HEADER_SIZE + 188];
    ts_rtp_header header = {.payload_type = 33, .sequence_number = number, .ssrc = ssrc};
    memset(datagram, 0, sizeof datagram);
    ts_rtp_put_header(datagram, &header);
    datagram[TS_RTP_HEADER_SIZE] = 0x47;
    datagram[TS_RTP_HEADER_SIZE + 1] = (uint8_t)(number >> 8);
    datagram[TS_RTP_HEADER_SIZE + 2] = (uint8_t)number;
    ts_rtp_ring_push(&ring, leg, datagram, sizeof datagram, 0, now);
}

/* Whether exactly these numbers leave now. */
static bool leaves(const uint16_t *numbers, size_t count, int64_t now_ns) {
    ts_rtp_ring_begin_take(&ring);
    size_t size = ts_rtp_ring_take(&ring, out, sizeof out, now_ns);
    bool same = size == count * 188;
    for (size_t i = 0; same && i < count; i++) {
        same = (out[i * 188 + 1] << 8 | out[i * 188 + 2]) == numbers[i];
    }
    return same;
}

#define LEAVES(now, ...)                                                                           \
    leaves((const uint16_t[]){__VA_ARGS__},                                                        \
           sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t), now)

static void begin(uint32_t window) {
    ts_rtp_ring_free(&ring);
    CHECK(ts_rtp_ring_init(&ring, window, 1000, 33) == 0);
}

static void test_headers_round_trip(void) {
    uint8_t bytes[64];
    ts_rtp_header header = {.marker = true,
                            .payload_type = 33,
                            .sequence_number = 0xABCD,
                            .timestamp = 0x01020304,
                            .ssrc = 0xF0E0D0C0};
    ts_rtp_header read;
    memset(bytes, 0, sizeof bytes);
    ts_rtp_put_header(bytes, &header);
    CHECK(ts_rtp_parse(bytes, 64, &read) == TS_OK);
    CHECK(read.marker && read.payload_type == 33 && read.sequence_number == 0xABCD);
    CHECK(read.timestamp == 0x01020304 && read.ssrc == 0xF0E0D0C0);
    CHECK(read.payload_offset == 12 && read.payload_size == 52);
}

static void test_csrc_extension_and_padding_are_left_out(void) {
    uint8_t bytes[64] = {0x80 | 0x20 | 0x10 | 2, 33};
    ts_rtp_header read;
    bytes[23] = 3; /* words of the extension */
    bytes[63] = 5; /* bytes of padding */
    CHECK(ts_rtp_parse(bytes, 64, &read) == TS_OK);
    CHECK(read.payload_offset == 12 + 8 + 4 + 12);
    CHECK(read.payload_size == 64 - 36 - 5);
    bytes[63] = 29;
    CHECK(ts_rtp_parse(bytes, 64, &read) == TS_BAD_LENGTH);
    bytes[63] = 0;
    CHECK(ts_rtp_parse(bytes, 64, &read) == TS_BAD_LENGTH);
    bytes[0] = 0x9F;
    for (size_t size = 0; size < 64; size++) {
        CHECK(ts_rtp_parse(bytes, size, &read) == TS_BAD_LENGTH);
    }
    bytes[0] = 0x47;
    CHECK(ts_rtp_parse(bytes, 64, &read) == TS_BAD_SYNTAX);
}

static void test_order_is_restored_over_the_wrap(void) {
    begin(8);
    push(65534, 1, 0);
    CHECK(LEAVES(0, 65534));
    push(0, 1, 0);
    CHECK(leaves(NULL, 0, 0));
    push(65535, 1, 0);
    push(1, 1, 0);
    CHECK(LEAVES(0, 65535, 0, 1));
    CHECK(ring.counters.reordered == 1 && ring.counters.lost == 0);
}

static void test_a_missing_one_is_given_up_by_window_or_time(void) {
    begin(2);
    push(10, 1, 0);
    push(12, 1, 0);
    CHECK(LEAVES(0, 10));
    CHECK(ts_rtp_ring_get_wait(&ring, 400, 5000) == 600);
    CHECK(leaves(NULL, 0, 999));
    CHECK(LEAVES(1000, 12));
    now = 1000;
    push(14, 1, 0);
    push(15, 1, 0);
    CHECK(leaves(NULL, 0, 1000));
    push(16, 1, 0);
    CHECK(LEAVES(1000, 14, 15, 16));
    push(11, 1, 0);
    CHECK(leaves(NULL, 0, 9000));
    CHECK(ring.counters.lost == 2 && ring.counters.late == 1);
    now = 0;
}

static void test_each_gap_waits_from_when_it_was_seen(void) {
    begin(100);
    push(10, 1, 0);
    now = 400;
    push(12, 1, 0);
    push(14, 1, 0);
    now = 600;
    push(16, 1, 0);
    CHECK(LEAVES(600, 10));
    CHECK(leaves(NULL, 0, 1399));
    CHECK(LEAVES(1400, 12, 14));
    CHECK(leaves(NULL, 0, 1599));
    CHECK(LEAVES(1600, 16));
    now = 0;
}

static void test_two_legs_make_one_stream(void) {
    begin(8);
    for (uint16_t number = 100; number < 400; number++) {
        if (number % 3) {
            push(number, 1, 0);
        }
        if (number % 3 != 1) {
            push(number, 1, 1);
        }
        (void)ts_rtp_ring_take(&ring, out, sizeof out, 0);
    }
    CHECK(ring.counters.lost == 0);
    CHECK(ring.counters.duplicate == 100);
    CHECK(ring.counters.received[0] == 200 && ring.counters.received[1] == 200);
}

static void test_a_new_ssrc_takes_over_with_its_second_datagram(void) {
    begin(8);
    push(10, 1, 0);
    push(40000, 2, 0);
    push(11, 1, 0);
    CHECK(LEAVES(0, 10, 11));
    push(40001, 2, 0);
    push(40002, 2, 0);
    CHECK(LEAVES(0, 40000, 40001, 40002));
    CHECK(ring.counters.resyncs == 1 && ring.counters.lost == 0);
    push(20, 2, 0);
    push(21, 2, 0);
    CHECK(LEAVES(0, 20, 21));
    CHECK(ring.counters.resyncs == 2);
}

static void test_other_payload_types_are_left_out(void) {
    begin(8);
    ring.payload_type = 96;
    push(10, 1, 0);
    CHECK(leaves(NULL, 0, 0) && ring.counters.malformed == 1);
}

static void test_a_full_buffer_keeps_the_rest(void) {
    begin(8);
    push(10, 1, 0);
    push(11, 1, 0);
    CHECK(ts_rtp_ring_take(&ring, out, 300, 0) == 188);
    CHECK(LEAVES(0, 11));
}

int main(void) {
    test_headers_round_trip();
    test_csrc_extension_and_padding_are_left_out();
    test_order_is_restored_over_the_wrap();
    test_a_missing_one_is_given_up_by_window_or_time();
    test_each_gap_waits_from_when_it_was_seen();
    test_two_legs_make_one_stream();
    test_a_new_ssrc_takes_over_with_its_second_datagram();
    test_other_payload_types_are_left_out();
    test_a_full_buffer_keeps_the_rest();
    ts_rtp_ring_free(&ring);
    return CHECK_RESULT;
}
