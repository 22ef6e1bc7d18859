/* Splice information of any content: nothing is read beyond its end, every offset that the parser
 * gives lies within the bytes, and what is written of what was read is a good section that reads
 * the same. The first byte says how the rest is read. */
#include <stdlib.h>
#include <string.h>

#include "tsloom/crc32.h"
#include "tsloom/packet.h"
#include "tsloom/scte35.h"

enum { SIZE_MAX_READ = SCTE35_SECTION_SIZE_MAX + 64 };

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* Reads every byte, so that the sanitizer sees one that is not there. */
static void touch(const uint8_t *bytes, size_t begin, size_t end) {
    volatile uint8_t last = 0;
    require(begin <= end);
    for (size_t i = begin; i < end; i++) {
        last = bytes[i];
    }
    (void)last;
}

static void walk_event(const uint8_t *bytes, const scte35_event *event, bool is_insert) {
    size_t offset = event->components_offset;
    for (unsigned i = 0; i < event->component_count; i++) {
        if (is_insert) {
            scte35_component component;
            scte35_read_component(bytes, &offset, event->splice_immediate_flag, &component);
        } else {
            scte35_event_component component;
            scte35_read_event_component(bytes, &offset, &component);
        }
    }
}

static void walk_command(const uint8_t *bytes, const scte35_section *section) {
    if (section->splice_command_type == SCTE35_SPLICE_INSERT) {
        walk_event(bytes, &section->splice_insert, true);
    } else if (section->splice_command_type == SCTE35_SPLICE_SCHEDULE) {
        size_t offset = section->events_offset;
        for (unsigned i = 0; i < section->splice_count; i++) {
            scte35_event event;
            scte35_read_event(bytes, &offset, &event);
            walk_event(bytes, &event, false);
        }
        require(offset <= section->command_end);
    } else if (section->splice_command_type == SCTE35_PRIVATE_COMMAND) {
        touch(bytes, section->private_offset, section->command_end);
    }
}

static void walk_segmentation(const uint8_t *bytes, const scte35_descriptor *descriptor) {
    const scte35_segmentation *segmentation = &descriptor->segmentation;
    size_t offset = segmentation->components_offset;
    for (unsigned i = 0; i < segmentation->component_count; i++) {
        scte35_segmentation_component component;
        scte35_read_segmentation_component(bytes, &offset, &component);
        require(offset <= descriptor->end);
    }
    const uint8_t *upid = bytes + segmentation->upid_offset;
    size_t mid = 0, upid_offset, upid_size;
    uint8_t type;
    while (scte35_next_mid_upid(upid, segmentation->segmentation_upid_length, &mid, &type,
                                &upid_offset, &upid_size)) {
        touch(upid, upid_offset, upid_offset + upid_size);
    }
}

static void walk_descriptors(const uint8_t *bytes, const scte35_section *section,
                             scte35_issues *issues) {
    scte35_descriptor descriptor;
    size_t offset = section->loop_offset;
    while (scte35_next_descriptor(bytes, &offset, section->loop_end, &descriptor, issues)) {
        require(descriptor.body_offset <= descriptor.end && descriptor.end <= section->loop_end);
        touch(bytes, descriptor.offset, descriptor.end);
        if (descriptor.kind == SCTE35_KIND_SEGMENTATION) {
            walk_segmentation(bytes, &descriptor);
        } else if (descriptor.kind == SCTE35_KIND_AUDIO) {
            size_t at = descriptor.body_offset + 1;
            for (unsigned i = 0; i < descriptor.audio_count; i++) {
                scte35_audio_channel channel;
                scte35_read_audio_channel(bytes, &at, &channel);
            }
            require(at <= descriptor.end);
        }
    }
}

/* The header and the command's bytes as they are: a good section. */
static void write_again(const uint8_t *bytes, const scte35_section *section) {
    uint8_t room[SCTE35_SECTION_SIZE_MAX];
    scte35_writer writer;
    scte35_section again;
    scte35_issues issues = {.count = 0, .lost = 0};
    scte35_writer_init(&writer, room, sizeof room);
    scte35_write_header(&writer, section);
    scte35_write_bytes(&writer, bytes + SCTE35_COMMAND_OFFSET,
                       section->command_end - SCTE35_COMMAND_OFFSET);
    const size_t loop = writer.size;
    scte35_finish_command(&writer);
    scte35_write_bytes(&writer, bytes + section->loop_offset,
                       section->loop_end - section->loop_offset);
    scte35_finish_loop(&writer, loop);
    if (scte35_finish_section(&writer) != TS_OK) {
        return;
    }
    require(ts_crc32(room, writer.size) == 0);
    scte35_parse_section(room, writer.size, &again, &issues);
    require(again.crc_state == SCTE35_CRC_GOOD && again.pts_adjustment == section->pts_adjustment);
    require(again.tier == section->tier && again.cw_index == section->cw_index);
    require(again.splice_command_type == section->splice_command_type);
}

static void walk(const uint8_t *bytes, size_t size, bool is_decrypted) {
    scte35_section section;
    scte35_issues issues = {.count = 0, .lost = 0};
    if (is_decrypted) {
        scte35_parse_decrypted(bytes, size, &section, &issues);
    } else {
        scte35_parse_section(bytes, size, &section, &issues);
    }
    require(section.size <= size);
    if (section.has_command) {
        require(section.command_end <= size);
        touch(bytes, SCTE35_COMMAND_OFFSET, section.command_end);
        walk_command(bytes, &section);
    }
    if (section.has_loop) {
        require(section.loop_end <= section.stuffing_end && section.stuffing_end <= size);
        walk_descriptors(bytes, &section, &issues);
    }
    for (size_t i = 0; i < issues.count; i++) {
        require(scte35_get_issue_text(issues.items[i].code)->clause != NULL);
        require(issues.items[i].offset <= size);
    }
    if (section.has_command && section.has_loop && !section.encrypted_packet) {
        write_again(bytes, &section);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > SIZE_MAX_READ) {
        return 0;
    }
    const uint8_t choice = data[0];
    size_t length = size - 1;
    uint8_t *bytes = malloc(length != 0 ? length : 1); /* exactly so many: one more is a finding */
    require(bytes != NULL);
    memcpy(bytes, data + 1, length);
    if ((choice & 1u) && length >= SCTE35_SECTION_SIZE_MIN && length <= SCTE35_SECTION_SIZE_MAX) {
        bytes[0] = SCTE35_TABLE_ID;
        ts_store_be16(bytes + 1, (uint16_t)(0x3000u | (length - 3)));
        bytes[3] = 0;
        ts_store_be32(bytes + length - 4, ts_crc32(bytes, length - 4));
    }
    if ((choice & 2u) && length >= SCTE35_COMMAND_OFFSET + 8u) {
        const size_t end = length - 4;
        ts_store_be32(bytes + end - 4, ts_crc32(bytes + SCTE35_COMMAND_TYPE_OFFSET,
                                                end - 4 - SCTE35_COMMAND_TYPE_OFFSET));
    }
    walk(bytes, length, (choice & 2u) != 0);
    (void)scte35_peek(bytes, length);
    free(bytes);
    return 0;
}
