#include "tsloom/pes.h"

#include "tsloom/packet.h"

enum { FLAGS_FORBIDDEN = 1, FLAGS_PTS = 2, FLAGS_PTS_DTS = 3 };

bool pes_has_start_code(const uint8_t *pes, size_t size) {
    return size >= PES_HEADER_SIZE && pes[0] == 0 && pes[1] == 0 && pes[2] == 1;
}

uint8_t pes_get_stream_id(const uint8_t *pes) {
    return pes[3];
}

uint16_t pes_get_packet_length(const uint8_t *pes) {
    return ts_load_be16(pes + 4);
}

static bool is_plain_stream_id(uint8_t stream_id) {
    switch (stream_id) {
    case PES_STREAM_ID_PROGRAM_STREAM_MAP:
    case PES_STREAM_ID_PADDING:
    case PES_STREAM_ID_PRIVATE_2:
    case PES_STREAM_ID_ECM:
    case PES_STREAM_ID_EMM:
    case PES_STREAM_ID_DSMCC:
    case PES_STREAM_ID_H222_1_TYPE_E:
    case PES_STREAM_ID_PROGRAM_STREAM_DIRECTORY:
        return true;
    default:
        return false;
    }
}

bool pes_has_optional_header(const uint8_t *pes, size_t size) {
    return pes_has_start_code(pes, size) && size >= PES_OPTIONAL_HEADER_SIZE &&
           !is_plain_stream_id(pes_get_stream_id(pes)) && (pes[6] & 0xC0u) == 0x80u;
}

ts_status pes_get_header_size(const uint8_t *pes, size_t size, size_t *header_size) {
    if (!pes_has_start_code(pes, size)) {
        return TS_BAD_SYNTAX;
    }
    if (is_plain_stream_id(pes_get_stream_id(pes))) {
        *header_size = PES_HEADER_SIZE;
        return TS_OK;
    }
    if (size < PES_OPTIONAL_HEADER_SIZE) {
        return TS_BAD_LENGTH;
    }
    if (!pes_has_optional_header(pes, size)) {
        return TS_BAD_SYNTAX;
    }
    *header_size = (size_t)PES_OPTIONAL_HEADER_SIZE + pes[8];
    return TS_OK;
}

static unsigned get_flags(const uint8_t *pes, size_t size) {
    return pes_has_optional_header(pes, size) ? pes[7] >> 6 : 0u;
}

bool pes_has_pts(const uint8_t *pes, size_t size) {
    return get_flags(pes, size) >= FLAGS_PTS;
}

bool pes_has_dts(const uint8_t *pes, size_t size) {
    return get_flags(pes, size) == FLAGS_PTS_DTS;
}

/* Four lead bits, then 3, 15 and 15 bits, a marker_bit behind each. */
static ts_status get_timestamp(const uint8_t *field, unsigned lead, uint64_t *timestamp) {
    *timestamp = ((uint64_t)(field[0] & 0x0Eu) << 29) |
                 ((uint64_t)(ts_load_be16(field + 1) & 0xFFFEu) << 14) |
                 ((uint64_t)ts_load_be16(field + 3) >> 1);
    const bool marked = (field[0] & field[2] & field[4] & 1u) != 0;
    return marked && (field[0] >> 4) == lead ? TS_OK : TS_BAD_SYNTAX;
}

/* index: timestamps that stand before this one. */
static ts_status read_timestamp(const uint8_t *pes, size_t size, size_t index, unsigned lead,
                                uint64_t *timestamp) {
    const size_t end = (index + 1) * PES_TIMESTAMP_SIZE;
    if (pes[8] < end || size - PES_OPTIONAL_HEADER_SIZE < end) {
        return TS_BAD_LENGTH;
    }
    const uint8_t *field = pes + PES_OPTIONAL_HEADER_SIZE + index * PES_TIMESTAMP_SIZE;
    return get_timestamp(field, lead, timestamp);
}

ts_status pes_get_pts(const uint8_t *pes, size_t size, uint64_t *pts_90khz) {
    const unsigned flags = get_flags(pes, size);
    if (flags == FLAGS_FORBIDDEN) {
        return TS_BAD_SYNTAX;
    }
    return flags == 0 ? TS_NOT_FOUND : read_timestamp(pes, size, 0, flags, pts_90khz);
}

ts_status pes_get_dts(const uint8_t *pes, size_t size, uint64_t *dts_90khz) {
    const unsigned flags = get_flags(pes, size);
    if (flags == FLAGS_FORBIDDEN) {
        return TS_BAD_SYNTAX;
    }
    return flags == FLAGS_PTS_DTS ? read_timestamp(pes, size, 1, 1u, dts_90khz) : TS_NOT_FOUND;
}
