#include <string.h>

#include "tsloom/crc32.h"
#include "tsloom/scte35.h"

#include "check.h"

/* Sample 14.2 of the standard: a splice_insert with its avail_descriptor. */
static const uint8_t sample[] = {
    0xFC, 0x30, 0x2F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xF0, 0x14,
    0x05, 0x48, 0x00, 0x00, 0x8F, 0x7F, 0xEF, 0xFE, 0x73, 0x69, 0xC0, 0x2E, 0xFE,
    0x00, 0x52, 0xCC, 0xF5, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0A, 0x00, 0x08, 0x43,
    0x55, 0x45, 0x49, 0x00, 0x00, 0x01, 0x35, 0x62, 0xDB, 0xA3, 0x0A,
};

static void sample_of_the_standard_is_read(void) {
    scte35_section section;
    scte35_issues issues = {.count = 0, .lost = 0};
    scte35_parse_section(sample, sizeof sample, &section, &issues);
    CHECK(issues.count == 0);
    CHECK(section.crc_state == SCTE35_CRC_GOOD);
    CHECK(section.cw_index == 0xFF && section.tier == SCTE35_TIER_ANY);
    CHECK(section.splice_command_type == SCTE35_SPLICE_INSERT && section.has_command);
    CHECK(section.splice_insert.splice_event_id == 0x4800008F);
    CHECK(section.splice_insert.out_of_network_indicator);
    CHECK(section.splice_insert.splice_time.pts_time == UINT64_C(0x07369C02E));
    CHECK(section.splice_insert.break_duration.auto_return);
    CHECK(section.splice_insert.break_duration.duration == UINT64_C(0x00052CCF5));
    scte35_descriptor descriptor;
    size_t offset = section.loop_offset;
    CHECK(scte35_next_descriptor(sample, &offset, section.loop_end, &descriptor, &issues));
    CHECK(descriptor.kind == SCTE35_KIND_AVAIL && descriptor.provider_avail_id == 0x135);
    CHECK(!scte35_next_descriptor(sample, &offset, section.loop_end, &descriptor, &issues));
}

static void sample_of_the_standard_is_written(void) {
    uint8_t room[128];
    scte35_writer writer;
    scte35_section section;
    scte35_issues issues = {.count = 0, .lost = 0};
    scte35_parse_section(sample, sizeof sample, &section, &issues);
    scte35_writer_init(&writer, room, sizeof room);
    scte35_write_header(&writer, &section);
    scte35_write_insert_head(&writer, &section.splice_insert);
    scte35_write_event_tail(&writer, &section.splice_insert);
    const size_t loop = writer.size;
    scte35_finish_command(&writer);
    const size_t begin =
        scte35_begin_descriptor(&writer, SCTE35_AVAIL_DESCRIPTOR, SCTE35_IDENTIFIER_CUEI);
    scte35_write_u32(&writer, 0x135);
    CHECK(scte35_finish_descriptor(&writer, begin) == TS_OK);
    scte35_finish_loop(&writer, loop);
    CHECK(scte35_finish_section(&writer) == TS_OK);
    CHECK(writer.size == sizeof sample);
    CHECK(memcmp(room, sample, sizeof sample) == 0);
}

static void every_cut_is_an_issue(void) {
    for (size_t size = 0; size < sizeof sample; size++) {
        scte35_section section;
        scte35_issues issues = {.count = 0, .lost = 0};
        scte35_parse_section(sample, size, &section, &issues);
        CHECK(issues.count != 0);
        CHECK(section.crc_state == SCTE35_CRC_ABSENT);
        CHECK(!scte35_peek(sample, size).crc_ok);
    }
}

static void writer_that_is_full_writes_no_more(void) {
    uint8_t room[4] = {0, 0, 0, 0x5A};
    scte35_writer writer;
    scte35_writer_init(&writer, room, 3);
    scte35_write_u32(&writer, 0xFFFFFFFFu);
    scte35_write_u8(&writer, 1);
    CHECK(writer.is_full && room[3] == 0x5A);
    CHECK(scte35_finish_section(&writer) == TS_NO_ROOM);
}

static void issues_beyond_the_capacity_are_counted(void) {
    scte35_issues issues = {.count = 0, .lost = 0};
    for (unsigned i = 0; i < SCTE35_ISSUE_CAPACITY + 5u; i++) {
        scte35_add_issue(&issues, SCTE35_ISSUE_CRC, i, i);
    }
    CHECK(issues.count == SCTE35_ISSUE_CAPACITY && issues.lost == 5);
}

static void every_issue_has_its_words(void) {
    for (int code = 0; code < SCTE35_ISSUE_CODE_COUNT; code++) {
        const scte35_issue_text *text = scte35_get_issue_text((scte35_issue_code)code);
        CHECK(text->name != NULL && text->field != NULL && text->clause != NULL);
        CHECK(text->text != NULL && text->status != TS_OK);
    }
}

static void encryption_payload_is_whole_blocks(void) {
    for (size_t extra = 0; extra < 17; extra++) {
        uint8_t room[128];
        const uint8_t bytes[17] = {0};
        scte35_section section = {.tier = SCTE35_TIER_ANY};
        scte35_writer writer;
        scte35_writer_init(&writer, room, sizeof room);
        scte35_write_header(&writer, &section);
        scte35_write_bytes(&writer, bytes, extra);
        scte35_write_e_crc(&writer);
        CHECK((writer.size - SCTE35_COMMAND_TYPE_OFFSET) % 8 == 0);
        CHECK(ts_crc32(room + SCTE35_COMMAND_TYPE_OFFSET,
                       writer.size - SCTE35_COMMAND_TYPE_OFFSET) == 0);
    }
}

static void patched_header_keeps_every_other_bit(void) {
    uint8_t room[sizeof sample];
    scte35_section section;
    scte35_issues issues = {.count = 0, .lost = 0};
    memcpy(room, sample, sizeof sample);
    scte35_parse_section(room, sizeof room, &section, &issues);
    section.pts_adjustment = UINT64_C(0x1FFFFFFFF);
    CHECK(scte35_patch_header(room, sizeof room, &section) == TS_OK);
    CHECK(ts_crc32(room, sizeof room) == 0);
    CHECK(room[4] == 0x01 && room[8] == 0xFF);
    CHECK(memcmp(room, sample, 4) == 0);
    CHECK(memcmp(room + 9, sample + 9, sizeof room - 13) == 0);
    CHECK(scte35_patch_header(room, SCTE35_SECTION_SIZE_MIN - 1, &section) == TS_BAD_LENGTH);
}

int main(void) {
    sample_of_the_standard_is_read();
    sample_of_the_standard_is_written();
    every_cut_is_an_issue();
    writer_that_is_full_writes_no_more();
    issues_beyond_the_capacity_are_counted();
    every_issue_has_its_words();
    encryption_payload_is_whole_blocks();
    patched_header_keeps_every_other_bit();
    return CHECK_RESULT;
}
