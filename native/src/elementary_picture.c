#include <string.h>

#include "elementary_internal.h"

/* Intervals above are taken for a new timeline. */
static const uint64_t LONGEST_INTERVAL = UINT64_C(1) << 32;

static const char TYPE_LETTERS[TS_PICTURE_TYPES] = {'?', 'I', 'P', 'B'};

void elementary_keep_set(ts_parameter_set *set, const uint8_t *bytes, size_t size) {
    if (size > TS_PARAMETER_SET_MAX ||
        (set->size == size && memcmp(set->bytes, bytes, size) == 0)) {
        return;
    }
    memcpy(set->bytes, bytes, size);
    set->size = (uint16_t)size;
    set->changes++;
}

static void note_interval(ts_tick_intervals *intervals, uint64_t from, uint64_t to) {
    const uint64_t ticks = (to - from) & (TS_PTS_MODULUS - 1);
    if (ticks == 0 || ticks >= LONGEST_INTERVAL) {
        return;
    }
    intervals->shortest =
        intervals->count == 0 || ticks < intervals->shortest ? ticks : intervals->shortest;
    intervals->longest = ticks > intervals->longest ? ticks : intervals->longest;
    intervals->sum += ticks;
    intervals->count++;
}

static void note_times(ts_elementary *e, bool is_idr) {
    const bool has_time = e->has_dts || e->has_pts;
    const uint64_t time = e->has_dts ? e->dts_90khz : e->pts_90khz;
    if (has_time && e->has_decode_time) {
        note_interval(&e->decode_interval, e->decode_time, time);
    }
    e->has_decode_time = has_time;
    e->decode_time = time;
    if (!is_idr) {
        return;
    }
    if (e->has_pts && e->has_idr_pts) {
        note_interval(&e->idr_interval, e->idr_pts, e->pts_90khz);
    }
    e->has_idr_pts = e->has_pts;
    e->idr_pts = e->pts_90khz;
}

static void end_gop(ts_gop_statistics *gop) {
    const uint32_t length = gop->length;
    if (length == 0) {
        return;
    }
    gop->shortest = gop->count == 0 || length < gop->shortest ? length : gop->shortest;
    gop->longest = length > gop->longest ? length : gop->longest;
    gop->last = length;
    gop->frames += length;
    gop->count++;
    memcpy(gop->last_structure, gop->structure, sizeof gop->structure);
}

static void note_gop(ts_gop_statistics *gop, ts_picture_type type, bool is_random_access) {
    if (is_random_access) {
        end_gop(gop);
        memset(gop->structure, 0, sizeof gop->structure);
        gop->length = 0;
    } else if (gop->length == 0) {
        return;
    }
    /* The last byte stays 0. */
    if (gop->length < TS_GOP_STRUCTURE_MAX - 1) {
        gop->structure[gop->length] = TYPE_LETTERS[type];
    }
    gop->length += gop->length < UINT32_MAX;
}

/* The other field of the frame before: the same number, the other parity. */
static bool is_second_field(const ts_elementary *e) {
    const ts_access_unit *now = &e->access_unit;
    const ts_access_unit *before = &e->previous;
    return e->next_is_second_field && now->is_field && before->is_field &&
           now->number == before->number && now->is_bottom != before->is_bottom;
}

/* frame_num rises by one from each reference picture to the picture behind it (ISO/IEC 14496-10,
 * 7.4.3). */
static void note_frame_num(ts_elementary *e, bool is_idr) {
    const uint32_t modulus = UINT32_C(1) << e->avc.frame_num_bits;
    const uint32_t step = (e->access_unit.number - e->previous.number) & (modulus - 1);
    e->frame_num_gaps += e->has_decode_time && !is_idr && step > 1;
}

void elementary_end_picture(ts_elementary *e, bool is_random_access, bool is_idr) {
    ts_access_unit *unit = &e->access_unit;
    const bool is_second = is_second_field(e);
    e->state = TS_HEAD_OUTSIDE;
    e->field_pictures += unit->is_field;
    e->next_is_second_field = unit->is_field && !is_second;
    if (e->kind == TS_ELEMENTARY_AVC && !is_second) {
        note_frame_num(e, is_idr);
    }
    e->previous = *unit;
    if (is_second) {
        return;
    }
    e->frames++;
    e->pictures[unit->type]++;
    e->interlaced += unit->is_interlaced;
    e->idr_pictures += is_idr;
    e->random_access_points += is_random_access;
    e->gop.open_count += is_random_access && !is_idr && !unit->is_closed;
    note_gop(&e->gop, unit->type, is_random_access);
    note_times(e, is_idr);
}
