#include "elementary_internal.h"

/* start_code_value (ISO/IEC 13818-2, table 6-1) */
enum {
    PICTURE = 0x00,
    SLICE_FIRST = 0x01,
    SLICE_LAST = 0xAF,
    USER_DATA = 0xB2,
    SEQUENCE_HEADER = 0xB3,
    EXTENSION = 0xB5,
    GROUP = 0xB8
};
enum { PICTURE_CODING_EXTENSION = 8, FRAME_PICTURE = 3, BOTTOM_FIELD = 2 };

static void take_picture(ts_access_unit *unit, const uint8_t *bytes, size_t size) {
    static const ts_picture_type types[8] = {
        [1] = TS_PICTURE_I, [2] = TS_PICTURE_P, [3] = TS_PICTURE_B};
    if (size < 3) {
        return;
    }
    unit->has_picture = true;
    unit->number = (uint32_t)bytes[1] << 2 | bytes[2] >> 6;
    unit->type = types[bytes[2] >> 3 & 7u];
}

/* picture_coding_extension() (6.2.3.1): four f_codes, intra_dc_precision, picture_structure; then
 * eight flags and chroma_420_type before progressive_frame. */
static void take_coding_extension(ts_elementary *e, const uint8_t *bytes, size_t size) {
    if (size < 6 || bytes[1] >> 4 != PICTURE_CODING_EXTENSION || !e->access_unit.has_picture) {
        return;
    }
    const unsigned structure = bytes[3] & 3u;
    e->access_unit.is_field = structure != FRAME_PICTURE && structure != 0;
    e->access_unit.is_bottom = structure == BOTTOM_FIELD;
    e->access_unit.is_interlaced = !(bytes[5] & 0x80u);
}

void elementary_take_mpeg_video(ts_elementary *e, const uint8_t *unit, size_t size) {
    ts_access_unit *access_unit = &e->access_unit;
    const uint8_t code = unit[0];
    if (code == PICTURE) {
        take_picture(access_unit, unit, size);
    } else if (code == SEQUENCE_HEADER) {
        access_unit->has_sequence = true;
    } else if (code == GROUP) {
        access_unit->has_sequence = true;
        /* time_code is 25 bits. */
        access_unit->is_closed = size > 4 && (unit[4] & 0x40u);
    } else if (code == EXTENSION) {
        take_coding_extension(e, unit, size);
    } else if (code == USER_DATA && access_unit->has_picture) {
        elementary_take_atsc_user_data(e, unit + 1, size - 1);
    } else if (code >= SLICE_FIRST && code <= SLICE_LAST) {
        if (access_unit->has_picture) {
            elementary_end_picture(
                e, access_unit->has_sequence && access_unit->type == TS_PICTURE_I, false);
        } else {
            e->state = TS_HEAD_OUTSIDE;
        }
    }
}
