#include <string.h>

#include "elementary_internal.h"

enum { HEADER_SIZE = 8, LATM_HEADER_SIZE = 24, LOAS_SIZE = 3, KEPT_SIZE = 64 };
enum { ADTS_SIZE = 7, ADTS_RATES = 13, EAC3_FIRST_BSID = 11, EAC3_LAST_BSID = 16 };
enum { AC3_LAST_BSID = 10, AC3_RESERVED = 3, AC3_RATES = 38, EAC3_DEPENDENT = 1 };

/* A header where one may stand: what it says of the format, and its frame's size if it tells. */
typedef struct audio_header {
    uint64_t signature; /* 0: none of a format */
    size_t frame_size;
    bool is_header;
} audio_header;

static uint64_t pack(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    return UINT64_C(1) << 32 | (uint64_t)a << 24 | (uint64_t)b << 16 | (uint64_t)c << 8 | d;
}

/* adts_fixed_header() (ISO/IEC 13818-7, 6.2.1) */
static audio_header read_adts(const uint8_t *bytes) {
    const size_t size = (size_t)(bytes[3] & 3u) << 11 | (size_t)bytes[4] << 3 | bytes[5] >> 5;
    if (bytes[0] != 0xFF || (bytes[1] & 0xF6u) != 0xF0 || (bytes[2] >> 2 & 15u) >= ADTS_RATES ||
        size < ADTS_SIZE) {
        return (audio_header){0};
    }
    return (audio_header){pack(bytes[1], bytes[2] & 0xFDu, bytes[3] & 0xC0u, 0), size, true};
}

/* header() (ISO/IEC 11172-3, 2.4.1.3): the forbidden values, and the free format, are none. */
static audio_header read_mpeg_audio(const uint8_t *bytes) {
    const unsigned bitrate_index = bytes[2] >> 4;
    if (bytes[0] != 0xFF || (bytes[1] & 0xE0u) != 0xE0 || (bytes[1] >> 3 & 3u) == 1 ||
        (bytes[1] >> 1 & 3u) == 0 || bitrate_index == 0 || bitrate_index == 15 ||
        (bytes[2] >> 2 & 3u) == 3) {
        return (audio_header){0};
    }
    return (audio_header){pack(bytes[1], bytes[2] & 0xFCu, bytes[3] & 0xC0u, 0), 0, true};
}

/* Bits of byte 6 of bsi() that tell of channels: lfeon is the last of them (TS 102 366, 4.3). */
static uint8_t mask_channels(uint8_t byte) {
    const unsigned acmod = byte >> 5;
    unsigned bits = 4;
    bits += (acmod & 1u) && acmod != 1 ? 2 : 0;
    bits += acmod & 4u ? 2 : 0;
    bits += acmod == 2 ? 2 : 0;
    return (uint8_t)(byte & (0xFFu << (8u - bits)));
}

/* syncinfo() and bsi() (TS 102 366, 4.3 and E.1.2) */
static audio_header read_ac3(const uint8_t *bytes) {
    if (bytes[0] != 0x0B || bytes[1] != 0x77) {
        return (audio_header){0};
    }
    const unsigned bsid = bytes[5] >> 3;
    const unsigned fscod = bytes[4] >> 6;
    if (bsid <= AC3_LAST_BSID) {
        if (fscod == AC3_RESERVED || (bytes[4] & 0x3Fu) >= AC3_RATES) {
            return (audio_header){0};
        }
        /* Frames of 44.1 kHz have two sizes in turn. */
        const uint8_t rate = fscod == 1 ? bytes[4] & 0xFEu : bytes[4];
        return (audio_header){pack(rate, bytes[5], mask_channels(bytes[6]), 0), 0, true};
    }
    if (bsid < EAC3_FIRST_BSID || bsid > EAC3_LAST_BSID || bytes[2] >> 6 == AC3_RESERVED) {
        return (audio_header){0};
    }
    const size_t size = (((size_t)(bytes[2] & 7u) << 8 | bytes[3]) + 1) * 2;
    const bool is_dependent = bytes[2] >> 6 == EAC3_DEPENDENT;
    const uint64_t signature = pack(bytes[2] & 0xF8u, bytes[4], bytes[5] & 0xF8u, 1);
    return (audio_header){is_dependent ? 0 : signature, size, true};
}

/* AudioSyncStream() (ISO/IEC 14496-3, 1.7.2.2): useSameStreamMux, then what configures it. */
static audio_header read_latm(const uint8_t *bytes) {
    if (bytes[0] != 0x56 || (bytes[1] & 0xE0u) != 0xE0) {
        return (audio_header){0};
    }
    const size_t size = (size_t)(bytes[1] & 0x1Fu) << 8 | bytes[2];
    const uint8_t *mux = bytes + LOAS_SIZE;
    const bool has_config = !(mux[0] & 0x80u);
    return (audio_header){has_config ? pack(mux[0], mux[1], mux[2], mux[3]) : 0, size + LOAS_SIZE,
                          true};
}

/* Multiplexers mistake the stream_types of ADTS and LATM for each other. */
static audio_header read_aac(const uint8_t *bytes) {
    return bytes[0] == 0xFF ? read_adts(bytes) : read_latm(bytes);
}

static audio_header read_header(ts_elementary_kind kind, const uint8_t *bytes) {
    switch (kind) {
    case TS_ELEMENTARY_ADTS:
    case TS_ELEMENTARY_LATM:
        return read_aac(bytes);
    case TS_ELEMENTARY_AC3:
        return read_ac3(bytes);
    default:
        return read_mpeg_audio(bytes);
    }
}

static void keep_format(ts_elementary *e, uint64_t signature, size_t at) {
    if (signature == e->audio_signature) {
        return;
    }
    const size_t left = e->size - at;
    e->audio_signature = signature;
    e->format.size = (uint16_t)(left < KEPT_SIZE ? left : KEPT_SIZE);
    memcpy(e->format.bytes, e->head + at, e->format.size);
    e->format.changes++;
}

/* A header where the PES packet begins is one. Any other has to come twice: the same four bytes are
 * found in coded audio by chance. */
static bool is_trusted(ts_elementary *e, const audio_header *header, size_t at) {
    if (at == 0) {
        return true;
    }
    if (header->signature == 0) {
        return false;
    }
    const bool is_known =
        header->signature == e->audio_signature || header->signature == e->audio_candidate;
    e->audio_candidate = header->signature;
    return is_known;
}

void elementary_read_audio(ts_elementary *e) {
    const bool is_aac = e->kind == TS_ELEMENTARY_ADTS || e->kind == TS_ELEMENTARY_LATM;
    const size_t needed = is_aac ? LATM_HEADER_SIZE : HEADER_SIZE;
    size_t at = e->scanned;
    for (; at + needed <= e->size; at++) {
        const audio_header header = read_header(e->kind, e->head + at);
        if (!header.is_header || !is_trusted(e, &header, at)) {
            continue;
        }
        if (header.signature != 0) {
            keep_format(e, header.signature, at);
        }
        e->audio_frames += header.frame_size != 0;
        e->audio_frame_bytes += header.frame_size;
        e->state = TS_HEAD_OUTSIDE;
        return;
    }
    e->scanned = at;
    if (TS_ELEMENTARY_HEAD_MAX - e->size < TS_PACKET_SIZE) {
        e->state = TS_HEAD_OUTSIDE;
    }
}
