/* What is told of a stream's decoder buffers: by stream_type and descriptors (ISO/IEC 13818-1, 2.6)
 * and by the parameters that video and ADTS begin with. */
#include <string.h>

#include "buffers_internal.h"
#include "elementary_internal.h"

/* descriptor_tag (ISO/IEC 13818-1, table 2-45; EN 300 468, table 12) */
enum {
    TAG_VIDEO_STREAM = 0x02,
    TAG_AVC_VIDEO = 0x28,
    TAG_HEVC_VIDEO = 0x38,
    TAG_AC3 = 0x6A,
    TAG_EAC3 = 0x7A,
    TAG_DTS = 0x7B,
    TAG_AAC = 0x7C
};
enum {
    SEQUENCE_HEADER = 0xB3,
    EXTENSION = 0xB5,
    SEQUENCE_EXTENSION = 1,
    AVC_SPS = 7,
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    SEQUENCE_HEADER_LEAST = 9,
    SEQUENCE_EXTENSION_LEAST = 7,
    VBV_UNIT_BITS = 16384,
    BIT_RATE_UNIT = 400,
    BIT_RATE_VARIABLE = 0x3FFFF,
    VALUE_MOST = 1 << 30,
    AVC_EXTENDED = 88,
    LEVEL_1B = 9,
    PTL_SIZE = 12 /* profile_tier_level() to general_level_idc */
};

static ts_tstd_codec find_registered(const psi_descriptor *descriptor) {
    static const struct {
        char identifier[5];
        ts_tstd_codec codec;
    } known[] = {{"AC-3", TS_TSTD_AC3}, {"EAC3", TS_TSTD_EAC3}, {"HEVC", TS_TSTD_HEVC},
                 {"DTS1", TS_TSTD_DTS}, {"DTS2", TS_TSTD_DTS},  {"DTS3", TS_TSTD_DTS}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (descriptor->descriptor_length >= 4 &&
            memcmp(descriptor->data, known[i].identifier, 4) == 0) {
            return known[i].codec;
        }
    }
    return TS_TSTD_PRIVATE;
}

static ts_tstd_codec find_private_codec(psi_slice es_info) {
    psi_descriptor descriptor;
    ts_tstd_codec codec = TS_TSTD_PRIVATE;
    while (codec == TS_TSTD_PRIVATE && psi_descriptor_next(&es_info, &descriptor)) {
        switch (descriptor.descriptor_tag) {
        case TAG_AC3:
            codec = TS_TSTD_AC3;
            break;
        case TAG_EAC3:
            codec = TS_TSTD_EAC3;
            break;
        case TAG_DTS:
            codec = TS_TSTD_DTS;
            break;
        case TAG_AAC:
            codec = TS_TSTD_AAC;
            break;
        case PSI_TAG_REGISTRATION:
            codec = find_registered(&descriptor);
            break;
        default:
            break;
        }
    }
    return codec;
}

/* stream_type (ISO/IEC 13818-1, table 2-34; ATSC A/53 part 3, 6.1) */
static ts_tstd_codec find_codec(const psi_elementary_stream *entry) {
    switch (entry->stream_type) {
    case 0x01:
        return TS_TSTD_MPEG1_VIDEO;
    case 0x02:
        return TS_TSTD_MPEG2_VIDEO;
    case 0x03:
    case 0x04:
        return TS_TSTD_MPEG_AUDIO;
    case 0x05: /* sections: private, DSM-CC, synchronized download, splice information */
    case 0x0A:
    case 0x0B:
    case 0x0C:
    case 0x0D:
    case 0x14:
    case TS_STREAM_TYPE_SCTE35:
        return TS_TSTD_SECTIONS;
    case 0x0F:
    case 0x11:
        return TS_TSTD_AAC;
    case 0x1B:
        return TS_TSTD_AVC;
    case 0x24:
        return TS_TSTD_HEVC;
    case 0x81:
        return TS_TSTD_AC3;
    case 0x87:
        return TS_TSTD_EAC3;
    default:
        return find_private_codec(entry->es_info);
    }
}

/* 2.6.2 */
static void take_video_stream(const psi_descriptor *descriptor, ts_tstd_stream *stream) {
    if (descriptor->descriptor_length < 1 || stream->codec != TS_TSTD_MPEG2_VIDEO) {
        return;
    }
    const uint8_t flags = descriptor->data[0];
    stream->still = (flags & 0x01u) != 0;
    if (flags & 0x04u) { /* MPEG_1_only_flag */
        stream->codec = TS_TSTD_MPEG1_VIDEO;
    } else if (descriptor->descriptor_length >= 2) {
        stream->profile = descriptor->data[1] >> 4;
        stream->level = descriptor->data[1] & 15u;
    }
}

/* AVC_video_descriptor, 2.6.64 */
static void take_avc_video(const psi_descriptor *descriptor, ts_tstd_stream *stream) {
    if (descriptor->descriptor_length >= 4 && stream->codec == TS_TSTD_AVC) {
        stream->profile = descriptor->data[0];
        stream->level = descriptor->data[2];
        stream->still = (descriptor->data[3] & 0x80u) != 0;
    }
}

/* HEVC_video_descriptor, 2.6.95 */
static void take_hevc_video(const psi_descriptor *descriptor, ts_tstd_stream *stream) {
    if (descriptor->descriptor_length >= 13 && stream->codec == TS_TSTD_HEVC) {
        stream->high_tier = (descriptor->data[0] & 0x20u) != 0;
        stream->level = descriptor->data[11];
        stream->still = (descriptor->data[12] & 0x40u) != 0;
    }
}

unsigned buffers_describe(const psi_elementary_stream *entry, ts_tstd_stream *stream) {
    *stream = (ts_tstd_stream){.codec = find_codec(entry)};
    psi_slice es_info = entry->es_info;
    psi_descriptor descriptor;
    while (psi_descriptor_next(&es_info, &descriptor)) {
        if (descriptor.descriptor_tag == TAG_VIDEO_STREAM) {
            take_video_stream(&descriptor, stream);
        } else if (descriptor.descriptor_tag == TAG_AVC_VIDEO) {
            take_avc_video(&descriptor, stream);
        } else if (descriptor.descriptor_tag == TAG_HEVC_VIDEO) {
            take_hevc_video(&descriptor, stream);
        }
    }
    return stream->codec == TS_TSTD_SECTIONS ? (unsigned)TS_TSTD_ASSUMED_CODEC : 0u;
}

uint16_t buffers_count_looks(const ts_tstd_stream *stream) {
    switch (stream->codec) {
    case TS_TSTD_MPEG1_VIDEO:
    case TS_TSTD_MPEG2_VIDEO: /* no descriptor tells vbv_buffer_size and bit_rate */
        return TS_BUFFERS_LOOKS;
    case TS_TSTD_AVC:
    case TS_TSTD_HEVC:
        return stream->level != 0 ? 0 : TS_BUFFERS_LOOKS;
    case TS_TSTD_AAC:
        return TS_BUFFERS_AUDIO_LOOKS;
    default:
        return 0;
    }
}

/* bit_rate and vbv_buffer_size of ISO/IEC 13818-2, 6.3.3; 0x3FFFF is a variable rate. */
static void take_rate(uint32_t rate, uint32_t vbv, ts_tstd_stream *stream) {
    const uint64_t bps = (uint64_t)rate * BIT_RATE_UNIT;
    const uint64_t bits = (uint64_t)vbv * VBV_UNIT_BITS;
    stream->bitrate_bps = rate == BIT_RATE_VARIABLE || bps > VALUE_MOST ? 0 : (uint32_t)bps;
    stream->buffer_bits = bits > VALUE_MOST ? 0 : (uint32_t)bits;
}

/* sequence_header() (6.2.2.1): sizes, aspect and frame rate, then 18 bits of bit_rate_value,
 * marker_bit, 10 bits of vbv_buffer_size_value. */
static uint32_t get_rate(const uint8_t *header) {
    return (uint32_t)header[5] << 10 | (uint32_t)header[6] << 2 | header[7] >> 6;
}

static uint32_t get_vbv(const uint8_t *header) {
    return (uint32_t)(header[7] & 0x1Fu) << 5 | header[8] >> 3;
}

/* sequence_extension() (6.2.2.3): profile and level, and the upper bits of rate and vbv. */
static void take_sequence_extension(const uint8_t *extension, const uint8_t *header,
                                    ts_tstd_stream *stream) {
    const uint32_t rate = (uint32_t)(extension[3] & 0x1Fu) << 7 | extension[4] >> 1;
    stream->profile = extension[1] & 15u;
    stream->level = extension[2] >> 4;
    take_rate(rate << 18 | get_rate(header), (uint32_t)extension[5] << 10 | get_vbv(header),
              stream);
}

/* True at the last of the units that tell. */
static bool take_mpeg_unit(const uint8_t *unit, size_t size, const uint8_t **header,
                           ts_tstd_stream *stream) {
    if (unit[0] == SEQUENCE_HEADER && size >= SEQUENCE_HEADER_LEAST) {
        *header = unit;
        take_rate(get_rate(unit), get_vbv(unit), stream);
        return stream->codec == TS_TSTD_MPEG1_VIDEO;
    }
    if (unit[0] == EXTENSION && size >= SEQUENCE_EXTENSION_LEAST &&
        unit[1] >> 4 == SEQUENCE_EXTENSION && *header != NULL) {
        take_sequence_extension(unit, *header, stream);
        return true;
    }
    return false;
}

/* seq_parameter_set_data() of ITU-T H.264, 7.3.2.1.1 */
static bool take_avc_unit(const uint8_t *unit, size_t size, ts_tstd_stream *stream) {
    if ((unit[0] & 0x1Fu) != AVC_SPS || size < 4) {
        return false;
    }
    stream->profile = unit[1];
    stream->level = unit[3];
    if (unit[3] == 11 && (unit[2] & 0x10u) && unit[1] <= AVC_EXTENDED) {
        stream->level = LEVEL_1B; /* constraint_set3_flag (A.3.4.1) */
    }
    return true;
}

static bool take_hevc_level(const uint8_t *unit, size_t size, size_t offset,
                            ts_tstd_stream *stream) {
    uint8_t ptl[PTL_SIZE];
    if (size <= offset ||
        elementary_unescape(unit + offset, size - offset, ptl, PTL_SIZE) < PTL_SIZE) {
        return false;
    }
    stream->high_tier = (ptl[0] & 0x20u) != 0;
    stream->level = ptl[11];
    return true;
}

/* profile_tier_level() stands behind two bytes of NAL unit header and four of the VPS, or one of
 * the SPS (ITU-T H.265, 7.3.2.1, 7.3.2.2). */
static bool take_hevc_unit(const uint8_t *unit, size_t size, ts_tstd_stream *stream) {
    const unsigned type = unit[0] >> 1 & 0x3Fu;
    if (type == HEVC_VPS) {
        return take_hevc_level(unit, size, 6, stream);
    }
    return type == HEVC_SPS && take_hevc_level(unit, size, 3, stream);
}

/* adts_fixed_header() (ISO/IEC 13818-7, 6.2.1): channel_configuration 7 is 7.1. */
static bool take_adts(const uint8_t *data, size_t size, ts_tstd_stream *stream) {
    if (size < 4 || data[0] != 0xFF || (data[1] & 0xF6u) != 0xF0) {
        return false;
    }
    const unsigned configuration = (data[2] & 1u) << 2 | data[3] >> 6;
    stream->channels = (uint16_t)(configuration == 7 ? 8 : configuration);
    return true;
}

static bool has_start_code(const uint8_t *bytes) {
    return bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 1;
}

bool buffers_read_parameters(const uint8_t *data, size_t size, ts_tstd_stream *stream) {
    const uint8_t *header = NULL;
    bool is_done = stream->codec == TS_TSTD_AAC && take_adts(data, size, stream);
    if (stream->codec > TS_TSTD_HEVC) {
        return is_done;
    }
    for (size_t at = 0; at + 4 <= size && !is_done; at++) {
        if (!has_start_code(data + at)) {
            continue;
        }
        const uint8_t *unit = data + at + 3;
        const size_t left = size - at - 3;
        if (stream->codec == TS_TSTD_AVC) {
            is_done = take_avc_unit(unit, left, stream);
        } else if (stream->codec == TS_TSTD_HEVC) {
            is_done = take_hevc_unit(unit, left, stream);
        } else {
            is_done = take_mpeg_unit(unit, left, &header, stream);
        }
    }
    return is_done;
}
