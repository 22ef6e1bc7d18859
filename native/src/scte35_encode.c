/* Writing of splice_info_section(): ANSI/SCTE 35 2023r1, 9.6 to 9.8 and clause 10. Reserved bits
 * are written as 1 (ISO/IEC 13818-1, 2.1.64). */
#include <string.h>

#include "tsloom/crc32.h"
#include "tsloom/packet.h"
#include "tsloom/scte35.h"

enum { ENCRYPTION_BLOCK_SIZE = 8 };

void scte35_writer_init(scte35_writer *writer, uint8_t *bytes, size_t capacity) {
    *writer = (scte35_writer){bytes, 0, capacity, false};
}

/* Room for so many bytes, or NULL once there is none. */
static uint8_t *reserve(scte35_writer *writer, size_t size) {
    if (writer->is_full || size > writer->capacity - writer->size) {
        writer->is_full = true;
        return NULL;
    }
    uint8_t *room = writer->bytes + writer->size;
    writer->size += size;
    return room;
}

static void write_value(scte35_writer *writer, uint64_t value, size_t size) {
    uint8_t *field = reserve(writer, size);
    if (field != NULL) {
        for (size_t i = size; i-- > 0; value >>= 8) {
            field[i] = (uint8_t)value;
        }
    }
}

void scte35_write_bytes(scte35_writer *writer, const uint8_t *bytes, size_t size) {
    uint8_t *room = size != 0 ? reserve(writer, size) : NULL;
    if (room != NULL) {
        memcpy(room, bytes, size);
    }
}

void scte35_write_u8(scte35_writer *writer, uint32_t value) {
    write_value(writer, value, 1);
}
void scte35_write_u32(scte35_writer *writer, uint32_t value) {
    write_value(writer, value, 4);
}

static void put_header(uint8_t *bytes, const scte35_section *section) {
    bytes[1] =
        (uint8_t)((bytes[1] & 0x0Fu) | (section->section_syntax_indicator ? 0x80u : 0u) |
                  (section->private_indicator ? 0x40u : 0u) | ((section->sap_type & 3u) << 4));
    bytes[3] = section->protocol_version;
    bytes[4] = (uint8_t)((section->encrypted_packet ? 0x80u : 0u) |
                         ((section->encryption_algorithm & 0x3Fu) << 1) |
                         ((section->pts_adjustment >> 32) & 1u));
    ts_store_be32(bytes + 5, (uint32_t)section->pts_adjustment);
    bytes[9] = section->cw_index;
    bytes[10] = (uint8_t)(section->tier >> 4);
    bytes[11] = (uint8_t)((bytes[11] & 0x0Fu) | ((section->tier & 0x0Fu) << 4));
}

void scte35_write_header(scte35_writer *writer, const scte35_section *section) {
    uint8_t *bytes = reserve(writer, SCTE35_COMMAND_OFFSET);
    if (bytes != NULL) {
        memset(bytes, 0, SCTE35_COMMAND_OFFSET);
        bytes[0] = SCTE35_TABLE_ID;
        put_header(bytes, section);
        bytes[SCTE35_COMMAND_TYPE_OFFSET] = section->splice_command_type;
    }
}

void scte35_write_splice_time(scte35_writer *writer, const scte35_splice_time *splice_time) {
    if (splice_time->time_specified_flag) {
        write_value(writer, UINT64_C(0xFE00000000) | splice_time->pts_time, 5);
    } else {
        write_value(writer, 0x7F, 1);
    }
}

void scte35_write_insert_head(scte35_writer *writer, const scte35_event *insert) {
    scte35_write_u32(writer, insert->splice_event_id);
    if (insert->splice_event_cancel_indicator) {
        scte35_write_u8(writer, 0xFF);
        return;
    }
    scte35_write_u8(writer, 0x7F);
    scte35_write_u8(writer, (insert->out_of_network_indicator ? 0x80u : 0u) |
                                (insert->program_splice_flag ? 0x40u : 0u) |
                                (insert->duration_flag ? 0x20u : 0u) |
                                (insert->splice_immediate_flag ? 0x10u : 0u) |
                                (insert->event_id_compliance_flag ? 0x08u : 0u) | 0x07u);
    if (!insert->program_splice_flag) {
        scte35_write_u8(writer, insert->component_count);
    } else if (!insert->splice_immediate_flag) {
        scte35_write_splice_time(writer, &insert->splice_time);
    }
}

void scte35_write_event_head(scte35_writer *writer, const scte35_event *event) {
    scte35_write_u32(writer, event->splice_event_id);
    scte35_write_u8(writer, (event->splice_event_cancel_indicator ? 0x80u : 0u) |
                                (event->event_id_compliance_flag ? 0x40u : 0u) | 0x3Fu);
    if (event->splice_event_cancel_indicator) {
        return;
    }
    scte35_write_u8(writer, (event->out_of_network_indicator ? 0x80u : 0u) |
                                (event->program_splice_flag ? 0x40u : 0u) |
                                (event->duration_flag ? 0x20u : 0u) | 0x1Fu);
    if (event->program_splice_flag) {
        scte35_write_u32(writer, event->utc_splice_time);
    } else {
        scte35_write_u8(writer, event->component_count);
    }
}

void scte35_write_event_tail(scte35_writer *writer, const scte35_event *event) {
    if (event->splice_event_cancel_indicator) {
        return;
    }
    if (event->duration_flag) {
        uint64_t auto_return = event->break_duration.auto_return ? 1u : 0u;
        write_value(writer,
                    auto_return << 39 | UINT64_C(0x7E00000000) | event->break_duration.duration, 5);
    }
    write_value(writer, event->unique_program_id, 2);
    scte35_write_u8(writer, event->avail_num);
    scte35_write_u8(writer, event->avails_expected);
}

void scte35_write_component(scte35_writer *writer, const scte35_component *component,
                            bool splice_immediate_flag) {
    scte35_write_u8(writer, component->component_tag);
    if (!splice_immediate_flag) {
        scte35_write_splice_time(writer, &component->splice_time);
    }
}

void scte35_write_event_component(scte35_writer *writer, const scte35_event_component *component) {
    scte35_write_u8(writer, component->component_tag);
    scte35_write_u32(writer, component->utc_splice_time);
}

void scte35_finish_command(scte35_writer *writer) {
    const size_t length = writer->size - SCTE35_COMMAND_OFFSET;
    if (!writer->is_full) {
        writer->bytes[11] = (uint8_t)((writer->bytes[11] & 0xF0u) | ((length >> 8) & 0x0Fu));
        writer->bytes[12] = (uint8_t)length;
    }
    write_value(writer, 0, 2);
}

size_t scte35_begin_descriptor(scte35_writer *writer, uint8_t splice_descriptor_tag,
                               uint32_t identifier) {
    const size_t begin = writer->size;
    write_value(writer, (uint64_t)splice_descriptor_tag << 8, 2);
    scte35_write_u32(writer, identifier);
    return begin;
}

ts_status scte35_finish_descriptor(scte35_writer *writer, size_t begin) {
    if (writer->is_full) {
        return TS_NO_ROOM;
    }
    const size_t length = writer->size - begin - 2;
    if (length > SCTE35_DESCRIPTOR_LENGTH_MAX) {
        return TS_BAD_LENGTH;
    }
    writer->bytes[begin + 1] = (uint8_t)length;
    return TS_OK;
}

void scte35_write_dtmf(scte35_writer *writer, uint8_t preroll, const uint8_t *chars, size_t count) {
    scte35_write_u8(writer, preroll);
    scte35_write_u8(writer, ((uint32_t)count << 5) | 0x1Fu);
    scte35_write_bytes(writer, chars, count);
}

void scte35_write_segmentation_head(scte35_writer *writer,
                                    const scte35_segmentation *segmentation) {
    scte35_write_u32(writer, segmentation->segmentation_event_id);
    scte35_write_u8(writer,
                    (segmentation->segmentation_event_cancel_indicator ? 0x80u : 0u) |
                        (segmentation->segmentation_event_id_compliance_indicator ? 0x40u : 0u) |
                        0x3Fu);
    if (segmentation->segmentation_event_cancel_indicator) {
        return;
    }
    uint32_t restrictions = 0x1Fu;
    if (!segmentation->delivery_not_restricted_flag) {
        restrictions = (segmentation->web_delivery_allowed_flag ? 0x10u : 0u) |
                       (segmentation->no_regional_blackout_flag ? 0x08u : 0u) |
                       (segmentation->archive_allowed_flag ? 0x04u : 0u) |
                       (segmentation->device_restrictions & 3u);
    }
    scte35_write_u8(writer, (segmentation->program_segmentation_flag ? 0x80u : 0u) |
                                (segmentation->segmentation_duration_flag ? 0x40u : 0u) |
                                (segmentation->delivery_not_restricted_flag ? 0x20u : 0u) |
                                restrictions);
    if (!segmentation->program_segmentation_flag) {
        scte35_write_u8(writer, segmentation->component_count);
    }
}

void scte35_write_segmentation_component(scte35_writer *writer,
                                         const scte35_segmentation_component *component) {
    scte35_write_u8(writer, component->component_tag);
    write_value(writer, UINT64_C(0xFE00000000) | component->pts_offset, 5);
}

void scte35_write_segmentation_tail(scte35_writer *writer, const scte35_segmentation *segmentation,
                                    const uint8_t *upid) {
    if (segmentation->segmentation_event_cancel_indicator) {
        return;
    }
    if (segmentation->segmentation_duration_flag) {
        write_value(writer, segmentation->segmentation_duration, 5);
    }
    scte35_write_u8(writer, segmentation->segmentation_upid_type);
    scte35_write_u8(writer, segmentation->segmentation_upid_length);
    scte35_write_bytes(writer, upid, segmentation->segmentation_upid_length);
    scte35_write_u8(writer, segmentation->segmentation_type_id);
    scte35_write_u8(writer, segmentation->segment_num);
    scte35_write_u8(writer, segmentation->segments_expected);
    if (segmentation->has_sub_segments) {
        scte35_write_u8(writer, segmentation->sub_segment_num);
        scte35_write_u8(writer, segmentation->sub_segments_expected);
    }
}

void scte35_write_time(scte35_writer *writer, uint64_t tai_seconds, uint32_t tai_ns,
                       uint16_t utc_offset) {
    write_value(writer, tai_seconds, 6);
    scte35_write_u32(writer, tai_ns);
    write_value(writer, utc_offset, 2);
}

void scte35_write_audio_head(scte35_writer *writer, uint8_t audio_count) {
    scte35_write_u8(writer, ((uint32_t)audio_count << 4) | 0x0Fu);
}

void scte35_write_audio_channel(scte35_writer *writer, const scte35_audio_channel *channel) {
    scte35_write_u8(writer, channel->component_tag);
    scte35_write_bytes(writer, channel->iso_code, sizeof channel->iso_code);
    scte35_write_u8(writer, ((uint32_t)channel->bit_stream_mode << 5) |
                                ((uint32_t)channel->num_channels << 1) |
                                (channel->full_srvc_audio ? 1u : 0u));
}

void scte35_finish_loop(scte35_writer *writer, size_t loop_length_offset) {
    if (!writer->is_full) {
        ts_store_be16(writer->bytes + loop_length_offset,
                      (uint16_t)(writer->size - loop_length_offset - 2));
    }
}

void scte35_write_e_crc(scte35_writer *writer) {
    while (!writer->is_full &&
           (writer->size + SCTE35_CRC_SIZE - SCTE35_COMMAND_TYPE_OFFSET) % ENCRYPTION_BLOCK_SIZE !=
               0) {
        scte35_write_u8(writer, 0xFF);
    }
    if (!writer->is_full) {
        scte35_write_u32(writer, ts_crc32(writer->bytes + SCTE35_COMMAND_TYPE_OFFSET,
                                          writer->size - SCTE35_COMMAND_TYPE_OFFSET));
    }
}

static void put_crc(uint8_t *bytes, size_t size) {
    ts_store_be32(bytes + size - SCTE35_CRC_SIZE, ts_crc32(bytes, size - SCTE35_CRC_SIZE));
}

ts_status scte35_finish_section(scte35_writer *writer) {
    scte35_write_u32(writer, 0);
    if (writer->is_full || writer->size > SCTE35_SECTION_SIZE_MAX) {
        return TS_NO_ROOM;
    }
    const size_t length = writer->size - 3;
    writer->bytes[1] = (uint8_t)((writer->bytes[1] & 0xF0u) | (length >> 8));
    writer->bytes[2] = (uint8_t)length;
    put_crc(writer->bytes, writer->size);
    return TS_OK;
}

ts_status scte35_patch_header(uint8_t *bytes, size_t size, const scte35_section *section) {
    if (size < SCTE35_SECTION_SIZE_MIN) {
        return TS_BAD_LENGTH;
    }
    put_header(bytes, section);
    put_crc(bytes, size);
    return TS_OK;
}
