#include "elementary_internal.h"

/* nal_unit_type (ISO/IEC 23008-2, table 7-1) */
enum {
    LAST_TRAILING = 9,
    BLA_W_LP = 16,
    BLA_N_LP = 18,
    IDR_W_RADL = 19,
    IDR_N_LP = 20,
    CRA = 21,
    LAST_IRAP = 23,
    VPS = 32,
    SPS = 33,
    PPS = 34,
    DELIMITER = 35,
    PREFIX_SEI = 39
};
enum { HEADER_SIZE = 2, SLICE_HEADER_MAX = 12, DELIMITER_TYPES = 3 };

static const ts_picture_type SLICE_PICTURES[] = {TS_PICTURE_B, TS_PICTURE_P, TS_PICTURE_I};
static const ts_picture_type DELIMITER_PICTURES[DELIMITER_TYPES] = {TS_PICTURE_I, TS_PICTURE_P,
                                                                    TS_PICTURE_B};

/* pic_parameter_set_rbsp() (7.3.2.3.1) as far as num_extra_slice_header_bits. */
static void take_pps(ts_elementary *e, const uint8_t *unit, size_t size) {
    uint8_t rbsp[SLICE_HEADER_MAX];
    elementary_bits bits = elementary_begin_bits(
        rbsp, elementary_unescape(unit + HEADER_SIZE, size - HEADER_SIZE, rbsp, sizeof rbsp));
    const uint32_t id = elementary_get_ue(&bits);
    elementary_get_ue(&bits);
    elementary_get_bits(&bits, 2);
    const uint32_t extra = elementary_get_bits(&bits, 3);
    if (!bits.overrun && id < TS_HEVC_PPS_COUNT) {
        e->extra_slice_bits[id] = (uint8_t)extra;
    }
}

static ts_picture_type find_type(const ts_elementary *e, uint32_t slice_type, bool is_known) {
    if (is_known && slice_type <= 2) {
        return SLICE_PICTURES[slice_type];
    }
    const uint8_t told = e->access_unit.delimiter_type;
    return told < DELIMITER_TYPES ? DELIMITER_PICTURES[told] : TS_PICTURE_UNKNOWN;
}

/* slice_segment_header() (7.3.6.1) of the first slice segment. */
static void take_slice(ts_elementary *e, const uint8_t *unit, size_t size, unsigned type) {
    uint8_t rbsp[SLICE_HEADER_MAX];
    elementary_bits bits = elementary_begin_bits(
        rbsp, elementary_unescape(unit + HEADER_SIZE, size - HEADER_SIZE, rbsp, sizeof rbsp));
    const bool is_irap = type >= BLA_W_LP && type <= LAST_IRAP;
    if (!elementary_get_bits(&bits, 1)) {
        e->state = TS_HEAD_OUTSIDE;
        return;
    }
    elementary_get_bits(&bits, is_irap ? 1 : 0);
    const uint32_t id = elementary_get_ue(&bits);
    elementary_get_bits(&bits, id < TS_HEVC_PPS_COUNT ? e->extra_slice_bits[id] : 0);
    const uint32_t slice_type = elementary_get_ue(&bits);
    e->access_unit.type = is_irap ? TS_PICTURE_I : find_type(e, slice_type, !bits.overrun);
    e->access_unit.is_closed = type == BLA_N_LP;
    elementary_end_picture(e, type >= BLA_W_LP && type <= CRA,
                           type == IDR_W_RADL || type == IDR_N_LP);
}

void elementary_take_hevc(ts_elementary *e, const uint8_t *unit, size_t size) {
    /* forbidden_zero_bit, and nuh_layer_id of other layers than the base layer's */
    if (size <= HEADER_SIZE || (unit[0] & 0x81u) || unit[1] >> 3 != 0) {
        return;
    }
    const unsigned type = unit[0] >> 1;
    if (type <= LAST_TRAILING || (type >= BLA_W_LP && type <= CRA)) {
        take_slice(e, unit, size, type);
    } else if (type == VPS) {
        elementary_keep_set(&e->vps, unit, size);
    } else if (type == SPS) {
        e->access_unit.has_sequence = true;
        elementary_keep_set(&e->format, unit, size);
    } else if (type == PPS) {
        take_pps(e, unit, size);
    } else if (type == DELIMITER) {
        e->access_unit.delimiter_type = unit[2] >> 5;
    } else if (type == PREFIX_SEI) {
        elementary_take_sei(e, unit + HEADER_SIZE, size - HEADER_SIZE);
    }
}
