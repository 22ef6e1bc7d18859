/* Parsing of splice descriptors: ANSI/SCTE 35 2023r1, clause 10. */
#include <string.h>

#include "scte35_reader.h"
#include "tsloom/packet.h"
#include "tsloom/scte35.h"

/* Table 22: bytes of each segmentation_upid_type up to 0x11, -1 where the length varies. */
static const int8_t upid_lengths[] = {
    0,  /* Not Used */
    -1, /* User Defined (deprecated) */
    8,  /* ISCI (deprecated) */
    12, /* Ad-ID */
    32, /* UMID */
    8,  /* ISAN (deprecated) */
    12, /* ISAN */
    12, /* TID */
    8,  /* TI */
    -1, /* ADI */
    12, /* EIDR */
    -1, /* ATSC content identifier */
    -1, /* MPU */
    -1, /* MID */
    -1, /* ADS Information */
    -1, /* URI */
    16, /* UUID */
    -1, /* SCR */
};

int scte35_get_upid_length(uint8_t segmentation_upid_type) {
    return scte35_is_upid_type_known(segmentation_upid_type) ? upid_lengths[segmentation_upid_type]
                                                             : -1;
}

bool scte35_is_upid_type_known(uint8_t segmentation_upid_type) {
    return segmentation_upid_type < sizeof upid_lengths;
}

bool scte35_has_sub_segments(uint8_t segmentation_type_id) {
    switch (segmentation_type_id) {
    case 0x30: /* Provider Advertisement Start */
    case 0x32: /* Distributor Advertisement Start */
    case 0x34: /* Provider Placement Opportunity Start */
    case 0x36: /* Distributor Placement Opportunity Start */
    case 0x38: /* Provider Overlay Placement Opportunity Start */
    case 0x3A: /* Distributor Overlay Placement Opportunity Start */
    case 0x44: /* Provider Ad Block Start */
    case 0x46: /* Distributor Ad Block Start */
        return true;
    default:
        return false;
    }
}

/* Up to 2022b the types 0x30, 0x32, 0x44 and 0x46 had no sub segments, and few cues carry them. */
static bool expects_sub_segments(uint8_t segmentation_type_id) {
    return segmentation_type_id >= 0x34 && scte35_has_sub_segments(segmentation_type_id) &&
           segmentation_type_id <= 0x3A;
}

bool scte35_next_mid_upid(const uint8_t *bytes, size_t size, size_t *offset, uint8_t *type,
                          size_t *upid_offset, size_t *upid_size) {
    if (*offset > size || size - *offset < 2 || bytes[*offset + 1] > size - *offset - 2) {
        return false;
    }
    *type = bytes[*offset];
    *upid_size = bytes[*offset + 1];
    *upid_offset = *offset + 2;
    *offset = *upid_offset + *upid_size;
    return true;
}

static void check_upid_length(uint8_t type, size_t size, size_t offset, scte35_issues *issues) {
    const int length = scte35_get_upid_length(type);
    if (!scte35_is_upid_type_known(type)) {
        scte35_add_issue(issues, SCTE35_ISSUE_UPID_TYPE, offset, type);
    } else if (length >= 0 && size != (size_t)length) {
        scte35_add_issue(issues, SCTE35_ISSUE_UPID_LENGTH, offset, size);
    }
}

static void check_upid(const uint8_t *bytes, const scte35_segmentation *segmentation,
                       scte35_issues *issues) {
    const size_t begin = segmentation->upid_offset;
    const size_t size = segmentation->segmentation_upid_length;
    check_upid_length(segmentation->segmentation_upid_type, size, begin - 2, issues);
    if (segmentation->segmentation_upid_type == SCTE35_UPID_MPU && size < 4) {
        scte35_add_issue(issues, SCTE35_ISSUE_UPID_LENGTH, begin - 1, size);
    }
    if (segmentation->segmentation_upid_type != SCTE35_UPID_MID) {
        return;
    }
    size_t offset = 0, upid_offset, upid_size;
    uint8_t type;
    while (scte35_next_mid_upid(bytes + begin, size, &offset, &type, &upid_offset, &upid_size)) {
        check_upid_length(type, upid_size, begin + upid_offset - 2, issues);
    }
    if (offset < size) {
        scte35_add_issue(issues, SCTE35_ISSUE_MID_OVERRUN, begin + offset, size - offset);
    }
}

static void read_restrictions(uint8_t flags, scte35_segmentation *segmentation) {
    segmentation->program_segmentation_flag = (flags & 0x80u) != 0;
    segmentation->segmentation_duration_flag = (flags & 0x40u) != 0;
    segmentation->delivery_not_restricted_flag = (flags & 0x20u) != 0;
    if (!segmentation->delivery_not_restricted_flag) {
        segmentation->web_delivery_allowed_flag = (flags & 0x10u) != 0;
        segmentation->no_regional_blackout_flag = (flags & 0x08u) != 0;
        segmentation->archive_allowed_flag = (flags & 0x04u) != 0;
        segmentation->device_restrictions = flags & 0x03u;
    }
}

/* sub_segment_num and sub_segments_expected are there where descriptor_length has room for them. */
static void read_sub_segments(scte35_reader *reader, scte35_segmentation *segmentation,
                              scte35_issues *issues) {
    const uint8_t type = segmentation->segmentation_type_id;
    const size_t begin = reader->offset;
    segmentation->has_sub_segments = reader->end - begin >= 2;
    if (segmentation->has_sub_segments) {
        segmentation->sub_segment_num = scte35_reader_get_u8(reader);
        segmentation->sub_segments_expected = scte35_reader_get_u8(reader);
        if (!scte35_has_sub_segments(type)) {
            scte35_add_issue(issues, SCTE35_ISSUE_SUB_SEGMENTS_UNEXPECTED, begin, type);
        }
    } else if (expects_sub_segments(type)) {
        scte35_add_issue(issues, SCTE35_ISSUE_SUB_SEGMENTS_MISSING, begin, type);
    }
}

static void read_segmentation(scte35_reader *reader, scte35_segmentation *segmentation,
                              scte35_issues *issues) {
    memset(segmentation, 0, sizeof *segmentation);
    segmentation->segmentation_event_id = scte35_reader_get_u32(reader);
    const uint8_t indicators = scte35_reader_get_u8(reader);
    segmentation->segmentation_event_cancel_indicator = (indicators & 0x80u) != 0;
    segmentation->segmentation_event_id_compliance_indicator = (indicators & 0x40u) != 0;
    if (segmentation->segmentation_event_cancel_indicator) {
        return;
    }
    read_restrictions(scte35_reader_get_u8(reader), segmentation);
    if (!segmentation->program_segmentation_flag) {
        segmentation->component_count = scte35_reader_get_u8(reader);
        segmentation->components_offset = reader->offset;
        (void)scte35_reader_take(reader, 6u * segmentation->component_count);
    }
    if (segmentation->segmentation_duration_flag) {
        segmentation->segmentation_duration = scte35_reader_get(reader, 5);
    }
    segmentation->segmentation_upid_type = scte35_reader_get_u8(reader);
    segmentation->segmentation_upid_length = scte35_reader_get_u8(reader);
    segmentation->upid_offset = reader->offset;
    (void)scte35_reader_take(reader, segmentation->segmentation_upid_length);
    segmentation->segmentation_type_id = scte35_reader_get_u8(reader);
    segmentation->segment_num = scte35_reader_get_u8(reader);
    segmentation->segments_expected = scte35_reader_get_u8(reader);
    if (!reader->overran) {
        check_upid(reader->bytes, segmentation, issues);
        read_sub_segments(reader, segmentation, issues);
    }
}

void scte35_read_segmentation_component(const uint8_t *bytes, size_t *offset,
                                        scte35_segmentation_component *component) {
    component->component_tag = bytes[*offset];
    component->pts_offset =
        ((uint64_t)(bytes[*offset + 1] & 1u) << 32) | ts_load_be32(bytes + *offset + 2);
    *offset += 6;
}

static void read_dtmf(scte35_reader *reader, scte35_descriptor *descriptor, scte35_issues *issues) {
    descriptor->preroll = scte35_reader_get_u8(reader);
    descriptor->dtmf_count = scte35_reader_get_u8(reader) >> 5;
    const size_t begin = reader->offset;
    if (!scte35_reader_take(reader, descriptor->dtmf_count)) {
        return;
    }
    for (size_t i = begin; i < reader->offset; i++) {
        const uint8_t c = reader->bytes[i];
        if ((c < '0' || c > '9') && c != '*' && c != '#') {
            scte35_add_issue(issues, SCTE35_ISSUE_DTMF_CHARS, i, c);
        }
    }
}

static void read_time(scte35_reader *reader, scte35_descriptor *descriptor) {
    descriptor->tai_seconds = scte35_reader_get(reader, 6);
    descriptor->tai_ns = scte35_reader_get_u32(reader);
    descriptor->utc_offset = scte35_reader_get_u16(reader);
}

static void read_audio(scte35_reader *reader, scte35_descriptor *descriptor) {
    descriptor->audio_count = scte35_reader_get_u8(reader) >> 4;
    (void)scte35_reader_take(reader, 5u * descriptor->audio_count);
}

void scte35_read_audio_channel(const uint8_t *bytes, size_t *offset,
                               scte35_audio_channel *channel) {
    const uint8_t *field = bytes + *offset;
    channel->component_tag = field[0];
    memcpy(channel->iso_code, field + 1, sizeof channel->iso_code);
    channel->bit_stream_mode = field[4] >> 5;
    channel->num_channels = (field[4] >> 1) & 0x0Fu;
    channel->full_srvc_audio = (field[4] & 1u) != 0;
    *offset += 5;
}

static scte35_descriptor_kind read_fields(scte35_reader *reader, scte35_descriptor *descriptor,
                                          scte35_issues *issues) {
    switch (descriptor->splice_descriptor_tag) {
    case SCTE35_AVAIL_DESCRIPTOR:
        descriptor->provider_avail_id = scte35_reader_get_u32(reader);
        return SCTE35_KIND_AVAIL;
    case SCTE35_DTMF_DESCRIPTOR:
        read_dtmf(reader, descriptor, issues);
        return SCTE35_KIND_DTMF;
    case SCTE35_SEGMENTATION_DESCRIPTOR:
        read_segmentation(reader, &descriptor->segmentation, issues);
        return SCTE35_KIND_SEGMENTATION;
    case SCTE35_TIME_DESCRIPTOR:
        read_time(reader, descriptor);
        return SCTE35_KIND_TIME;
    case SCTE35_AUDIO_DESCRIPTOR:
        read_audio(reader, descriptor);
        return SCTE35_KIND_AUDIO;
    default:
        scte35_add_issue(issues, SCTE35_ISSUE_DESCRIPTOR_TAG, descriptor->offset,
                         descriptor->splice_descriptor_tag);
        reader->offset = reader->end;
        return SCTE35_KIND_PRIVATE;
    }
}

static void read_descriptor(const uint8_t *bytes, scte35_descriptor *descriptor,
                            scte35_issues *issues) {
    scte35_reader reader = {bytes, descriptor->body_offset, descriptor->end, false};
    if (reader.end - reader.offset < 4) {
        scte35_add_issue(issues, SCTE35_ISSUE_IDENTIFIER_MISSING, descriptor->offset,
                         reader.end - reader.offset);
        descriptor->kind = SCTE35_KIND_UNREADABLE;
        return;
    }
    descriptor->identifier = scte35_reader_get_u32(&reader);
    descriptor->body_offset = reader.offset;
    if (descriptor->identifier != SCTE35_IDENTIFIER_CUEI) {
        descriptor->kind = SCTE35_KIND_PRIVATE;
        return;
    }
    descriptor->kind = read_fields(&reader, descriptor, issues);
    if (reader.overran) {
        scte35_add_issue(issues, SCTE35_ISSUE_DESCRIPTOR_TRUNCATED, descriptor->offset,
                         descriptor->end - descriptor->offset);
        descriptor->kind = SCTE35_KIND_PRIVATE;
    } else if (reader.offset < reader.end) {
        scte35_add_issue(issues, SCTE35_ISSUE_DESCRIPTOR_SURPLUS, reader.offset,
                         reader.end - reader.offset);
    }
}

bool scte35_next_descriptor(const uint8_t *bytes, size_t *offset, size_t loop_end,
                            scte35_descriptor *descriptor, scte35_issues *issues) {
    const size_t begin = *offset;
    if (loop_end - begin < 2) {
        if (begin < loop_end) {
            scte35_add_issue(issues, SCTE35_ISSUE_LOOP_RESIDUE, begin, loop_end - begin);
        }
        return false;
    }
    const size_t length = bytes[begin + 1];
    descriptor->offset = begin;
    descriptor->body_offset = begin + 2;
    descriptor->splice_descriptor_tag = bytes[begin];
    descriptor->identifier = 0;
    if (length > SCTE35_DESCRIPTOR_LENGTH_MAX) {
        scte35_add_issue(issues, SCTE35_ISSUE_DESCRIPTOR_LENGTH_LIMIT, begin + 1, length);
    }
    descriptor->end = begin + 2 + length;
    descriptor->is_whole = descriptor->end <= loop_end;
    if (!descriptor->is_whole) {
        scte35_add_issue(issues, SCTE35_ISSUE_DESCRIPTOR_OVERRUN, begin + 1, length);
        descriptor->end = loop_end;
    }
    read_descriptor(bytes, descriptor, issues);
    *offset = descriptor->end;
    return true;
}
