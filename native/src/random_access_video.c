#include <string.h>

#include "random_access_internal.h"

enum {
    MPEG1_VIDEO = 0x01,
    MPEG2_VIDEO = 0x02,
    AVC = 0x1B,
    HEVC = 0x24
}; /* 2.4.4.10, stream_type */

/* start_code_value (ISO/IEC 13818-2, table 6-1), and what is in a picture header. */
enum { PICTURE = 0x00, SEQUENCE_HEADER = 0xB3, GROUP = 0xB8, PICTURE_I = 1 };
/* nal_unit_type (ISO/IEC 14496-10, table 7-1) */
enum {
    AVC_SLICE = 1,
    AVC_PARTITION_A = 2,
    AVC_IDR = 5,
    AVC_SEI = 6,
    AVC_SPS = 7,
    AVC_PPS = 8,
    AVC_DELIMITER = 9,
    AVC_SUBSET_SPS = 15,
    AVC_RESERVED_18 = 18
};
/* nal_unit_type (ISO/IEC 23008-2, table 7-1) */
enum {
    HEVC_BLA_W_LP = 16,
    HEVC_CRA = 21,
    HEVC_FIRST_NON_VCL = 32,
    HEVC_VPS = 32,
    HEVC_SPS = 33,
    HEVC_PPS = 34,
    HEVC_DELIMITER = 35,
    HEVC_PREFIX_SEI = 39,
    HEVC_RESERVED_41 = 41,
    HEVC_RESERVED_44 = 44,
    HEVC_UNSPECIFIED_48 = 48,
    HEVC_UNSPECIFIED_55 = 55
};
enum { SEI_RECOVERY_POINT = 6, SEI_MORE = 0xFF }; /* payloadType (D.1), ff_byte */
enum { NO_TEMPORAL_REFERENCE = 1024 };            /* ten bits */

static const uint32_t EMPTY_WINDOW = 0xFFFFFFFFu;

bool random_access_is_video(uint8_t stream_type) {
    return stream_type == MPEG1_VIDEO || stream_type == MPEG2_VIDEO || stream_type == AVC ||
           stream_type == HEVC;
}

void random_access_lose(ts_video_stream *video) {
    video->window = EMPTY_WINDOW;
    video->unit_wanted = 0;
    video->sei = TS_SEI_NONE;
    video->begun = false;
    video->lost = true;
    video->temporal_reference = NO_TEMPORAL_REFERENCE;
    memset(video->timing, 0, sizeof video->timing);
}

static void begin_access_unit(const random_access_packet *at) {
    ts_video_stream *video = at->video;
    video->point = (ts_random_access_point){.program_number = video->programs[0],
                                            .pid = at->pid,
                                            .packet_index = video->unit_origin.packet_index};
    random_access_set_time(at, &video->point);
    video->begun = true;
    video->recovers = false;
    video->lost = false;
}

/* The access unit commences where the unit does: if no other one has before in that PES packet, its
 * timing is this one's. */
static void take_timing(ts_video_stream *video) {
    const uint32_t pes_packet = video->unit_origin.pes_packet;
    if (video->pes_packet - pes_packet > 1) {
        return;
    }
    ts_video_timing *timing = &video->timing[pes_packet & 1u];
    video->point.has_pts = timing->has_pts;
    video->point.pts_90khz = timing->pts_90khz;
    video->point.random_access_indicator = timing->random_access_indicator;
    *timing = (ts_video_timing){0};
}

static void end_access_unit(const random_access_packet *at, bool is_point,
                            ts_random_access_kind kind) {
    at->video->begun = false;
    if (is_point) {
        at->video->point.kind = kind;
        random_access_report(at, &at->video->point);
    }
}

/* An access unit commences with its picture_start_code as far as the PTS goes, and begins with the
 * headers before it (ISO/IEC 13818-1, 2.1.1 and 2.4.3.7). The second field of a frame has the
 * temporal_reference of the first and no header of its own. */
static void read_picture(const random_access_packet *at) {
    ts_video_stream *video = at->video;
    const unsigned temporal_reference = (unsigned)video->unit[1] << 2 | video->unit[2] >> 6;
    if (!video->begun && temporal_reference == video->temporal_reference) {
        video->temporal_reference = NO_TEMPORAL_REFERENCE;
        take_timing(video);
        return;
    }
    video->temporal_reference = temporal_reference;
    if (!video->begun) {
        begin_access_unit(at);
    }
    take_timing(video);
    end_access_unit(at, (video->unit[2] >> 3 & 7u) == PICTURE_I, TS_RANDOM_ACCESS_I_PICTURE);
}

static void read_mpeg2(const random_access_packet *at) {
    ts_video_stream *video = at->video;
    const uint8_t code = video->unit[0];
    if (code == PICTURE) {
        read_picture(at);
    } else if (code == SEQUENCE_HEADER || code == GROUP) {
        if (!video->begun) {
            begin_access_unit(at);
        }
        video->point.has_sequence_header |= code == SEQUENCE_HEADER;
    }
}

static void begin_coded_picture(const random_access_packet *at) {
    begin_access_unit(at);
    take_timing(at->video);
}

/* What stands before the first slice begins the access unit if nothing has yet. The prefix NAL unit
 * (14) does not: it stands before each slice. */
static void read_leading_unit(const random_access_packet *at, bool is_delimiter, bool is_sps) {
    if (is_delimiter || !at->video->begun) {
        begin_coded_picture(at);
    }
    at->video->point.has_sequence_header |= is_sps;
}

/* A slice of no access unit that is known begins one if it is the first of its picture. */
static void read_slice(const random_access_packet *at, bool is_first, bool is_point,
                       ts_random_access_kind kind) {
    ts_video_stream *video = at->video;
    if (!video->begun && is_first && !video->lost) {
        begin_coded_picture(at);
    }
    if (video->begun) {
        end_access_unit(at, is_point, kind);
    }
}

/* 7.4.1.2.3 says what begins an access unit. first_mb_in_slice is 0 if its first bit is 1. */
static void read_avc(const random_access_packet *at) {
    const uint8_t *unit = at->video->unit;
    const unsigned type = unit[0] & 0x1Fu;
    if (unit[0] & 0x80u) {
        return; /* forbidden_zero_bit */
    }
    if (type == AVC_SLICE || type == AVC_PARTITION_A || type == AVC_IDR) {
        const bool is_idr = type == AVC_IDR;
        read_slice(at, (unit[1] & 0x80u) != 0, is_idr || (at->video->begun && at->video->recovers),
                   is_idr ? TS_RANDOM_ACCESS_IDR : TS_RANDOM_ACCESS_RECOVERY_POINT);
    } else if ((type >= AVC_SEI && type <= AVC_DELIMITER) ||
               (type >= AVC_SUBSET_SPS && type <= AVC_RESERVED_18)) {
        read_leading_unit(at, type == AVC_DELIMITER, type == AVC_SPS);
        at->video->sei = type == AVC_SEI ? TS_SEI_TYPE : TS_SEI_NONE;
        at->video->sei_type = 0;
    }
}

static bool is_leading_hevc(unsigned type) {
    return (type >= HEVC_VPS && type <= HEVC_DELIMITER) || type == HEVC_PREFIX_SEI ||
           (type >= HEVC_RESERVED_41 && type <= HEVC_RESERVED_44) ||
           (type >= HEVC_UNSPECIFIED_48 && type <= HEVC_UNSPECIFIED_55);
}

/* 7.4.2.4.4 says what begins an access unit; only the base layer does. */
static void read_hevc(const random_access_packet *at) {
    const uint8_t *unit = at->video->unit;
    const unsigned type = unit[0] >> 1 & 0x3Fu;
    const bool is_base_layer = !(unit[0] & 1u) && unit[1] >> 3 == 0;
    if ((unit[0] & 0x80u) || !is_base_layer) {
        return;
    }
    if (type < HEVC_FIRST_NON_VCL) {
        const bool is_point = type >= HEVC_BLA_W_LP && type <= HEVC_CRA;
        const unsigned kind = TS_RANDOM_ACCESS_BLA_W_LP + (is_point ? type - HEVC_BLA_W_LP : 0u);
        read_slice(at, (unit[2] & 0x80u) != 0, is_point, (ts_random_access_kind)kind);
    } else if (is_leading_hevc(type)) {
        read_leading_unit(at, type == HEVC_DELIMITER, type == HEVC_SPS);
    }
}

/* Bytes from the one behind the start code on that say what is wanted of the unit. */
static size_t get_unit_wanted(uint8_t stream_type, uint8_t first) {
    if (stream_type == AVC) {
        const unsigned type = first & 0x1Fu;
        return type == AVC_SLICE || type == AVC_PARTITION_A || type == AVC_IDR ? 2 : 1;
    }
    if (stream_type == HEVC) {
        return (first >> 1 & 0x3Fu) < HEVC_FIRST_NON_VCL ? 3 : 2;
    }
    return first == PICTURE ? 3 : 1;
}

static void take_unit_byte(const random_access_packet *at, uint8_t byte) {
    ts_video_stream *video = at->video;
    video->unit[video->unit_size++] = byte;
    if (video->unit_size == 1) {
        video->unit_wanted = get_unit_wanted(video->stream_type, byte);
    }
    if (video->unit_size < video->unit_wanted) {
        return;
    }
    video->unit_wanted = 0;
    if (video->stream_type == AVC) {
        read_avc(at);
    } else if (video->stream_type == HEVC) {
        read_hevc(at);
    } else {
        read_mpeg2(at);
    }
}

static void end_sei_message(ts_video_stream *video) {
    if (video->sei_left == 0) {
        video->sei = TS_SEI_TYPE;
        video->sei_type = 0;
    }
}

/* One byte of sei_message() (7.3.2.3.1). recovery_frame_cnt is 0 if its first bit is 1. */
static void take_sei_byte(ts_video_stream *video, uint8_t byte) {
    if ((video->window & 0xFFFFFFu) == 3) {
        return; /* emulation_prevention_three_byte */
    }
    switch (video->sei) {
    case TS_SEI_TYPE:
        video->sei_type += byte;
        video->sei = byte == SEI_MORE ? TS_SEI_TYPE : TS_SEI_SIZE;
        video->sei_left = 0;
        break;
    case TS_SEI_SIZE:
        video->sei_left += byte;
        if (byte != SEI_MORE) {
            video->sei = TS_SEI_PAYLOAD;
            end_sei_message(video);
        }
        break;
    default:
        if (video->sei_type == SEI_RECOVERY_POINT) {
            video->recovers = video->recovers || (byte & 0x80u) != 0;
            video->sei_type = SEI_MORE; /* the rest of it is passed over */
        }
        video->sei_left--;
        end_sei_message(video);
        break;
    }
}

/* The index of the next byte that ends a start code, or size; two bytes stand before from. */
static size_t find_start_code(const uint8_t *bytes, size_t size, size_t from) {
    while (from < size) {
        const uint8_t *one = memchr(bytes + from, 1, size - from);
        if (one == NULL) {
            break;
        }
        if (one[-1] == 0 && one[-2] == 0) {
            return (size_t)(one - bytes);
        }
        from = (size_t)(one - bytes) + 1;
    }
    return size;
}

void random_access_read(const random_access_packet *at, const uint8_t *bytes, size_t size) {
    ts_video_stream *video = at->video;
    const ts_video_origin here = {at->packet_index, video->pes_packet};
    for (size_t i = 0; i < size; i++) {
        if (video->unit_wanted > 0) {
            video->window = video->window << 8 | bytes[i];
            take_unit_byte(at, bytes[i]);
        } else if (video->sei != TS_SEI_NONE) {
            video->window = video->window << 8 | bytes[i];
            take_sei_byte(video, bytes[i]);
        } else if (i < 2) {
            video->window = video->window << 8 | bytes[i];
        } else {
            i = find_start_code(bytes, size, i);
            const size_t last = i < size ? i : size - 1;
            video->window =
                (uint32_t)bytes[last - 2] << 16 | (uint32_t)bytes[last - 1] << 8 | bytes[last];
        }
        if (i < size && (video->window & 0xFFFFFFu) == 1) {
            video->unit_origin = i >= 2 ? here : video->origins[i];
            video->unit_size = 0;
            video->unit_wanted = 1;
            video->sei = TS_SEI_NONE;
        }
    }
    if (size > 0) {
        video->origins[0] = size > 1 ? here : video->origins[1];
        video->origins[1] = here;
    }
}
