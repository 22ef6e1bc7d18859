#include <string.h>

#include "elementary_internal.h"

enum { SEQUENCE_HEADER = 0xB3, EXTENSION = 0xB5, SLICE_FIRST = 0x01, SLICE_LAST = 0xAF };
enum { AVC_SEI = 6, HEVC_PREFIX_SEI = 39, HEVC_LAST_VCL = 31 };
enum { START_CODE_SIZE = 3, SLICE_WANTED = 24 };

/* Where a start code with a byte behind it begins, or size. */
static size_t find_start_code(const uint8_t *bytes, size_t size, size_t from) {
    size_t at = from + 2;
    while (at + 1 < size) {
        const uint8_t *one = memchr(bytes + at, 1, size - 1 - at);
        if (one == NULL) {
            break;
        }
        if (one[-1] == 0 && one[-2] == 0) {
            return (size_t)(one - bytes) - 2;
        }
        at = (size_t)(one - bytes) + 1;
    }
    return size;
}

/* Whether the unit is of the kind that ends what is to be known of an access unit. */
static bool is_slice(ts_elementary_kind kind, uint8_t first) {
    switch (kind) {
    case TS_ELEMENTARY_AVC:
        return (first & 0x1Fu) == 1 || (first & 0x1Fu) == 2 || (first & 0x1Fu) == 5;
    case TS_ELEMENTARY_HEVC:
        return first >> 1 <= HEVC_LAST_VCL;
    default:
        return first >= SLICE_FIRST && first <= SLICE_LAST;
    }
}

static bool is_sei(ts_elementary_kind kind, uint8_t first) {
    return kind == TS_ELEMENTARY_AVC    ? (first & 0x1Fu) == AVC_SEI
           : kind == TS_ELEMENTARY_HEVC ? first >> 1 == HEVC_PREFIX_SEI
                                        : false;
}

static void take_unit(ts_elementary *e, const uint8_t *unit, size_t size) {
    e->access_unit.begun = true;
    if (e->kind == TS_ELEMENTARY_MPEG_VIDEO) {
        elementary_take_mpeg_video(e, unit, size);
        return;
    }
    while (size > 1 && unit[size - 1] == 0) {
        size--; /* trailing_zero_8bits (ISO/IEC 14496-10, B.1.1) */
    }
    if (e->kind == TS_ELEMENTARY_AVC) {
        elementary_take_avc(e, unit, size);
    } else {
        elementary_take_hevc(e, unit, size);
    }
}

/* The sequence_header and the extensions right behind it are kept as one. */
static void follow_set(ts_elementary *e, size_t code) {
    const uint8_t first = e->head[code + START_CODE_SIZE];
    if (e->kind != TS_ELEMENTARY_MPEG_VIDEO) {
        return;
    }
    if (e->in_set && first != EXTENSION) {
        elementary_keep_set(&e->format, e->head + e->set_begin, code - e->set_begin);
        e->in_set = false;
    }
    if (first == SEQUENCE_HEADER) {
        e->in_set = true;
        e->set_begin = code;
    }
}

static void begin_unit(ts_elementary *e, size_t code) {
    if (e->in_unit && !e->in_long_unit) {
        take_unit(e, e->head + e->unit, code - e->unit);
    }
    follow_set(e, code);
    e->in_unit = true;
    e->in_long_unit = false;
    e->unit = code + START_CODE_SIZE;
    e->scanned = e->unit;
}

static void drop_front(ts_elementary *e, size_t count) {
    memmove(e->head, e->head + count, e->size - count);
    e->size -= count;
    e->scanned -= count;
    e->unit -= e->unit < count ? e->unit : count;
    e->set_begin -= e->set_begin < count ? e->set_begin : count;
}

/* The next packet has to fit: what has been read goes, and if that is not enough a long unit's
 * beginning does. An SEI NAL unit is read as far as it is there. */
static void make_room(ts_elementary *e) {
    if (TS_ELEMENTARY_HEAD_MAX - e->size >= TS_PACKET_SIZE) {
        return;
    }
    const bool is_kept = e->in_unit && !e->in_long_unit;
    const size_t wanted = e->in_set ? e->set_begin : is_kept ? e->unit : e->scanned;
    drop_front(e, wanted < e->scanned ? wanted : e->scanned);
    if (TS_ELEMENTARY_HEAD_MAX - e->size >= TS_PACKET_SIZE) {
        return;
    }
    if (is_kept && is_sei(e->kind, e->head[e->unit])) {
        take_unit(e, e->head + e->unit, e->size - e->unit);
    }
    e->in_set = false;
    e->in_long_unit = e->in_unit;
    drop_front(e, e->scanned);
}

static void check_alignment(ts_elementary *e) {
    if (e->packets == 1 && e->size >= START_CODE_SIZE) {
        e->unaligned += e->head[0] != 0 || e->head[1] != 0 || e->head[2] > 1;
    }
}

void elementary_read_video(ts_elementary *e) {
    check_alignment(e);
    size_t code = find_start_code(e->head, e->size, e->scanned);
    while (code < e->size) {
        begin_unit(e, code);
        if (e->state != TS_HEAD_DATA) {
            return;
        }
        code = find_start_code(e->head, e->size, e->scanned);
    }
    if (e->size >= START_CODE_SIZE && e->size - START_CODE_SIZE > e->scanned) {
        e->scanned = e->size - START_CODE_SIZE;
    }
    if (e->in_unit && !e->in_long_unit && is_slice(e->kind, e->head[e->unit]) &&
        (e->kind == TS_ELEMENTARY_MPEG_VIDEO || e->size - e->unit >= SLICE_WANTED)) {
        take_unit(e, e->head + e->unit, e->size - e->unit);
        /* A slice of another layer, or a reserved one, says nothing. */
        e->in_long_unit = true;
    }
    if (e->state == TS_HEAD_DATA) {
        make_room(e);
    }
}

void elementary_end_video(ts_elementary *e) {
    if (e->in_unit && !e->in_long_unit && is_slice(e->kind, e->head[e->unit])) {
        take_unit(e, e->head + e->unit, e->size - e->unit);
    }
    ts_access_unit *unit = &e->access_unit;
    if (e->state != TS_HEAD_DATA || !unit->begun) {
        return;
    }
    if (e->kind == TS_ELEMENTARY_MPEG_VIDEO && !unit->has_picture) {
        return;
    }
    if (e->kind == TS_ELEMENTARY_AVC && unit->delimiter_type == 0) {
        unit->type = TS_PICTURE_I;
    } else if (e->kind == TS_ELEMENTARY_HEVC && unit->delimiter_type == 0) {
        unit->type = TS_PICTURE_I;
    }
    unit->is_closed = true; /* nothing says that it is not */
    elementary_end_picture(e, unit->has_sequence && unit->type == TS_PICTURE_I, false);
}
