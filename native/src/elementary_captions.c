#include <string.h>

#include "elementary_internal.h"

enum { SEI_T35 = 4, SEI_RECOVERY_POINT = 6, SEI_MORE = 0xFF };
enum { ATSC_HEADER = 5, CC_HEADER = 2, CC_SIZE = 3, TYPE_CC_DATA = 3 };
/* cc_type (ANSI/CTA-708-E, table 9) */
enum { CC_TYPE_608_LAST = 1 };

/* cc_data() (ANSI/CTA-708-E, 4.4): one cc_data_pkt. */
static void take_cc(ts_elementary *e, const uint8_t *packet) {
    const bool is_valid = packet[0] & 4u;
    const bool is_608 = (packet[0] & 3u) <= CC_TYPE_608_LAST;
    const bool is_null = ((packet[1] | packet[2]) & 0x7Fu) == 0;
    if (is_valid && !(is_608 && is_null)) {
        e->captions |= is_608 ? TS_CAPTIONS_CEA_608 : TS_CAPTIONS_CEA_708;
    }
}

/* ATSC1_data() and cc_data() (ATSC A/53 part 4, 6.2.3) */
void elementary_take_atsc_user_data(ts_elementary *e, const uint8_t *bytes, size_t size) {
    if (size < ATSC_HEADER + CC_HEADER || memcmp(bytes, "GA94", 4) != 0 ||
        bytes[4] != TYPE_CC_DATA || !(bytes[ATSC_HEADER] & 0x40u)) {
        return;
    }
    e->caption_messages++;
    size_t left = bytes[ATSC_HEADER] & 0x1Fu;
    for (size_t at = ATSC_HEADER + CC_HEADER; left > 0 && size - at >= CC_SIZE; at += CC_SIZE) {
        take_cc(e, bytes + at);
        left--;
    }
}

/* user_data_registered_itu_t_t35(): United States, ATSC (A/53 part 4, 6.2.3.1) */
static void take_t35(ts_elementary *e, const uint8_t *bytes, size_t size) {
    if (size > 3 && bytes[0] == 0xB5 && bytes[1] == 0x00 && bytes[2] == 0x31) {
        elementary_take_atsc_user_data(e, bytes + 3, size - 3);
    }
}

static void take_message(ts_elementary *e, size_t type, const uint8_t *bytes, size_t size) {
    if (type == SEI_T35) {
        take_t35(e, bytes, size);
    } else if (type == SEI_RECOVERY_POINT && size > 0 && e->kind == TS_ELEMENTARY_AVC) {
        /* recovery_frame_cnt is 0 if its first bit is 1. */
        e->access_unit.recovers = e->access_unit.recovers || (bytes[0] & 0x80u);
    }
}

/* A number in ff_bytes and a last byte (ISO/IEC 14496-10, 7.3.2.3.1). */
static size_t take_number(const uint8_t *bytes, size_t size, size_t *at) {
    size_t number = 0;
    while (*at < size && bytes[*at] == SEI_MORE) {
        number += SEI_MORE;
        ++*at;
    }
    if (*at < size) {
        number += bytes[(*at)++];
    }
    return number;
}

void elementary_take_sei(ts_elementary *e, const uint8_t *bytes, size_t size) {
    uint8_t rbsp[TS_ELEMENTARY_HEAD_MAX];
    const size_t end = elementary_unescape(bytes, size, rbsp, sizeof rbsp);
    size_t at = 0;
    /* A message is at least two bytes, and rbsp_trailing_bits follow. */
    while (end - at > 2) {
        const size_t type = take_number(rbsp, end, &at);
        const size_t told = take_number(rbsp, end, &at);
        const size_t there = told < end - at ? told : end - at;
        take_message(e, type, rbsp + at, there);
        at += there;
    }
}
