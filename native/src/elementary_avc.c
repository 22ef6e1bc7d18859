#include "elementary_internal.h"

/* nal_unit_type (ISO/IEC 14496-10, table 7-1) */
enum { SLICE = 1, PARTITION_A = 2, IDR = 5, SEI = 6, SPS = 7, DELIMITER = 9 };
enum { SLICE_TYPES = 5, SLICE_HEADER_MAX = 12, CHROMA_444 = 3, SCALING_LISTS_MAX = 12 };
enum { SMALL_LIST = 16, LARGE_LIST = 64, SMALL_LISTS = 6, FRAME_NUM_BITS_MAX = 16 };
enum { CYCLE_MAX = 255 };

/* slice_type (table 7-6): P, B, I, SP, SI, each modulo 5. */
static const ts_picture_type SLICE_PICTURES[SLICE_TYPES] = {
    TS_PICTURE_P, TS_PICTURE_B, TS_PICTURE_I, TS_PICTURE_P, TS_PICTURE_I};
/* The highest of the types that primary_pic_type allows (table 7-5). */
static const ts_picture_type DELIMITER_PICTURES[8] = {TS_PICTURE_I, TS_PICTURE_P, TS_PICTURE_B,
                                                      TS_PICTURE_I, TS_PICTURE_P, TS_PICTURE_I,
                                                      TS_PICTURE_P, TS_PICTURE_B};

/* profile_idc whose SPS has chroma_format_idc (7.3.2.1.1) */
static bool has_chroma_format(uint32_t profile_idc) {
    static const uint8_t profiles[] = {100, 110, 122, 244, 44,  83, 86,
                                       118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < sizeof profiles; i++) {
        if (profiles[i] == profile_idc) {
            return true;
        }
    }
    return false;
}

static int32_t get_se(elementary_bits *bits) {
    const uint32_t code = elementary_get_ue(bits);
    const int32_t half = (int32_t)(code / 2u);
    return code & 1u ? half + 1 : -half;
}

static void skip_scaling_list(elementary_bits *bits, unsigned size) {
    uint32_t last = 8;
    uint32_t next = 8;
    for (unsigned i = 0; i < size && next != 0; i++) {
        next = (last + (uint32_t)get_se(bits)) & 0xFFu;
        last = next == 0 ? last : next;
    }
}

static void skip_chroma(elementary_bits *bits, ts_avc_slice_syntax *syntax) {
    const uint32_t chroma_format_idc = elementary_get_ue(bits);
    syntax->has_colour_plane = chroma_format_idc == CHROMA_444 && elementary_get_bits(bits, 1);
    elementary_get_ue(bits); /* bit_depth_luma_minus8 */
    elementary_get_ue(bits);
    elementary_get_bits(bits, 1);
    if (!elementary_get_bits(bits, 1)) { /* seq_scaling_matrix_present_flag */
        return;
    }
    const unsigned lists = chroma_format_idc == CHROMA_444 ? SCALING_LISTS_MAX : 8u;
    for (unsigned i = 0; i < lists; i++) {
        if (elementary_get_bits(bits, 1)) {
            skip_scaling_list(bits, i < SMALL_LISTS ? SMALL_LIST : LARGE_LIST);
        }
    }
}

static void skip_order_count(elementary_bits *bits) {
    const uint32_t type = elementary_get_ue(bits); /* pic_order_cnt_type */
    if (type == 0) {
        elementary_get_ue(bits);
    } else if (type == 1) {
        elementary_get_bits(bits, 1);
        elementary_get_ue(bits);
        elementary_get_ue(bits);
        const uint32_t cycle = elementary_get_ue(bits);
        for (uint32_t i = 0; i < cycle && i < CYCLE_MAX; i++) {
            elementary_get_ue(bits);
        }
    }
}

/* As far as frame_mbs_only_flag (7.3.2.1.1). */
static void read_slice_syntax(ts_elementary *e, const uint8_t *sps, size_t size) {
    uint8_t rbsp[TS_PARAMETER_SET_MAX];
    elementary_bits bits =
        elementary_begin_bits(rbsp, elementary_unescape(sps, size, rbsp, sizeof rbsp));
    ts_avc_slice_syntax syntax = {0};
    const uint32_t profile_idc = elementary_get_bits(&bits, 8);
    elementary_get_bits(&bits, 16);
    elementary_get_ue(&bits);
    if (has_chroma_format(profile_idc)) {
        skip_chroma(&bits, &syntax);
    }
    const uint32_t frame_num_bits = elementary_get_ue(&bits) + 4u;
    skip_order_count(&bits);
    elementary_get_ue(&bits); /* max_num_ref_frames */
    elementary_get_bits(&bits, 1);
    elementary_get_ue(&bits);
    elementary_get_ue(&bits);
    syntax.has_fields = !elementary_get_bits(&bits, 1);
    if (!bits.overrun && frame_num_bits <= FRAME_NUM_BITS_MAX) {
        syntax.frame_num_bits = (uint8_t)frame_num_bits;
        e->avc = syntax;
    }
}

static ts_picture_type find_type(const ts_elementary *e, uint32_t slice_type, bool is_known) {
    if (is_known && slice_type < 2 * SLICE_TYPES) {
        return SLICE_PICTURES[slice_type % SLICE_TYPES];
    }
    return e->access_unit.delimiter_type < 8 ? DELIMITER_PICTURES[e->access_unit.delimiter_type]
                                             : TS_PICTURE_UNKNOWN;
}

/* slice_header() (7.3.3) of the first slice; any other tells of an access unit that began before.
 */
static void take_slice(ts_elementary *e, const uint8_t *unit, size_t size, bool is_idr) {
    uint8_t rbsp[SLICE_HEADER_MAX];
    elementary_bits bits =
        elementary_begin_bits(rbsp, elementary_unescape(unit + 1, size - 1, rbsp, sizeof rbsp));
    ts_access_unit *access_unit = &e->access_unit;
    const uint32_t first_mb_in_slice = elementary_get_ue(&bits);
    const uint32_t slice_type = elementary_get_ue(&bits);
    access_unit->type = find_type(e, slice_type, !bits.overrun);
    if (first_mb_in_slice != 0) {
        e->state = TS_HEAD_OUTSIDE;
        return;
    }
    elementary_get_ue(&bits); /* pic_parameter_set_id */
    elementary_get_bits(&bits, e->avc.has_colour_plane ? 2 : 0);
    access_unit->number = elementary_get_bits(&bits, e->avc.frame_num_bits);
    access_unit->is_field = e->avc.has_fields && elementary_get_bits(&bits, 1);
    access_unit->is_bottom = access_unit->is_field && elementary_get_bits(&bits, 1);
    const bool is_intra = access_unit->type == TS_PICTURE_I;
    elementary_end_picture(
        e, is_idr || access_unit->recovers || (is_intra && access_unit->has_sequence), is_idr);
}

void elementary_take_avc(ts_elementary *e, const uint8_t *unit, size_t size) {
    if (size < 2 || (unit[0] & 0x80u)) {
        return;
    }
    switch (unit[0] & 0x1Fu) {
    case SLICE:
    case PARTITION_A:
        take_slice(e, unit, size, false);
        break;
    case IDR:
        take_slice(e, unit, size, true);
        break;
    case SEI:
        elementary_take_sei(e, unit + 1, size - 1);
        break;
    case SPS:
        e->access_unit.has_sequence = true;
        elementary_keep_set(&e->format, unit, size);
        read_slice_syntax(e, unit + 1, size - 1);
        break;
    case DELIMITER:
        e->access_unit.delimiter_type = unit[1] >> 5;
        break;
    default:
        break;
    }
}
