#include "tsloom/psi.h"

#include <string.h>

#include "check.h"

enum { ROOM = 1100 };

typedef struct section {
    uint8_t bytes[ROOM];
    size_t size;
} section;

static void put(section *s, const uint8_t *bytes, size_t size) {
    memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
}

static void seal(section *s) {
    const uint8_t crc[4] = {0};
    put(s, crc, sizeof crc);
    CHECK(psi_seal(s->bytes, s->size) == TS_OK);
}

/* The reserved bits are 0 where the standard sends 1: edits have to keep them. */
static section make_pat(size_t count) {
    const uint8_t header[8] = {0x00, 0x80, 0x00, 0x12, 0x34, 0x3F, 0x00, 0x00};
    section s = {.size = 0};
    put(&s, header, sizeof header);
    for (size_t i = 0; i < count; i++) {
        const uint8_t entry[4] = {0, (uint8_t)i, (uint8_t)(i == 1 ? 0x01 : 0xE1), (uint8_t)i};
        put(&s, entry, sizeof entry);
    }
    seal(&s);
    return s;
}

static section make_pmt(void) {
    const uint8_t header[] = {0x02, 0xB0, 0x00, 0x00, 0x07, 0xC1,
                              0x00, 0x00, 0x61, 0x00, 0x50, 0x06};
    const uint8_t ca[] = {0x09, 0x04, 0x05, 0x00, 0xE2, 0x00};
    const uint8_t video[] = {0x1B, 0xE1, 0x00, 0xF0, 0x00};
    const uint8_t audio[] = {0x0F, 0xE1, 0x01, 0xF0, 0x0C, 0x0A, 0x04, 'e', 'n',
                             'g',  0x00, 0x09, 0x04, 0x06, 0x00, 0x02, 0x01};
    section s = {.size = 0};
    put(&s, header, sizeof header);
    put(&s, ca, sizeof ca);
    put(&s, video, sizeof video);
    put(&s, audio, sizeof audio);
    seal(&s);
    return s;
}

static void sections_are_checked_in_order(void) {
    section s = make_pmt();
    CHECK(psi_check_section(s.bytes, s.size) == TS_OK);
    CHECK(psi_check_section(s.bytes, s.size - 1) == TS_BAD_LENGTH);
    CHECK(psi_check_section(s.bytes, 2) == TS_BAD_LENGTH);
    CHECK(psi_check_section(s.bytes, 0) == TS_BAD_LENGTH);
    s.bytes[9] ^= 1;
    CHECK(psi_check_section(s.bytes, s.size) == TS_BAD_CRC);
    CHECK(psi_check_crc(s.bytes, s.size) == TS_BAD_CRC);
    s.bytes[6] = 1;
    CHECK(psi_check_section(s.bytes, s.size) == TS_BAD_SYNTAX);
    s.bytes[6] = 0;
    s.bytes[1] &= 0x7F;
    CHECK(psi_check_section(s.bytes, s.size) == TS_BAD_SYNTAX);
}

/* 2.4.4.5: section_length of a PAT is at most 1021; of a private section 4093 (2.4.4.11). */
static void the_limit_is_the_tables(void) {
    uint8_t bytes[TS_SECTION_MAX] = {0};
    bytes[1] = 0xB0;
    CHECK(psi_seal(bytes, PSI_SECTION_MAX) == TS_OK);
    CHECK(psi_check_section(bytes, PSI_SECTION_MAX) == TS_OK);
    CHECK(psi_seal(bytes, PSI_SECTION_MAX + 1) == TS_OK);
    CHECK(psi_check_section(bytes, PSI_SECTION_MAX + 1) == TS_BAD_LENGTH);
    bytes[0] = 0x50;
    CHECK(psi_seal(bytes, TS_SECTION_MAX) == TS_OK);
    CHECK(psi_check_section(bytes, TS_SECTION_MAX) == TS_OK);
    CHECK(psi_seal(bytes, TS_SECTION_MAX + 1) == TS_BAD_LENGTH);
    CHECK(psi_seal(bytes, 6) == TS_BAD_LENGTH);
}

static void versions_go_round(void) {
    section s = make_pat(1);
    for (unsigned i = 0; i < 32; i++) {
        CHECK(ts_section_get_version_number(s.bytes) == (31 + i) % 32);
        psi_raise_version(s.bytes);
    }
    CHECK(s.bytes[5] == 0x3F);
}

static void a_pat_is_read(void) {
    const section s = make_pat(3);
    CHECK(psi_pat_check(s.bytes, s.size) == TS_OK);
    CHECK(psi_pmt_check(s.bytes, s.size) == TS_BAD_SYNTAX);
    CHECK(psi_pat_get_count(s.bytes) == 3);
    CHECK(psi_pat_get_program_number(s.bytes, 2) == 2);
    CHECK(psi_pat_get_pid(s.bytes, 2) == 0x102);
    section torn = s;
    torn.size -= 1;
    CHECK(psi_seal(torn.bytes, torn.size) == TS_OK);
    CHECK(psi_pat_check(torn.bytes, torn.size) == TS_BAD_LENGTH);
}

static void a_pmt_is_read(void) {
    const section s = make_pmt();
    psi_elementary_stream stream;
    psi_descriptor descriptor;
    uint16_t ca_pid = 0;
    CHECK(psi_pmt_check(s.bytes, s.size) == TS_OK);
    CHECK(psi_pmt_get_program_number(s.bytes) == 7);
    CHECK(psi_pmt_get_pcr_pid(s.bytes) == 0x100);
    psi_slice loop = psi_pmt_get_program_info(s.bytes);
    CHECK(psi_descriptor_next(&loop, &descriptor));
    CHECK(psi_get_ca_pid(&descriptor, &ca_pid) == TS_OK && ca_pid == 0x200);
    CHECK(!psi_descriptor_next(&loop, &descriptor) && loop.size == 0);
    loop = psi_pmt_get_elementary_streams(s.bytes);
    CHECK(psi_elementary_stream_next(&loop, &stream));
    CHECK(stream.stream_type == 0x1B && stream.elementary_pid == 0x100 && stream.es_info.size == 0);
    CHECK(psi_elementary_stream_next(&loop, &stream));
    CHECK(stream.stream_type == 0x0F && stream.elementary_pid == 0x101);
    CHECK(psi_descriptor_next(&stream.es_info, &descriptor));
    CHECK(descriptor.descriptor_tag == 0x0A && descriptor.descriptor_length == 4);
    CHECK(psi_get_ca_pid(&descriptor, &ca_pid) == TS_NOT_FOUND);
    CHECK(!psi_elementary_stream_next(&loop, &stream));
}

static void loops_that_run_over_are_refused(void) {
    section s = make_pmt();
    for (size_t field = 0; field < s.size - 4; field++) {
        section bad = s;
        bad.bytes[field] = 0xFF;
        CHECK(psi_seal(bad.bytes, bad.size) == TS_OK);
        const ts_status status = psi_pmt_check(bad.bytes, bad.size);
        /* program_info_length, the first ES_info_length and the second, which gets no bytes more.
         */
        const bool loop_field =
            field == 10 || field == 11 || field == 21 || field == 22 || field == 26 || field == 27;
        const bool header_field = field == 0 || field == 6;
        CHECK(status == (loop_field ? TS_BAD_LENGTH : header_field ? TS_BAD_SYNTAX : TS_OK));
    }
}

static void a_descriptor_that_runs_over_is_left(void) {
    const uint8_t bytes[] = {0x52, 0x01, 0x07, 0x05, 0x04, 'C', 'U', 'E'};
    psi_slice loop = {bytes, sizeof bytes};
    psi_descriptor descriptor;
    CHECK(psi_descriptor_next(&loop, &descriptor));
    CHECK(!psi_descriptor_next(&loop, &descriptor));
    CHECK(loop.size == 5 && loop.bytes == bytes + 3);
}

static void a_pat_keeps_the_network_and_what_is_listed(void) {
    const section s = make_pat(5);
    const uint16_t wanted[] = {3, 1, 900};
    section out;
    CHECK(psi_pat_keep(s.bytes, s.size, wanted, 3, out.bytes, ROOM, &out.size) == TS_OK);
    CHECK(psi_pat_check(out.bytes, out.size) == TS_OK);
    CHECK(psi_pat_get_count(out.bytes) == 3);
    CHECK(psi_pat_get_program_number(out.bytes, 0) == 0);
    CHECK(psi_pat_get_program_number(out.bytes, 1) == 1);
    CHECK(psi_pat_get_program_number(out.bytes, 2) == 3);
    CHECK(memcmp(out.bytes + 3, s.bytes + 3, 13) == 0); /* reserved bits and all */
    CHECK(psi_pat_keep(s.bytes, s.size, wanted, 3, out.bytes, 23, &out.size) == TS_NO_ROOM);
    CHECK(psi_pat_keep(s.bytes, s.size, wanted, 3, out.bytes, 24, &out.size) == TS_OK);
}

static void a_remapped_pmt_differs_in_its_pids_only(void) {
    uint16_t map[TS_PID_COUNT];
    for (unsigned pid = 0; pid < TS_PID_COUNT; pid++) {
        map[pid] = (uint16_t)pid;
    }
    map[0x100] = 0x1ABC;
    map[0x200] = 0x0300;
    map[0x201] = 0x0301;
    map[PSI_NO_PCR_PID] = 0x55;
    const section s = make_pmt();
    section out;
    CHECK(psi_remap(s.bytes, s.size, map, out.bytes, ROOM, &out.size) == TS_OK);
    section expected = s;
    ts_store_be16(expected.bytes + 8, 0x6000 | 0x1ABC);
    ts_store_be16(expected.bytes + 16, 0xE000 | 0x0300);
    ts_store_be16(expected.bytes + 19, 0xE000 | 0x1ABC);
    ts_store_be16(expected.bytes + 38, 0x0301);
    CHECK(psi_seal(expected.bytes, expected.size) == TS_OK);
    CHECK(out.size == s.size && memcmp(out.bytes, expected.bytes, s.size) == 0);
    section without_pcr = s;
    ts_store_be16(without_pcr.bytes + 8, 0xFFFF);
    CHECK(psi_seal(without_pcr.bytes, s.size) == TS_OK);
    CHECK(psi_remap(without_pcr.bytes, s.size, map, out.bytes, ROOM, &out.size) == TS_OK);
    CHECK(psi_pmt_get_pcr_pid(out.bytes) == PSI_NO_PCR_PID);
    map[0x101] = 0x2000;
    CHECK(psi_remap(s.bytes, s.size, map, out.bytes, ROOM, &out.size) == TS_BAD_ARGUMENT);
}

static void a_cat_is_remapped_and_other_tables_are_not(void) {
    uint16_t map[TS_PID_COUNT] = {0};
    const uint8_t cat[] = {0x01, 0xB0, 0, 0xFF, 0xFF, 0xC1, 0, 0, 0x09, 4, 1, 2, 0xE1, 0x23};
    section s = {.size = 0};
    section out;
    map[0x123] = 0x456;
    put(&s, cat, sizeof cat);
    seal(&s);
    CHECK(psi_cat_check(s.bytes, s.size) == TS_OK);
    CHECK(psi_remap(s.bytes, s.size, map, out.bytes, ROOM, &out.size) == TS_OK);
    CHECK(out.bytes[12] == 0xE4 && out.bytes[13] == 0x56);
    s.bytes[0] = 0x42;
    CHECK(psi_seal(s.bytes, s.size) == TS_OK);
    CHECK(psi_remap(s.bytes, s.size, map, out.bytes, ROOM, &out.size) == TS_BAD_ARGUMENT);
}

static const uint8_t cuei[] = {0x05, 0x04, 'C', 'U', 'E', 'I'};
static const uint8_t cue_identifier[] = {0x8A, 0x01, 0x01};
static const psi_pmt_addition cues = {{cuei, sizeof cuei},
                                      {0x86, 500, {cue_identifier, sizeof cue_identifier}}};

static void a_stream_is_appended_once(void) {
    const section s = make_pmt();
    section out;
    section again;
    CHECK(psi_pmt_append(s.bytes, s.size, &cues, out.bytes, ROOM, &out.size) == TS_OK);
    CHECK(psi_pmt_check(out.bytes, out.size) == TS_OK);
    CHECK(out.size == s.size + 6 + 5 + 3);
    CHECK(psi_pmt_get_program_info(out.bytes).size == 12);
    CHECK(out.bytes[10] == 0x50 && memcmp(out.bytes + 18, cuei, sizeof cuei) == 0);
    const uint8_t entry[] = {0x86, 0xE1, 0xF4, 0xF0, 0x03, 0x8A, 0x01, 0x01};
    CHECK(memcmp(out.bytes + out.size - 12, entry, sizeof entry) == 0);
    CHECK(psi_pmt_append(out.bytes, out.size, &cues, again.bytes, ROOM, &again.size) ==
          TS_BAD_ARGUMENT);
    psi_pmt_addition other = cues;
    other.stream.elementary_pid = 501;
    CHECK(psi_pmt_append(out.bytes, out.size, &other, again.bytes, ROOM, &again.size) == TS_OK);
    CHECK(psi_pmt_get_program_info(again.bytes).size == 12);
    CHECK(psi_pmt_remove(out.bytes, out.size, 500, again.bytes, ROOM, &again.size) == TS_OK);
    CHECK(again.size == s.size + 6);
    CHECK(psi_pmt_remove(again.bytes, again.size, 500, out.bytes, ROOM, &out.size) == TS_NOT_FOUND);
}

static void a_torn_addition_is_refused(void) {
    const section s = make_pmt();
    section out;
    psi_pmt_addition torn = cues;
    torn.program_info.size -= 1;
    CHECK(psi_pmt_append(s.bytes, s.size, &torn, out.bytes, ROOM, &out.size) == TS_BAD_ARGUMENT);
    torn = cues;
    torn.stream.elementary_pid = TS_PID_COUNT;
    CHECK(psi_pmt_append(s.bytes, s.size, &torn, out.bytes, ROOM, &out.size) == TS_BAD_ARGUMENT);
}

static void a_full_pmt_has_no_room(void) {
    for (size_t filler = 990; filler <= PSI_SECTION_MAX - 4; filler++) {
        const uint8_t header[] = {0x02, 0xB0, 0, 0, 1, 0xC1, 0, 0, 0xFF, 0xFF, 0xF0, 0};
        const uint8_t zeros[256] = {0};
        section s = {.size = 0};
        section out;
        put(&s, header, sizeof header);
        while (s.size < filler) {
            const size_t left = filler - s.size;
            const size_t data = left - 2 < 255 ? (left >= 2 ? left - 2 : 0) : 200;
            const uint8_t head[2] = {0xC0, (uint8_t)data};
            put(&s, head, left < 2 ? left : 2);
            put(&s, zeros, data);
        }
        ts_store_be16(s.bytes + 10, (uint16_t)(0xF000u | (s.size - 12)));
        seal(&s);
        const size_t grown = s.size + 14;
        const ts_status status = psi_pmt_append(s.bytes, s.size, &cues, out.bytes, ROOM, &out.size);
        CHECK(status == (grown <= PSI_SECTION_MAX ? TS_OK : TS_NO_ROOM));
    }
}

int main(void) {
    sections_are_checked_in_order();
    the_limit_is_the_tables();
    versions_go_round();
    a_pat_is_read();
    a_pmt_is_read();
    loops_that_run_over_are_refused();
    a_descriptor_that_runs_over_is_left();
    a_pat_keeps_the_network_and_what_is_listed();
    a_remapped_pmt_differs_in_its_pids_only();
    a_cat_is_remapped_and_other_tables_are_not();
    a_stream_is_appended_once();
    a_torn_addition_is_refused();
    a_full_pmt_has_no_room();
    return CHECK_RESULT;
}
