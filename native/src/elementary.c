#include "tsloom/elementary.h"

#include <string.h>

#include "elementary_internal.h"
#include "tsloom/pes.h"

/* stream_type (ISO/IEC 13818-1, table 2-34; ATSC A/53 part 3, 6.1) */
enum {
    TYPE_MPEG1_VIDEO = 0x01,
    TYPE_MPEG2_VIDEO = 0x02,
    TYPE_MPEG1_AUDIO = 0x03,
    TYPE_MPEG2_AUDIO = 0x04,
    TYPE_PRIVATE = 0x06,
    TYPE_ADTS = 0x0F,
    TYPE_LATM = 0x11,
    TYPE_AVC = 0x1B,
    TYPE_HEVC = 0x24,
    TYPE_ATSC_AC3 = 0x81,
    TYPE_ATSC_EAC3 = 0x87
};
/* descriptor_tag (EN 300 468, table 12) */
enum { TAG_AC3 = 0x6A, TAG_EAC3 = 0x7A };
enum { NO_DELIMITER = 0xFF, TIMESTAMPS_END = PES_OPTIONAL_HEADER_SIZE + 2 * PES_TIMESTAMP_SIZE };

static ts_elementary_kind find_private_kind(psi_slice es_info) {
    psi_descriptor descriptor;
    while (psi_descriptor_next(&es_info, &descriptor)) {
        if (descriptor.descriptor_tag == TAG_AC3 || descriptor.descriptor_tag == TAG_EAC3) {
            return TS_ELEMENTARY_AC3;
        }
        if (descriptor.descriptor_tag != PSI_TAG_REGISTRATION || descriptor.descriptor_length < 4) {
            continue;
        }
        if (memcmp(descriptor.data, "AC-3", 4) == 0 || memcmp(descriptor.data, "EAC3", 4) == 0) {
            return TS_ELEMENTARY_AC3;
        }
        if (memcmp(descriptor.data, "HEVC", 4) == 0) {
            return TS_ELEMENTARY_HEVC;
        }
    }
    return TS_ELEMENTARY_NONE;
}

ts_elementary_kind ts_elementary_find_kind(const psi_elementary_stream *stream) {
    switch (stream->stream_type) {
    case TYPE_MPEG1_VIDEO:
    case TYPE_MPEG2_VIDEO:
        return TS_ELEMENTARY_MPEG_VIDEO;
    case TYPE_MPEG1_AUDIO:
    case TYPE_MPEG2_AUDIO:
        return TS_ELEMENTARY_MPEG_AUDIO;
    case TYPE_PRIVATE:
        return find_private_kind(stream->es_info);
    case TYPE_ADTS:
        return TS_ELEMENTARY_ADTS;
    case TYPE_LATM:
        return TS_ELEMENTARY_LATM;
    case TYPE_AVC:
        return TS_ELEMENTARY_AVC;
    case TYPE_HEVC:
        return TS_ELEMENTARY_HEVC;
    case TYPE_ATSC_AC3:
    case TYPE_ATSC_EAC3:
        return TS_ELEMENTARY_AC3;
    default:
        return TS_ELEMENTARY_NONE;
    }
}

bool ts_elementary_is_video(ts_elementary_kind kind) {
    return kind == TS_ELEMENTARY_MPEG_VIDEO || kind == TS_ELEMENTARY_AVC ||
           kind == TS_ELEMENTARY_HEVC;
}

void ts_elementary_init(ts_elementary *elementary, ts_elementary_kind kind) {
    memset(elementary, 0, sizeof *elementary);
    elementary->kind = kind;
}

void ts_elementary_lose(ts_elementary *elementary) {
    elementary->state = TS_HEAD_OUTSIDE;
    elementary->gop.length = 0;
    elementary->has_idr_pts = false;
    elementary->has_decode_time = false;
    elementary->next_is_second_field = false;
    elementary->losses++;
}

void ts_elementary_end(ts_elementary *elementary) {
    if (elementary->state == TS_HEAD_DATA && ts_elementary_is_video(elementary->kind)) {
        elementary_end_video(elementary);
    }
    elementary->state = TS_HEAD_OUTSIDE;
}

static void begin_pes(ts_elementary *e) {
    ts_elementary_end(e);
    e->state = TS_HEAD_PES;
    e->pes_packets++;
    e->packets = 0;
    e->size = e->scanned = 0;
    e->in_unit = e->in_set = e->in_long_unit = false;
    e->has_pts = e->has_dts = false;
    e->access_unit = (ts_access_unit){.delimiter_type = NO_DELIMITER};
}

/* Lead and marker bits that are wrong do not make a timestamp another one. */
static bool is_told(ts_status status, bool is_there) {
    return status == TS_OK || (status == TS_BAD_SYNTAX && is_there);
}

/* Returns the header's size, or 0 while it is not all there and where there is none. */
static size_t read_pes_header(ts_elementary *e, const uint8_t *bytes, size_t size) {
    size_t header_size;
    if (size < PES_OPTIONAL_HEADER_SIZE) {
        return 0;
    }
    if (!pes_has_optional_header(bytes, size) ||
        pes_get_header_size(bytes, size, &header_size) != TS_OK) {
        e->state = TS_HEAD_OUTSIDE;
        return 0;
    }
    if (size < header_size) {
        return 0;
    }
    const size_t there = header_size < TIMESTAMPS_END ? header_size : TIMESTAMPS_END;
    e->has_pts = is_told(pes_get_pts(bytes, there, &e->pts_90khz), pes_has_pts(bytes, there));
    e->has_dts = is_told(pes_get_dts(bytes, there, &e->dts_90khz), pes_has_dts(bytes, there));
    e->state = TS_HEAD_DATA;
    if (bytes[6] & 0x30u) { /* PES_scrambling_control */
        e->scrambled_packets++;
        e->state = TS_HEAD_OUTSIDE;
    }
    return header_size;
}

static void append(ts_elementary *e, const uint8_t *bytes, size_t size) {
    memcpy(e->head + e->size, bytes, size);
    e->size += size;
}

/* In the PES packet's header: nearly always all of it stands in the first packet. */
static void read_front(ts_elementary *e, const uint8_t *payload, size_t size) {
    const size_t whole = e->size == 0 ? read_pes_header(e, payload, size) : 0;
    if (whole > 0) {
        append(e, payload + whole, size - whole);
        return;
    }
    append(e, payload, size);
    const size_t header_size = e->state == TS_HEAD_PES ? read_pes_header(e, e->head, e->size) : 0;
    e->size -= header_size;
    memmove(e->head, e->head + header_size, e->size);
}

static void read_head(ts_elementary *e, const uint8_t *payload, size_t size) {
    e->packets++;
    if (e->state == TS_HEAD_PES) {
        read_front(e, payload, size);
    } else {
        append(e, payload, size);
    }
    if (e->state != TS_HEAD_DATA) {
        return;
    }
    if (ts_elementary_is_video(e->kind)) {
        elementary_read_video(e);
    } else {
        elementary_read_audio(e);
    }
}

/* 2.4.3.3: a packet may be sent once more; all but its PCR is the same then. */
static bool is_duplicate(const ts_elementary *e, const uint8_t *packet) {
    const size_t offset = ts_packet_get_payload_offset(packet);
    return e->started && memcmp(e->last, packet, TS_HEADER_SIZE) == 0 &&
           ts_packet_get_payload_offset(e->last) == offset &&
           memcmp(e->last + offset, packet + offset, TS_PACKET_SIZE - offset) == 0;
}

bool ts_elementary_feed(ts_elementary *elementary, const uint8_t *packet) {
    ts_elementary *e = elementary;
    const bool starts = (packet[1] & 0x40u) != 0;
    const bool is_usable =
        !(packet[1] & 0x80u) && (packet[3] & 0x10u) && !ts_packet_has_adaptation_overrun(packet);
    if (!is_usable || (!starts && e->state == TS_HEAD_OUTSIDE) || is_duplicate(e, packet)) {
        return e->state != TS_HEAD_OUTSIDE;
    }
    if (!starts && ((e->last[3] + 1u) & 15u) != (packet[3] & 15u)) {
        ts_elementary_lose(e);
        return false;
    }
    memcpy(e->last, packet, TS_PACKET_SIZE);
    e->started = true;
    if (starts) {
        begin_pes(e);
    }
    if (packet[3] & TS_HEADER_SCRAMBLING) {
        e->scrambled_packets++;
        e->state = TS_HEAD_OUTSIDE;
        return false;
    }
    const uint8_t *payload = packet + ts_packet_get_payload_offset(packet);
    read_head(e, payload, (size_t)(packet + TS_PACKET_SIZE - payload));
    if (e->packets >= TS_ELEMENTARY_PACKETS_MAX) {
        ts_elementary_end(e);
    }
    return e->state != TS_HEAD_OUTSIDE;
}
