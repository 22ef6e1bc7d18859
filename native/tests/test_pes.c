#include "tsloom/pes.h"

#include <string.h>

#include "check.h"

/* PTS 0x1_2345_6789 and DTS 1, written by hand from 2.4.3.7: lead, 3, 1, 15, 1, 15, 1 bits. */
static const uint8_t pes[] = {0x00, 0x00, 0x01, 0xE0, 0x00, 0x00, 0x80, 0xC0, 0x0A, 0x39,
                              0x8D, 0x15, 0xCF, 0x13, 0x11, 0x00, 0x01, 0x00, 0x03};

static void both_timestamps_are_read(void) {
    uint64_t pts = 0;
    uint64_t dts = 0;
    size_t header_size = 0;
    CHECK(pes_has_start_code(pes, sizeof pes));
    CHECK(pes_get_stream_id(pes) == 0xE0 && pes_get_packet_length(pes) == 0);
    CHECK(pes_has_pts(pes, sizeof pes) && pes_has_dts(pes, sizeof pes));
    CHECK(pes_get_pts(pes, sizeof pes, &pts) == TS_OK && pts == UINT64_C(0x123456789));
    CHECK(pes_get_dts(pes, sizeof pes, &dts) == TS_OK && dts == 1);
    CHECK(pes_get_header_size(pes, sizeof pes, &header_size) == TS_OK && header_size == 19);
}

static void all_33_bits_count(void) {
    for (unsigned bit = 0; bit < 33; bit++) {
        const uint64_t value = UINT64_C(1) << bit;
        uint8_t copy[sizeof pes];
        uint64_t pts = 0;
        memcpy(copy, pes, sizeof pes);
        copy[9] = (uint8_t)(0x31u | ((value >> 30) << 1));
        copy[10] = (uint8_t)(value >> 22);
        copy[11] = (uint8_t)(((value >> 15) << 1) | 1u);
        copy[12] = (uint8_t)(value >> 7);
        copy[13] = (uint8_t)((value << 1) | 1u);
        CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_OK && pts == value);
    }
}

static void wrong_marker_and_lead_bits_are_told_with_the_value(void) {
    const size_t marker[] = {9, 11, 13};
    for (size_t i = 0; i < 3; i++) {
        uint8_t copy[sizeof pes];
        uint64_t pts = 0;
        memcpy(copy, pes, sizeof pes);
        copy[marker[i]] &= 0xFE;
        CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_BAD_SYNTAX);
        CHECK(pts == UINT64_C(0x123456789));
    }
    uint8_t copy[sizeof pes];
    uint64_t pts = 0;
    memcpy(copy, pes, sizeof pes);
    copy[7] = 0x80;
    CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_BAD_SYNTAX); /* lead '0011' for PTS alone */
    copy[9] = (uint8_t)(0x20u | (copy[9] & 0x0Fu));
    CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_OK);
    CHECK(!pes_has_dts(copy, sizeof copy) && pes_get_dts(copy, sizeof copy, &pts) == TS_NOT_FOUND);
    copy[7] = 0x40;
    CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_BAD_SYNTAX);
    CHECK(!pes_has_pts(copy, sizeof copy));
    copy[7] = 0x00;
    CHECK(pes_get_pts(copy, sizeof copy, &pts) == TS_NOT_FOUND);
}

/* Copies of just the size, so that the sanitizer sees a read beyond it. */
static void nothing_is_read_beyond_the_size(void) {
    for (size_t size = 0; size <= sizeof pes; size++) {
        uint8_t copy[sizeof pes];
        uint8_t *end = copy + sizeof copy - size;
        uint64_t value = 0;
        size_t header_size = 0;
        memcpy(end, pes, size);
        CHECK(pes_has_start_code(end, size) == (size >= 6));
        const ts_status pts = pes_get_pts(end, size, &value);
        const ts_status dts = pes_get_dts(end, size, &value);
        CHECK(pts == (size >= 14 ? TS_OK : size >= 9 ? TS_BAD_LENGTH : TS_NOT_FOUND));
        CHECK(dts == (size >= 19 ? TS_OK : size >= 9 ? TS_BAD_LENGTH : TS_NOT_FOUND));
        CHECK(pes_get_header_size(end, size, &header_size) == (size >= 9   ? TS_OK
                                                               : size >= 6 ? TS_BAD_LENGTH
                                                                           : TS_BAD_SYNTAX));
    }
}

static void a_header_that_promises_too_little_is_told(void) {
    uint8_t copy[sizeof pes];
    uint64_t value = 0;
    memcpy(copy, pes, sizeof pes);
    copy[8] = 9;
    CHECK(pes_get_pts(copy, sizeof copy, &value) == TS_OK);
    CHECK(pes_get_dts(copy, sizeof copy, &value) == TS_BAD_LENGTH);
    copy[8] = 4;
    CHECK(pes_get_pts(copy, sizeof copy, &value) == TS_BAD_LENGTH);
}

static void plain_streams_have_no_timestamps(void) {
    const uint8_t plain[] = {0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF};
    for (size_t i = 0; i < sizeof plain; i++) {
        uint8_t copy[sizeof pes];
        uint64_t value = 0;
        size_t header_size = 0;
        memcpy(copy, pes, sizeof pes);
        copy[3] = plain[i];
        CHECK(pes_get_pts(copy, sizeof copy, &value) == TS_NOT_FOUND);
        CHECK(pes_get_header_size(copy, sizeof copy, &header_size) == TS_OK && header_size == 6);
    }
}

int main(void) {
    both_timestamps_are_read();
    all_33_bits_count();
    wrong_marker_and_lead_bits_are_told_with_the_value();
    nothing_is_read_beyond_the_size();
    a_header_that_promises_too_little_is_told();
    plain_streams_have_no_timestamps();
    return CHECK_RESULT;
}
